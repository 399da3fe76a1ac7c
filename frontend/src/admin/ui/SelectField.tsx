/** One of several. */
import type { ComponentProps } from "react";
import { control, Field, type FieldProps } from "./Field";

export type Option = readonly [value: string, label: string];

interface Props extends FieldProps, Omit<ComponentProps<"select">, "value" | "onChange"> {
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
}

export function SelectField({ label, help, problem, hideLabel, value, options, onChange, ...rest }: Props) {
  return (
    <Field label={label} help={help} problem={problem} hideLabel={hideLabel ?? false}>
      {(given) => (
        <select
          {...rest}
          {...given}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`${control} pr-8`}
        >
          {options.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
