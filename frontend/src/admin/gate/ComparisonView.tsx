/** Which golden questions, and which frequent ones, would be answered in another way, bot by bot. */
import type { BotRehearsal, Comparison } from "../../api/adminTypes";
import { decisions } from "../texts/common";
import { texts } from "../texts/gate";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";

type Rehearsal = BotRehearsal["rehearsal"];
type Change = Rehearsal["changes"][number];
const LOOKS = { worse: "danger", better: "accent", changed: "plain" } as const;

export function ComparisonView({ comparison }: { comparison: Comparison }) {
  const { not_compared, rehearsals } = comparison;
  if (not_compared) return <Alert>{texts.notCompared[not_compared]}</Alert>;
  return (
    <div className="space-y-3">
      {rehearsals.map(({ bot_id, rehearsal, first }) => (
        <BotView key={bot_id} bot={bot_id} rehearsal={rehearsal} first={first ?? false} />
      ))}
    </div>
  );
}

function BotView({ bot, rehearsal, first }: { bot: string; rehearsal: Rehearsal; first: boolean }) {
  const { golden, frequent, right_before, right_after, changes } = rehearsal;
  return (
    <section aria-label={bot} className="space-y-3 rounded-lg border border-line p-3">
      <h3 className="font-semibold text-sm">{bot}</h3>
      {first && <Alert>{texts.first}</Alert>}
      <Changes
        title={
          golden
            ? first
              ? texts.right(right_after, golden)
              : texts.golden(right_before, right_after, golden)
            : texts.noGolden
        }
        same={golden > 0}
        first={first}
        changes={changes.filter((one) => one.golden)}
      />
      <Changes
        title={frequent ? texts.frequent(frequent) : texts.noFrequent}
        same={frequent > 0 && !first}
        first={first}
        changes={changes.filter((one) => !one.golden)}
      />
    </section>
  );
}

interface ChangesProps {
  title: string;
  same: boolean;
  /** Whether there is nothing before. */
  first: boolean;
  changes: readonly Change[];
}

function Changes({ title, same, first, changes }: ChangesProps) {
  const name = ({ verdict, golden }: Change) => (first ? texts.firstVerdict(golden, verdict) : texts.verdicts[verdict]);
  return (
    <div>
      <h4 className="font-medium text-sm">{title}</h4>
      {changes.length === 0 && same && <p className="mt-1 text-muted text-sm">{texts.same}</p>}
      {changes.length > 0 && (
        <ul className="mt-2 space-y-2">
          {changes.map((one) => (
            <li key={one.golden_id ?? one.question} className="text-sm">
              <p>
                <Badge look={LOOKS[one.verdict]}>{name(one)}</Badge> {one.question}
                {one.count !== null && <span className="ml-1 text-muted text-xs">{texts.asked(one.count)}</span>}
              </p>
              <p className="text-muted text-xs">
                {first ? outcome(one.after) : one.text_differs ? texts.textDiffers : told(one).join(" → ")}
              </p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Before and after. Contents of two sources may have one title. */
function told({ before, after }: Change): string[] {
  const sources = before.title === after.title && before.source_id !== after.source_id;
  return [before, after].map((one) => outcome(one) + (sources && one.source_id ? ` ${texts.of(one.source_id)}` : ""));
}

function outcome({ decision, title }: Change["before"]): string {
  return `${decisions[decision]} (${title ?? texts.noContent})`;
}
