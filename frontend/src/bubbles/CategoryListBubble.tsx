/** Categories to begin with. */
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { ChoiceTiles } from "./Choices";

export function CategoryListBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceTiles bubble={props.bubble} />
    </BubbleCard>
  );
}
