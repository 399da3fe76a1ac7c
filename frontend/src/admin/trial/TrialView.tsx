/** A tried question's whole way. */
import type { Trial } from "../../api/adminTypes";
import { LazyMarkdown } from "../../bubbles/LazyMarkdown";
import { Plan } from "../answering/Plan";
import { SearchView } from "../answering/SearchView";
import { Steps } from "../answering/Steps";
import { number, won } from "../format";
import { texts, withoutName } from "../texts/answering";
import { decisions } from "../texts/common";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { Panel } from "../ui/Panel";
import { Choices } from "./Choices";
import { Prompts } from "./Prompts";

interface Props {
  bot: string;
  trial: Trial;
  /** Ask something else, as a customer does by a tap. */
  onAsk: (question: string) => void;
}

export function TrialView({ bot, trial, onAsk }: Props) {
  const cited = trial.sources.filter((one) => one.cited);
  return (
    <div className="space-y-5" aria-live="polite">
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Panel
          title={texts.answer}
          beside={
            trial.decision && (
              <Badge look={trial.decision === "answer" ? "accent" : "mark"}>{decisions[trial.decision]}</Badge>
            )
          }
        >
          <div className="space-y-3">
            {trial.error && <Alert look="danger">{trial.error.error_message}</Alert>}
            {trial.text ? <LazyMarkdown text={trial.text} sources={trial.sources} /> : <p>{texts.noAnswer}</p>}
            <Choices trial={trial} onAsk={onAsk} />
            {cited.length > 0 && (
              <div className="text-sm">
                <p className="font-medium">{texts.sources}</p>
                <ol className="text-muted">
                  {cited.map((one) => (
                    <li key={one.n}>
                      [{one.n}] {one.title}
                    </li>
                  ))}
                </ol>
              </div>
            )}
            {trial.unsupported.length > 0 && (
              <Alert look="caution">
                <p className="font-medium">{texts.unsupported}</p>
                <ul className="list-disc pl-5">
                  {trial.unsupported.map((one) => (
                    <li key={`${one.sentence} ${one.what}`}>
                      {one.sentence} <span className="text-muted">({one.what})</span>
                    </li>
                  ))}
                </ul>
              </Alert>
            )}
          </div>
        </Panel>
        <div className="space-y-5">
          <Panel title={texts.gate}>
            <p className="text-sm">{trial.gate ? texts.fixed(trial.gate) : texts.passed}</p>
          </Panel>
          <Panel title={texts.plan}>
            <div className="space-y-2">
              {trial.searched_as && <p className="text-sm">{texts.searchedAs(trial.searched_as)}</p>}
              <Plan calls={trial.plan} />
            </div>
          </Panel>
          <Panel title={texts.steps}>
            <Steps steps={trial.steps} total={trial.latency_ms} />
            <p className="mt-3 text-muted text-xs">
              {texts.usage(number(trial.input_tokens), number(trial.output_tokens), won(trial.cost_won))}
              {trial.tokens_estimated && ` ${texts.estimated}`}
            </p>
            <p className="text-muted text-xs">
              {[trial.model && `${texts.model} ${trial.model}`, trial.category && `${texts.category} ${trial.category}`]
                .filter(Boolean)
                .join(" · ")}
            </p>
            {trial.degraded.length > 0 && (
              <p className="mt-1 text-xs">
                {texts.degraded}: {trial.degraded.map(withoutName).join(", ")}
              </p>
            )}
            {trial.problems.map((one) => (
              <p key={`${one.step} ${one.reason}`} className="text-danger text-xs">
                {one.step}: {one.reason}
              </p>
            ))}
          </Panel>
        </div>
      </div>
      {trial.searches.map((search) => (
        <SearchView key={`${search.source_id} ${search.asked}`} bot={bot} search={search} />
      ))}
      {trial.records.map(({ source_id, records }) => (
        <Panel key={source_id} title={texts.records(source_id)}>
          <pre className="overflow-x-auto whitespace-pre-wrap text-xs">{records.join("\n\n")}</pre>
        </Panel>
      ))}
      <Prompts prompts={trial.prompts} />
    </div>
  );
}
