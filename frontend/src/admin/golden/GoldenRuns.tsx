/** How asking all golden questions went: the last time, and over time. */
import type { Evaluation } from "../../api/adminTypes";
import { dateTime, dayBefore, percent } from "../format";
import { decisions } from "../texts/common";
import { texts } from "../texts/golden";
import { Chart } from "../ui/Chart";
import { Panel } from "../ui/Panel";

interface Props {
  /** Newest first, and without the questions that were missed. */
  runs: readonly Evaluation[];
  /** The run of just now, which tells them. */
  asked: Evaluation | undefined;
}

export function GoldenRuns({ runs, asked }: Props) {
  const last = asked ?? runs[0];
  if (last === undefined) {
    return (
      <Panel title={texts.last}>
        <p className="text-muted text-sm">{texts.noRuns}</p>
      </Panel>
    );
  }
  const oldestFirst = [...runs].reverse();
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Panel title={texts.last} lead={texts.at(dateTime(last.at))}>
        <div aria-live="polite" className="space-y-3 text-sm">
          <p className="font-semibold text-lg">{texts.result(last.right, last.golden, percent(share(last), 0))}</p>
          {last.right === last.golden && <p className="text-muted">{texts.allRight}</p>}
          {last.right < last.golden && last.missed.length === 0 && <p className="text-muted">{texts.askAgain}</p>}
          {last.missed.length > 0 && (
            <div>
              <p className="font-medium">{texts.missed}</p>
              <ul className="max-h-60 space-y-1.5 overflow-y-auto">
                {last.missed.map((one) => (
                  <li key={one.golden_id}>
                    {one.question}
                    <p className="text-muted text-xs">{texts.instead(decisions[one.decision], one.title)}</p>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      </Panel>
      <Panel title={texts.trend} lead={texts.trendLead}>
        <Chart
          title={texts.trend}
          days={oldestFirst.map((one) => `${dayBefore(0, new Date(one.at))} ${one.at}`)}
          kind="lines"
          say={(value) => percent(value, 0)}
          least={1}
          series={[{ name: texts.runs.share, values: oldestFirst.map(share) }]}
        />
        <ol className="sr-only">
          {runs.map((one) => (
            <li key={one.at}>{`${dateTime(one.at)} ${texts.result(one.right, one.golden, percent(share(one), 0))}`}</li>
          ))}
        </ol>
      </Panel>
    </div>
  );
}

function share({ right, golden }: Evaluation): number | null {
  return golden === 0 ? null : right / golden;
}
