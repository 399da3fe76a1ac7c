/** What was found for a question, in order, with what was cited. */
import type { HistoryTurn } from "../../api/adminTypes";
import { number } from "../format";
import { paths } from "../routes";
import { texts as made } from "../texts/answering";
import { texts as common } from "../texts/common";
import { Badge } from "../ui/Badge";
import { Link } from "../ui/Link";

export function Candidates({ bot, sources }: { bot: string; sources: HistoryTurn["sources"] }) {
  if (sources.length === 0) return <p className="text-muted text-sm">{common.none}</p>;
  return (
    <ol className="space-y-2 text-sm">
      {sources.map((one, at) => (
        <li key={`${one.source_id} ${one.faq_id}`} className="flex gap-3">
          <span className="w-5 shrink-0 text-right text-muted tabular-nums">{at + 1}</span>
          <div className="min-w-0 flex-1">
            {one.kind === "content" ? (
              <Link href={paths.content(bot, one.faq_id, one.source_id)}>{one.title}</Link>
            ) : (
              one.title
            )}{" "}
            {one.cited && <Badge look="accent">{made.sources}</Badge>}
            {one.matched_subject !== one.title && (
              <p className="text-muted text-xs">{made.matched(one.matched_subject)}</p>
            )}
          </div>
          <span className="tabular-nums">{number(one.score, 3)}</span>
        </li>
      ))}
    </ol>
  );
}
