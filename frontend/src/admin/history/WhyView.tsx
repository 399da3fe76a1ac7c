/** Why a question got its answer: the record of then beside a replay of today, with what differs marked. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Why } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { number } from "../format";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts as all } from "../texts/history";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { Panel } from "../ui/Panel";
import { Table } from "../ui/Table";
import { WhySides } from "./WhySides";

const texts = all.why;

interface Props {
  bot: string;
  day: string;
  chatId: string;
}

export function WhyView({ bot, day, chatId }: Props) {
  const { api, may } = useSession();
  const [withAnswer, setWithAnswer] = useState(false);
  const why = useMutation({
    mutationFn: () =>
      api.get("/v1/admin/bots/{bot_id}/history/{day}/{chat_id}/why", {
        path: { bot_id: bot, day, chat_id: chatId },
        query: { with_answer: withAnswer },
      }),
  });
  return (
    <Panel title={texts.title} lead={texts.lead}>
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-4">
          <Button look="filled" className="text-sm" disabled={why.isPending} onClick={() => why.mutate()}>
            {texts.run}
          </Button>
          {may("editor") && <CheckField label={texts.withAnswer} checked={withAnswer} onChange={setWithAnswer} />}
        </div>
        {why.isPending && <Loading label={texts.busy} />}
        {why.isError && <Failure error={why.error} />}
        {why.data && !why.isPending && <Found bot={bot} why={why.data} />}
      </div>
    </Panel>
  );
}

function Found({ bot, why }: { bot: string; why: Why }) {
  return (
    <div className="space-y-4" aria-live="polite">
      {why.notes.map((note) => (
        <Alert key={note}>{note}</Alert>
      ))}
      {why.replayed ? (
        <p className="flex flex-wrap items-center gap-1.5 text-sm">
          {why.differences.length === 0 ? texts.same : <span className="font-medium">{texts.differences}</span>}
          {why.differences.map((one) => (
            <Badge key={one.what} look="mark">
              {texts.whats[one.what]}
            </Badge>
          ))}
        </p>
      ) : (
        <p className="text-sm">{texts.none}</p>
      )}
      <WhySides why={why} />
      {why.contents.length > 0 && <Contents bot={bot} contents={why.contents} />}
    </div>
  );
}

function Contents({ bot, contents }: { bot: string; contents: Why["contents"] }) {
  const { columns } = texts;
  const ranked = (rank?: number | null, score?: number | null) => (rank ? `${rank} (${number(score, 3)})` : "–");
  return (
    <Table
      label={texts.contents}
      cards
      columns={[
        { label: columns.content },
        { label: columns.before, right: true },
        { label: columns.now, right: true },
        { label: columns.change },
      ]}
    >
      {contents.map((one) => (
        <tr key={`${one.source_id} ${one.faq_id}`}>
          <Cell className="min-w-40">
            <Link href={paths.content(bot, one.faq_id, one.source_id)}>{one.title}</Link>
          </Cell>
          <Cell label={columns.before} right>
            {ranked(one.before_rank, one.before_score)}
          </Cell>
          <Cell label={columns.now} right>
            {ranked(one.now_rank, one.now_score)}
          </Cell>
          <Cell>
            <Badge look={one.change === "same" ? "plain" : one.change === "gone" ? "danger" : "mark"}>
              {texts.changes[one.change]}
            </Badge>
          </Cell>
        </tr>
      ))}
    </Table>
  );
}
