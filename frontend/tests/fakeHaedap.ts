/** A server that answers the page as haedap does, over real HTTP; what it is to say is put in by the test. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Api } from "../src/api/client";
import type { EventData, EventName } from "../src/api/events";
import type { Session, Turn } from "../src/api/types";

export interface Received {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
  /** Of a file that was sent. */
  text: string;
}

export interface Reply {
  /** Nothing is said at all. */
  never?: boolean;
  afterMs?: number;
  status?: number;
  json?: unknown;
  /** A body that is no JSON. */
  raw?: string | Uint8Array;
  /** The connection is lost behind it. */
  breaks?: boolean;
  headers?: Record<string, string>;
}

type Handler = (request: Received) => Reply | AnswerStream;

/** An answer whose events the test sends one by one. A reader who comes back gets what it has not seen. */
export class AnswerStream {
  private readonly frames: string[] = [];
  private readers = new Set<ServerResponse>();
  private ended = false;

  send<Name extends EventName>(event: Name, data: EventData[Name]): this {
    const frame = `id: ${this.frames.length + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.frames.push(frame);
    for (const reader of this.readers) reader.write(frame);
    if (event === "done" || event === "error") {
      this.ended = true;
      for (const reader of this.readers) reader.end();
    }
    return this;
  }

  say(...texts: string[]): this {
    for (const text of texts) this.send("delta", { text });
    return this;
  }

  done(data: Partial<EventData["done"]> = {}): this {
    return this.send("done", {
      request_id: "C1",
      chat_id: "C1",
      question_ids: [],
      expression: "SMILE",
      search_completed: true,
      decision: "answer",
      degraded: [],
      latency_ms: 1,
      ...data,
    });
  }

  /** Break every connection; the answer goes on. */
  drop(): void {
    for (const reader of this.readers) reader.destroy();
    this.readers.clear();
  }

  /** Say nothing more on the connections there are, and leave them open. */
  mute(): this {
    this.readers.clear();
    return this;
  }

  comment(): void {
    for (const reader of this.readers) reader.write(": keep-alive\n\n");
  }

  serve(response: ServerResponse, seen: number): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": keep-alive\n\n");
    for (const frame of this.frames.slice(seen)) response.write(frame);
    if (this.ended) response.end();
    else this.readers.add(response);
  }
}

export class FakeHaedap {
  readonly requests: Received[] = [];
  sessions: Session[] = [];
  turns: Turn[] = [];
  readonly answers: (AnswerStream | Reply)[] = [];
  private readonly handlers = new Map<string, Handler>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<FakeHaedap> {
    const fake = new FakeHaedap();
    await new Promise<void>((ready) => fake.server.listen(0, "127.0.0.1", ready));
    return fake;
  }

  get api(): Api {
    return new Api("default", this.address("/").origin);
  }

  address(path: string): URL {
    return new URL(path, `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** Say how one call is answered from now on, as `on("GET /v1/faqs/categories", …)`. */
  on(call: string, handler: Handler | Reply): this {
    this.handlers.set(call, typeof handler === "function" ? handler : () => handler);
    return this;
  }

  /** An answer that the next question gets. */
  nextAnswer(): AnswerStream {
    const stream = new AnswerStream();
    this.answers.push(stream);
    return stream;
  }

  asked(call: string): Received[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === call);
  }

  /** Questions that were posted, whatever their session. */
  get questions(): Received[] {
    return this.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/chats"));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const text = await new Promise<string>((read) => {
      let all = "";
      request.on("data", (piece) => {
        all += piece;
      });
      request.on("end", () => read(all));
    });
    const received: Received = {
      method: request.method ?? "",
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text && request.headers["content-type"] === "application/json" ? JSON.parse(text) : {},
      text,
    };
    this.requests.push(received);
    const reply = this.reply(received);
    if (reply instanceof AnswerStream) return reply.serve(response, Number(received.query["last_event_id"] ?? 0));
    if (reply.never) return;
    if (reply.afterMs) await new Promise((resume) => setTimeout(resume, reply.afterMs));
    response.writeHead(reply.status ?? 200, { "Content-Type": "application/json", ...reply.headers });
    const body = reply.raw ?? (reply.json === undefined ? "" : JSON.stringify(reply.json));
    if (reply.breaks) response.write(body, () => response.destroy());
    else response.end(body);
  }

  private reply(received: Received): Reply | AnswerStream {
    const { method, path } = received;
    const given = this.handlers.get(`${method} ${path}`);
    if (given) return given(received);
    if (method === "GET" && path === "/v1/sessions") return { json: this.sessions };
    if (method === "GET" && path.endsWith("/chats")) return this.turns.length ? { json: this.turns } : missing;
    if (method === "POST" && path.endsWith("/chats")) {
      return { status: 201, json: { session_id: path.split("/")[3], streaming_id: `S${this.questions.length}` } };
    }
    if (path.startsWith("/v1/streaming/")) {
      if (method === "DELETE") return { status: 204 };
      return this.answers[Number(path.split("/S")[1]) - 1] ?? missing;
    }
    return missing;
  }
}

export const missing: Reply = { status: 404, json: { error_message: "없습니다.", code: "not_found", bubbles: [] } };

export function turn(values: Partial<Turn> = {}): Turn {
  return {
    session_id: "s",
    chat_id: "C1",
    user_message: "정산은 언제 되나요?",
    system_message: "",
    status: "done",
    created_at: "2026-11-22T00:00:00Z",
    bubbles: [],
    sources: [],
    suggestions: [],
    degraded: [],
    search_completed: false,
    ...values,
  };
}

export function session(values: Partial<Session> = {}): Session {
  return {
    session_id: "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e",
    first_message: "정산은 언제 되나요?",
    created_at: "2026-11-22T00:00:00Z",
    updated_at: "2026-11-22T00:00:00Z",
    ...values,
  };
}
