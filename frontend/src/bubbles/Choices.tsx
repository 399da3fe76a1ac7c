/** What a bubble lets one choose from: rows one under another, or chips side by side. */
import { isOwnPath } from "../api/client";
import type { Bubble } from "../api/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useBubbleActions } from "./actions";

/** The choices that lead to this API; any other address has no business in a bubble. */
export function choices(bubble: Bubble): [label: string, path: string][] {
  return Object.entries(bubble.info_map ?? {}).filter(([, path]) => isOwnPath(path));
}

/** `ranked` numbers them: their order means something. */
export function ChoiceRows({ bubble, ranked = false }: { bubble: Bubble; ranked?: boolean }) {
  const { tap, disabled } = useBubbleActions();
  const offered = choices(bubble);
  if (offered.length === 0) return null;
  return (
    <ul className="divide-y divide-line border-line border-t">
      {offered.map(([label, path], index) => (
        <li key={label}>
          <Button look="row" disabled={disabled} onClick={() => tap(label, path)}>
            {ranked && <span className="w-4 font-semibold text-accent tabular-nums">{index + 1}</span>}
            <span className="flex-1">{label}</span>
            <Icon name="chevron" className="size-4 text-muted" />
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** Equal tiles in two or three columns. */
export function ChoiceTiles({ bubble }: { bubble: Bubble }) {
  const { tap, disabled } = useBubbleActions();
  return (
    <ul className="grid grid-cols-2 gap-2 px-4 pb-4 sm:grid-cols-3">
      {choices(bubble).map(([label, path]) => (
        <li key={label}>
          <Button className="h-full w-full px-3 py-3 text-sm" disabled={disabled} onClick={() => tap(label, path)}>
            {label}
          </Button>
        </li>
      ))}
    </ul>
  );
}

export function ChoiceChips({ bubble, className = "" }: { bubble: Bubble; className?: string }) {
  const { tap, disabled } = useBubbleActions();
  const offered = choices(bubble);
  if (offered.length === 0) return null;
  return (
    <ul className={`flex flex-wrap gap-2 ${className}`}>
      {offered.map(([label, path]) => (
        <li key={label}>
          <Button look="chip" disabled={disabled} onClick={() => tap(label, path)}>
            {label}
          </Button>
        </li>
      ))}
    </ul>
  );
}
