/** Something is on its way. */
import { texts } from "../texts/common";

export function Loading({ label = texts.loading }: { label?: string }) {
  return (
    <p role="status" className="flex items-center gap-2.5 py-6 text-muted text-sm">
      <span
        aria-hidden="true"
        className="size-4 animate-spin rounded-full border-2 border-line border-t-accent motion-reduce:animate-none"
      />
      {label}…
    </p>
  );
}
