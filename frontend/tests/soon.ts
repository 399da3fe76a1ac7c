/** Waiting outside of the page: as patient as `waitFor` is in it, where Vitest's own gives up after a second. */
import { vi } from "vitest";

export function soon(seen: () => void): Promise<void> {
  return vi.waitFor(seen, { timeout: 20_000 });
}
