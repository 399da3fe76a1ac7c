/** When an answer is shown: not before the bot's least loading time has passed. */

/** How long an answer may wait to be told how long it has to. */
const PATIENCE_MS = 1_000;

/** The time before which nothing of an answer that is asked for now is shown. */
export async function showFrom(minLoadingMs: Promise<number>): Promise<number> {
  const asked = Date.now();
  const untold = waitUntil(asked + PATIENCE_MS).then(() => 0);
  return asked + (await Promise.race([minLoadingMs, untold]));
}

export async function waitUntil(time: number): Promise<void> {
  const ms = time - Date.now();
  if (ms > 0) await new Promise((resume) => setTimeout(resume, ms));
}
