/** What the list of contents is narrowed by. */
import { type FormEvent, useState } from "react";
import { Button } from "../../ui/Button";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { type Option, SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import type { Wanted, Which } from "./useContents";

interface Props {
  wanted: Wanted;
  sources: readonly Option[];
  categories: readonly string[];
  onChange: (change: Partial<Wanted>) => void;
}

export function ContentFilters({ wanted, sources, categories, onChange }: Props) {
  const [q, setQ] = useState(wanted.q);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ q: q.trim() });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: not every browser has <search> yet
    <form role="search" onSubmit={submit} className="mb-4 grid items-end gap-3 sm:grid-cols-2 lg:flex">
      {sources.length > 1 && (
        <SelectField
          label={texts.source}
          value={wanted.source || (sources[0]?.[0] ?? "")}
          options={sources}
          onChange={(source) => onChange({ source })}
        />
      )}
      <SelectField
        label={texts.which}
        value={wanted.which}
        options={texts.whiches}
        onChange={(which) => onChange({ which: which as Which })}
      />
      <SelectField
        label={texts.category}
        value={wanted.category}
        options={[["", common.all], ...categories.map((one): Option => [one, one])]}
        onChange={(category) => onChange({ category })}
      />
      <div className="flex min-w-0 flex-1 items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField label={texts.search} type="search" value={q} maxLength={200} onChange={setQ} />
        </div>
        <Button type="submit" className="shrink-0 py-1.5 text-sm">
          {texts.searchButton}
        </Button>
      </div>
    </form>
  );
}
