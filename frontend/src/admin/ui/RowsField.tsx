/** A list of like things: each a row of fields, which can be added and removed. */
import type { ReactNode } from "react";
import { Button, IconButton } from "../../ui/Button";
import { texts } from "../texts/common";

interface Props<T> {
  label: string;
  help?: ReactNode;
  rows: readonly T[];
  /** What a new row is. */
  empty: T;
  addLabel: string;
  most?: number;
  disabled?: boolean;
  onChange: (rows: T[]) => void;
  children: (row: T, change: (row: T) => void, at: number) => ReactNode;
}

export function RowsField<T>({
  label,
  help,
  rows,
  empty,
  addLabel,
  most = 100,
  disabled,
  onChange,
  children,
}: Props<T>) {
  const replaced = (at: number, row: T) => rows.map((one, n) => (n === at ? row : one));
  return (
    <fieldset disabled={disabled} className="min-w-0">
      <legend className="mb-1 font-medium text-sm">{label}</legend>
      {help && <p className="mb-1.5 text-muted text-xs">{help}</p>}
      <ul className="space-y-2">
        {rows.map((row, at) => (
          <li key={at} className="flex items-start gap-2 rounded-lg border border-line bg-ground p-2.5">
            <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-2">
              {children(row, (one) => onChange(replaced(at, one)), at)}
            </div>
            {!disabled && (
              <IconButton
                icon="trash"
                label={texts.removeOf(`${label} ${texts.position(at + 1)}`)}
                onClick={() => onChange(rows.filter((_, n) => n !== at))}
              />
            )}
          </li>
        ))}
      </ul>
      {!disabled && rows.length < most && (
        <Button className="mt-2 px-3 py-1 text-sm" onClick={() => onChange([...rows, empty])}>
          {addLabel}
        </Button>
      )}
    </fieldset>
  );
}
