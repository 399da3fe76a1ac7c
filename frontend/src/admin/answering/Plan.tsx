/** Which sources were asked, with what, and what came of it. */
import type { Trial } from "../../api/adminTypes";
import { milliseconds } from "../format";
import { texts } from "../texts/answering";
import { Badge } from "../ui/Badge";

export function Plan({ calls }: { calls: Trial["plan"] }) {
  if (calls.length === 0) return <p className="text-muted text-sm">{texts.noPlan}</p>;
  return (
    <ol className="space-y-1.5 text-sm">
      {calls.map((call) => (
        <li key={`${call.source_id} ${JSON.stringify(call.arguments)}`} className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{call.source_id}</span>
          {Object.keys(call.arguments).length > 0 && (
            <code className="text-xs">{JSON.stringify(call.arguments, null, 1)}</code>
          )}
          <Badge look={call.outcome === "found" ? "accent" : "mark"}>{texts.outcomes[call.outcome]}</Badge>
          <span className="text-muted text-xs">
            {texts.found(call.found)} · {milliseconds(call.ms)}
            {call.retries > 0 && ` · ${texts.retries(call.retries)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
