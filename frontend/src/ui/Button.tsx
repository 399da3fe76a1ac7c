/** The page's buttons: filled, outlined, chips, and those that are an icon only. */
import type { ComponentProps } from "react";
import { Icon, type IconName } from "./Icon";

const looks = {
  filled: "rounded-xl bg-accent px-4 py-2 font-medium text-on-accent hover:bg-accent-strong",
  danger: "rounded-xl bg-danger px-4 py-2 font-medium text-surface hover:opacity-90",
  outlined: "rounded-xl border border-line bg-surface px-4 py-2 hover:bg-sunken",
  chip: "rounded-full border border-line bg-surface px-3.5 py-1.5 text-left text-sm hover:border-accent hover:text-accent",
  row: "flex w-full items-center gap-3 px-4 py-3 text-left hover:bg-sunken",
} as const;

interface Props extends ComponentProps<"button"> {
  look?: keyof typeof looks;
}

export function Button({ look = "outlined", className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      className={`transition-colors disabled:cursor-default disabled:opacity-50 ${looks[look]} ${className}`}
      {...rest}
    />
  );
}

interface IconProps extends ComponentProps<"button"> {
  icon: IconName;
  label: string;
}

/** A button whose label is read out and shown as a tip. */
export function IconButton({ icon, label, className = "", ...rest }: IconProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`grid size-9 shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink disabled:cursor-default disabled:opacity-50 ${className}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
