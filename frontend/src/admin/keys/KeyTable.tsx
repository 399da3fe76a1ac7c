/** Keys, whoever they are for: what they are called, how they end, whether they still work. */
import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { dateTime } from "../format";
import { texts } from "../texts/keys";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Empty } from "../ui/Empty";
import { Table } from "../ui/Table";

export interface AnyKey {
  key_id: string;
  name: string;
  ends_with: string;
  created_at: string;
  revoked_at?: string | null;
}

export interface KeyTableProps<Key extends AnyKey> {
  label: string;
  keys: readonly Key[];
  mine?: string;
  none: string;
  extra: readonly (readonly [label: string, value: (key: Key) => ReactNode])[];
  onRevoke: (key: Key) => void;
}

export function KeyTable<Key extends AnyKey>({ label, keys, mine, none, extra, onRevoke }: KeyTableProps<Key>) {
  if (keys.length === 0) return <Empty>{none}</Empty>;
  return (
    <Table
      label={label}
      columns={[
        { label: texts.name },
        ...extra.map(([name]) => ({ label: name })),
        { label: texts.endsWith, wide: true },
        { label: texts.created, wide: true },
        { label: texts.state },
      ]}
    >
      {keys.map((key) => (
        <tr key={key.key_id} className={key.revoked_at ? "text-muted" : ""}>
          <Cell className="font-medium">
            {key.name} {key.key_id === mine && <Badge look="accent">{texts.mine}</Badge>}
          </Cell>
          {extra.map(([name, value]) => (
            <Cell key={name}>{value(key)}</Cell>
          ))}
          <Cell wide>
            <code className="text-xs">…{key.ends_with}</code>
          </Cell>
          <Cell wide className="whitespace-nowrap">
            {dateTime(key.created_at)}
          </Cell>
          <Cell>
            {key.revoked_at ? (
              texts.revoked(dateTime(key.revoked_at))
            ) : (
              <span className="flex flex-wrap items-center gap-2">
                <Badge look="accent">{texts.active}</Badge>
                <Button
                  className="px-2.5 py-0.5 text-xs"
                  aria-label={texts.revokeOf(key.name)}
                  onClick={() => onRevoke(key)}
                >
                  {texts.revoke}
                </Button>
              </span>
            )}
          </Cell>
        </tr>
      ))}
    </Table>
  );
}
