/** Asks what was bad about an answer: reasons to tick, and words. */
import { type FormEvent, useId, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { useBubbleActions } from "./actions";
import { choices } from "./Choices";
import type { BubbleProps } from "./props";

const MAX_COMMENT_CHARACTERS = 1_000;

export function FeedbackFormBubble({ bubble }: BubbleProps) {
  const { tap, disabled } = useBubbleActions();
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const [comment, setComment] = useState("");
  const commentId = useId();
  const path = bubble.next_action;
  if (!path) return null;
  const label = bubble.guide_text ?? texts.feedback.send;

  function send(event: FormEvent) {
    event.preventDefault();
    tap(label, path ?? "", { reason_codes: ticked, ...(comment.trim() ? { comment: comment.trim() } : {}) });
  }

  return (
    <form onSubmit={send} className="grid gap-3 rounded-2xl border border-line bg-surface p-4">
      <fieldset disabled={disabled} className="grid gap-2">
        <legend className="mb-2 font-medium">{bubble.description || texts.feedback.reasons}</legend>
        {reasons(choices(bubble)).map(([reason, code]) => (
          <label key={code} className="flex items-center gap-2.5">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={ticked.includes(code)}
              onChange={({ target }) =>
                setTicked(target.checked ? [...ticked, code] : ticked.filter((other) => other !== code))
              }
            />
            {reason}
          </label>
        ))}
        <label htmlFor={commentId} className="mt-1 text-muted text-sm">
          {texts.feedback.comment}
        </label>
        <textarea
          id={commentId}
          rows={2}
          maxLength={MAX_COMMENT_CHARACTERS}
          value={comment}
          onChange={({ target }) => setComment(target.value)}
          className="rounded-xl border border-line bg-ground px-3 py-2"
        />
        <Button type="submit" look="filled" className="justify-self-start">
          {label}
        </Button>
      </fieldset>
    </form>
  );
}

/** Each reason's label and code; an address alone would say the one reason with a tap. */
function reasons(offered: [string, string][]): [label: string, code: string][] {
  return offered.flatMap(([label, path]) => {
    const code = new URL(path, location.origin).searchParams.get("reason_codes");
    return code === null ? [] : [[label, code] as [string, string]];
  });
}
