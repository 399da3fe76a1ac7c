/** What of Notion is to be read, as it was the last time to begin with. */
import type { NotionWanted } from "../../api/adminTypes";
import { texts } from "../texts/notion";
import { CheckField } from "../ui/CheckField";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";

interface Props {
  wanted: NotionWanted;
  disabled: boolean;
  onChange: (wanted: NotionWanted) => void;
}

type Property = keyof typeof texts.property;

export function NotionForm({ wanted, disabled, onChange }: Props) {
  const names = wanted.names ?? {};
  const change = (values: Partial<NotionWanted>) => onChange({ ...wanted, ...values });
  return (
    <fieldset disabled={disabled} className="min-w-0 space-y-3">
      <div className="grid gap-3 sm:grid-cols-[12rem_1fr]">
        <SelectField
          label={texts.kind}
          value={wanted.kind}
          options={texts.kinds}
          onChange={(kind) => change({ kind: kind === "page" ? "page" : "database" })}
        />
        <TextField
          label={texts.address}
          help={texts.addressHelp}
          value={wanted.address}
          maxLength={2000}
          onChange={(address) => change({ address })}
        />
      </div>
      <details className="rounded-lg border border-line px-3.5 py-2">
        <summary className="cursor-pointer text-sm">{texts.properties}</summary>
        <p className="mt-2 text-muted text-xs">{texts.propertiesHelp}</p>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          {Object.entries(texts.property).map(([name, label]) => (
            <TextField
              key={name}
              label={label}
              value={names[name as Property] ?? ""}
              maxLength={200}
              onChange={(value) => change({ names: { ...names, [name]: value || null } })}
            />
          ))}
        </div>
      </details>
      <CheckField label={texts.full} checked={wanted.full ?? false} onChange={(full) => change({ full })} />
      <CheckField
        label={texts.overwrite}
        checked={wanted.overwrite ?? false}
        onChange={(overwrite) => change({ overwrite })}
      />
    </fieldset>
  );
}
