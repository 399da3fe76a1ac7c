/** What the history is narrowed by, as its address and its API have it. */
import type { operations } from "../../api/schema";
import { dayBefore } from "../format";

type Query = NonNullable<operations["list_questions_v1_admin_bots__bot_id__history_get"]["parameters"]["query"]>;

export interface Filters {
  from: string;
  to: string;
  q: string;
  decision: string;
  status: string;
  feedback: string;
  faq_id: string;
  category: string;
  service_type: string;
  channel: string;
  slow: string;
  degraded: string;
}

const NAMES: readonly (keyof Filters)[] = [
  "from",
  "to",
  "q",
  "decision",
  "status",
  "feedback",
  "faq_id",
  "category",
  "service_type",
  "channel",
  "slow",
  "degraded",
];
const USUAL_DAYS = 6; // before today

/** Filters as an address has them; without days the last week. */
export function filtersOf(search: string): Filters {
  const given = new URLSearchParams(search);
  const found = Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""])) as unknown as Filters;
  return { ...found, from: found.from || dayBefore(USUAL_DAYS), to: found.to || dayBefore(0) };
}

/** How many filters are set besides the days and the text. */
export function further(filters: Filters): number {
  return NAMES.slice(3).filter((name) => filters[name] !== "").length;
}

/** Filters as the API takes them. */
export function apiQuery(filters: Filters): Query {
  const seconds = Number(filters.slow);
  const { slow: _, degraded, ...rest } = filters;
  return {
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== "")) as Query),
    ...(filters.slow && Number.isFinite(seconds) ? { slow_ms: Math.round(seconds * 1_000) } : {}),
    ...(degraded === "true" ? { degraded: true } : {}),
  };
}
