/** Asks whether an answer helped. */
import { Button } from "../ui/Button";
import { useBubbleActions } from "./actions";
import type { BubbleProps } from "./BubbleView";
import { choices } from "./Choices";

export function FeedbackRequestBubble({ bubble }: BubbleProps) {
  const { tap, disabled } = useBubbleActions();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
      <p className="text-muted">{bubble.description}</p>
      <ul className="flex flex-wrap gap-2">
        {choices(bubble).map(([label, path]) => (
          <li key={label}>
            <Button look="chip" disabled={disabled} onClick={() => tap(label, path)}>
              {label}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
