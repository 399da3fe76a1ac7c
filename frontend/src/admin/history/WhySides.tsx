/** Then and now, side by side; what differs stands out. */
import type { ReactNode } from "react";
import type { Why } from "../../api/adminTypes";
import { LazyMarkdown } from "../../bubbles/LazyMarkdown";
import { Plan } from "../answering/Plan";
import { Steps } from "../answering/Steps";
import { VersionName } from "../bot/VersionName";
import { milliseconds } from "../format";
import { texts as made, withoutName } from "../texts/answering";
import { decisions } from "../texts/common";
import { texts as all } from "../texts/history";

type Seen = Why["recorded"];
type What = Why["differences"][number]["what"];
const texts = all.why;

export function WhySides({ why }: { why: Why }) {
  const differs = new Set(why.differences.map((one) => one.what));
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Side title={texts.recorded} seen={why.recorded} differs={differs} withText />
      {why.replayed && (
        <Side
          title={texts.replayed}
          seen={why.replayed}
          differs={differs}
          withText={why.with_answer || !why.recorded.record.model}
        />
      )}
    </div>
  );
}

interface Props {
  title: string;
  seen: Seen;
  differs: ReadonlySet<What>;
  withText: boolean;
}

function Side({ title, seen, differs, withText }: Props) {
  const rows: (readonly [What | null, string, ReactNode])[] = [
    ["decision", texts.row.decision, seen.decision ? decisions[seen.decision] : all.noAnswer],
    ["bot_version", texts.row.version, <VersionName key="version" version={seen.bot_version} />],
    ["prompt_version", texts.whats.prompt_version, seen.record.prompt_version],
    ["searched_as", texts.row.searchedAs, seen.searched_as],
    ["category", all.category, seen.record.category],
    ["degraded", all.degraded, seen.degraded.map(withoutName).join(", ")],
    [null, texts.row.ms, milliseconds(seen.latency_ms)],
  ];
  return (
    <section aria-label={title} className="min-w-0 space-y-3 rounded-lg border border-line p-3">
      <h3 className="font-semibold text-sm">{title}</h3>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-sm [&_code]:text-xs">
        {rows
          .filter(([what, , value]) => value || (what && differs.has(what)))
          .map(([what, name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd>
                {what && differs.has(what) ? <mark className="bg-mark px-1 text-ink">{value || "–"}</mark> : value}
              </dd>
            </div>
          ))}
      </dl>
      {seen.record.calls.length > 0 && (
        <div className={differs.has("calls") ? "bg-mark/30" : ""}>
          <h4 className="mb-1 text-muted text-xs">{made.plan}</h4>
          <Plan calls={seen.record.calls} />
        </div>
      )}
      <Steps steps={seen.record.steps} total={seen.latency_ms} />
      {withText && seen.text && (
        <div className={`border-line border-t pt-3 text-sm ${differs.has("text") ? "bg-mark/30" : ""}`}>
          <LazyMarkdown text={seen.text} />
        </div>
      )}
    </section>
  );
}
