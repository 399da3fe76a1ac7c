import { events } from "./sse.js";

const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000];

/**
 * The events of a stream from its first one on, each once and in order, over as many connections as it takes.
 * Throws what the server says when it refuses, and `{}` when it cannot be reached any more.
 */
export async function* follow(id, fetchStream = fetch) {
  let seen = 0;
  let failures = 0;
  while (failures < PAUSES_MS.length) {
    await new Promise((resume) => setTimeout(resume, PAUSES_MS[failures]));
    failures += 1;
    const response = await fetchStream(`/v1/streaming/${id}?last_event_id=${seen}`, { method: "POST" }).catch(() => null);
    if (!response || response.status >= 500) continue;
    if (!response.ok) throw await response.json().catch(() => ({}));
    try {
      for await (const event of events(response.body)) {
        seen = event.id;
        failures = 0;
        yield event;
        if (event.event === "done" || event.event === "error") return;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what `fetch` says of a connection that dropped
    }
  }
  throw {};
}
