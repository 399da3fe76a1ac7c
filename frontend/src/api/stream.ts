/** An answer's events over as many connections as it takes. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { ApiError } from "./errors";
import { type AnswerEvent, isEventName } from "./events";

export const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000];

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
 * the last event seen.
 *
 * Throws an `ApiError`: what the server says when it refuses, or that it cannot be reached any more.
 */
export async function* follow(address: URL, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  let seen = 0;
  let failures = 0;
  while (failures < PAUSES_MS.length) {
    await pause(PAUSES_MS[failures] ?? 0);
    failures += 1;
    const url = new URL(address);
    url.searchParams.set("last_event_id", String(seen));
    const response = await fetch(url, { method: "POST", signal }).catch(unlessDropped);
    if (response === null || response.status >= 500) continue;
    if (!response.ok || response.body === null) throw await ApiError.of(response);
    try {
      for await (const event of events(response.body)) {
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

/** Nothing, of a connection that dropped: `fetch` and its body say so with a TypeError. */
function unlessDropped(error: unknown): null {
  if (error instanceof TypeError) return null;
  throw error;
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
