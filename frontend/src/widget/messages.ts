/** What the page that embeds haedap and haedap's own page in its frame say to each other, by `postMessage`. */

/** From the frame: it listens; its visitor is refused and another is needed; the reader wants it closed. */
export type FromFrame = { haedap: "ready" } | { haedap: "renew"; refused: string } | { haedap: "close" };

/** To the frame: who its visitor is; it was opened and gets the focus. */
export type ToFrame = { haedap: "visitor"; token: string } | { haedap: "open" };

/**
 * A message's content, if it is one of ours: from this window and this origin, and of our shape. Any window may post to
 * any other one.
 */
export function received<Message extends FromFrame | ToFrame>(
  event: MessageEvent,
  source: MessageEventSource | null | undefined,
  origin: string,
): Message | null {
  if (!source || event.source !== source || event.origin !== origin) return null;
  const data: unknown = event.data;
  return typeof data === "object" && data !== null && "haedap" in data ? (data as Message) : null;
}
