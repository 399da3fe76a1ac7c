/** Answers of single services, in place of the common one. */
import { texts } from "../texts/contents";
import { AreaField } from "../ui/AreaField";
import { RowsField } from "../ui/RowsField";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import type { ContentForm } from "./form";

interface Props {
  answers: ContentForm["service_answers"];
  /** Those that the bot knows; none: any name will do. */
  types: readonly string[];
  problem: string | undefined;
  disabled: boolean;
  onChange: (answers: ContentForm["service_answers"]) => void;
}

export function ServiceAnswers({ answers, types, problem, disabled, onChange }: Props) {
  return (
    <div>
      <RowsField
        label={texts.fields.service_answers}
        help={texts.help.services}
        addLabel={texts.addService}
        rows={answers}
        empty={{ name: types.find((one) => answers.every(({ name }) => name !== one)) ?? "", text: "" }}
        most={20}
        disabled={disabled}
        onChange={onChange}
      >
        {(row, change) => (
          <>
            {types.length > 0 ? (
              <SelectField
                label={texts.serviceName}
                value={row.name}
                options={[...new Set([...types, row.name])].map((one) => [one, one])}
                onChange={(name) => change({ ...row, name })}
              />
            ) : (
              <TextField label={texts.serviceName} value={row.name} onChange={(name) => change({ ...row, name })} />
            )}
            <div className="sm:col-span-2">
              <AreaField label={texts.fields.content} value={row.text} onChange={(text) => change({ ...row, text })} />
            </div>
          </>
        )}
      </RowsField>
      {problem && <p className="mt-1 text-danger text-xs">{problem}</p>}
    </div>
  );
}
