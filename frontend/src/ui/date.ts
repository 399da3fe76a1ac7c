/** Dates as Koreans write them; days are those of Seoul. */
const format = new Intl.DateTimeFormat("ko-KR", { dateStyle: "long", timeZone: "Asia/Seoul" });

export function longDate(instant: string): string {
  return format.format(new Date(instant));
}
