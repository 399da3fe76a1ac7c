/** Prose: what the bot says. */
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { ChoiceChips } from "./Choices";

export function TextBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceChips bubble={props.bubble} className="px-4 pb-4" />
    </BubbleCard>
  );
}
