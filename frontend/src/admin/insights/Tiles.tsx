/** The figures of all days together. */
import type { Figures } from "../../api/adminTypes";
import { milliseconds, number, percent, short, won } from "../format";
import { texts } from "../texts/insights";

const WIDEST = 100_000_000; // what a tile has room for; the table has it to the digit

const figure = (value: number, say: (value: number) => string) =>
  value < WIDEST ? say(value) : say(0).replace("0", short(value));

export function Tiles({ figures }: { figures: Figures }) {
  const { tiles } = texts;
  const share = (one: Figures["answered"]) => [percent(one.share), texts.ofAll(number(one.count))] as const;
  const shown: (readonly [string, string, string])[] = [
    [tiles.questions, figure(figures.questions, number), texts.programs(number(figures.programs))],
    [tiles.answered, ...share(figures.answered)],
    [tiles.clarified, ...share(figures.clarified)],
    [tiles.refused, ...share(figures.refused)],
    [tiles.helpful, percent(figures.helpful_share), texts.rated(number(figures.helpful + figures.unhelpful))],
    [tiles.p95, milliseconds(figures.p95_ms), texts.p50(milliseconds(figures.p50_ms))],
    [tiles.cost, figure(figures.cost_won, won), texts.tokens(number(figures.input_tokens + figures.output_tokens))],
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-4 xl:grid-cols-7">
      {shown.map(([name, value, beside]) => (
        <div key={name} className="bg-surface px-4 py-3">
          <dt className="text-muted text-xs">{name}</dt>
          <dd className="font-semibold text-lg tabular-nums sm:text-xl">{value}</dd>
          <dd className="text-muted text-xs">{beside}</dd>
        </div>
      ))}
      <div aria-hidden="true" className="bg-surface xl:hidden" />
    </dl>
  );
}
