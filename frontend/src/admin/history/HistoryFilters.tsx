/** What the history is narrowed by: days and a text at once, the rest when it is asked for. */
import { type FormEvent, useState } from "react";
import { Button } from "../../ui/Button";
import { ContentPicker, useContentTitle } from "../contents/ContentPicker";
import { dayBefore } from "../format";
import { texts as common, decisions } from "../texts/common";
import { texts } from "../texts/history";
import { CheckField } from "../ui/CheckField";
import { type Option, SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import { type Filters, further } from "./filters";

interface Props {
  bot: string;
  filters: Filters;
  /** Nothing: as if the page were opened anew. */
  onChange: (filters: Filters | null) => void;
}

const any: Option = ["", common.all];

export function HistoryFilters({ bot, filters: given, onChange }: Props) {
  const [filters, setFilters] = useState(given);
  const title = useContentTitle(bot, filters.faq_id);
  const set = (name: keyof Filters) => (value: string) => setFilters({ ...filters, [name]: value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(filters);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: not every browser has <search> yet
    <form role="search" onSubmit={submit} className="mb-4 space-y-3">
      <div className="grid items-end gap-3 sm:grid-cols-2 lg:flex">
        <TextField label={texts.from} type="date" value={filters.from} max={dayBefore(0)} onChange={set("from")} />
        <TextField label={texts.to} type="date" value={filters.to} max={dayBefore(0)} onChange={set("to")} />
        <SelectField
          label={texts.decision}
          value={filters.decision}
          options={[any, ...Object.entries(decisions), ["none", texts.noAnswer]]}
          onChange={set("decision")}
        />
        <SelectField
          label={texts.feedback}
          value={filters.feedback}
          options={[any, ...Object.entries(texts.feedbacks)]}
          onChange={set("feedback")}
        />
        <div className="min-w-0 flex-1 sm:col-span-2">
          <TextField label={texts.q} type="search" value={filters.q} maxLength={200} onChange={set("q")} />
        </div>
        <div className="flex gap-2">
          <Button type="submit" className="py-1.5 text-sm">
            {texts.apply}
          </Button>
          <Button className="py-1.5 text-sm" onClick={() => onChange(null)}>
            {texts.reset}
          </Button>
        </div>
      </div>
      <details open={further(given) > 2}>
        <summary className="text-accent text-sm">{texts.more}</summary>
        <div className="mt-3 grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-4">
          <SelectField
            label={texts.status}
            value={filters.status}
            options={[any, ...Object.entries(texts.statuses)]}
            onChange={set("status")}
          />
          <SelectField
            label={texts.channel}
            value={filters.channel}
            options={[any, ...Object.entries(texts.channels)]}
            onChange={set("channel")}
          />
          <ContentPicker
            bot={bot}
            label={texts.content}
            most={1}
            chosen={filters.faq_id ? [{ faq_id: filters.faq_id, title }] : []}
            onChange={(chosen) => set("faq_id")(chosen[0]?.faq_id ?? "")}
          />
          <TextField label={texts.category} value={filters.category} onChange={set("category")} />
          <TextField label={texts.service} value={filters.service_type} onChange={set("service_type")} />
          <TextField label={texts.slow} type="number" min={0} step="0.1" value={filters.slow} onChange={set("slow")} />
          <div className="pb-2">
            <CheckField
              label={texts.degradedOnly}
              checked={filters.degraded === "true"}
              onChange={(on) => set("degraded")(on ? "true" : "")}
            />
          </div>
        </div>
      </details>
    </form>
  );
}
