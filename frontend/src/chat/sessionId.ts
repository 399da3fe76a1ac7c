/** Which conversation this tab is in: a reload finds it again, and an answer that is still running. */

/** A session id: a random UUID. `crypto.randomUUID` is missing on plain HTTP, but on localhost. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40; // version 4
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant of RFC 9562
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const key = (bot: string) => `haedap.session.${bot}`;
// In a frame browsers may forbid storage; then a conversation lasts as long as its page
const memory = new Map<string, string>();

/** The session that this tab was in before, if any. */
export function rememberedSession(bot: string): string | null {
  return storage((kept) => kept.getItem(key(bot))) ?? memory.get(bot) ?? null;
}

export function rememberSession(bot: string, sessionId: string): void {
  const isKept = storage((kept) => {
    kept.setItem(key(bot), sessionId);
    return true;
  });
  if (!isKept) memory.set(bot, sessionId);
}

export function forgetSession(bot: string): void {
  memory.delete(bot);
  storage((kept) => kept.removeItem(key(bot)));
}

/** What the tab's storage gives; nothing where it is forbidden. */
function storage<T>(use: (kept: Storage) => T): T | null {
  try {
    return use(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
