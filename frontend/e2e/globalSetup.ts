/**
 * Before all browser tests: the index, once, and the haedap that those share which need no language model.
 *
 * An index that was kept (`DATA_DIR=… python -m tests.page_index`) may be named by `PAGE_INDEX`.
 */
import { rm } from "node:fs/promises";
import { buildIndex, serveHaedap } from "./processes";

export default async function globalSetup(): Promise<() => Promise<void>> {
  const kept = process.env["PAGE_INDEX"];
  const index = kept ?? (await buildIndex());
  const haedap = await serveHaedap(index);
  process.env["PAGE_INDEX"] = index;
  process.env["PAGE_ADDRESS"] = haedap.address;
  return async () => {
    await haedap.stop();
    if (kept === undefined) await rm(index, { recursive: true, force: true });
  };
}
