/** A chart of days: lines, or stacked bars. The figures are in a table beside it, which readers of a screen are told of. */
import { useId } from "react";
import { texts } from "../texts/common";
import { useWidth } from "./useWidth";

export interface Series {
  name: string;
  /** One for each day; nothing where there is none. */
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  days: readonly string[];
  series: readonly Series[];
  kind: "lines" | "bars";
  /** A figure as it is read. */
  say: (value: number) => string;
  /** The same in few letters. */
  sayShort?: (value: number) => string;
  /** The axis ends here at least. */
  least?: number;
}

const [WIDEST, NARROWEST, HEIGHT, BOTTOM, TOP, RIGHT] = [576, 200, 180, 22, 8, 6];
const RISE = HEIGHT - TOP - BOTTOM;
const LABEL_WIDTH = 60; // of a day that is named, with some air
const COLORS = ["var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)"];
const DASHES = [undefined, "6 4", "2 3", "8 3 2 3"];

export function Chart({ title, days, series, kind, say, sayShort = say, least = 0 }: Props) {
  const id = useId();
  const [measured, ref] = useWidth(WIDEST);
  const width = Math.min(WIDEST, Math.max(NARROWEST, measured)); // so that letters keep their size
  const sums = days.map((_, at) => series.map((one) => one.values[at] ?? 0));
  const heights = sums.map((one) => (kind === "bars" ? one.reduce((a, b) => a + b, 0) : Math.max(0, ...one)));
  const top = rounded(Math.max(least, ...heights));
  const marks = (kind === "lines" || top % 2 === 0 ? [0, 0.5, 1] : [0, 1]).map((part) => top * part);
  const left = 10 + Math.max(...marks.map((one) => lengthOf(sayShort(one))));
  const inner = width - left - RIGHT;
  const x = (at: number) => left + (inner * (at + 0.5)) / Math.max(1, days.length);
  const y = (value: number) => TOP + RISE * (1 - value / top);
  const every = Math.ceil((days.length * LABEL_WIDTH) / inner);
  return (
    <figure className="min-w-0" ref={ref}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-labelledby={id}>
        <title id={id}>{texts.chart(title)}</title>
        {marks.map((one) => (
          <g key={one}>
            <line x1={left} x2={width - RIGHT} y1={y(one)} y2={y(one)} className="stroke-line" />
            <text x={left - 6} y={y(one) + 4} textAnchor="end" className="fill-muted text-[11px]">
              {sayShort(one)}
            </text>
          </g>
        ))}
        {days.map((day, at) =>
          at % every === 0 ? (
            <text key={day} x={x(at)} y={HEIGHT - 6} textAnchor="middle" className="fill-muted text-[11px]">
              {day.slice(5, 10).replace("-", "/")}
            </text>
          ) : null,
        )}
        {kind === "bars"
          ? days.map((day, at) => (
              <Bar key={day} values={sums[at] ?? []} x={x(at)} y={y} width={Math.min(48, (inner / days.length) * 0.62)}>
                {`${day}\n${series.map((one, n) => `${one.name} ${say(sums[at]?.[n] ?? 0)}`).join("\n")}`}
              </Bar>
            ))
          : series.map((one, n) => (
              <Line
                key={one.name}
                at={n}
                points={one.values.map((value, at) => (value === null ? null : [x(at), y(value)]))}
              />
            ))}
      </svg>
      <figcaption className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
        {series.map((one, n) => (
          <span key={one.name} className="flex items-center gap-1.5">
            <svg aria-hidden="true" viewBox="0 0 18 10" className="h-2.5 w-4.5">
              {kind === "bars" ? (
                <rect width="10" height="10" rx="2" fill={COLORS[n]} />
              ) : (
                <line x1="0" x2="18" y1="5" y2="5" stroke={COLORS[n]} strokeWidth="2.5" strokeDasharray={DASHES[n]} />
              )}
            </svg>
            {one.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface BarProps {
  values: readonly number[];
  x: number;
  y: (value: number) => number;
  width: number;
  children: string;
}

function Bar({ values, x, y, width, children }: BarProps) {
  let below = 0;
  return (
    <g>
      <title>{children}</title>
      {values.map((value, n) => {
        const from = below;
        below += value;
        return value > 0 ? (
          <rect key={n} x={x - width / 2} width={width} y={y(below)} height={y(from) - y(below)} fill={COLORS[n]} />
        ) : null;
      })}
    </g>
  );
}

/** A line with gaps where there is no figure, and a dot on each day. */
function Line({ points, at }: { points: readonly (readonly number[] | null)[]; at: number }) {
  let drawn = "";
  let open = false;
  for (const point of points) {
    if (point) drawn += `${open ? "L" : "M"}${point[0]} ${point[1]}`;
    open = point !== null;
  }
  return (
    <g>
      <path d={drawn} fill="none" stroke={COLORS[at]} strokeWidth="2" strokeDasharray={DASHES[at]} />
      {points.map((point) => point && <circle key={point[0]} cx={point[0]} cy={point[1]} r="2.5" fill={COLORS[at]} />)}
    </g>
  );
}

/** How wide a label is, in pixels of its size: a syllable is as wide as it is high. */
function lengthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (one > "\u1100" ? 11 : 6.5), 0);
}

/** The next figure that reads well: 1, 2 or 5 and zeros. */
export function rounded(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((one) => one * power >= value * 0.999) ?? 10) * power;
}
