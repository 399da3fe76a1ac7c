/** Golden questions: kept, asked, and how that went over time. */
import { useState } from "react";
import type { GoldenQuestion } from "../../api/adminTypes";
import { Button, IconButton } from "../../ui/Button";
import type { BotPageProps } from "../botPage";
import { ContentName } from "../contents/ContentPicker";
import { dateTime } from "../format";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/golden";
import { Cell } from "../ui/Cell";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { NotIndexed } from "../ui/NotIndexed";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { TextField } from "../ui/TextField";
import { useSay } from "../ui/Toast";
import { GoldenDialog } from "./GoldenDialog";
import { GoldenRuns } from "./GoldenRuns";
import { useGolden } from "./useGolden";

export default function GoldenPage({ bot }: BotPageProps) {
  const { may } = useSession();
  const say = useSay();
  const { list, runs, save, remove, run } = useGolden(bot);
  const [q, setQ] = useState("");
  const [editing, setEditing] = useState<GoldenQuestion | "new" | null>(null);
  const [removing, setRemoving] = useState<GoldenQuestion | null>(null);
  const shown = (list.data ?? []).filter((one) =>
    [one.question, one.note, ...one.contents.flatMap(({ faq_id, title }) => [faq_id, title])]
      .join("\n")
      .includes(q.trim()),
  );
  const editor = may("editor");
  const { columns } = texts;
  return (
    <>
      <PageHead title={common.sections.golden} lead={texts.lead}>
        {editor && (
          <>
            <Button className="text-sm" disabled={run.isPending || !list.data?.length} onClick={() => run.mutate()}>
              {run.isPending ? texts.running : texts.run}
            </Button>
            <Button look="filled" className="text-sm" onClick={() => setEditing("new")}>
              {texts.add}
            </Button>
          </>
        )}
      </PageHead>
      <div className="space-y-5">
        {run.isError && <NotIndexed bot={bot} error={run.error} />}
        {runs.isError && <Failure error={runs.error} onRetry={() => void runs.refetch()} />}
        {runs.data && <GoldenRuns runs={runs.data} asked={run.data} />}
        {list.isPending && <Loading />}
        {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
        {list.data?.length === 0 && <Empty>{texts.none}</Empty>}
        {list.data !== undefined && list.data.length > 0 && (
          <>
            <div className="max-w-md">
              <TextField label={texts.search} type="search" value={q} onChange={setQ} />
            </div>
            {shown.length === 0 ? (
              <Empty>{texts.noneFound}</Empty>
            ) : (
              <Table
                label={texts.table}
                cards
                columns={[
                  { label: columns.question },
                  { label: columns.right },
                  { label: columns.note },
                  { label: columns.updated },
                  ...(editor ? [{ label: columns.actions }] : []),
                ]}
              >
                {shown.map((one) => (
                  <tr key={one.golden_id}>
                    <Cell className="min-w-40">{one.question}</Cell>
                    <Cell label={columns.right}>
                      {one.faq_ids.length === 0 && <span className="text-muted">{texts.notAnswered}</span>}
                      {one.contents.map((right) => (
                        <p key={right.faq_id}>
                          <Link href={paths.content(bot, right.faq_id)}>
                            <ContentName {...right} />
                          </Link>
                        </p>
                      ))}
                    </Cell>
                    <Cell label={columns.note} className="text-muted">
                      {one.note}
                    </Cell>
                    <Cell label={columns.updated} className="whitespace-nowrap text-muted">
                      {dateTime(one.updated_at)}
                    </Cell>
                    {editor && (
                      <Cell className="w-20">
                        <span className="flex">
                          <IconButton icon="edit" label={texts.editOf(one.question)} onClick={() => setEditing(one)} />
                          <IconButton
                            icon="trash"
                            label={texts.removeOf(one.question)}
                            onClick={() => setRemoving(one)}
                          />
                        </span>
                      </Cell>
                    )}
                  </tr>
                ))}
              </Table>
            )}
          </>
        )}
      </div>
      {editing && (
        <GoldenDialog
          bot={bot}
          golden={editing === "new" ? null : editing}
          kept={list.data ?? []}
          save={save}
          onClose={() => setEditing(null)}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={texts.removeTitle}
          lead={
            <>
              {texts.removeLead(removing.question)}
              {remove.isError && <Failure error={remove.error} />}
            </>
          }
          confirm={common.remove}
          busy={remove.isPending}
          onConfirm={() =>
            remove.mutate(list.data?.find((one) => one.golden_id === removing.golden_id) ?? removing, {
              onSuccess: () => {
                say(texts.removed);
                setRemoving(null);
              },
            })
          }
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  );
}
