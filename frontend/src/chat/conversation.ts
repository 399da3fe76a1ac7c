/** One conversation: what was said, and the verbs that go on with it. State in a store; no React. */
import type { Api } from "../api/client";
import { ApiError } from "../api/errors";
import { texts } from "../texts";
import { type Exchange, fromTurn, isOpen, newExchange, withError, withEvent, withReply } from "./exchange";
import { spoken } from "./plainText";
import { newSessionId } from "./sessionId";
import { Store } from "./store";

export interface ConversationState {
  /** Keys of the exchanges, oldest first. */
  order: readonly string[];
  exchanges: Readonly<Record<string, Exchange>>;
  /** While stored turns are fetched. */
  loading: boolean;
  /** The error for which stored turns could not be fetched. */
  failure: ApiError | null;
  /** What a screen reader is to say next: a whole answer, once, or that it was stopped. */
  announcement: string;
}

const EMPTY: ConversationState = { order: [], exchanges: {}, loading: false, failure: null, announcement: "" };

/** What a conversation tells the page around it, and asks it. */
export interface Surroundings {
  /** The least time for which an answer is shown as being typed, as soon as the bot has said it. */
  minLoadingMs(): Promise<number>;
  /** A question is on its way. */
  asked(sessionId: string): void;
  /** The server has taken it: from now on it knows the session. */
  taken(): void;
  /** An answer has ended, well or badly. */
  ended(): void;
}

/** A question on its way; until it is taken it has no `streamingId`. */
interface Running {
  readonly key: string;
  streamingId: string | null;
  stopped: boolean;
}

export class Conversation {
  readonly store = new Store<ConversationState>(EMPTY);
  private readonly leaving = new AbortController();
  private running: Running | null = null;

  constructor(
    readonly api: Api,
    readonly sessionId: string,
    private readonly around: Surroundings,
  ) {}

  /** Fetch what was said, and follow an answer that is still running. What is shown stays until that is there. */
  async load(): Promise<void> {
    this.store.set((state) => ({ ...state, loading: true, failure: null, announcement: "" }));
    try {
      const turns = await this.api.turns(this.sessionId);
      if (this.leaving.signal.aborted) return;
      const exchanges = turns.map(fromTurn);
      this.store.set(() => ({
        ...EMPTY,
        order: exchanges.map((one) => one.key),
        exchanges: Object.fromEntries(exchanges.map((one) => [one.key, one])),
      }));
      const last = turns.at(-1);
      if (last?.streaming_id) {
        const running = { key: last.chat_id, streamingId: last.streaming_id, stopped: false };
        await this.follow(running, last.streaming_id, Promise.resolve(0));
      }
    } catch (error) {
      const failure = asApiError(error);
      // A session that is gone, or was never asked anything, is an empty one
      if (failure.status === 404) this.store.set(() => EMPTY);
      else this.store.set((state) => ({ ...state, loading: false, failure: hasLost(state) ? null : failure }));
    }
  }

  /** Ask; `replaced` is the exchange that is asked again or was edited. */
  async ask(text: string, replaced?: Exchange, idempotencyKey = newSessionId()): Promise<void> {
    if (this.busy()) return;
    const key = idempotencyKey;
    const replaces = replaced?.chatId ?? undefined;
    this.begin(newExchange(key, text), replaced);
    this.around.asked(this.sessionId);
    const showFrom = this.showFrom();
    const running: Running = { key, streamingId: null, stopped: false };
    this.running = running;
    try {
      const ticket = await this.api.ask(this.sessionId, { text, replaces, idempotencyKey });
      this.around.taken();
      running.streamingId = ticket.streaming_id;
    } catch (error) {
      this.running = null;
      return this.end(key, (one) => withError({ ...one, chatId: replaces ?? null }, asApiError(error), "refused"));
    }
    if (running.stopped && (await this.halt(running, running.streamingId))) return this.endUnheard(running);
    await this.follow(running, running.streamingId, showFrom);
  }

  /** Follow an address of a bubble; `label` is what the customer tapped. */
  async tap(label: string, path: string, replaced?: Exchange): Promise<void> {
    if (this.busy()) return;
    const key = newSessionId();
    this.begin(newExchange(key, label, path), replaced);
    this.around.asked(this.sessionId);
    const showFrom = this.showFrom();
    try {
      const reply = await this.api.tap(path, { session_id: this.sessionId });
      await waitUntil(await showFrom);
      this.end(key, (one) => withReply(one, reply));
    } catch (error) {
      this.end(key, (one) => withError(one, asApiError(error), "refused"));
    }
  }

  /** Ask the same again: a question, a tap; an answer that was lost on its way is fetched. */
  async again(exchange: Exchange): Promise<void> {
    if (exchange.phase === "lost") return this.load();
    if (exchange.tapped !== null) return this.tap(exchange.question, exchange.tapped, exchange);
    // What was refused may have been taken all the same: with its key it is asked once
    return exchange.phase === "refused"
      ? this.ask(exchange.question, exchange, exchange.key)
      : this.ask(exchange.question, exchange);
  }

  /** Fetch what was lost on its way, or could not be fetched: the server may be reached again. */
  async resume(): Promise<void> {
    const state = this.store.get();
    if (!this.busy() && (state.failure !== null || hasLost(state))) await this.load();
  }

  /** Stop the answer that is running. What was said stays. One that is not taken yet is stopped as soon as it is. */
  async stop(): Promise<void> {
    const running = this.running;
    if (running === null) return;
    running.stopped = true;
    if (running.streamingId !== null) await this.halt(running, running.streamingId);
  }

  /** Leave: nothing more is shown. An answer that is running goes on at the server. */
  leave(): void {
    this.leaving.abort();
  }

  busy(): boolean {
    const { order, exchanges, loading } = this.store.get();
    return loading || order.some((key) => isOpen(exchanges[key] as Exchange));
  }

  /** Change one exchange; the others stay the same objects. */
  update(key: string, change: (exchange: Exchange) => Exchange): void {
    this.store.set((state) => {
      const exchange = state.exchanges[key];
      if (exchange === undefined || this.leaving.signal.aborted) return state;
      return { ...state, exchanges: { ...state.exchanges, [key]: change(exchange) } };
    });
  }

  /** The time before which nothing of an answer that is asked for now is shown. */
  private async showFrom(): Promise<number> {
    const asked = Date.now();
    return asked + (await this.around.minLoadingMs());
  }

  private begin(exchange: Exchange, replaced?: Exchange): void {
    this.store.set((state) => ({
      ...state,
      order: [...state.order.filter((key) => key !== replaced?.key && key !== exchange.key), exchange.key],
      exchanges: { ...state.exchanges, [exchange.key]: exchange },
      announcement: "",
    }));
  }

  /** Whether an answer was stopped; if not, it says why, and goes on. */
  private async halt(running: Running, streamingId: string): Promise<boolean> {
    try {
      await this.api.stop(streamingId);
    } catch (error) {
      running.stopped = false;
      this.update(running.key, (one) => withError(one, asApiError(error), one.phase));
    }
    return running.stopped;
  }

  /** End an exchange that was stopped before its stream began: only the list of turns tells which one it is. */
  private async endUnheard({ key }: Running): Promise<void> {
    try {
      const turns = await this.api.turns(this.sessionId);
      this.end(key, (one) => ({ ...one, phase: "stopped", chatId: turns.at(-1)?.chat_id ?? null }));
    } catch (error) {
      this.end(key, (one) => withError(one, asApiError(error), "lost"));
    } finally {
      this.running = null;
    }
  }

  private async follow(running: Running, streamingId: string, showFrom: Promise<number>): Promise<void> {
    const { key } = running;
    this.running = running;
    let claimed = false;
    try {
      for await (const event of this.api.answer(streamingId, this.leaving.signal)) {
        claimed = true;
        if (event.event !== "accepted" && event.event !== "status") await waitUntil(await showFrom);
        const ended = event.event === "done" || event.event === "error";
        if (!ended) this.update(key, (one) => withEvent(one, event));
        else this.end(key, (one) => asStopped(withEvent(one, event), running.stopped));
      }
    } catch (error) {
      if (this.leaving.signal.aborted) return claimed ? undefined : this.claim(streamingId);
      this.end(key, (one) => withError(one, asApiError(error), "lost"));
    } finally {
      if (this.running === running) this.running = null;
    }
  }

  /** Have an answer made that nobody waits for here any more: without a first reader it would not be begun. */
  private async claim(streamingId: string): Promise<void> {
    try {
      for await (const _first of this.api.answer(streamingId, new AbortController().signal)) return;
    } catch (error) {
      asApiError(error); // a refusal is shown with the stored turn
    }
  }

  private end(key: string, change: (exchange: Exchange) => Exchange): void {
    this.update(key, change);
    this.store.set((state) => ({ ...state, announcement: announced(state.exchanges[key]) }));
    this.around.ended();
  }
}

/** Whether the last answer was lost, which its exchange says itself and offers to try again. */
function hasLost({ order, exchanges }: ConversationState): boolean {
  return exchanges[order.at(-1) ?? ""]?.phase === "lost";
}

function announced(exchange: Exchange | undefined): string {
  if (exchange?.phase === "stopped") return texts.conversation.stopped;
  const said = spoken(exchange?.bubbles ?? []);
  return said && texts.conversation.answered(said);
}

function asStopped(exchange: Exchange, stopped: boolean): Exchange {
  return stopped && exchange.phase === "done" ? { ...exchange, phase: "stopped" } : exchange;
}

/** A refusal as it is. Anything else is a bug: it is reported, and the customer is not left waiting. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  reportError(error);
  return new ApiError(0, "bug", texts.errors.unknown);
}

async function waitUntil(time: number): Promise<void> {
  const ms = time - Date.now();
  if (ms > 0) await new Promise((resume) => setTimeout(resume, ms));
}
