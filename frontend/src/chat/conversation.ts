/** One conversation: what was said, and the verbs that go on with it. State in a store; no React. */
import type { Api } from "../api/client";
import { ApiError, asApiError } from "../api/errors";
import type { Turn } from "../api/types";
import {
  announced,
  areShown,
  type ConversationState,
  EMPTY,
  hasLost,
  isStored,
  type Surroundings,
  stands,
} from "./conversationState";
import { type Exchange, fromTurn, isOpen, newExchange, withError, withEvent, withReply } from "./exchange";
import { listsOf, withLists } from "./lists";
import { showFrom, waitUntil } from "./pace";
import { newSessionId } from "./sessionId";
import { Store } from "./store";

/** A question on its way; until it is taken it has no `streamingId`. */
interface Running {
  readonly key: string;
  streamingId: string | null;
  stopped: boolean;
}

/** What was asked, by words or by a tap, in which place, and the key under which it is asked once. */
interface Asked {
  readonly key: string;
  readonly text: string;
  readonly tapped: string | null;
  readonly replaces: string | undefined;
}

export class Conversation {
  readonly store = new Store<ConversationState>(EMPTY);
  private readonly leaving = new AbortController();
  private running: Running | null = null;
  /** The last question or tap that was to take an exchange's place and may, or may not, have been taken. */
  private untaken: Asked | null = null;

  constructor(
    readonly api: Api,
    readonly sessionId: string,
    private readonly around: Surroundings,
  ) {}

  /** Fetch what was said, and follow an answer that is still running. What is shown stays until that is there. */
  async load(): Promise<void> {
    this.store.set((state) => ({ ...state, loading: true, failure: null, announcement: "" }));
    try {
      await this.show(await this.turns());
    } catch (error) {
      const failure = asApiError(error);
      this.store.set((state) => ({ ...state, loading: false, failure: hasLost(state) ? null : failure }));
    }
  }

  /** Show what was asked elsewhere meanwhile, as in another tab. Without it, what is shown stays as it is. */
  async refresh(): Promise<void> {
    if (this.busy() || !isStored(this.store.get())) return;
    try {
      const turns = await this.turns();
      const shown = this.store.get();
      if (!this.busy() && isStored(shown) && !areShown(shown, turns)) await this.show(turns);
    } catch (error) {
      asApiError(error); // nobody has asked for it
    }
  }

  /**
   * Ask; `replaced` is the exchange that is asked again or was edited. It stays until the server has taken the question;
   * if the server does not, the error is returned, and is the caller's to tell.
   */
  async ask(text: string, replaced?: Exchange): Promise<ApiError | null> {
    if (this.busy()) return null;
    const replaces = replaced?.chatId ?? undefined;
    const key = this.keyFor(text, null, replaced);
    const exchange = newExchange(key, text);
    this.start(exchange, replaced);
    const mayShow = showFrom(this.around.minLoadingMs());
    const running: Running = { key, streamingId: null, stopped: false };
    this.running = running;
    try {
      const ticket = await this.api.ask(this.sessionId, { text, replaces, idempotencyKey: key });
      this.around.taken();
      running.streamingId = ticket.streaming_id;
    } catch (error) {
      this.running = null;
      this.untaken = { key, text, tapped: null, replaces };
      return this.refuse({ ...exchange, chatId: replaces ?? null }, replaced, error);
    }
    if (stands(replaced)) this.begin(exchange, replaced);
    if (running.stopped && (await this.halt(running, running.streamingId))) await this.endUnheard(running);
    else await this.follow(running, running.streamingId, mayShow);
    return null;
  }

  /** Follow an address of a bubble; `label` is what the customer tapped. What it replaces stays as in `ask`. */
  async tap(label: string, path: string, replaced?: Exchange): Promise<ApiError | null> {
    if (this.busy()) return null;
    const replaces = replaced?.chatId ?? undefined;
    const key = this.keyFor(label, path, replaced);
    const exchange = newExchange(key, label, path);
    this.start(exchange, replaced);
    const mayShow = showFrom(this.around.minLoadingMs());
    try {
      const reply = await this.api.tap(path, { session_id: this.sessionId, ...(replaces && { replaces }) }, key);
      await waitUntil(await mayShow);
      if (stands(replaced)) this.begin(exchange, replaced);
      this.end(exchange.key, (one) => withReply(one, reply));
      return null;
    } catch (error) {
      // Its process died: the key stands for a turn that is asked again as it is stored
      const isDead = error instanceof ApiError && error.code === "answer_interrupted";
      this.untaken = isDead ? null : { key, text: label, tapped: path, replaces };
      return this.refuse({ ...exchange, chatId: replaces ?? null }, replaced, error, isDead ? "lost" : "refused");
    }
  }

  /** Ask the same again: a question, a tap; an answer that was lost on its way is fetched. */
  async again(exchange: Exchange): Promise<void> {
    if (exchange.phase === "lost") return this.load();
    const refusal =
      exchange.tapped === null
        ? await this.ask(exchange.question, exchange)
        : await this.tap(exchange.question, exchange.tapped, exchange);
    if (refusal === null) return;
    this.update(exchange.key, (one) => withError(one, refusal, one.phase));
    this.store.set((state) => ({ ...state, announcement: refusal.message }));
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
    const { order, exchanges, loading, asking } = this.store.get();
    return loading || asking !== null || order.some((key) => isOpen(exchanges[key] as Exchange));
  }

  /** Change one exchange; the others stay the same objects. */
  update(key: string, change: (exchange: Exchange) => Exchange): void {
    this.store.set((state) => {
      const exchange = state.exchanges[key];
      if (exchange === undefined || this.leaving.signal.aborted) return state;
      return { ...state, exchanges: { ...state.exchanges, [key]: change(exchange) } };
    });
  }

  /** What was refused may have been taken all the same: with its key, the same question or tap is asked once. */
  private keyFor(text: string, tapped: string | null, replaced: Exchange | undefined): string {
    if (replaced?.phase === "refused" && replaced.question === text && replaced.tapped === tapped) return replaced.key;
    const { untaken } = this;
    const isSame =
      replaced &&
      untaken?.text === text &&
      untaken.tapped === tapped &&
      untaken.replaces === (replaced.chatId ?? undefined);
    return isSame ? untaken.key : newSessionId();
  }

  /** Show what is asked; where the server has something in its place, that it is being asked. */
  private start(exchange: Exchange, replaced: Exchange | undefined): void {
    if (stands(replaced)) this.store.set((state) => ({ ...state, asking: replaced.key, announcement: "" }));
    else this.begin(exchange, replaced);
    this.around.asked();
  }

  /** End what the server did not take. What it was to replace is shown on; then, the error is returned. */
  private refuse(
    { key, chatId }: Exchange,
    replaced: Exchange | undefined,
    error: unknown,
    phase: "refused" | "lost" = "refused",
  ): ApiError | null {
    const refusal = asApiError(error);
    if (!stands(replaced)) {
      this.end(key, (one) => withError({ ...one, chatId }, refusal, phase));
      return null;
    }
    this.store.set((state) => ({ ...state, asking: null }));
    return refusal;
  }

  private begin(exchange: Exchange, replaced?: Exchange): void {
    this.store.set((state) => ({
      ...state,
      order: [...state.order.filter((key) => key !== replaced?.key && key !== exchange.key), exchange.key],
      exchanges: { ...state.exchanges, [exchange.key]: exchange },
      asking: null,
      announcement: "",
    }));
    this.keepLists();
  }

  /** Keep the lists, unless it is not known which there are, or somebody else keeps them by now. */
  private keepLists(): void {
    const { order, exchanges, failure } = this.store.get();
    if (failure !== null || this.leaving.signal.aborted) return;
    this.around.keepLists(listsOf(order.map((key) => exchanges[key] as Exchange)));
  }

  /** Show stored turns, and follow an answer that is still running. */
  private async show(turns: readonly Turn[]): Promise<void> {
    if (this.leaving.signal.aborted) return;
    const exchanges = withLists(turns.map(fromTurn), this.around.lists());
    this.store.set(() => ({
      ...EMPTY,
      order: exchanges.map((one) => one.key),
      exchanges: Object.fromEntries(exchanges.map((one) => [one.key, one])),
    }));
    const last = turns.at(-1);
    if (!last?.streaming_id) return;
    const running = { key: last.chat_id, streamingId: last.streaming_id, stopped: false };
    await this.follow(running, last.streaming_id, Promise.resolve(0));
  }

  /** The stored turns. A session that is gone, or was never asked anything, has none. */
  private async turns(): Promise<Turn[]> {
    try {
      return await this.api.turns(this.sessionId);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
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
      const turns = await this.turns();
      this.end(key, (one) => ({ ...one, phase: "stopped", chatId: turns.at(-1)?.chat_id ?? null }));
    } catch (error) {
      this.end(key, (one) => withError(one, asApiError(error), "lost"));
    } finally {
      this.running = null;
    }
  }

  private async follow(running: Running, streamingId: string, mayShow: Promise<number>): Promise<void> {
    const { key } = running;
    this.running = running;
    let claimed = false;
    try {
      for await (const event of this.api.answer(streamingId, this.leaving.signal)) {
        claimed = true;
        if (event.event !== "accepted" && event.event !== "status") await waitUntil(await mayShow);
        const ended = event.event === "done" || event.event === "error";
        if (ended) this.end(key, (one) => withEvent(one, event));
        else this.update(key, (one) => withEvent(one, event));
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
    this.keepLists();
    this.store.set((state) => ({ ...state, announcement: announced(state.exchanges[key]) }));
    this.around.ended();
  }
}
