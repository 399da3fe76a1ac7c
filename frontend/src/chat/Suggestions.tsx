/** What may be asked next, as chips. */
import type { Suggestion } from "../api/types";
import { texts } from "../texts";
import { Button } from "../ui/Button";

interface Props {
  questions: readonly Suggestion[];
  onAsk: (text: string) => void;
}

export function Suggestions({ questions, onAsk }: Props) {
  return (
    <section aria-label={texts.suggestions}>
      <ul className="flex flex-wrap gap-2">
        {questions.map(({ text }) => (
          <li key={text} className="max-w-full">
            <Button look="chip" onClick={() => onAsk(text)}>
              {text}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
