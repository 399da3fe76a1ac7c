/** The calls of the page to haedap's API, each for one bot. The only module, with `stream`, that fetches. */
import { ApiError } from "./errors";
import { follow } from "./stream";
import type { Entry, Faq, PopularAnswer, Session, TapReply, Ticket, Turn } from "./types";

/** After so long a silence the server counts as away: only streams may take their time. */
const SLOWEST_MS = 30_000;

export interface NewQuestion {
  text: string;
  replaces?: string | undefined;
  /** The same question with the same key is asked once, however often it is sent. */
  idempotencyKey: string;
}

/** Who the caller is, where no cookie says it. */
export interface Visitor {
  token(): Promise<string>;
  /** Another token than that which the server refused. */
  renew(refused: string): Promise<string>;
}

export class Api {
  /** `origin` is the server's; the page's own by default. Without a visitor, the browser's cookie says who calls. */
  constructor(
    readonly bot: string,
    private readonly origin: string = location.origin,
    private readonly visitor: Visitor | null = null,
  ) {}

  sessions(): Promise<Session[]> {
    return this.json("/v1/sessions");
  }

  rename(sessionId: string, title: string): Promise<Session> {
    return this.json(`/v1/sessions/${sessionId}`, { method: "PATCH", body: { title } });
  }

  async delete(sessionId: string): Promise<void> {
    await this.send(`/v1/sessions/${sessionId}`, { method: "DELETE" });
  }

  /** A session's turns, oldest first, all pages of them. */
  async turns(sessionId: string): Promise<Turn[]> {
    const turns: Turn[] = [];
    let next: string | undefined = `/v1/sessions/${sessionId}/chats`;
    while (next !== undefined) {
      const response: Response = await this.send(next);
      turns.push(...(await read<Turn[]>(response)));
      next = response.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
    }
    return turns;
  }

  ask(sessionId: string, { text, replaces, idempotencyKey }: NewQuestion): Promise<Ticket> {
    return this.json(`/v1/sessions/${sessionId}/chats`, {
      method: "POST",
      body: { user_message: text, ...(replaces === undefined ? {} : { replaces }) },
      headers: { "Idempotency-Key": idempotencyKey },
    });
  }

  /** The events of an answer, from its first one on. */
  answer(streamingId: string, signal: AbortSignal): ReturnType<typeof follow> {
    return follow(this.address(`/v1/streaming/${streamingId}`), signal);
  }

  async stop(streamingId: string): Promise<void> {
    await this.send(`/v1/streaming/${streamingId}`, { method: "DELETE" });
  }

  entry(): Promise<Entry> {
    return this.json("/v1/faqs/categories");
  }

  /** What is asked most, whatever it is about. */
  popular(): Promise<PopularAnswer> {
    return this.json("/v1/faqs/popular");
  }

  /** One FAQ. Ids may repeat in a bot's sources. */
  faq(faqId: string, sourceId: string): Promise<Faq> {
    return this.json(`/v1/faqs/${encodeURIComponent(faqId)}?source=${encodeURIComponent(sourceId)}`);
  }

  /** Follow an address that a bubble holds. Only this API's own are; anything else is a bug or an attack. */
  tap(path: string, body: Record<string, unknown>, idempotencyKey?: string): Promise<TapReply> {
    if (!isOwnPath(path)) throw new Error("a bubble leads out of the API");
    const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
    return this.json(path, { method: "POST", body, headers });
  }

  private async json<T>(path: string, options?: Options): Promise<T> {
    return read(await this.send(path, options));
  }

  private async send(path: string, options: Options = {}): Promise<Response> {
    if (this.visitor === null) return this.sendOnce(path, options);
    const token = await this.visitor.token();
    try {
      return await this.sendOnce(path, options, token);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "invalid_visitor")) throw error;
      return this.sendOnce(path, options, await this.visitor.renew(token));
    }
  }

  private async sendOnce(
    path: string,
    { method = "GET", body, headers = {} }: Options,
    token?: string,
  ): Promise<Response> {
    const response = await fetch(this.address(path), {
      method,
      signal: AbortSignal.timeout(SLOWEST_MS),
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw ApiError.unreachable(cause);
    });
    if (!response.ok) throw await ApiError.of(response);
    return response;
  }

  private address(path: string): URL {
    const address = new URL(path, this.origin);
    if (!address.searchParams.has("bot")) address.searchParams.set("bot", this.bot);
    return address;
  }
}

interface Options {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
}

async function read<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw ApiError.unreadable(error);
  }
}

/** Whether an address is a path of this API: no other host, no way out of `/v1/`. */
export function isOwnPath(path: string): boolean {
  if (!path.startsWith("/v1/")) return false;
  const address = new URL(path, "http://own.invalid");
  return address.host === "own.invalid" && address.pathname.startsWith("/v1/");
}
