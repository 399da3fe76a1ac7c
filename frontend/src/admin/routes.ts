/** Which page stands at which address. */

export const SECTIONS = [
  "contents",
  "golden",
  "try",
  "history",
  "insights",
  "desk",
  "settings",
  "versions",
  "workshop",
  "programs",
] as const;
export type Section = (typeof SECTIONS)[number];

export type Route =
  | { page: "start" | "bots" | "keys" | "audit" | "unknown" }
  | { page: "bot"; bot: string; section: Section; rest: string[] };

export const paths = {
  start: "/admin",
  bots: "/admin/bots",
  keys: "/admin/keys",
  audit: "/admin/audit",
  section: (bot: string, section: Section) => `/admin/bots/${encodeURIComponent(bot)}/${section}`,
  /** A content; `sourceId` names one that is not of the bot's first source. */
  content: (bot: string, faqId: string, sourceId?: string) =>
    `${paths.section(bot, "contents")}/${encodeURIComponent(faqId)}${query({ source: sourceId })}`,
  /** Of two parts, which no content's address has. */
  newContent: (bot: string, sourceId?: string) =>
    `${paths.section(bot, "contents")}/content/new${query({ source: sourceId })}`,
  turn: (bot: string, day: string, chatId: string) => `${paths.section(bot, "history")}/${day}/${chatId}`,
  workshop: (bot: string, sourceId: string) => `${paths.section(bot, "workshop")}/${encodeURIComponent(sourceId)}`,
};

/** Read an address. */
export function routeOf(path: string): Route {
  const [, first, second, third, ...rest] = path.split("/").filter(Boolean).map(decoded);
  if (first === undefined) return { page: "start" };
  if (first === "bots" && second === undefined) return { page: "bots" };
  if (first === "bots" && second !== undefined) {
    const section = SECTIONS.find((one) => one === third);
    return section ? { page: "bot", bot: second, section, rest } : { page: "unknown" };
  }
  return (first === "keys" || first === "audit") && second === undefined ? { page: first } : { page: "unknown" };
}

/** `?a=b` of what is given. */
export function query(values: Record<string, string | undefined>): string {
  const found = Object.entries(values).filter((one): one is [string, string] => one[1] !== undefined && one[1] !== "");
  return found.length ? `?${new URLSearchParams(found)}` : "";
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part; // typed by hand
    throw error;
  }
}
