/** What a run over Notion has found: what becomes of its pages, and what of them is left out. */
import type { NotionReport } from "../../api/adminTypes";
import { texts } from "../texts/notion";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { changing } from "./useNotion";

const FIGURES = {
  conflict: "conflicts",
  invalid: "invalid",
  unreadable: "unreadable",
  empty: "empty",
  remove: "removed",
  create: "created",
  update: "updated",
} as const;

export function NotionReportView({ report }: { report: NotionReport }) {
  const leftOut = Object.entries(report.left_out ?? {});
  const addresses = report.addresses ?? [];
  return (
    <div className="space-y-2">
      {changing(report) === 0 && !report.more && <Alert>{texts.same}</Alert>}
      {report.retry_after_seconds != null && <Alert look="caution">{texts.wait(report.retry_after_seconds)}</Alert>}
      {texts.outcomes.map(([outcome, name]) => (
        <Outcome
          key={outcome}
          name={name}
          count={report[FIGURES[outcome]] ?? 0}
          lines={(report.told ?? []).filter((one) => one.outcome === outcome)}
        />
      ))}
      {!!report.unchanged && <p className="text-muted text-sm">{texts.counts(texts.unchanged, report.unchanged)}</p>}
      {leftOut.length > 0 && (
        <Alert look="caution">
          <p>{texts.leftOut}</p>
          <p className="mt-1 flex flex-wrap gap-1.5">
            {leftOut.map(([kind, n]) => (
              <Badge key={kind}>
                {kind} {n.toLocaleString()}
              </Badge>
            ))}
          </p>
        </Alert>
      )}
      {addresses.length > 0 && (
        <Alert look="caution">
          <p>{texts.addresses}</p>
          <ul className="list-disc break-all pl-5 text-xs">
            {[...new Set(addresses)].map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}

interface OutcomeProps {
  name: string;
  count: number;
  lines: NonNullable<NotionReport["told"]>;
}

function Outcome({ name, count, lines }: OutcomeProps) {
  if (count === 0) return null;
  return (
    <details className="rounded-lg border border-line px-3.5 py-2">
      <summary className="cursor-pointer font-medium text-sm">{texts.counts(name, count)}</summary>
      <ul className="mt-2 space-y-1 text-sm">
        {lines.map((one, n) => (
          <li key={n} className="break-words">
            {one.title}
            {one.why && <span className="text-muted"> — {one.why}</span>}
          </li>
        ))}
        {count > lines.length && <li className="text-muted">{texts.more(count - lines.length)}</li>}
      </ul>
    </details>
  );
}
