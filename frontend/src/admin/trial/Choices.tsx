/** What a customer could tap below the answer: the titles that are asked back, links of bubbles, next questions. */
import type { Trial } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { texts } from "../texts/trial";

interface Props {
  trial: Trial;
  onAsk: (question: string) => void;
}

export function Choices({ trial, onAsk }: Props) {
  const asked = trial.decision === "clarify" ? labelsOf(trial) : [];
  const next = trial.suggestions.map((one) => one.text).filter((one) => !asked.includes(one));
  return (
    <>
      <Buttons label={texts.choices} questions={asked} onAsk={onAsk} />
      <Buttons label={texts.suggestions} questions={next} onAsk={onAsk} />
    </>
  );
}

/** What the chat page offers: the choices of bubbles, else the suggested titles, else those that came near. */
function labelsOf(trial: Trial): string[] {
  const offered = [
    trial.bubbles.flatMap((one) => Object.keys(one.info_map ?? {})),
    trial.suggestions.map((one) => one.text),
    trial.sources.map((one) => one.title),
  ];
  return [...new Set(offered.find((one) => one.length > 0))];
}

function Buttons({ label, questions, onAsk }: { label: string; questions: readonly string[]; onAsk: Props["onAsk"] }) {
  if (questions.length === 0) return null;
  return (
    <section aria-label={label}>
      <p className="mb-1.5 text-muted text-xs">{label}</p>
      <ul className="flex flex-wrap gap-2">
        {questions.map((one) => (
          <li key={one}>
            <Button className="px-3 py-1 text-left text-sm" onClick={() => onAsk(one)}>
              {one}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
