/** Text of several lines. It grows with what is written. */
import type { ComponentProps } from "react";
import { control, Field, type FieldProps } from "./Field";

interface Props extends FieldProps, Omit<ComponentProps<"textarea">, "value" | "onChange"> {
  value: string;
  onChange: (value: string) => void;
}

export function AreaField({ label, help, problem, hideLabel, value, onChange, className = "", ...rest }: Props) {
  return (
    <Field label={label} help={help} problem={problem} hideLabel={hideLabel ?? false}>
      {(given) => (
        <textarea
          rows={3}
          {...rest}
          {...given}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`${control} field-sizing-content max-h-[60dvh] ${className}`}
        />
      )}
    </Field>
  );
}
