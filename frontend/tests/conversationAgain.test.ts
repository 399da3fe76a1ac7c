// @vitest-environment node
/** What was asked is stopped, edited, asked again. */
import { expect, test } from "vitest";
import type { Exchange } from "../src/chat/exchange";
import { turn } from "./fakeHaedap";
import { soon } from "./soon";
import { said, shown, talking, tooMany } from "./talking";

const here = talking();

test("a stopped answer keeps what was said, and is asked again in place of the first", async () => {
  const talk = here.conversation();
  const stream = here.server
    .nextAnswer()
    .send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" })
    .say("네");
  here.server.on("DELETE /v1/streaming/S1", () => {
    stream.done({ search_completed: false, decision: null });
    return { status: 204 };
  });
  const asking = talk.ask("하나");
  await soon(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  await talk.stop();
  await asking;
  const [stopped] = shown(talk);
  expect(stopped).toMatchObject({ phase: "stopped" });

  here.server.nextAnswer().say("다시").done({ chat_id: "C2" });
  await talk.again(stopped as Exchange);
  expect(here.server.questions[1]?.body).toEqual({ user_message: "하나", replaces: "C1" });
  expect(shown(talk).map(said)).toEqual([["다시"]]);
});

test("a question that is stopped before it is taken is stopped then, and asked again in its own place", async () => {
  const talk = here.conversation();
  here.server.turns = [turn({ chat_id: "C1", status: "stopped" })];
  const asking = talk.ask("하나");
  await talk.stop();
  expect(here.server.asked("DELETE /v1/streaming/S1")).toHaveLength(0);
  await asking;
  expect(here.server.asked("DELETE /v1/streaming/S1")).toHaveLength(1);
  expect(here.server.asked("POST /v1/streaming/S1")).toHaveLength(0);
  expect(shown(talk)).toMatchObject([{ phase: "stopped", bubbles: [] }]);

  here.server.answers.push({ status: 404 });
  here.server.nextAnswer().say("다시").done({ chat_id: "C2" });
  await talk.again(shown(talk)[0] as Exchange);
  expect(here.server.questions[1]?.body).toEqual({ user_message: "하나", replaces: "C1" });
});

test("a question that cannot be stopped is answered", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  here.server.on("DELETE /v1/streaming/S1", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "unknown" },
  });
  const asking = talk.ask("하나");
  await talk.stop();
  await asking;
  expect(shown(talk)[0]?.phase).toBe("done");
  expect(said(shown(talk)[0])).toEqual(["네", "점검 중입니다."]);
});

test("an edited question that is refused leaves the answer as it is, and is asked once when it is sent again", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  await talk.ask("하나");
  here.server.on("POST /v1/sessions/s/chats", tooMany);
  const refused = talk.ask("둘", shown(talk)[0]);
  expect(talk.busy()).toBe(true);
  expect(shown(talk).map(said)).toEqual([["네"]]);
  expect((await refused)?.message).toBe("천천히요.");
  expect(shown(talk)).toMatchObject([{ question: "하나", phase: "done" }]);
  expect(talk.busy()).toBe(false);

  await talk.ask("둘", shown(talk)[0]);
  const [, second, third] = here.server.questions;
  expect(second?.body).toEqual({ user_message: "둘", replaces: "C1" });
  expect(third?.body).toEqual(second?.body);
  expect(third?.headers["idempotency-key"]).toBe(second?.headers["idempotency-key"]); // it may have been taken
  await talk.ask("셋", shown(talk)[0]);
  expect(here.server.questions[3]?.headers["idempotency-key"]).not.toBe(second?.headers["idempotency-key"]);
});

test("a tap whose answer did not arrive is tapped once, and one whose process died is fetched", async () => {
  const talk = here.conversation();
  const tap = "POST /v1/faqs/settle-001/ask";
  here.server.on(tap, { status: 503, json: { error_message: "점검 중입니다.", code: "unknown" } });
  await talk.tap("정산은 언제?", "/v1/faqs/settle-001/ask?bot=default");
  here.server.on(tap, { status: 503, json: { error_message: "중단되었습니다.", code: "answer_interrupted" } });
  await talk.again(shown(talk)[0] as Exchange);
  const [first, second] = here.server.asked(tap).map((one) => one.headers["idempotency-key"]);
  expect(first).toMatch(/./);
  expect(second).toBe(first); // it may have been taken
  expect(shown(talk)).toMatchObject([{ phase: "lost" }]);

  here.server.turns = [turn({ chat_id: "C1", status: "interrupted" })];
  await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk)).toMatchObject([{ phase: "interrupted", chatId: "C1" }]);
  expect(here.server.asked(tap)).toHaveLength(2);
});

test("an answer that is asked for again in vain stays, with the error below it, once", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  await talk.ask("하나");
  here.server.on("POST /v1/sessions/s/chats", tooMany);
  for (let turn = 0; turn < 2; turn += 1) await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk).map(said)).toEqual([["네", "천천히요."]]);
  expect(shown(talk)[0]?.phase).toBe("done");
  expect(talk.store.get().announcement).toBe("천천히요.");
});

test("a question that is stopped while it is to replace another is stopped as soon as it is taken", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  await talk.ask("하나");
  here.server.turns = [turn({ chat_id: "C2", status: "stopped" })];
  const asking = talk.ask("둘", shown(talk)[0]);
  await talk.stop();
  await asking;
  expect(here.server.asked("DELETE /v1/streaming/S2")).toHaveLength(1);
  expect(shown(talk)).toMatchObject([{ question: "둘", phase: "stopped", chatId: "C2" }]);
});

test.each([
  ["stopped", null],
  ["done", "clarify"],
  ["done", "refuse"],
] as const)(
  "an answer is shown as %s that ends with the decision %s; nothing else is asked",
  async (phase, decision) => {
    const talk = here.conversation();
    here.server.nextAnswer().say("정산은").done({ search_completed: false, decision });
    await talk.ask("하나");
    expect(shown(talk)).toMatchObject([{ phase }]);
    expect(said(shown(talk)[0])).toEqual(["정산은"]);
    expect(here.server.asked("GET /v1/sessions/s/chats")).toHaveLength(0);
  },
);

test("an answer that was whole before it could be stopped is a whole one", async () => {
  const talk = here.conversation();
  const stream = here.server.nextAnswer().say("네");
  here.server.on("DELETE /v1/streaming/S1", () => {
    stream.done();
    return { status: 204 };
  });
  const asking = talk.ask("하나");
  await soon(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  await talk.stop();
  await asking;
  expect(shown(talk)).toMatchObject([{ phase: "done", searchCompleted: true }]);
});

test("an answer by tap is asked again at its address, in its own place; a list too", async () => {
  const talk = here.conversation();
  const text = { bubble_id: "b1", bubble_type: "text" as const, description: "답" };
  const answer = { expression: "SMILE" as const, search_completed: true, bubbles: [text] };
  let asked = 0;
  here.server.on("POST /v1/faqs/settle-001/ask", () => {
    asked += 1;
    return { json: { request_id: `C${asked}`, answer, feedback: { bubbles: [] }, sources: [] } };
  });
  here.server.on("POST /v1/faqs/popular", { json: { bubbles: [text] } });
  await talk.tap("정산은 언제?", "/v1/faqs/settle-001/ask?bot=default");
  await talk.again(shown(talk)[0] as Exchange);
  const bodies = here.server.asked("POST /v1/faqs/settle-001/ask").map((one) => one.body);
  expect(bodies).toEqual([{ session_id: "s" }, { session_id: "s", replaces: "C1" }]);
  expect(shown(talk)).toMatchObject([{ chatId: "C2", phase: "done" }]);
  await talk.tap("정산", "/v1/faqs/popular");
  await talk.again(shown(talk)[1] as Exchange);
  expect(shown(talk)).toMatchObject([{ chatId: "C2" }, { question: "정산", phase: "done" }]);
});
