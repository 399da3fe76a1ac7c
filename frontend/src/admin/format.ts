/** Figures, times and shares as Koreans read them; days and times are Seoul's. */
const time = new Intl.DateTimeFormat("ko-KR", {
  dateStyle: "short",
  timeStyle: "short",
  hour12: false,
  timeZone: "Asia/Seoul",
});
const dayFormat = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Seoul" });
const whole = new Intl.NumberFormat("ko-KR", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("ko-KR", { notation: "compact", maximumFractionDigits: 1 });
const NOTHING = "–";

export function dateTime(instant: string | null | undefined): string {
  return instant ? time.format(new Date(instant)) : NOTHING;
}

/** The day in Seoul, `YYYY-MM-DD`, so many days before today. */
export function dayBefore(days: number, from: Date = new Date()): string {
  return dayFormat.format(new Date(from.getTime() - days * 86_400_000));
}

export function number(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return NOTHING;
  return digits === 0 ? whole.format(value) : value.toFixed(digits);
}

/** The same in few letters: 120만. */
export function short(value: number): string {
  return compact.format(value);
}

export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? NOTHING : `${(share * 100).toFixed(digits)}%`;
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return value < 1_000 ? `${whole.format(value)} ms` : `${(value / 1_000).toFixed(1)}초`;
}

export function won(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return value !== 0 && value < 10 ? `${value.toFixed(2)}원` : `${whole.format(value)}원`;
}

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // of a ULID, whose first ten are milliseconds

/** When a version was published, which its id begins with; nothing of one that is no published version. */
export function publishedAt(version: string | null | undefined): string | null {
  const [, time = ""] = version?.match(/^published#([0-7][0-9A-HJKMNP-TV-Z]{9})[0-9A-HJKMNP-TV-Z]{16}$/) ?? [];
  if (time === "") return null;
  return new Date([...time].reduce((ms, digit) => ms * 32 + DIGITS.indexOf(digit), 0)).toISOString();
}

/** Whatever JSON holds, in one line or several. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
