/** All bots that the operator sees, and making another. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BotFigures, BotLine } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { dateTime, dayBefore, milliseconds, number, percent, short, won } from "../format";
import { DayRange } from "../insights/DayRange";
import { paths } from "../routes";
import { saveFile } from "../saveFile";
import { useSession } from "../session";
import { texts } from "../texts/bot";
import { texts as common } from "../texts/common";
import { texts as insights } from "../texts/insights";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { NewBotDialog } from "./NewBotDialog";

const { tiles, series, charts } = insights;

/** The columns of figures, and what stands in each. */
const FIGURES: readonly (readonly [string, (one: BotFigures) => string])[] = [
  [tiles.questions, (one) => number(one.questions)],
  [tiles.answered, (one) => percent(one.answered.share)],
  [tiles.clarified, (one) => percent(one.clarified.share)],
  [tiles.refused, (one) => percent(one.refused.share)],
  [tiles.helpful, (one) => percent(one.helpful_share)],
  [series.p50, (one) => milliseconds(one.p50_ms)],
  [series.p95, (one) => milliseconds(one.p95_ms)],
  [charts.cost, (one) => short(one.input_tokens + one.output_tokens)],
  [tiles.cost, (one) => won(one.cost_won)],
];

export default function BotsPage({ bots }: { bots: readonly BotLine[] }) {
  const { api, may, me } = useSession();
  const [days, setDays] = useState({ from: dayBefore(6), to: dayBefore(0) });
  const figures = useQuery({
    queryKey: ["insights of bots", days],
    queryFn: () => api.get("/v1/admin/insights", { query: days }),
  });
  const save = useMutation({
    mutationFn: () => api.file("/v1/admin/insights.csv", { query: days }),
    onSuccess: saveFile,
  });
  const [making, setMaking] = useState(false);
  // Who owns some bots alone may make those that their key names
  const mayMake = may("owner") && (me.bots?.some((id) => !bots.some((one) => one.bot_id === id)) ?? true);
  const { columns } = texts.list;
  return (
    <>
      <PageHead title={common.bots} lead={texts.list.lead}>
        <Button className="text-sm" disabled={save.isPending} onClick={() => save.mutate()}>
          {texts.list.csv}
        </Button>
        {mayMake && (
          <Button look="filled" className="text-sm" onClick={() => setMaking(true)}>
            {texts.list.new}
          </Button>
        )}
      </PageHead>
      <div className="mb-4">
        <DayRange days={days} onChange={setDays} />
      </div>
      {bots.length === 0 ? (
        <Empty>{texts.list.none}</Empty>
      ) : (
        <Table
          label={common.bots}
          columns={[
            { label: columns.name },
            { label: columns.state },
            ...FIGURES.map(([label]) => ({ label, right: true })),
          ]}
          cards
        >
          {bots.map((one) => (
            <tr key={one.bot_id}>
              <Cell>
                <Link
                  href={paths.section(one.bot_id, "settings")}
                  className="font-medium hover:text-accent hover:underline"
                >
                  {one.name ?? one.bot_id}
                </Link>
                <p className="text-muted text-xs">{one.bot_id}</p>
                {one.published_at && (
                  <p className="text-muted text-xs">{texts.publishedAt(dateTime(one.published_at))}</p>
                )}
              </Cell>
              <Cell>
                <span className="flex flex-wrap gap-1">
                  <Badge>{one.version ? texts.served : texts.neverServed}</Badge>
                  {one.draft_differs && <Badge look="accent">{texts.draftDiffers}</Badge>}
                </span>
              </Cell>
              {FIGURES.map(([label, figure]) => {
                const found = figures.data?.find(({ bot_id }) => bot_id === one.bot_id); // none, where it does not serve
                return (
                  <Cell key={label} label={label} right>
                    {found && figure(found)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </Table>
      )}
      {figures.isError && <Failure error={figures.error} onRetry={() => void figures.refetch()} />}
      {save.isError && <Failure error={save.error} />}
      {making && <NewBotDialog bots={bots} onClose={() => setMaking(false)} />}
    </>
  );
}
