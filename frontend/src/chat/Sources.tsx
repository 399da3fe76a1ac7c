/** What an answer was drawn from: numbered chips that open the FAQ. */
import { memo } from "react";
import type { Source } from "../api/types";
import { texts } from "../texts";

interface Props {
  sources: readonly Source[];
  onOpen: (source: Source) => void;
}

export const Sources = memo(function Sources({ sources, onOpen }: Props) {
  return (
    <ul aria-label={texts.sources.label} className="flex flex-wrap gap-2">
      {sources.map((source) => (
        <li key={source.n} className="max-w-full">
          <button
            type="button"
            data-source={source.n}
            aria-label={texts.sources.chip(source.n, source.title)}
            onClick={() => onOpen(source)}
            className="flex max-w-full items-center gap-2 rounded-full border border-line bg-surface py-1 pr-3 pl-1 text-left text-muted text-sm transition-colors hover:border-accent hover:text-accent"
          >
            <span className="grid size-5 shrink-0 place-items-center rounded-full bg-accent-soft font-medium text-accent text-xs">
              {source.n}
            </span>
            <span className="truncate">{source.title}</span>
          </button>
        </li>
      ))}
    </ul>
  );
});
