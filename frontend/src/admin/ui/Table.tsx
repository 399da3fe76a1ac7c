/** A dense table, scrolled sideways where it is too narrow for it, or with a card for each row. */
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
  /** Whether a row is a card on narrow screens, its cells below each other. */
  cards?: boolean;
  children: ReactNode;
}

const CARDS =
  "max-md:block max-md:[&>thead]:hidden max-md:[&>tbody]:block max-md:[&_tr]:block max-md:[&_tr]:py-2 max-md:[&_td]:block max-md:[&_td[data-figure]]:inline-block max-md:[&_td]:max-w-none max-md:[&_td]:py-1";

export function Table({ label, columns, cards = false, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="overflow-x-auto rounded-xl border border-line bg-surface" tabIndex={0} aria-label={label}>
      <table className={`w-full border-collapse text-sm ${cards ? CARDS : ""}`}>
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
