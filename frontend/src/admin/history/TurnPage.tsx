/** One question whole: what was asked and said, how it came about, and why. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { HistoryTurn } from "../../api/adminTypes";
import { LazyMarkdown } from "../../bubbles/LazyMarkdown";
import { Plan } from "../answering/Plan";
import { Steps } from "../answering/Steps";
import { VersionName } from "../bot/VersionName";
import { dateTime, milliseconds, number, won } from "../format";
import { paths, query } from "../routes";
import { useSession } from "../session";
import { texts as made, withoutName } from "../texts/answering";
import { decisions } from "../texts/common";
import { texts } from "../texts/history";
import { Alert } from "../ui/Alert";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { Panel } from "../ui/Panel";
import { serving, useBot } from "../useBot";
import { Candidates } from "./Candidates";
import { WhyView } from "./WhyView";

interface Props {
  bot: string;
  day: string;
  chatId: string;
}

export function TurnPage({ bot, day, chatId }: Props) {
  const { api, may } = useSession();
  const path = { bot_id: bot, day, chat_id: chatId };
  const turn = useQuery({
    queryKey: ["turn", bot, day, chatId],
    queryFn: () => api.get("/v1/admin/bots/{bot_id}/history/{day}/{chat_id}", { path }),
  });
  const reasons = serving(useBot(bot).data)?.feedback_reasons ?? [];
  const reason = (code: string) => reasons.find((one) => one.code === code)?.label ?? code;
  const back = <Link href={paths.section(bot, "history")}>← {texts.back}</Link>;
  if (!turn.data) {
    return (
      <>
        <PageHead title={texts.back} back={back} />
        {turn.isError ? <Failure error={turn.error} onRetry={() => void turn.refetch()} /> : <Loading />}
      </>
    );
  }
  const { record, ...one } = turn.data;
  return (
    <>
      <PageHead title={one.deleted ? texts.deletedText : one.user_message} lead={dateTime(one.created_at)} back={back}>
        {may("editor") && !one.deleted && (
          <Link href={paths.section(bot, "try") + query({ q: one.user_message })}>{texts.tryAgain}</Link>
        )}
      </PageHead>
      <div className="space-y-5">
        {one.deleted && <Alert look="caution">{texts.deleted}</Alert>}
        {record.tapped && <Alert>{texts.tapped}</Alert>}
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="space-y-5">
            <Panel title={texts.answer}>
              {one.system_message ? (
                <LazyMarkdown text={one.system_message} sources={one.sources} />
              ) : (
                <p className="text-muted text-sm">{made.noAnswer}</p>
              )}
            </Panel>
            {(one.feedback || one.comment) && (
              <Panel title={texts.feedback}>
                {one.feedback && (
                  <p className="text-sm">
                    {one.feedback.helpful ? texts.feedbacks.helpful : texts.feedbacks.unhelpful}{" "}
                    <span className="text-muted">{one.feedback.reason_codes.map(reason).join(", ")}</span>
                  </p>
                )}
                {one.comment && <p className="mt-1 whitespace-pre-wrap text-sm">{one.comment}</p>}
              </Panel>
            )}
            <Panel title={texts.sources}>
              <Candidates bot={bot} sources={record.candidates.length ? record.candidates : one.sources} />
            </Panel>
          </div>
          <div className="space-y-5">
            <Panel title={texts.facts}>
              <Facts turn={turn.data} />
            </Panel>
            {record.calls.length > 0 && (
              <Panel title={made.plan}>
                <Plan calls={record.calls} />
              </Panel>
            )}
            {record.steps.length > 0 && (
              <Panel title={made.steps}>
                <Steps steps={record.steps} total={one.latency_ms} />
              </Panel>
            )}
          </div>
        </div>
        <WhyView bot={bot} day={day} chatId={chatId} />
      </div>
    </>
  );
}

function Facts({ turn }: { turn: HistoryTurn }) {
  const { record } = turn;
  const facts: (readonly [string, ReactNode])[] = [
    [texts.decision, turn.decision ? decisions[turn.decision] : texts.noAnswer],
    [made.gate, record.fixed && (made.gates[record.fixed] ?? record.fixed)],
    [texts.status, texts.statuses[turn.status]],
    [texts.error, turn.error_code],
    [texts.category, turn.category],
    [texts.service, turn.service_type],
    [texts.why.row.searchedAs, turn.searched_as],
    [texts.degraded, turn.degraded.map(withoutName).join(", ")],
    [texts.columns.ms, milliseconds(turn.latency_ms)],
    [made.model, record.model],
    [
      made.prompts,
      record.requests > 0 &&
        made.usage(number(record.input_tokens), number(record.output_tokens), won(record.cost_won)),
    ],
    [texts.channel, texts.channels[turn.channel]],
    [made.version, <VersionName key="version" version={turn.bot_version} />],
    [texts.session, turn.session_id && <code>{turn.session_id}</code>],
    [texts.visitor, turn.visitor_id && <code>{turn.visitor_id}</code>],
    [texts.key, turn.key_id && <code>{turn.key_id}</code>],
  ];
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="[&_code]:text-xs">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
