/** A line of text, a figure, a date. */
import type { ComponentProps } from "react";
import { control, Field, type FieldProps } from "./Field";

interface Props extends FieldProps, Omit<ComponentProps<"input">, "value" | "onChange"> {
  value: string;
  onChange: (value: string) => void;
}

export function TextField({ label, help, problem, hideLabel, value, onChange, className = "", ...rest }: Props) {
  return (
    <Field label={label} help={help} problem={problem} hideLabel={hideLabel ?? false}>
      {(given) => (
        <input
          type="text"
          {...rest}
          {...given}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`${control} ${className}`}
        />
      )}
    </Field>
  );
}
