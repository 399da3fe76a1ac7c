/** A bot's figures: together, by day, by content; and what grows just now. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../ui/Button";
import type { BotPageProps } from "../botPage";
import { dayBefore, number } from "../format";
import { navigate, useQueryText } from "../router";
import { paths, query } from "../routes";
import { saveFile } from "../saveFile";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/insights";
import { Alert } from "../ui/Alert";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { ContentTables } from "./ContentTables";
import { DayCharts } from "./DayCharts";
import { DayRange } from "./DayRange";
import { NoticePanel } from "./NoticePanel";
import { SurgePanel } from "./SurgePanel";
import { Tiles } from "./Tiles";
import { useInsights } from "./useInsights";

const TABLES = ["days", "contents", "unhelpful", "unused"] as const;

export default function InsightsPage({ bot }: BotPageProps) {
  const { api } = useSession();
  const given = new URLSearchParams(useQueryText());
  const days = { from: given.get("from") ?? dayBefore(6), to: given.get("to") ?? dayBefore(0) };
  const insights = useInsights(bot, days);
  const [suggested, setSuggested] = useState("");
  const save = useMutation({
    mutationFn: (table: keyof typeof texts.csv) =>
      api.file("/v1/admin/bots/{bot_id}/insights.csv", { path: { bot_id: bot }, query: { ...days, table } }),
    onSuccess: saveFile,
  });
  const found = insights.data;
  return (
    <>
      <PageHead title={common.sections.insights} lead={texts.lead}>
        {TABLES.map((table) => (
          <Button key={table} className="text-sm" disabled={save.isPending} onClick={() => save.mutate(table)}>
            {texts.csv[table]}
          </Button>
        ))}
      </PageHead>
      <div className="space-y-5">
        {save.isError && <Failure error={save.error} />}
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <SurgePanel bot={bot} onAnswer={setSuggested} />
          <NoticePanel key={suggested} bot={bot} suggested={suggested} />
        </div>
        <DayRange
          key={`${days.from} ${days.to}`}
          days={days}
          onChange={(next) => navigate(paths.section(bot, "insights") + query({ ...next }), { replace: true })}
        />
        {insights.isPending && <Loading />}
        {insights.isError && <Failure error={insights.error} onRetry={() => void insights.refetch()} />}
        {found && (
          <>
            <Tiles figures={found.total} />
            {found.days.some((one) => one.missing) && <Alert look="caution">{texts.missing}</Alert>}
            {found.total.questions === 0 ? <Empty>{texts.none}</Empty> : <DayCharts days={found.days} />}
            {found.contents_left_out > 0 && <Alert>{texts.contents.leftOut(number(found.contents_left_out))}</Alert>}
            <ContentTables bot={bot} insights={found} />
          </>
        )}
      </div>
    </>
  );
}
