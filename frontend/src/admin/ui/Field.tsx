/** A labelled part of a form: what it is called, what helps, what is wrong with it. */
import { type ReactNode, useId } from "react";

export const control =
  "w-full min-w-0 rounded-lg border border-line bg-surface px-3 py-1.5 text-sm placeholder:text-muted disabled:bg-sunken disabled:text-muted aria-invalid:border-danger";

export interface FieldProps {
  label: string;
  help?: ReactNode;
  problem?: string | undefined;
  hideLabel?: boolean;
}

interface Props extends FieldProps {
  children: (given: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

export function Field({ label, help, problem, hideLabel = false, children }: Props) {
  const id = useId();
  const told = [help && `${id}-help`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1 block font-medium text-sm"}>
        {label}
      </label>
      {children({
        id,
        ...(told ? { "aria-describedby": told } : {}),
        ...(problem ? { "aria-invalid": true as const } : {}),
      })}
      {help && (
        <p id={`${id}-help`} className="mt-1 text-muted text-xs">
          {help}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="mt-1 text-danger text-xs">
          {problem}
        </p>
      )}
    </div>
  );
}
