/** The improvement desk: what was not answered well, in groups, and one of them opened. */

import type { BotPageProps } from "../botPage";
import { dayBefore } from "../format";
import { DayRange } from "../insights/DayRange";
import { navigate, useQueryText } from "../router";
import { paths, query } from "../routes";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/desk";
import { Alert } from "../ui/Alert";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { NotIndexed } from "../ui/NotIndexed";
import { PageHead } from "../ui/PageHead";
import { ClusterTable } from "./ClusterTable";
import { ClusterView } from "./ClusterView";
import { useDesk, useSettling } from "./useDesk";

export default function DeskPage({ bot }: BotPageProps) {
  const given = new URLSearchParams(useQueryText());
  const days = { from: given.get("from") ?? dayBefore(6), to: given.get("to") ?? dayBefore(0) };
  const opened = given.get("group");
  const handled = given.get("handled") === "true";
  const desk = useDesk(bot, days, handled);
  const found = desk.data;
  const { may } = useSession();
  const settling = useSettling(bot, days, may("editor") && desk.isSuccess && opened === null && !handled);
  const at = (group?: string) =>
    paths.section(bot, "desk") + query({ ...days, group, handled: handled ? "true" : undefined });
  const cluster = found?.clusters.find((one) => one.question === opened);
  const failure = desk.isError && <NotIndexed bot={bot} error={desk.error} onRetry={() => void desk.refetch()} />;

  if (opened !== null) {
    return (
      <>
        <PageHead title={opened} back={<Link href={at()}>← {texts.back}</Link>} />
        {desk.isPending && <Loading />}
        {failure}
        {found && !cluster && <Empty>{texts.gone}</Empty>}
        {cluster && <ClusterView key={opened} bot={bot} cluster={cluster} onHandled={() => navigate(at())} />}
      </>
    );
  }
  return (
    <>
      <PageHead title={common.sections.desk} lead={texts.lead} />
      <div className="space-y-5">
        <DayRange
          key={`${days.from} ${days.to}`}
          days={days}
          ranges={texts.ranges}
          onChange={(next) => navigate(paths.section(bot, "desk") + query({ ...next }), { replace: true })}
        />
        {desk.isPending && <Loading />}
        {failure}
        {found && (
          <>
            {!found.all_looked && <Alert look="caution">{texts.looked(found.looked)}</Alert>}
            {found.left_out > 0 && <Alert look="caution">{texts.leftOut(found.left_out)}</Alert>}
            <div role="status" className="empty:hidden">
              {settling.isFetching && <Loading label={texts.settling} />}
              {settling.isError && <Failure error={settling.error} />}
              {settling.data && settling.data.length > 0 && (
                <Alert look="good">{texts.settled(settling.data.length)}</Alert>
              )}
            </div>
            {handled ? (
              <Link href={paths.section(bot, "desk") + query({ ...days })}>{texts.showOpen}</Link>
            ) : (
              found.handled > 0 && (
                <Link href={paths.section(bot, "desk") + query({ ...days, handled: "true" })}>
                  {texts.showHandled(found.handled)}
                </Link>
              )
            )}
            {found.clusters.length === 0 ? (
              <Empty>{handled ? texts.noneHandled : texts.none}</Empty>
            ) : (
              <>
                <p className="text-muted text-sm">{texts.found(found.questions, found.groups)}</p>
                <ClusterTable bot={bot} clusters={found.clusters} addressOf={at} />
                {found.groups > found.clusters.length && (
                  <p className="text-muted text-sm">{texts.more(found.groups - found.clusters.length)}</p>
                )}
              </>
            )}
          </>
        )}
      </div>
    </>
  );
}
