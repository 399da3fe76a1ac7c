/** FAQs to choose from, as the popular ones of a category. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceRows } from "./Choices";
import type { BubbleProps } from "./props";

export function FaqListBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceRows ranked bubble={props.bubble} />
    </BubbleCard>
  );
}
