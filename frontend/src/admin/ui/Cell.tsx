/** A table's cell. */
import type { ReactNode } from "react";

interface Props {
  /** Said in front of it where a row is a card, which has no columns. Figures stand beside each other there. */
  label?: string;
  right?: boolean;
  wide?: boolean;
  className?: string;
  children: ReactNode;
}

export function Cell({ label, right = false, wide = false, className = "", children }: Props) {
  return (
    <td
      data-figure={(right && label) || undefined}
      className={`px-3 py-2 align-top ${right ? `whitespace-nowrap tabular-nums ${label ? "md:text-right" : "text-right"}` : ""} ${wide ? "max-md:hidden" : ""} ${className}`}
    >
      {label && <span className="mr-2 text-muted text-xs md:hidden">{label}</span>}
      {children}
    </td>
  );
}
