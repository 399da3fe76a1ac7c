/** An answer's events over as many connections as it takes. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { ApiError } from "./errors";
import { type AnswerEvent, isEventName } from "./events";

export const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000];
/** The server says something every 15 s: a connection that has missed two of them is lost, whatever the browser thinks. */
export const SILENCE_MS = 35_000;

/** The events of one response's body, their data parsed. Pieces may cut events, and characters, anywhere. */
export async function* events(body: ReadableStream<BufferSource>): AsyncGenerator<AnswerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const { id, event, data } = read.value;
      if (isEventName(event)) yield { id: Number(id), event, data: JSON.parse(data) } as AnswerEvent;
    }
  } finally {
    await reader.cancel().catch(unlessDropped); // a reader who leaves lets go of the connection
  }
}

/**
 * The events of a stream from its first one on, each once and in order. A connection that drops is made again behind
 * the last event seen; so is one on which not a byte comes for `silenceMs`.
 *
 * Throws an `ApiError`: what the server says when it refuses, or that it cannot be reached any more.
 */
export async function* follow(
  address: URL,
  signal: AbortSignal,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<AnswerEvent> {
  let seen = 0;
  let failures = 0;
  while (failures < PAUSES_MS.length) {
    await pause(PAUSES_MS[failures] ?? 0);
    failures += 1;
    const url = new URL(address);
    url.searchParams.set("last_event_id", String(seen));
    const silent = new AbortController();
    const opening = fetch(url, { method: "POST", signal: AbortSignal.any([signal, silent.signal]) });
    const response = await within(silenceMs, opening).catch(unlessDropped);
    if (response === null) silent.abort();
    if (response === null || response.status >= 500) continue;
    if (!response.ok || response.body === null) throw await ApiError.of(response);
    try {
      for await (const event of events(unlessSilent(response.body, silenceMs))) {
        seen = event.id;
        failures = 0;
        yield event;
        if (event.event === "done" || event.event === "error") return;
      }
    } catch (error) {
      unlessDropped(error);
    }
  }
  throw ApiError.unreachable(new TypeError());
}

/** The same bytes; broken off, as a connection that drops is, when none comes for `ms`. */
function unlessSilent(body: ReadableStream<BufferSource>, ms: number): ReadableStream<BufferSource> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const read = await within(ms, reader.read());
        if (read.done) controller.close();
        else controller.enqueue(read.value);
      } catch (error) {
        controller.error(error);
        await reader.cancel().catch(unlessDropped);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** What is awaited, or the TypeError of a connection that dropped once `ms` have passed. */
async function within<T>(ms: number, awaited: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new TypeError("silent")), ms);
  });
  return Promise.race([awaited, silence]).finally(() => clearTimeout(timer));
}

/** Nothing, of a connection that dropped: `fetch` and its body say so with a TypeError. */
function unlessDropped(error: unknown): null {
  if (error instanceof TypeError) return null;
  throw error;
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
