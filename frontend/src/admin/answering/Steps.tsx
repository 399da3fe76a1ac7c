/** The time of each step, as bars beside their figures. */
import type { Trial } from "../../api/adminTypes";
import { milliseconds } from "../format";
import { stepName, texts } from "../texts/answering";

interface Props {
  steps: Trial["steps"];
  total: number | null | undefined;
}

export function Steps({ steps, total }: Props) {
  const longest = Math.max(1, ...steps.map((one) => one.ms));
  return (
    <table className="w-full text-sm">
      <caption className="pb-2 text-left text-muted text-xs">{texts.stepsLead(milliseconds(total))}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">{texts.step}</th>
          <th scope="col">{texts.ms}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ step, ms }, at) => (
          <tr key={`${step} ${steps.slice(0, at).filter((one) => one.step === step).length}`}>
            <th scope="row" className="w-40 py-0.5 pr-3 text-left font-normal">
              {stepName(step)}
            </th>
            <td className="py-0.5">
              <span className="flex items-center gap-2">
                <span
                  aria-hidden="true"
                  className="h-2 min-w-0.5 rounded bg-accent"
                  style={{ width: `${(ms / longest) * 60}%` }}
                />
                <span className="whitespace-nowrap text-muted text-xs tabular-nums">{milliseconds(ms)}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
