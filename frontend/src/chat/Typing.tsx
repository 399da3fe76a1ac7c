/** The bubble that shows that an answer is coming, and what the bot is doing for it. */
import type { Step } from "../api/events";
import { texts } from "../texts";

export function Typing({ step }: { step: Step | null }) {
  return (
    <p className="inline-flex items-center gap-3 rounded-2xl border border-line bg-surface px-4 py-3 text-muted text-sm">
      <span aria-hidden="true" className="flex gap-1">
        <span className="size-1.5 animate-pulse rounded-full bg-accent motion-reduce:animate-none" />
        <span className="size-1.5 animate-pulse rounded-full bg-accent [animation-delay:200ms] motion-reduce:animate-none" />
        <span className="size-1.5 animate-pulse rounded-full bg-accent [animation-delay:400ms] motion-reduce:animate-none" />
      </span>
      {step ? texts.steps[step] : texts.waiting}
    </p>
  );
}
