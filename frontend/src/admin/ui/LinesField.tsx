/** A list of short texts, one in each line of a field. */
import { AreaField } from "./AreaField";
import type { FieldProps } from "./Field";

interface Props extends FieldProps {
  value: readonly string[];
  disabled?: boolean;
  placeholder?: string;
  onChange: (value: string[]) => void;
}

/** Empty lines are kept while one writes; `kept` takes them out. */
export function LinesField({ value, onChange, ...rest }: Props) {
  return <AreaField {...rest} value={value.join("\n")} onChange={(text) => onChange(text ? text.split("\n") : [])} />;
}

/** The lines that say something. */
export function kept(lines: readonly string[]): string[] {
  return lines.map((one) => one.trim()).filter(Boolean);
}
