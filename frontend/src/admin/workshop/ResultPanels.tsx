/** What a model will be given of the sample, to the letter, and what nobody sees. */
import type { Worked } from "../../api/adminTypes";
import { number } from "../format";
import { texts } from "../texts/workshop";
import { Alert } from "../ui/Alert";
import { Panel } from "../ui/Panel";

interface Props {
  worked: Worked;
  /** The form has been changed since. */
  stale: boolean;
}

export function ResultPanels({ worked, stale }: Props) {
  return (
    <div aria-live="polite" className="space-y-5">
      {stale && <Alert look="caution">{texts.stale}</Alert>}
      <Panel title={texts.sections.text} lead={texts.textLead}>
        {worked.text ? (
          <pre className="overflow-x-auto whitespace-pre-wrap text-sm">{worked.text}</pre>
        ) : (
          <p className="text-muted text-sm">{texts.noText}</p>
        )}
      </Panel>
      <Panel title={texts.sections.withheld} lead={worked.withheld.length ? texts.withheldLead : undefined}>
        {worked.withheld.length === 0 ? (
          <p className="text-muted text-sm">{texts.nothingWithheld}</p>
        ) : (
          <ul className="max-h-64 list-disc overflow-y-auto pl-5">
            {worked.withheld.map((one) => (
              <li key={one}>
                <code className="text-xs">{one}</code>
              </li>
            ))}
          </ul>
        )}
        {worked.more_paths > 0 && (
          <p className="mt-2 text-muted text-xs">{texts.morePaths(number(worked.more_paths))}</p>
        )}
      </Panel>
    </div>
  );
}
