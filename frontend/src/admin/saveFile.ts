/** Gives the operator a file that was fetched with their key. */
import type { Saved } from "../api/admin";

const KEPT_MS = 60_000; // the browser may begin to read it late

export function saveFile({ name, blob }: Saved): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
