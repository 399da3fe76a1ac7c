/** All bots that the operator sees, and making another. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BotFigures, BotLine } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { dateTime, dayBefore, number, percent } from "../format";
import { paths } from "../routes";
import { saveFile } from "../saveFile";
import { useSession } from "../session";
import { texts } from "../texts/bot";
import { texts as common } from "../texts/common";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { NewBotDialog } from "./NewBotDialog";

export default function BotsPage({ bots }: { bots: readonly BotLine[] }) {
  const { api, may, me } = useSession();
  const days = { from: dayBefore(6), to: dayBefore(0) };
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
      {bots.length === 0 ? (
        <Empty>{texts.list.none}</Empty>
      ) : (
        <Table
          label={common.bots}
          columns={[
            { label: columns.name },
            { label: columns.state },
            { label: columns.questions, right: true },
            { label: columns.answered, right: true, wide: true },
            { label: columns.helpful, right: true, wide: true },
            { label: columns.published, wide: true },
          ]}
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
              </Cell>
              <Cell>
                <span className="flex flex-wrap gap-1">
                  <Badge>{one.version ? texts.served : texts.neverServed}</Badge>
                  {one.draft_differs && <Badge look="accent">{texts.draftDiffers}</Badge>}
                </span>
              </Cell>
              <FigureCells figures={figures.data?.find(({ bot_id }) => bot_id === one.bot_id)} />
              <Cell wide className="text-muted">
                {dateTime(one.published_at)}
              </Cell>
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

/** How it went in a week; nothing of a bot that does not serve. */
function FigureCells({ figures }: { figures: BotFigures | undefined }) {
  return (
    <>
      <Cell className="text-right tabular-nums">{figures && number(figures.questions)}</Cell>
      <Cell wide className="text-right tabular-nums">
        {figures && percent(figures.answered.share)}
      </Cell>
      <Cell wide className="text-right tabular-nums">
        {figures && percent(figures.helpful_share)}
      </Cell>
    </>
  );
}
