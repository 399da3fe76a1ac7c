/** The questions nearest to the one that was asked, best first. */
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { ChoiceRows } from "./Choices";

export function SimilarQuestionsBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceRows bubble={props.bubble} />
    </BubbleCard>
  );
}
