/** A part of a page with its own heading. */
import { type ReactNode, useId } from "react";

interface Props {
  title: string;
  lead?: ReactNode;
  /** What stands beside the heading. */
  beside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, lead, beside, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-xl border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2.5">
        <h2 id={id} className="mr-auto font-semibold text-sm">
          {title}
        </h2>
        {beside}
        {lead && <p className="basis-full text-muted text-xs">{lead}</p>}
      </div>
      <div className="p-4">{children}</div>
    </section>
  );
}
