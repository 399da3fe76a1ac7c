/** Which golden questions would be answered in another way, bot by bot. */
import type { BotRehearsal } from "../../api/adminTypes";
import { decisions } from "../texts/common";
import { texts } from "../texts/contents";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";

type Change = BotRehearsal["rehearsal"]["changes"][number];
const LOOKS = { worse: "danger", better: "accent", changed: "plain" } as const;

export function RehearsalView({ rehearsals }: { rehearsals: readonly BotRehearsal[] }) {
  if (rehearsals.length === 0) return <Alert>{texts.publish.none}</Alert>;
  return (
    <div className="space-y-3">
      {rehearsals.map(({ bot_id, rehearsal }) => (
        <section key={bot_id} className="rounded-lg border border-line p-3">
          <h3 className="font-medium text-sm">
            {texts.publish.bot(bot_id, rehearsal.right_before, rehearsal.right_after, rehearsal.golden)}
          </h3>
          {rehearsal.changes.length === 0 ? (
            <p className="mt-1 text-muted text-sm">{texts.publish.same}</p>
          ) : (
            <ul className="mt-2 space-y-2">
              {rehearsal.changes.map((one) => (
                <li key={one.question} className="text-sm">
                  <p>
                    <Badge look={LOOKS[one.verdict]}>{texts.publish.verdicts[one.verdict]}</Badge> {one.question}
                  </p>
                  <p className="text-muted text-xs">
                    {one.text_differs ? texts.publish.textDiffers : `${outcome(one.before)} → ${outcome(one.after)}`}
                  </p>
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </div>
  );
}

function outcome({ decision, title }: Change["before"]): string {
  return `${decisions[decision]} (${title ?? texts.publish.noContent})`;
}
