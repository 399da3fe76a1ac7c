/** Questions, newest first, as they are filtered; and as files. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { dateTime, milliseconds, number } from "../format";
import { navigate, useQueryText } from "../router";
import { paths, query } from "../routes";
import { useSession } from "../session";
import { texts as common, decisions } from "../texts/common";
import { texts } from "../texts/history";
import { Alert } from "../ui/Alert";
import { Badge, type BadgeLook } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Empty } from "../ui/Empty";
import { ExportButtons } from "../ui/ExportButtons";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { MoreButton } from "../ui/MoreButton";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { apiQuery, type Filters, filtersOf } from "./filters";
import { HistoryFilters } from "./HistoryFilters";

const LOOKS: Record<keyof typeof decisions, BadgeLook> = {
  answer: "accent",
  clarify: "mark",
  refuse: "danger",
  fixed: "plain",
};

export function HistoryList({ bot }: { bot: string }) {
  const { api } = useSession();
  const search = useQueryText();
  const filters = filtersOf(search);
  const asked = apiQuery(filters);
  const history = useInfiniteQuery({
    queryKey: ["history", bot, asked],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      api.get("/v1/admin/bots/{bot_id}/history", {
        path: { bot_id: bot },
        query: { ...asked, cursor: pageParam || null },
      }),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const rows = history.data?.pages.flatMap((page) => page.items) ?? [];
  const looked = history.data?.pages.reduce((sum, page) => sum + page.looked, 0) ?? 0;
  const lookedTo = history.data?.pages.at(-1)?.looked_to;
  const show = (next: Filters | null) =>
    navigate(paths.section(bot, "history") + (next ? query({ ...next }) : ""), { replace: true });
  const { columns } = texts;
  return (
    <>
      <PageHead title={common.sections.history} lead={texts.lead}>
        <ExportButtons
          texts={texts}
          fetchFile={(format) =>
            api.file("/v1/admin/bots/{bot_id}/history/export", {
              path: { bot_id: bot },
              query: { ...asked, format, gzip: true },
            })
          }
        />
      </PageHead>
      <HistoryFilters key={search} bot={bot} filters={filters} onChange={show} />
      {history.isPending && <Loading />}
      {history.isError && <Failure error={history.error} onRetry={() => void history.refetch()} />}
      {history.isSuccess && rows.length === 0 && !history.hasNextPage && <Empty>{texts.none}</Empty>}
      {rows.length > 0 && (
        <Table
          label={texts.table}
          columns={[
            { label: columns.at, wide: true },
            { label: columns.question },
            { label: columns.decision },
            { label: columns.feedback },
            { label: columns.ms, right: true, wide: true },
          ]}
        >
          {rows.map((row) => (
            <tr key={row.chat_id} className="hover:bg-sunken/60">
              <Cell wide className="whitespace-nowrap text-muted">
                {dateTime(row.created_at)}
              </Cell>
              <Cell className="min-w-40">
                <Link href={paths.turn(bot, row.day, row.chat_id)} className="hover:text-accent hover:underline">
                  {row.deleted ? texts.deletedText : row.user_message}
                </Link>
                <p className="text-muted text-xs">
                  {[row.category, row.service_type, row.channel === "api" && texts.channels.api, row.title]
                    .filter(Boolean)
                    .join(" · ")}{" "}
                  {row.faq_id && <code className="wrap-anywhere text-[0.6875rem]">{row.faq_id}</code>}
                </p>
              </Cell>
              <Cell>
                {row.decision ? (
                  <Badge look={LOOKS[row.decision]}>{decisions[row.decision]}</Badge>
                ) : (
                  <Badge look="danger">{texts.statuses[row.status]}</Badge>
                )}
              </Cell>
              <Cell className="whitespace-nowrap">
                {row.feedback && (row.feedback.helpful ? texts.feedbacks.helpful : texts.feedbacks.unhelpful)}
              </Cell>
              <Cell right wide className="whitespace-nowrap">
                {milliseconds(row.latency_ms)}
              </Cell>
            </tr>
          ))}
        </Table>
      )}
      {history.hasNextPage && (
        <>
          {lookedTo && (
            <div className="mt-3">
              <Alert>{texts.looked(number(looked), lookedTo)}</Alert>
            </div>
          )}
          <MoreButton busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()} />
        </>
      )}
    </>
  );
}
