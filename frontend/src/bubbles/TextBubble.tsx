/** Prose: what the bot says. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceChips } from "./Choices";
import type { BubbleProps } from "./props";

export function TextBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceChips bubble={props.bubble} className="px-4 pb-4" />
    </BubbleCard>
  );
}
