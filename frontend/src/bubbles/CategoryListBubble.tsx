/** Categories to begin with. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceTiles } from "./Choices";
import type { BubbleProps } from "./props";

export function CategoryListBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      <ChoiceTiles bubble={props.bubble} />
    </BubbleCard>
  );
}
