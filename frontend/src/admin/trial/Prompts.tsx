/** What models were sent, to the letter. */
import type { Trial } from "../../api/adminTypes";
import { stepName, texts } from "../texts/answering";
import { Panel } from "../ui/Panel";

export function Prompts({ prompts }: { prompts: Trial["prompts"] }) {
  return (
    <Panel title={texts.prompts}>
      {prompts.length === 0 && <p className="text-muted text-sm">{texts.noPrompts}</p>}
      <div className="space-y-3">
        {prompts.map(({ step, model, messages }, at) => (
          <details key={at} className="rounded-lg border border-line p-3">
            <summary className="text-sm">
              {stepName(step)} <span className="text-muted text-xs">{model}</span>
            </summary>
            {messages.map((message, n) => (
              <div key={n} className="mt-3">
                <p className="font-medium text-muted text-xs">{message.role}</p>
                <pre className="overflow-x-auto whitespace-pre-wrap text-xs">{message.content}</pre>
              </div>
            ))}
          </details>
        ))}
      </div>
    </Panel>
  );
}
