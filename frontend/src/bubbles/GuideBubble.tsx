/** A hint on what to do, with a button that does it or a page that tells more. */
import { BubbleCard } from "./BubbleCard";
import { ChoiceRows } from "./Choices";
import type { BubbleProps } from "./props";

export function GuideBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props} className="border-transparent bg-accent-soft">
      <ChoiceRows bubble={props.bubble} />
    </BubbleCard>
  );
}
