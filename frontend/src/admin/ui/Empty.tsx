/** There is nothing, and why. */
import type { ReactNode } from "react";

export function Empty({ children }: { children: ReactNode }) {
  return (
    <p className="rounded-xl border border-line border-dashed px-4 py-8 text-center text-muted text-sm">{children}</p>
  );
}
