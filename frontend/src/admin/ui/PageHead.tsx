/** A page's name, what it is for, and what can be done with all of it. */
import { type ReactNode, useEffect } from "react";
import { texts } from "../texts/common";

interface Props {
  title: string;
  lead?: ReactNode;
  /** What leads back to where it is listed. */
  back?: ReactNode;
  children?: ReactNode;
}

export function PageHead({ title, lead, back, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${texts.name}`;
  }, [title]);
  return (
    <header className="mb-5 flex flex-wrap items-end gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        {back && <p className="mb-1 text-sm">{back}</p>}
        <h1 className="font-semibold text-xl leading-snug tracking-tight">{title}</h1>
        {lead && <p className="mt-1 text-muted text-sm">{lead}</p>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}
