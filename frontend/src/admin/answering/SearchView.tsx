/** One search: what it found, with the parts of the scores, and what the decision was made by. */
import type { TriedSearch } from "../../api/adminTypes";
import { number } from "../format";
import { paths } from "../routes";
import { texts } from "../texts/answering";
import { decisions } from "../texts/common";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Link } from "../ui/Link";
import { Panel } from "../ui/Panel";
import { Table } from "../ui/Table";

export function SearchView({ bot, search }: { bot: string; search: TriedSearch }) {
  const names = [...new Set(search.contents.flatMap((one) => Object.keys(one.parts)))];
  const { confidence, answer_from, relevance, refuse_below } = search;
  const { decidedBy } = texts;
  return (
    <Panel
      title={texts.search(search.source_id)}
      lead={texts.searchedAs(search.asked)}
      beside={<Badge look={search.decision === "answer" ? "accent" : "mark"}>{decisions[search.decision]}</Badge>}
    >
      <dl className="mb-4 flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <Measure
          name={decidedBy.confidence}
          value={number(confidence, 3)}
          limit={answer_from === null ? null : decidedBy.answerFrom(number(answer_from, 2))}
        />
        <Measure
          name={decidedBy.relevance}
          value={number(relevance, 2)}
          limit={refuse_below === null ? null : decidedBy.refuseBelow(number(refuse_below, 2))}
        />
      </dl>
      {answer_from === null && refuse_below === null && <p className="mb-3 text-muted text-xs">{decidedBy.byTitle}</p>}
      <Table
        label={texts.search(search.source_id)}
        cards
        columns={[
          { label: texts.columns.content },
          { label: texts.columns.score, right: true },
          ...names.map((one) => ({ label: texts.parts[one] ?? one, right: true })),
        ]}
      >
        {search.contents.map((one) => (
          <tr key={one.faq_id} className={one.near ? "" : "text-muted"}>
            <Cell className="min-w-56">
              <Link
                href={paths.content(bot, one.faq_id, search.source_id)}
                className="hover:text-accent hover:underline"
              >
                {one.title}
              </Link>{" "}
              {one.near && <Badge look="accent">{texts.near}</Badge>}
              {one.matched_subject !== one.title && (
                <p className="text-muted text-xs">{texts.matched(one.matched_subject)}</p>
              )}
            </Cell>
            <Cell label={texts.columns.score} right className="font-medium">
              {number(one.score, 3)}
            </Cell>
            {names.map((name) => (
              <Cell key={name} label={texts.parts[name] ?? name} right className="max-md:inline-block! max-md:w-1/2">
                {number(one.parts[name], 3)}
              </Cell>
            ))}
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Measure({ name, value, limit }: { name: string; value: string; limit: string | null }) {
  return (
    <div>
      <dt className="text-muted text-xs">{name}</dt>
      <dd>
        <span className="font-semibold tabular-nums">{value}</span>{" "}
        {limit && <span className="text-muted text-xs">({limit})</span>}
      </dd>
    </div>
  );
}
