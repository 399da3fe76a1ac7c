// @vitest-environment node
/** Events as they are read: the golden file that Python writes, and streams over several connections. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isEventName } from "../src/api/events";
import { events, follow } from "../src/api/stream";
import { FakeHaedap, missing, type Reply } from "./fakeHaedap";

const golden = readFileSync(new URL("../../tests/golden/stream.sse", import.meta.url));
const written = golden
  .toString("utf8")
  .split("\n\n")
  .map((frame) => /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/s.exec(frame))
  .flatMap((found) => (found ? [{ id: Number(found[1]), event: found[2], data: JSON.parse(found[3] ?? "") }] : []));

function inPieces(bytes: Uint8Array, size: number): ReadableStream<BufferSource> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(new Uint8Array(bytes.subarray(at, at + size)));
      controller.close();
    },
  });
}

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const one of iterable) read.push(one);
  return read;
}

describe("the golden file", () => {
  test.each([1, 7, 100_000])(
    "is read as it was written, in pieces of %i bytes, which cut characters in two",
    async (size) => {
      expect(await all(events(inPieces(golden, size)))).toEqual(written);
    },
  );

  test("holds every event that the page knows, and no other", () => {
    const names = new Set(written.map((one) => one.event));
    expect([...names].every(isEventName)).toBe(true);
    expect(names.size).toBe(8);
  });

  test("an event that the page does not know is passed over", async () => {
    const later = new TextEncoder().encode(
      'id: 1\nevent: later\ndata: {}\n\nid: 2\nevent: delta\ndata: {"text":"네"}\n\n',
    );
    expect(await all(events(inPieces(later, 9)))).toEqual([{ id: 2, event: "delta", data: { text: "네" } }]);
  });
});

describe("a stream", () => {
  let server: FakeHaedap;
  const still = new AbortController().signal;

  beforeEach(async () => {
    server = await FakeHaedap.start();
  });
  afterEach(() => server.stop());

  test("whose connection drops is read on behind the last event seen, each event once", async () => {
    const stream = server.nextAnswer().say("하나", "둘");
    const read: unknown[] = [];
    for await (const event of server.api.answer("S1", still)) {
      read.push(event.event === "delta" ? event.data.text : event.event);
      if (read.length === 2) {
        stream.drop();
        stream.say("셋");
      }
      if (read.length === 3) stream.done();
    }
    expect(read).toEqual(["하나", "둘", "셋", "done"]);
    expect(server.asked("POST /v1/streaming/S1").map((one) => one.query["last_event_id"])).toEqual(["0", "2"]);
  });

  test("that falls silent is read on over another connection, each event once", async () => {
    const stream = server.nextAnswer().say("하나");
    const read: unknown[] = [];
    for await (const event of follow(server.address("/v1/streaming/S1"), still, 100)) {
      read.push(event.event === "delta" ? event.data.text : event.event);
      // Said to nobody as long as the first connection is waited on
      if (read.length === 1) stream.mute().say("둘").done();
    }
    expect(read).toEqual(["하나", "둘", "done"]);
    expect(server.asked("POST /v1/streaming/S1").map((one) => one.query["last_event_id"])).toEqual(["0", "1"]);
  });

  test("that is never opened is asked for again", async () => {
    const stream = server.nextAnswer().done();
    const silent: Reply[] = [{ never: true }];
    server.on("POST /v1/streaming/S1", () => silent.shift() ?? stream);
    expect((await all(follow(server.address("/v1/streaming/S1"), still, 100))).map((one) => one.event)).toEqual([
      "done",
    ]);
  });

  test("on which comments come is not taken for silent", async () => {
    const stream = server.nextAnswer().say("하나");
    const comments = setInterval(() => stream.comment(), 50);
    setTimeout(() => stream.done(), 1_300);
    expect(await all(follow(server.address("/v1/streaming/S1"), still, 1_000))).toHaveLength(2);
    clearInterval(comments);
    expect(server.requests).toHaveLength(1);
  });

  test("of a server that is away for a moment is asked for again", async () => {
    const stream = server.nextAnswer().done();
    const away: Reply[] = [{ status: 503 }, { status: 500 }];
    server.on("POST /v1/streaming/S1", () => away.shift() ?? stream);
    expect((await all(server.api.answer("S1", still))).map((one) => one.event)).toEqual(["done"]);
  });

  test("that is refused is not asked for again, and says why", async () => {
    server.on("POST /v1/streaming/S1", missing);
    await expect(all(server.api.answer("S1", still))).rejects.toMatchObject({ status: 404, message: "없습니다." });
    expect(server.requests).toHaveLength(1);
  });

  test("whose reader leaves lets go of the connection", async () => {
    server.nextAnswer().say("하나");
    const leaving = new AbortController();
    const reading = all(server.api.answer("S1", leaving.signal));
    setTimeout(() => leaving.abort(), 50);
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });
});
