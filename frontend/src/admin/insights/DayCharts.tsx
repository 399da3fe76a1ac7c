/** The figures day by day: as charts, and the same as a table. */
import type { DayFigures } from "../../api/adminTypes";
import { milliseconds, number, percent, short, won } from "../format";
import { texts } from "../texts/insights";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Chart } from "../ui/Chart";
import { Panel } from "../ui/Panel";
import { Table } from "../ui/Table";

/** The table's columns, and what stands in each. */
const FIGURES: readonly (readonly [string, (one: DayFigures) => string])[] = [
  [texts.tiles.questions, (one) => number(one.questions)],
  [texts.tiles.answered, (one) => number(one.answered.count)],
  [texts.tiles.clarified, (one) => number(one.clarified.count)],
  [texts.tiles.refused, (one) => number(one.refused.count)],
  [texts.tiles.helpful, (one) => percent(one.helpful_share)],
  [texts.series.p50, (one) => milliseconds(one.p50_ms)],
  [texts.series.p95, (one) => milliseconds(one.p95_ms)],
  [texts.charts.cost, (one) => number(one.input_tokens + one.output_tokens)],
  [texts.tiles.cost, (one) => won(one.cost_won)],
];

export function DayCharts({ days }: { days: readonly DayFigures[] }) {
  const names = days.map((one) => one.day);
  const { charts, series } = texts;
  const other = (one: DayFigures) => one.questions - one.answered.count - one.clarified.count - one.refused.count;
  return (
    <>
      <div className="grid gap-5 lg:grid-cols-2">
        <Panel title={charts.questions} lead={charts.questionsLead}>
          <Chart
            title={charts.questions}
            days={names}
            kind="bars"
            say={number}
            sayShort={short}
            least={4}
            series={[
              { name: series.answered, values: days.map((one) => one.answered.count) },
              { name: series.clarified, values: days.map((one) => one.clarified.count) },
              { name: series.refused, values: days.map((one) => one.refused.count) },
              { name: series.other, values: days.map(other) },
            ]}
          />
        </Panel>
        <Panel title={charts.helpful} lead={charts.helpfulLead}>
          <Chart
            title={charts.helpful}
            days={names}
            kind="lines"
            say={(value) => percent(value, 0)}
            least={1}
            series={[{ name: series.helpful, values: days.map((one) => one.helpful_share) }]}
          />
        </Panel>
        <Panel title={charts.times} lead={charts.timesLead}>
          <Chart
            title={charts.times}
            days={names}
            kind="lines"
            say={milliseconds}
            series={[
              { name: series.p50, values: days.map((one) => one.p50_ms) },
              { name: series.p95, values: days.map((one) => one.p95_ms) },
            ]}
          />
        </Panel>
        <Panel title={charts.cost} lead={charts.costLead}>
          <Chart
            title={charts.cost}
            days={names}
            kind="bars"
            say={number}
            sayShort={short}
            least={100}
            series={[
              { name: series.input, values: days.map((one) => one.input_tokens) },
              { name: series.output, values: days.map((one) => one.output_tokens) },
            ]}
          />
        </Panel>
      </div>
      <details>
        <summary className="text-accent text-sm">{texts.showTable}</summary>
        <div className="mt-3">
          <Table
            label={texts.table}
            cards
            columns={[{ label: texts.day }, ...FIGURES.map(([label]) => ({ label, right: true }))]}
          >
            {days.map((one) => (
              <tr key={one.day}>
                <Cell className="whitespace-nowrap">
                  {one.day} {!one.complete && <Badge>{texts.incomplete}</Badge>}
                </Cell>
                {FIGURES.map(([label, figure]) => (
                  <Cell key={label} label={label} right>
                    {figure(one)}
                  </Cell>
                ))}
              </tr>
            ))}
          </Table>
        </div>
      </details>
    </>
  );
}
