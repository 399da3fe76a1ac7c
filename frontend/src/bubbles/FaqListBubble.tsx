/** FAQs to choose from, as the popular ones of a category. */
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { ChoiceRows } from "./Choices";

export function FaqListBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceRows ranked bubble={props.bubble} />
    </BubbleCard>
  );
}
