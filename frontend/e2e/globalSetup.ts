/**
 * Before all browser tests: the index, once, the haedap that those share which need no language model, and another
 * company's site, which its bot `shop` allows to embed it.
 *
 * An index that was kept (`DATA_DIR=… python -m tests.page_index`) may be named by `PAGE_INDEX`.
 */
import { rm } from "node:fs/promises";
import { addShop, buildIndex, serveHaedap } from "./processes";
import { Shop } from "./shop";

export default async function globalSetup(): Promise<() => Promise<void>> {
  const kept = process.env["PAGE_INDEX"];
  const index = kept ?? (await buildIndex());
  const shop = await Shop.open(() => String(process.env["PAGE_ADDRESS"]));
  const haedap = await serveHaedap(index, {}, (folder) => addShop(folder, shop.allowed));
  process.env["PAGE_INDEX"] = index;
  process.env["PAGE_ADDRESS"] = haedap.address;
  process.env["SHOP_ALLOWED"] = shop.allowed;
  process.env["SHOP_REFUSED"] = shop.refused;
  return async () => {
    await haedap.stop();
    await shop.close();
    if (kept === undefined) await rm(index, { recursive: true, force: true });
  };
}
