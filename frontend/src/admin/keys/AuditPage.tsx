/** The record of changes: one day's, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AuditEntry, BotLine } from "../../api/adminTypes";
import { readable, settingName } from "../bot/describe";
import { dateTime, dayBefore, plain } from "../format";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts as contents } from "../texts/contents";
import { texts as all, auditNames } from "../texts/keys";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Changes, type FieldChange } from "../ui/Changes";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { MoreButton } from "../ui/MoreButton";
import { PageHead } from "../ui/PageHead";
import { SelectField } from "../ui/SelectField";
import { Table } from "../ui/Table";
import { TextField } from "../ui/TextField";

const texts = all.audit;

export default function AuditPage({ bots }: { bots: readonly BotLine[] }) {
  const { api } = useSession();
  const [day, setDay] = useState(() => dayBefore(0));
  const [bot, setBot] = useState("");
  const audit = useInfiniteQuery({
    queryKey: ["audit", day, bot],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      api.get("/v1/admin/audit", { query: { day: day || null, bot: bot || null, cursor: pageParam || null } }),
    getNextPageParam: (page) => page.cursor ?? undefined,
    staleTime: 0,
  });
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  const { columns } = texts;
  return (
    <>
      <PageHead title={common.audit} lead={texts.lead} />
      <div className="mb-4 grid gap-3 sm:flex">
        <TextField label={texts.day} type="date" value={day} max={dayBefore(0)} onChange={setDay} />
        <SelectField
          label={texts.bot}
          value={bot}
          options={[["", common.all], ...bots.map((one) => [one.bot_id, one.name ?? one.bot_id] as const)]}
          onChange={setBot}
        />
      </div>
      {audit.isPending && <Loading />}
      {audit.isError && <Failure error={audit.error} onRetry={() => void audit.refetch()} />}
      {audit.isSuccess && entries.length === 0 && <Empty>{audit.hasNextPage ? texts.noneHere : texts.none}</Empty>}
      {entries.length > 0 && (
        <Table
          label={common.audit}
          cards
          columns={[
            { label: columns.at },
            { label: columns.who },
            { label: columns.action },
            { label: columns.subject },
            { label: columns.outcome },
          ]}
        >
          {entries.map((entry) => (
            <tr key={entry.entry_id}>
              <Cell className="whitespace-nowrap text-muted">{dateTime(entry.at)}</Cell>
              <Cell>{entry.name}</Cell>
              <Cell>
                {texts.actions[entry.action] ?? entry.action}
                <p className="text-muted text-xs">{entry.bots?.join(", ") ?? all.operators.allBots}</p>
              </Cell>
              <Cell className="min-w-56 max-w-md">
                <Details entry={entry} />
              </Cell>
              <Cell>
                <Badge look={entry.outcome === "done" ? "plain" : "danger"}>{texts.outcomes[entry.outcome]}</Badge>
              </Cell>
            </tr>
          ))}
        </Table>
      )}
      {audit.hasNextPage && <MoreButton busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()} />}
    </>
  );
}

const names: Record<string, string> = { ...contents.fields, ...auditNames };

function Details({ entry }: { entry: AuditEntry }) {
  const changes = changesOf(entry.before, entry.after);
  return (
    <>
      <p className="wrap-anywhere">{entry.subject}</p>
      {entry.error && <p className="text-danger text-xs">{entry.error}</p>}
      {changes.length > 0 && (
        <details className="mt-1">
          <summary className="text-accent text-xs">{texts.details}</summary>
          <div className="mt-2">
            <Changes
              changes={changes.map(({ name, before, after }) => ({
                name: settingName(name, names),
                before: readable(before, name),
                after: readable(after, name),
              }))}
            />
          </div>
        </details>
      )}
    </>
  );
}

/** What was and what is, field by field; those that are the same are left out. */
export function changesOf(before: unknown, after: unknown): FieldChange[] {
  const [old, now] = [record(before), record(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => plain(old[name]) !== plain(now[name]))
    .map((name) => ({ name, before: old[name], after: now[name] }));
}

function record(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : { "": value };
}
