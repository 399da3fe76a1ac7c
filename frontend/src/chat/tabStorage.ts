/** What this tab remembers over a reload; where browsers forbid storage, as in some frames, as long as its page is open. */
const memory = new Map<string, string>();

export function recall(name: string): string | null {
  return storage((kept) => kept.getItem(name)) ?? memory.get(name) ?? null;
}

export function remember(name: string, value: string): void {
  forget(name); // where there is no more room, what was kept before must not be found
  const isKept = storage((kept) => {
    kept.setItem(name, value);
    return true;
  });
  if (!isKept) memory.set(name, value);
}

export function forget(name: string): void {
  memory.delete(name);
  storage((kept) => kept.removeItem(name));
}

/** What the tab's storage gives; nothing where it is forbidden or full. */
function storage<T>(use: (kept: Storage) => T): T | null {
  try {
    return use(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
