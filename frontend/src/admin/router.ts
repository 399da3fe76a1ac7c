/** The console's addresses, kept in the browser's history; and a question before unsaved work is left. */
import { useEffect, useSyncExternalStore } from "react";
import { texts } from "./texts/common";

const listeners = new Set<() => void>();
let unsaved = 0;
let shown = address();

function address(): string {
  return location.pathname + location.search;
}

function tell(): void {
  shown = address();
  for (const listener of listeners) listener();
}

function mayLeave(): boolean {
  return unsaved === 0 || window.confirm(texts.leave);
}

window.addEventListener("popstate", () => {
  if (address() === shown) return; // only another place on the same page
  if (mayLeave()) tell();
  else history.pushState(null, "", shown); // what the browser has left is entered again
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved > 0) event.preventDefault();
});

interface Going {
  /** Leave no way back to the present address. */
  replace?: boolean;
  /** What was unsaved is saved by now, or thrown away. */
  done?: boolean;
}

/** Go to an address of the console. */
export function navigate(to: string, { replace = false, done = false }: Going = {}): void {
  if (!done && !mayLeave()) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
  document.documentElement.scrollTop = 0;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The present path. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** The present query, as text: equal as long as it is the same. */
export function useQueryText(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}

/** Ask before the page is left, as long as something is unsaved. */
export function useUnsaved(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    unsaved += 1;
    return () => {
      unsaved -= 1;
    };
  }, [dirty]);
}
