/** What is taken of a response: ticked among what a sample holds, and written by hand. */
import type { Worked } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { texts } from "../texts/workshop";
import { CheckField } from "../ui/CheckField";
import { Panel } from "../ui/Panel";
import { Problem } from "../ui/Problem";
import { RowsField } from "../ui/RowsField";
import { type Option, SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import { named, type PanelProps } from "./panel";
import { type FieldRow, fieldFor } from "./sourceForm";

interface Props extends PanelProps {
  worked: Worked | undefined;
  onList: (records: string) => void;
}

const TYPES = Object.entries(texts.types) as [FieldRow["type"], string][];

export function FieldsPanel({ form, problems, worked, onChange, onList }: Props) {
  const { fields } = form;
  const tick = (path: string, type: FieldRow["type"], on: boolean) =>
    onChange({ fields: on ? [...fields, fieldFor(path, type, fields)] : fields.filter((one) => one.path !== path) });
  const choices: Option[] = [["", texts.noField], ...fields.map((one): Option => [one.name, one.label])];
  return (
    <Panel title={texts.sections.fields}>
      <div className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,3fr)_minmax(0,1fr)]">
          <TextField
            {...named(texts.records)}
            problem={problems["records"] ?? worked?.problem ?? undefined}
            value={form.records}
            spellCheck={false}
            onChange={(records) => onChange({ records })}
          />
          <TextField
            label={texts.maxRecords}
            type="number"
            min={1}
            max={20}
            problem={problems["max_records"]}
            value={form.max_records}
            onChange={(max_records) => onChange({ max_records })}
          />
        </div>
        {worked !== undefined && worked.lists.length > 0 && (
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <span className="text-muted">{texts.lists}</span>
            {worked.lists.map((one) => (
              <Button
                key={one.path}
                look="chip"
                aria-pressed={form.records === one.path}
                className="aria-pressed:border-accent aria-pressed:text-accent"
                onClick={() => onList(one.path)}
              >
                {texts.useList(one.path, one.members)}
              </Button>
            ))}
          </p>
        )}
        <fieldset>
          <legend className="font-medium text-sm">{texts.found}</legend>
          <p className="mb-2 text-muted text-xs">{worked?.fields.length ? texts.foundHelp : texts.noFound}</p>
          <ul className="max-h-64 space-y-1 overflow-y-auto">
            {worked?.fields.map((one) => (
              <li key={one.path}>
                <CheckField
                  label={
                    <>
                      <code className="text-xs">{one.path}</code>{" "}
                      <span className="text-muted text-xs">{texts.types[one.type]}</span>
                    </>
                  }
                  checked={fields.some((field) => field.path === one.path)}
                  onChange={(on) => tick(one.path, one.type, on)}
                />
              </li>
            ))}
          </ul>
        </fieldset>
        <RowsField
          label={texts.chosen}
          rows={fields}
          empty={fieldFor("", "string", fields)}
          addLabel={texts.addField}
          most={30}
          onChange={(next) => onChange({ fields: next })}
        >
          {(row, change) => (
            <>
              <TextField
                label={texts.field.label}
                problem={problems[`fields.${row.name}.label`]}
                value={row.label}
                onChange={(label) => change({ ...row, label })}
              />
              <SelectField
                label={texts.field.type}
                problem={problems[`fields.${row.name}.type`]}
                value={row.type}
                options={TYPES}
                onChange={(type) => change({ ...row, type: type as FieldRow["type"] })}
              />
              <TextField
                label={texts.field.path}
                problem={problems[`fields.${row.name}.path`] ?? problems[`fields.${row.name}`]}
                value={row.path}
                spellCheck={false}
                onChange={(path) => change({ ...row, path })}
              />
              <TextField
                label={texts.field.name}
                problem={problems[`fields.${row.name}.[key]`]}
                value={row.name}
                spellCheck={false}
                onChange={(name) => change({ ...row, name })}
              />
            </>
          )}
        </RowsField>
        <Problem text={problems["fields"]} />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={texts.titleField}
            problem={problems["title"]}
            value={form.title}
            options={choices}
            onChange={(title) => onChange({ title })}
          />
          <SelectField
            label={texts.linkField}
            problem={problems["link"]}
            value={form.link}
            options={choices}
            onChange={(link) => onChange({ link })}
          />
        </div>
      </div>
    </Panel>
  );
}
