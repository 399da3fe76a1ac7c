/** What may be asked next, as chips. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceChips } from "./Choices";
import type { BubbleProps } from "./props";

export function SimilarQuestionsBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props} className="border-transparent text-sm">
      <ChoiceChips bubble={props.bubble} className="px-4 pb-3" />
    </BubbleCard>
  );
}
