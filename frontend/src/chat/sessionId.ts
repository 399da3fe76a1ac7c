/** Which conversation this tab is in: a reload finds it again, and an answer that is still running. */
import { forget, recall, remember } from "./tabStorage";

/** A session id: a random UUID. `crypto.randomUUID` is missing on plain HTTP, but on localhost. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40; // version 4
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant of RFC 9562
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A UUID or a ULID, as the server takes them. */
const SESSION_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9a-hjkmnp-tv-z]{25})$/i;

const key = (bot: string) => `haedap.session.${bot}`;

/** The session that this tab was in before, if any. Something else may have written over it: then there is none. */
export function rememberedSession(bot: string): string | null {
  const kept = recall(key(bot));
  return kept !== null && SESSION_ID.test(kept) ? kept : null;
}

export function rememberSession(bot: string, sessionId: string): void {
  remember(key(bot), sessionId);
}

export function forgetSession(bot: string): void {
  forget(key(bot));
}
