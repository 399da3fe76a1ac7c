/** What there is of a conversation at one moment, and what it asks of the page around it. Pure functions. */
import type { ApiError } from "../api/errors";
import type { Turn } from "../api/types";
import { texts } from "../texts";
import type { Exchange } from "./exchange";
import type { List } from "./lists";
import { spoken } from "./plainText";

export interface ConversationState {
  /** Keys of the exchanges, oldest first. */
  order: readonly string[];
  exchanges: Readonly<Record<string, Exchange>>;
  /** While stored turns are fetched. */
  loading: boolean;
  /** The error for which stored turns could not be fetched. */
  failure: ApiError | null;
  /** The exchange that is being asked again: it stays until the server has taken that. */
  asking: string | null;
  /** What a screen reader is to say next: a whole answer, once, or that it was stopped. */
  announcement: string;
}

export const EMPTY: ConversationState = {
  order: [],
  exchanges: {},
  loading: false,
  failure: null,
  asking: null,
  announcement: "",
};

/** What a conversation tells the page around it, and asks it. */
export interface Surroundings {
  /** The least time for which an answer is shown as being typed, as soon as the bot has said it. */
  minLoadingMs(): Promise<number>;
  /** A question is on its way. */
  asked(): void;
  /** The server has taken it: from now on it knows the session. */
  taken(): void;
  /** An answer has ended, well or badly. */
  ended(): void;
  /** The lists that were opened in this conversation before. */
  lists(): readonly List[];
  /** Those that there are now: no server keeps them. */
  keepLists(lists: readonly List[]): void;
}

/** Whether an exchange is more than a question that was refused: it is replaced only by what is taken. */
export function stands(replaced: Exchange | undefined): replaced is Exchange {
  return replaced !== undefined && replaced.phase !== "refused";
}

/** Whether the last answer was lost, which its exchange says itself and offers to try again. */
export function hasLost({ order, exchanges }: ConversationState): boolean {
  return exchanges[order.at(-1) ?? ""]?.phase === "lost";
}

/** Whether the server has all of a conversation, and there is any: nothing was refused, or lost on its way. */
export function isStored({ order, exchanges, failure }: ConversationState): boolean {
  const shown = order.map((key) => exchanges[key] as Exchange);
  const isAway = ({ phase }: Exchange) => phase === "refused" || phase === "lost";
  return failure === null && shown.some((one) => one.chatId !== null) && !shown.some(isAway);
}

/** Whether these turns, and no others, are shown. */
export function areShown({ order, exchanges }: ConversationState, turns: readonly Turn[]): boolean {
  const shown = order.flatMap((key) => exchanges[key]?.chatId ?? []);
  return shown.join() === turns.map((one) => one.chat_id).join();
}

export function announced(exchange: Exchange | undefined): string {
  if (exchange?.phase === "stopped") return texts.conversation.stopped;
  const said = spoken(exchange?.bubbles ?? []);
  return said && texts.conversation.answered(said);
}
