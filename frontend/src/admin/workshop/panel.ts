/** What each part of the workbench is given. */
import type { SourceForm } from "./sourceForm";

export interface PanelProps {
  form: SourceForm;
  problems: Readonly<Record<string, string>>;
  onChange: (values: Partial<SourceForm>) => void;
}

/** A label with its help, as a catalogue of texts has them. */
export function named([label = "", help]: readonly string[]): { label: string; help?: string } {
  return { label, ...(help ? { help } : {}) };
}
