/** The figures day by day: as charts, and the same as a table. */
import type { DayFigures } from "../../api/adminTypes";
import { milliseconds, number, percent, won } from "../format";
import { texts } from "../texts/insights";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Chart } from "../ui/Chart";
import { Panel } from "../ui/Panel";
import { Table } from "../ui/Table";

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
            columns={[
              { label: texts.day },
              ...[
                texts.tiles.questions,
                texts.tiles.answered,
                texts.tiles.clarified,
                texts.tiles.refused,
                texts.tiles.helpful,
                texts.series.p50,
                texts.series.p95,
                texts.charts.cost,
                texts.tiles.cost,
              ].map((label) => ({ label, right: true })),
            ]}
          >
            {days.map((one) => (
              <tr key={one.day}>
                <Cell className="whitespace-nowrap">
                  {one.day} {!one.complete && <Badge>{texts.incomplete}</Badge>}
                </Cell>
                <Cell right>{number(one.questions)}</Cell>
                <Cell right>{number(one.answered.count)}</Cell>
                <Cell right>{number(one.clarified.count)}</Cell>
                <Cell right>{number(one.refused.count)}</Cell>
                <Cell right>{percent(one.helpful_share)}</Cell>
                <Cell right>{milliseconds(one.p50_ms)}</Cell>
                <Cell right>{milliseconds(one.p95_ms)}</Cell>
                <Cell right>{number(one.input_tokens + one.output_tokens)}</Cell>
                <Cell right>{won(one.cost_won)}</Cell>
              </tr>
            ))}
          </Table>
        </div>
      </details>
    </>
  );
}
