/** A dense table, scrolled sideways where it is too narrow for it. */
import type { ReactNode } from "react";

export interface Column {
  label: string;
  /** Of figures. */
  right?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
}

interface Props {
  label: string;
  columns: readonly Column[];
  children: ReactNode;
}

export function Table({ label, columns, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="overflow-x-auto rounded-xl border border-line bg-surface" tabIndex={0} aria-label={label}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-line border-b bg-sunken text-left text-muted text-xs">
            {columns.map(({ label: name, right, wide }) => (
              <th
                key={name}
                scope="col"
                className={`whitespace-nowrap px-3 py-2 font-medium ${right ? "text-right" : ""} ${wide ? "max-md:hidden" : ""}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  );
}
