/** What went wrong. How to go on is said below the exchange. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceRows } from "./Choices";
import type { BubbleProps } from "./props";

export function ErrorBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props} className="border-transparent bg-danger-soft text-danger">
      <ChoiceRows bubble={props.bubble} />
    </BubbleCard>
  );
}
