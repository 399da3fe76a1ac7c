/** Groups of like questions that grow far above their usual rate just now. */
import { Button } from "../../ui/Button";
import { number } from "../format";
import { useSession } from "../session";
import { texts as all } from "../texts/insights";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { Panel } from "../ui/Panel";
import { useSurges } from "./useInsights";

const texts = all.surges;

/** `onAnswer` is given what the group is about, as the beginning of a notice. */
export function SurgePanel({ bot, onAnswer }: { bot: string; onAnswer: (about: string) => void }) {
  const { may } = useSession();
  const surges = useSurges(bot);
  return (
    <Panel title={texts.title}>
      {surges.isPending && <Loading />}
      {surges.isError && <Failure error={surges.error} onRetry={() => void surges.refetch()} />}
      <div aria-live="polite" className="space-y-3 text-sm">
        {surges.data?.surges.length === 0 && <p className="text-muted">{texts.none(number(surges.data.questions))}</p>}
        {surges.data && !surges.data.complete && <Alert>{texts.incomplete}</Alert>}
        {surges.data?.surges.map((one) => (
          <div key={one.chat_ids[0]} className="rounded-lg border border-danger/40 p-3">
            <p>
              <span className="font-medium">{one.title ?? one.examples[0]}</span>{" "}
              <Badge look="danger">{texts.usual(number(one.times_usual, 1))}</Badge>
            </p>
            <p className="text-muted text-xs">{texts.line(one.questions, one.askers)}</p>
            <ul className="mt-1 list-disc pl-5 text-xs">
              {one.examples.map((example) => (
                <li key={example}>{example}</li>
              ))}
            </ul>
            {may("editor") && (
              <Button className="mt-2 px-3 py-1 text-sm" onClick={() => onAnswer(one.title ?? one.examples[0] ?? "")}>
                {texts.answer}
              </Button>
            )}
          </div>
        ))}
      </div>
    </Panel>
  );
}
