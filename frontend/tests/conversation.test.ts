// @vitest-environment node
/** One conversation over a real connection: asked and answered, by words and by taps. */
import { expect, test, vi } from "vitest";
import { Conversation } from "../src/chat/conversation";
import type { Exchange } from "../src/chat/exchange";
import { soon } from "./soon";
import { said, shown, talking } from "./talking";

const here = talking();

test("deltas form the first bubble, whatever comes between them", async () => {
  const talk = here.conversation();
  here.server
    .nextAnswer()
    .send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" })
    .say("정산은 ")
    .send("bubble", { bubble_id: "b2", bubble_type: "notice", description: "확인이 필요해요" })
    .say("내일입니다.")
    .done();
  await talk.ask("언제?");
  expect(said(shown(talk)[0])).toEqual(["정산은 내일입니다.", "확인이 필요해요"]);
  expect(shown(talk)[0]).toMatchObject({ phase: "done", searchCompleted: true, chatId: "C1", expression: "SMILE" });
});

test("the prose of a streamed answer names its service, as after a reload", async () => {
  const talk = here.conversation();
  here.server
    .nextAnswer()
    .say("수요일입니다.")
    .send("bubble", { bubble_id: "b2", bubble_type: "notice", description: "확인이 필요해요" })
    .done({ service_type: "가온배송" });
  await talk.ask("정산은 언제?");
  expect(shown(talk)[0]?.bubbles.map((one) => one.service_type)).toEqual(["가온배송", undefined]);
});

test("an answer is announced once, whole, without Markdown's signs", async () => {
  const talk = here.conversation();
  const heard = new Set<string>();
  talk.store.subscribe(() => heard.add(talk.store.get().announcement));
  here.server.nextAnswer().say("**내일** [정산](https://a.example)됩니다. ", "[1]").done();
  await talk.ask("언제?");
  expect([...heard]).toEqual(["", "답변: 내일 정산됩니다."]);
});

test("nothing is shown before the bot's least loading time has passed", async () => {
  here.minLoadingMs = 200;
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  const started = Date.now();
  let first = 0;
  talk.store.subscribe(() => {
    if (first === 0 && said(shown(talk)[0]).length > 0) first = Date.now() - started;
  });
  await talk.ask("언제?");
  expect(first).toBeGreaterThanOrEqual(199);
});

test("an answer does not wait for a least loading time that does not come", async () => {
  const talk = new Conversation(here.server.api, "s", { ...here.around(), minLoadingMs: () => new Promise(() => {}) });
  here.server.nextAnswer().say("정산은 내일입니다.").done();
  await talk.ask("언제?");
  expect(said(shown(talk)[0])).toEqual(["정산은 내일입니다."]);
});

test("one question at a time", async () => {
  const talk = here.conversation();
  const stream = here.server.nextAnswer().say("네");
  const first = talk.ask("하나");
  await talk.ask("둘");
  await soon(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  stream.done();
  await first;
  expect(shown(talk).map((one) => one.question)).toEqual(["하나"]);
});

test("an answer that fails keeps what was said, with the error as a bubble", async () => {
  const talk = here.conversation();
  const bubbles = [{ bubble_id: "b2", bubble_type: "error" as const, description: "지금은 어렵습니다." }];
  here.server
    .nextAnswer()
    .say("정산은")
    .send("error", { code: "llm_unavailable", error_message: "어렵습니다.", expression: "CRYING", bubbles });
  await talk.ask("하나");
  expect(said(shown(talk)[0])).toEqual(["정산은", "지금은 어렵습니다."]);
  expect(shown(talk)[0]?.phase).toBe("failed");
});

test("a tap sends the session, and its answer is shown: a list, or a whole answer", async () => {
  const talk = here.conversation();
  const list = { bubble_id: "b1", bubble_type: "faq_list" as const, description: "인기 질문" };
  here.server.on("POST /v1/faqs/popular", { json: { bubbles: [list] } });
  here.server.on("POST /v1/faqs/settle-001/ask", {
    json: {
      request_id: "C9",
      question_ids: ["settle-001"],
      answer: {
        expression: "SMILE",
        search_completed: true,
        bubbles: [{ ...list, bubble_type: "text", description: "답" }],
      },
      feedback: { bubbles: [{ ...list, bubble_type: "feedback_request", description: "도움이 되었나요?" }] },
      sources: [],
      suggestions: [],
      decision: "answer",
      degraded: [],
    },
  });
  await talk.tap("정산", "/v1/faqs/popular?bot=default&category=정산");
  await talk.tap("정산은 언제?", "/v1/faqs/settle-001/ask?bot=default");
  expect(here.server.asked("POST /v1/faqs/settle-001/ask")[0]?.body).toEqual({ session_id: "s" });
  expect(shown(talk).map(said)).toEqual([["인기 질문"], ["답"]]);
  expect(shown(talk)[1]).toMatchObject({ chatId: "C9", searchCompleted: true, question: "정산은 언제?" });
  expect(shown(talk)[1]?.feedback).toHaveLength(1);
});

test("a tap that fails is tapped again", async () => {
  const talk = here.conversation();
  here.server.on("POST /v1/faqs/popular", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "store_unavailable" },
  });
  await talk.tap("정산", "/v1/faqs/popular");
  expect(said(shown(talk)[0])).toEqual(["점검 중입니다."]);
  here.server.on("POST /v1/faqs/popular", { json: { bubbles: [] } });
  await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk)).toMatchObject([{ phase: "done", question: "정산" }]);
});

test("a bubble that leads out of the API ends in an error, and nothing is sent", async () => {
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const talk = here.conversation();
  await talk.tap("정산", "https://evil.example/v1/");
  vi.unstubAllGlobals();
  expect(shown(talk)[0]?.phase).toBe("refused");
  expect(here.server.requests).toEqual([]);
  expect(report).toHaveBeenCalledOnce();
});
