/** A table's cell. */
import type { ReactNode } from "react";

interface Props {
  right?: boolean;
  wide?: boolean;
  className?: string;
  children: ReactNode;
}

export function Cell({ right = false, wide = false, className = "", children }: Props) {
  return (
    <td
      className={`px-3 py-2 align-top ${right ? "whitespace-nowrap text-right tabular-nums" : ""} ${wide ? "max-md:hidden" : ""} ${className}`}
    >
      {children}
    </td>
  );
}
