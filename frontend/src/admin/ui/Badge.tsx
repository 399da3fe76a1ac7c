/** A short state beside a name. */
import type { ReactNode } from "react";

const looks = {
  plain: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent",
  danger: "bg-danger-soft text-danger",
  mark: "bg-mark text-ink",
} as const;

export type BadgeLook = keyof typeof looks;

export function Badge({ look = "plain", children }: { look?: BadgeLook; children: ReactNode }) {
  return (
    <span
      className={`inline-block whitespace-nowrap rounded-md px-1.5 py-0.5 font-medium text-xs leading-5 ${looks[look]}`}
    >
      {children}
    </span>
  );
}
