/** What contents do: those that answer most, those that disappoint, those that nobody needed. */
import type { ContentFigures, Insights } from "../../api/adminTypes";
import { number } from "../format";
import { paths } from "../routes";
import { texts as all } from "../texts/insights";
import { Cell } from "../ui/Cell";
import { Link } from "../ui/Link";
import { Panel } from "../ui/Panel";
import { Table } from "../ui/Table";

const texts = all.contents;
const SHOWN = 20;
const FIGURES = ["used", "cited", "helpful", "unhelpful", "missed"] as const;

export function ContentTables({ bot, insights }: { bot: string; insights: Insights }) {
  return (
    <>
      <Panel title={texts.top}>
        <ContentTable bot={bot} label={texts.top} contents={insights.contents.slice(0, SHOWN)} />
      </Panel>
      <Panel title={texts.unhelpful}>
        <ContentTable bot={bot} label={texts.unhelpful} contents={insights.unhelpful_contents.slice(0, SHOWN)} />
      </Panel>
      <Panel
        title={texts.unused(number(insights.unused_count))}
        lead={insights.unused_count > insights.unused.length ? texts.firstOf(insights.unused.length) : undefined}
      >
        {insights.unused.length === 0 ? (
          <p className="text-muted text-sm">{texts.none}</p>
        ) : (
          <ul className="max-h-80 columns-1 gap-6 overflow-y-auto text-sm sm:columns-2">
            {insights.unused.map((one) => (
              <li key={`${one.source_id} ${one.faq_id}`} className="break-inside-avoid py-0.5">
                <Link href={paths.content(bot, one.faq_id, one.source_id)}>{one.title}</Link>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function ContentTable({ bot, label, contents }: { bot: string; label: string; contents: readonly ContentFigures[] }) {
  if (contents.length === 0) return <p className="text-muted text-sm">{texts.none}</p>;
  return (
    <Table
      label={all.tableOf(label)}
      cards
      columns={[
        { label: texts.columns.title },
        ...FIGURES.map((name) => ({ label: texts.columns[name], right: true })),
      ]}
    >
      {contents.map((one) => (
        <tr key={`${one.source_id} ${one.faq_id}`}>
          <Cell className="min-w-48">
            {one.title ? <Link href={paths.content(bot, one.faq_id, one.source_id)}>{one.title}</Link> : texts.gone}
          </Cell>
          {FIGURES.map((name) => (
            <Cell key={name} label={texts.columns[name]} right>
              {number(one[name])}
            </Cell>
          ))}
        </tr>
      ))}
    </Table>
  );
}
