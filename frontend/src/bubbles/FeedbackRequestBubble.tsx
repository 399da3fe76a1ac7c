/** Asks whether an answer helped. */

import { ChoiceChips } from "./Choices";
import type { BubbleProps } from "./props";

export function FeedbackRequestBubble({ bubble }: BubbleProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
      <p className="text-muted">{bubble.description}</p>
      <ChoiceChips bubble={bubble} />
    </div>
  );
}
