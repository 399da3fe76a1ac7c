/** Titles that a language model made of a content: each is taken, or left. */
import type { Content } from "../../api/adminTypes";
import { texts } from "../texts/contents";
import { CheckField } from "../ui/CheckField";

interface Props {
  summaries: Content["summary_titles"];
  accepted: readonly string[];
  onChange: (accepted: string[]) => void;
}

export function SummaryTitles({ summaries, accepted, onChange }: Props) {
  return (
    <fieldset>
      <legend className="font-medium text-sm">{texts.fields.accepted_summaries}</legend>
      <p className="mb-2 text-muted text-xs">{texts.help.summaries}</p>
      <ul className="space-y-1.5">
        {summaries.map(({ text, model }) => (
          <li key={text}>
            <CheckField
              label={
                <>
                  {text} <span className="text-muted text-xs">({model})</span>
                </>
              }
              checked={accepted.includes(text)}
              onChange={(on) => onChange(on ? [...accepted, text] : accepted.filter((one) => one !== text))}
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
