/** What a bot was published as: compared, and made its draft again. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../ui/Button";
import type { BotPageProps } from "../botPage";
import { dateTime } from "../format";
import { useSession } from "../session";
import { texts as all } from "../texts/bot";
import { texts as common } from "../texts/common";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Empty } from "../ui/Empty";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { MoreButton } from "../ui/MoreButton";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { useBot } from "../useBot";
import { RestoreDialog } from "./RestoreDialog";
import { VersionDiff } from "./VersionDiff";
import { VersionName } from "./VersionName";

const texts = all.versions;

export default function VersionsPage({ bot }: BotPageProps) {
  const { api, may } = useSession();
  const detail = useBot(bot).data;
  const [compared, setCompared] = useState<string | null>(null);
  const [restoring, setRestoring] = useState<string | null>(null);
  const versions = useInfiniteQuery({
    queryKey: ["versions", bot],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      api.get("/v1/admin/bots/{bot_id}/versions", { path: { bot_id: bot }, query: { cursor: pageParam || null } }),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const found = versions.data?.pages.flatMap((page) => page.versions) ?? [];
  const { columns } = texts;
  return (
    <>
      <PageHead title={common.sections.versions} lead={texts.lead} />
      {versions.isPending && <Loading />}
      {versions.isError && <Failure error={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.isSuccess && found.length === 0 && <Empty>{texts.none}</Empty>}
      {found.length > 0 && (
        <Table
          label={common.sections.versions}
          cards
          columns={[
            { label: columns.version },
            { label: columns.by },
            { label: columns.name, wide: true },
            { label: columns.actions },
          ]}
        >
          {found.map((one) => {
            const when = dateTime(one.published_at);
            return (
              <tr key={one.version}>
                <Cell>
                  <VersionName version={one.version} />{" "}
                  {one.version === detail?.version && <Badge look="accent">{texts.current}</Badge>}
                </Cell>
                <Cell label={columns.by}>
                  {one.published_by ?? <span className="text-muted">{texts.byNobody}</span>}
                </Cell>
                <Cell wide>{one.name}</Cell>
                <Cell>
                  <span className="flex flex-wrap gap-2">
                    <Button
                      className="px-2.5 py-0.5 text-xs"
                      aria-label={texts.compareOf(when)}
                      onClick={() => setCompared(one.version)}
                    >
                      {texts.compare}
                    </Button>
                    {may("editor") && (
                      <Button
                        className="px-2.5 py-0.5 text-xs"
                        aria-label={texts.restoreOf(when)}
                        onClick={() => setRestoring(one.version)}
                      >
                        {texts.restore}
                      </Button>
                    )}
                  </span>
                </Cell>
              </tr>
            );
          })}
        </Table>
      )}
      {versions.hasNextPage && (
        <MoreButton busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()} />
      )}
      {compared && (
        <VersionDiff
          bot={bot}
          version={compared}
          versions={found}
          hasDraft={detail?.has_draft ?? false}
          onClose={() => setCompared(null)}
        />
      )}
      {restoring && detail && <RestoreDialog detail={detail} version={restoring} onClose={() => setRestoring(null)} />}
    </>
  );
}
