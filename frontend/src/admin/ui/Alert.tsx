/** A message that stays in the page: what went wrong, what to look at, what went well. */
import type { ReactNode } from "react";

const looks = {
  danger: "border-danger/40 bg-danger-soft text-danger",
  caution: "border-line bg-mark/60 text-ink",
  good: "border-accent/40 bg-accent-soft text-ink",
  plain: "border-line bg-sunken text-ink",
} as const;

interface Props {
  look?: keyof typeof looks;
  /** Read out as soon as it is there. */
  urgent?: boolean;
  children: ReactNode;
}

export function Alert({ look = "plain", urgent = look === "danger", children }: Props) {
  return (
    <div role={urgent ? "alert" : undefined} className={`rounded-lg border px-3.5 py-2.5 text-sm ${looks[look]}`}>
      {children}
    </div>
  );
}
