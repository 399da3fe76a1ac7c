/** The other side of a frame: what it was sent, and how it posts. */
import type { FromFrame, ToFrame } from "../src/widget/messages";

/** Let messages that were posted arrive, and what waits for them go on. */
export async function settled(): Promise<void> {
  await new Promise((go) => setTimeout(go, 0));
}

/** Post to this window as another one does, from its origin. */
export function post(message: FromFrame | ToFrame | unknown, source: Window | null, origin: string): void {
  window.dispatchEvent(new MessageEvent("message", { data: message, source, origin }));
}
