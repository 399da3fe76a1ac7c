/** The list of contents: filtered, searched, and its drafts to be published. */
import { useState } from "react";
import { Button } from "../../ui/Button";
import { navigate, useQueryText } from "../router";
import { paths, query } from "../routes";
import { useSession } from "../session";
import { texts as files } from "../texts/contentFiles";
import { texts } from "../texts/contents";
import { texts as notion } from "../texts/notion";
import { Alert } from "../ui/Alert";
import { Empty } from "../ui/Empty";
import { ExportButtons } from "../ui/ExportButtons";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { MoreButton } from "../ui/MoreButton";
import { PageHead } from "../ui/PageHead";
import { Table } from "../ui/Table";
import { contentSources, useBot, useEditing } from "../useBot";
import { ContentFilters } from "./ContentFilters";
import { ContentRow } from "./ContentRow";
import { ImportDialog } from "./ImportDialog";
import { NotionDialog } from "./NotionDialog";
import { PublishDialog } from "./PublishDialog";
import { asked, useContents, type Wanted, type Which } from "./useContents";

/** What the address says is to be listed. */
function wantedOf(search: string): Wanted {
  const given = new URLSearchParams(search);
  const which = texts.whiches.find(([name]) => name === given.get("which"))?.[0] ?? "all";
  return {
    source: given.get("source") ?? "",
    which: which as Which,
    category: given.get("category") ?? "",
    q: given.get("q") ?? "",
  };
}

export function ContentList({ bot }: { bot: string }) {
  const { api } = useSession();
  const wanted = wantedOf(useQueryText());
  const detail = useBot(bot);
  const contents = useContents(bot, wanted);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [publishing, setPublishing] = useState<string[] | "all" | null>(null);
  const [importing, setImporting] = useState(false);
  const [reading, setReading] = useState(false);

  const lines = contents.data?.pages.flatMap((page) => page.contents) ?? [];
  const source = wanted.source || undefined;
  const show = (change: Partial<Wanted>) => {
    const next = { ...wanted, ...change };
    setChosen(new Set());
    navigate(paths.section(bot, "contents") + query({ ...next, which: next.which === "all" ? "" : next.which }), {
      replace: true,
    });
  };
  const choose = (faqId: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(faqId);
    else next.delete(faqId);
    setChosen(next);
  };
  const { may: editor, refusal } = useEditing(bot)(source);
  const columns = [
    ...(editor ? [{ label: texts.columns.choose }] : []),
    { label: texts.columns.title },
    { label: texts.columns.category, wide: true },
    { label: texts.columns.similar, right: true, wide: true },
    { label: texts.columns.state },
    { label: texts.columns.updated, wide: true },
  ];

  return (
    <>
      <PageHead title={texts.title} lead={texts.lead}>
        {editor && (
          <>
            <Button className="text-sm" onClick={() => setImporting(true)}>
              {files.import}
            </Button>
            <Button className="text-sm" onClick={() => setReading(true)}>
              {notion.open}
            </Button>
            <Button className="text-sm" onClick={() => setPublishing(chosen.size ? [...chosen] : "all")}>
              {chosen.size ? texts.publishChosen(chosen.size) : texts.publishDrafts}
            </Button>
            <Link
              href={paths.newContent(bot, source)}
              className="rounded-xl bg-accent px-4 py-2 font-medium text-on-accent text-sm hover:bg-accent-strong"
            >
              {texts.new}
            </Link>
          </>
        )}
      </PageHead>
      {refusal && (
        <div className="mb-4">
          <Alert>{refusal}</Alert>
        </div>
      )}
      <ContentFilters
        key={wanted.q}
        wanted={wanted}
        sources={contentSources(detail.data)}
        categories={categoriesOf(lines, detail.data?.published?.categories ?? [], wanted.category)}
        onChange={show}
      />
      <div className="mb-4">
        <ExportButtons
          texts={files}
          fetchFile={(format) =>
            api.file("/v1/admin/bots/{bot_id}/contents/export", {
              path: { bot_id: bot },
              query: { ...asked(wanted), format, gzip: true },
            })
          }
        />
      </div>
      {contents.isPending && <Loading />}
      {contents.isError && <Failure error={contents.error} onRetry={() => void contents.refetch()} />}
      {contents.isSuccess && lines.length === 0 && <Empty>{contents.hasNextPage ? texts.noneHere : texts.none}</Empty>}
      {lines.length > 0 && (
        <Table label={texts.table} columns={columns}>
          {lines.map((line) => (
            <ContentRow
              key={line.faq_id}
              line={line}
              href={paths.content(bot, line.faq_id, source)}
              removed={wanted.which === "removed"}
              chosen={chosen.has(line.faq_id)}
              onChoose={editor ? (on) => choose(line.faq_id, on) : undefined}
            />
          ))}
        </Table>
      )}
      {contents.hasNextPage && (
        <MoreButton busy={contents.isFetchingNextPage} onClick={() => void contents.fetchNextPage()} />
      )}
      {importing && (
        <ImportDialog
          bot={bot}
          sourceId={source}
          onClose={() => setImporting(false)}
          onDone={() => {
            setImporting(false);
            show({ which: "drafted", category: "", q: "" });
          }}
        />
      )}
      {reading && <NotionDialog bot={bot} sourceId={source} onClose={() => setReading(false)} />}
      {publishing && (
        <PublishDialog
          bot={bot}
          sourceId={source}
          faqIds={publishing === "all" ? null : publishing}
          onClose={() => setPublishing(null)}
          onDone={() => setChosen(new Set())}
        />
      )}
    </>
  );
}

/** Categories that one can ask for: those that the bot names, and those that are seen. */
function categoriesOf(
  lines: readonly { category: string | null }[],
  named: readonly { name: string }[],
  chosen: string,
): string[] {
  const seen = lines.map((one) => one.category ?? "");
  return [...new Set([...named.map((one) => one.name), ...seen, chosen])].filter(Boolean).sort();
}
