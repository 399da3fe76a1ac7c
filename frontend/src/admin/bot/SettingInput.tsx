/** One setting, as its description says. */
import { AreaField } from "../ui/AreaField";
import { LinesField } from "../ui/LinesField";
import { Problem } from "../ui/Problem";
import { RowsField } from "../ui/RowsField";
import { TextField } from "../ui/TextField";
import type { SettingField } from "./fields";
import { type Values, valueAt, withValue } from "./values";

interface Props {
  field: SettingField;
  values: Values;
  problems: Readonly<Record<string, string>>;
  disabled: boolean;
  /** Where the values stand in the bot, for rows. */
  within?: string;
  onChange: (values: Values) => void;
}

export function SettingInput({ field, values, problems, disabled, within = "", onChange }: Props) {
  const value = valueAt(values, field.path);
  const set = (next: unknown) => onChange(withValue(values, field.path, next));
  const place = within + field.path.join(".");
  const shared = { label: field.label, help: field.help, problem: problems[place], disabled };
  switch (field.kind) {
    case "line":
      return <TextField {...shared} value={(value as string | null) ?? ""} onChange={set} />;
    case "area":
      return <AreaField {...shared} rows={2} value={(value as string | null) ?? ""} onChange={set} />;
    case "lines":
      return (
        <LinesField
          {...shared}
          problem={problemWithin(problems, place)}
          value={(value as string[]) ?? []}
          onChange={set}
        />
      );
    case "number":
      return (
        <TextField
          {...shared}
          type="number"
          min={field.least}
          max={field.most}
          step={field.step}
          value={value === null || value === undefined ? "" : String(value)}
          onChange={(text) => set(text === "" ? null : Number(text))}
        />
      );
    case "rows":
      return (
        <div>
          <RowsField
            label={field.label}
            help={field.help}
            rows={(value as Values[] | undefined) ?? []}
            empty={field.empty}
            addLabel={field.addLabel}
            most={field.most}
            disabled={disabled}
            onChange={set}
          >
            {(row, change, at) =>
              field.columns.map((column) => (
                <SettingInput
                  key={column.path.join(".")}
                  field={column}
                  values={row}
                  problems={problems}
                  disabled={disabled}
                  within={`${place}.${at}.`}
                  onChange={change}
                />
              ))
            }
          </RowsField>
          <Problem text={problems[place]} />
        </div>
      );
  }
}

/** What is wrong with a list, or with a member of it. */
function problemWithin(problems: Readonly<Record<string, string>>, place: string): string | undefined {
  return Object.entries(problems).find(([path]) => path === place || path.startsWith(`${place}.`))?.[1];
}
