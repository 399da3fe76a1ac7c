/** Lists that were opened by taps. The server stores no turn of them; this tab does, so that a reload shows them again. */
import { type Exchange, isList, newExchange } from "./exchange";
import { forget, recall, remember } from "./tabStorage";

export interface List extends Pick<Exchange, "key" | "question" | "bubbles"> {
  tapped: string;
  /** The turn that it stands behind; `null`: none. */
  after: string | null;
}

const MOST = 50; // of one conversation

const key = (sessionId: string) => `haedap.lists.${sessionId}`;

/** The lists among exchanges, each with its place. */
export function listsOf(shown: readonly Exchange[]): List[] {
  let after: string | null = null;
  const lists: List[] = [];
  for (const exchange of shown) {
    after = exchange.chatId ?? after;
    if (!isList(exchange)) continue;
    const { key, question, tapped, bubbles } = exchange;
    lists.push({ key, question, tapped, bubbles, after });
  }
  return lists;
}

/** Turns with the lists in their places; those behind a turn that is gone, replaced in another tab, come last. */
export function withLists(turns: readonly Exchange[], lists: readonly List[]): Exchange[] {
  const known = new Set(turns.map((one) => one.chatId));
  const behind = (after: string | null) => lists.filter((one) => one.after === after).map(shown);
  return [
    ...behind(null),
    ...turns.flatMap((turn) => [turn, ...behind(turn.chatId)]),
    ...lists.filter((one) => one.after !== null && !known.has(one.after)).map(shown),
  ];
}

export function keptLists(sessionId: string): List[] {
  const kept = recall(key(sessionId));
  if (kept === null) return [];
  try {
    const lists: unknown = JSON.parse(kept);
    return Array.isArray(lists) ? lists.filter(isWhole) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // something else wrote over it
    throw error;
  }
}

export function keepLists(sessionId: string, lists: readonly List[]): void {
  if (lists.length === 0) forget(key(sessionId));
  else remember(key(sessionId), JSON.stringify(lists.slice(-MOST)));
}

function shown({ key, question, tapped, bubbles }: List): Exchange {
  return { ...newExchange(key, question, tapped), phase: "done", expression: "SMILE", bubbles };
}

function isWhole(one: Partial<List> | null): one is List {
  return (
    typeof one?.key === "string" &&
    typeof one.question === "string" &&
    typeof one.tapped === "string" &&
    (one.after === null || typeof one.after === "string") &&
    Array.isArray(one.bubbles) &&
    one.bubbles.every((bubble) => typeof bubble?.bubble_id === "string" && typeof bubble.description === "string")
  );
}
