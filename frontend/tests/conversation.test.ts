// @vitest-environment node
/** One conversation over a real connection: asked, stopped, lost, resumed, asked again. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "../src/chat/conversation";
import type { Surroundings } from "../src/chat/conversationState";
import type { Exchange } from "../src/chat/exchange";
import type { List } from "../src/chat/lists";
import { FakeHaedap, turn } from "./fakeHaedap";

let server: FakeHaedap;
let minLoadingMs: number;
let lists: readonly List[];
beforeEach(async () => {
  server = await FakeHaedap.start();
  minLoadingMs = 0;
  lists = [];
});
afterEach(() => server.stop());

function around(): Surroundings {
  return {
    minLoadingMs: async () => minLoadingMs,
    asked: () => {},
    taken: () => {},
    ended: () => {},
    lists: () => lists,
    keepLists: (kept) => {
      lists = kept;
    },
  };
}

function conversation(): Conversation {
  return new Conversation(server.api, "s", around());
}

const tooMany = { status: 429, json: { error_message: "천천히요.", code: "rate_limited" } };

function shown(of: Conversation): Exchange[] {
  const { order, exchanges } = of.store.get();
  return order.map((key) => exchanges[key] as Exchange);
}

function said(exchange: Exchange | undefined): string[] {
  return exchange?.bubbles.map((one) => one.description) ?? [];
}

test("deltas form the first bubble, whatever comes between them", async () => {
  const talk = conversation();
  server
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

test("an answer is announced once, whole, without Markdown's signs", async () => {
  const talk = conversation();
  const heard = new Set<string>();
  talk.store.subscribe(() => heard.add(talk.store.get().announcement));
  server.nextAnswer().say("**내일** [정산](https://a.example)됩니다. ", "[1]").done();
  await talk.ask("언제?");
  expect([...heard]).toEqual(["", "답변: 내일 정산됩니다."]);
});

test("nothing is shown before the bot's least loading time has passed", async () => {
  minLoadingMs = 200;
  const talk = conversation();
  server.nextAnswer().say("네").done();
  const started = Date.now();
  let first = 0;
  talk.store.subscribe(() => {
    if (first === 0 && said(shown(talk)[0]).length > 0) first = Date.now() - started;
  });
  await talk.ask("언제?");
  expect(first).toBeGreaterThanOrEqual(199);
});

test("an answer does not wait for a least loading time that does not come", async () => {
  const talk = new Conversation(server.api, "s", { ...around(), minLoadingMs: () => new Promise(() => {}) });
  server.nextAnswer().say("정산은 내일입니다.").done();
  await talk.ask("언제?");
  expect(said(shown(talk)[0])).toEqual(["정산은 내일입니다."]);
});

test("one question at a time", async () => {
  const talk = conversation();
  const stream = server.nextAnswer().say("네");
  const first = talk.ask("하나");
  await talk.ask("둘");
  await vi.waitFor(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  stream.done();
  await first;
  expect(shown(talk).map((one) => one.question)).toEqual(["하나"]);
});

test("a stopped answer keeps what was said, and is asked again in place of the first", async () => {
  const talk = conversation();
  const stream = server.nextAnswer().send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" }).say("네");
  server.on("DELETE /v1/streaming/S1", () => {
    stream.done({ search_completed: false, decision: null });
    return { status: 204 };
  });
  const asking = talk.ask("하나");
  await vi.waitFor(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  await talk.stop();
  await asking;
  const [stopped] = shown(talk);
  expect(stopped).toMatchObject({ phase: "stopped" });

  server.nextAnswer().say("다시").done({ chat_id: "C2" });
  await talk.again(stopped as Exchange);
  expect(server.questions[1]?.body).toEqual({ user_message: "하나", replaces: "C1" });
  expect(shown(talk).map(said)).toEqual([["다시"]]);
});

test("a question that is stopped before it is taken is stopped then, and asked again in its own place", async () => {
  const talk = conversation();
  server.turns = [turn({ chat_id: "C1", status: "stopped" })];
  const asking = talk.ask("하나");
  await talk.stop();
  expect(server.asked("DELETE /v1/streaming/S1")).toHaveLength(0);
  await asking;
  expect(server.asked("DELETE /v1/streaming/S1")).toHaveLength(1);
  expect(server.asked("POST /v1/streaming/S1")).toHaveLength(0);
  expect(shown(talk)).toMatchObject([{ phase: "stopped", bubbles: [] }]);

  server.answers.push({ status: 404 });
  server.nextAnswer().say("다시").done({ chat_id: "C2" });
  await talk.again(shown(talk)[0] as Exchange);
  expect(server.questions[1]?.body).toEqual({ user_message: "하나", replaces: "C1" });
});

test("a question that cannot be stopped is answered", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  server.on("DELETE /v1/streaming/S1", { status: 503, json: { error_message: "점검 중입니다.", code: "unknown" } });
  const asking = talk.ask("하나");
  await talk.stop();
  await asking;
  expect(shown(talk)[0]?.phase).toBe("done");
  expect(said(shown(talk)[0])).toEqual(["네", "점검 중입니다."]);
});

test("an edited question that is refused leaves the answer as it is, and is asked once when it is sent again", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  await talk.ask("하나");
  server.on("POST /v1/sessions/s/chats", tooMany);
  const refused = talk.ask("둘", shown(talk)[0]);
  expect(talk.busy()).toBe(true);
  expect(shown(talk).map(said)).toEqual([["네"]]);
  expect((await refused)?.message).toBe("천천히요.");
  expect(shown(talk)).toMatchObject([{ question: "하나", phase: "done" }]);
  expect(talk.busy()).toBe(false);

  await talk.ask("둘", shown(talk)[0]);
  const [, second, third] = server.questions;
  expect(second?.body).toEqual({ user_message: "둘", replaces: "C1" });
  expect(third?.body).toEqual(second?.body);
  expect(third?.headers["idempotency-key"]).toBe(second?.headers["idempotency-key"]); // it may have been taken
  await talk.ask("셋", shown(talk)[0]);
  expect(server.questions[3]?.headers["idempotency-key"]).not.toBe(second?.headers["idempotency-key"]);
});

test("an answer that is asked for again in vain stays, with the error below it, once", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  await talk.ask("하나");
  server.on("POST /v1/sessions/s/chats", tooMany);
  for (let turn = 0; turn < 2; turn += 1) await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk).map(said)).toEqual([["네", "천천히요."]]);
  expect(shown(talk)[0]?.phase).toBe("done");
  expect(talk.store.get().announcement).toBe("천천히요.");
});

test("a question that is stopped while it is to replace another is stopped as soon as it is taken", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  await talk.ask("하나");
  server.turns = [turn({ chat_id: "C2", status: "stopped" })];
  const asking = talk.ask("둘", shown(talk)[0]);
  await talk.stop();
  await asking;
  expect(server.asked("DELETE /v1/streaming/S2")).toHaveLength(1);
  expect(shown(talk)).toMatchObject([{ question: "둘", phase: "stopped", chatId: "C2" }]);
});

test.each([
  ["stopped", null],
  ["done", "clarify"],
  ["done", "refuse"],
] as const)(
  "an answer is shown as %s that ends with the decision %s; nothing else is asked",
  async (phase, decision) => {
    const talk = conversation();
    server.nextAnswer().say("정산은").done({ search_completed: false, decision });
    await talk.ask("하나");
    expect(shown(talk)).toMatchObject([{ phase }]);
    expect(said(shown(talk)[0])).toEqual(["정산은"]);
    expect(server.asked("GET /v1/sessions/s/chats")).toHaveLength(0);
  },
);

test("an answer that was whole before it could be stopped is a whole one", async () => {
  const talk = conversation();
  const stream = server.nextAnswer().say("네");
  server.on("DELETE /v1/streaming/S1", () => {
    stream.done();
    return { status: 204 };
  });
  const asking = talk.ask("하나");
  await vi.waitFor(() => expect(said(shown(talk)[0])).toEqual(["네"]));
  await talk.stop();
  await asking;
  expect(shown(talk)).toMatchObject([{ phase: "done", searchCompleted: true }]);
});

test("lists that were opened stand in their places after a reload", async () => {
  const list = { bubble_id: "b1", bubble_type: "faq_list" as const, description: "인기 질문" };
  server.on("POST /v1/faqs/popular", { json: { bubbles: [list] } });
  const before = conversation();
  await before.tap("처음", "/v1/faqs/popular?category=a");
  server.nextAnswer().say("하나").done({ chat_id: "C1" });
  await before.ask("하나");
  await before.tap("끝", "/v1/faqs/popular?category=b");

  const empty = conversation();
  await empty.load(); // and nothing was asked
  expect(shown(empty).map((one) => one.question)).toEqual(["처음", "끝"]);
  server.turns = [turn({ chat_id: "C1", user_message: "하나" })];
  const after = conversation();
  await after.load();
  expect(shown(after)).toMatchObject([
    { question: "처음", phase: "done", bubbles: [list] },
    { question: "하나", chatId: "C1" },
    { question: "끝", phase: "done", tapped: "/v1/faqs/popular?category=b" },
  ]);
});

test("who has left keeps no lists any more", async () => {
  const talk = conversation();
  const stream = server.nextAnswer().say("하나");
  const asking = talk.ask("하나");
  await vi.waitFor(() => expect(said(shown(talk)[0])).toEqual(["하나"]));
  const kept = [{ key: "k", question: "정산", tapped: "/v1/faqs/popular", bubbles: [], after: null }];
  talk.leave();
  lists = kept; // by who came back to it
  stream.done();
  await asking;
  expect(lists).toBe(kept);
});

test("an answer by tap is asked again at its address, in its own place; a list too", async () => {
  const talk = conversation();
  const text = { bubble_id: "b1", bubble_type: "text" as const, description: "답" };
  const answer = { expression: "SMILE" as const, search_completed: true, bubbles: [text] };
  let asked = 0;
  server.on("POST /v1/faqs/settle-001/ask", () => {
    asked += 1;
    return { json: { request_id: `C${asked}`, answer, feedback: { bubbles: [] }, sources: [] } };
  });
  server.on("POST /v1/faqs/popular", { json: { bubbles: [text] } });
  await talk.tap("정산은 언제?", "/v1/faqs/settle-001/ask?bot=default");
  await talk.again(shown(talk)[0] as Exchange);
  const bodies = server.asked("POST /v1/faqs/settle-001/ask").map((one) => one.body);
  expect(bodies).toEqual([{ session_id: "s" }, { session_id: "s", replaces: "C1" }]);
  expect(shown(talk)).toMatchObject([{ chatId: "C2", phase: "done" }]);
  await talk.tap("정산", "/v1/faqs/popular");
  await talk.again(shown(talk)[1] as Exchange);
  expect(shown(talk)).toMatchObject([{ chatId: "C2" }, { question: "정산", phase: "done" }]);
});

test("an answer that fails keeps what was said, with the error as a bubble", async () => {
  const talk = conversation();
  const bubbles = [{ bubble_id: "b2", bubble_type: "error" as const, description: "지금은 어렵습니다." }];
  server.nextAnswer().say("정산은").send("error", { code: "llm_unavailable", error_message: "어렵습니다.", bubbles });
  await talk.ask("하나");
  expect(said(shown(talk)[0])).toEqual(["정산은", "지금은 어렵습니다."]);
  expect(shown(talk)[0]?.phase).toBe("failed");
});

test("stored turns are shown, and one that is still running is followed from its beginning", async () => {
  const talk = conversation();
  const text = { bubble_id: "b1", bubble_type: "text" as const, description: "내일입니다." };
  server.turns = [
    turn({ bubbles: [text], decision: "answer" }),
    turn({ chat_id: "C2", status: "running", streaming_id: "S1", user_message: "모레?" }),
  ];
  server.nextAnswer().say("네, ", "모레입니다.").done({ chat_id: "C2" });
  await talk.load();
  expect(shown(talk).map(said)).toEqual([["내일입니다."], ["네, 모레입니다."]]);
  expect(server.asked("POST /v1/streaming/S1")[0]?.query["last_event_id"]).toBe("0");
});

test("an answer that was lost on its way is fetched when it is tried again", async () => {
  const talk = conversation();
  server.on("POST /v1/streaming/S1", { status: 404, json: { error_message: "없습니다.", code: "ticket_not_found" } });
  await talk.ask("하나");
  expect(shown(talk)[0]?.phase).toBe("lost");
  server.turns = [turn({ bubbles: [{ bubble_id: "b1", bubble_type: "text", description: "내일입니다." }] })];
  await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk).map(said)).toEqual([["내일입니다."]]);
  expect(server.questions).toHaveLength(1);
});

test("what is shown of a lost answer stays until the stored one is there", async () => {
  const talk = conversation();
  server.nextAnswer().say("하나").done();
  await talk.ask("하나");
  server.on("POST /v1/streaming/S2", { status: 404, json: { error_message: "없습니다.", code: "ticket_not_found" } });
  await talk.ask("둘");
  server.on("GET /v1/sessions/s/chats", { status: 503, json: { error_message: "점검 중입니다.", code: "unknown" } });
  const failing = talk.resume();
  expect(shown(talk).map(said)).toEqual([["하나"], ["없습니다."]]);
  await failing;
  expect(shown(talk).map(said)).toEqual([["하나"], ["없습니다."]]);
  expect(talk.busy()).toBe(false);
  server.on("GET /v1/sessions/s/chats", { json: [turn({ user_message: "둘" })] });
  await talk.resume();
  expect(shown(talk)).toMatchObject([{ question: "둘", phase: "done" }]);
  await talk.resume(); // nothing is lost any more
  expect(server.asked("GET /v1/sessions/s/chats")).toHaveLength(2);
});

test("a session that is gone is an empty conversation; a server that fails is told", async () => {
  const talk = conversation();
  await talk.load();
  expect(talk.store.get()).toMatchObject({ order: [], failure: null });
  server.on("GET /v1/sessions/s/chats", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "store_unavailable" },
  });
  await talk.load();
  expect(talk.store.get().failure?.message).toBe("점검 중입니다.");
});

test("what was asked in another tab is shown, and an answer that runs there followed", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  await talk.ask("하나");
  const before = talk.store.get();
  server.turns = [turn({ chat_id: "C1" })];
  await talk.refresh();
  expect(talk.store.get()).toBe(before); // the server has nothing else
  server.turns = [turn({ chat_id: "C1" }), turn({ chat_id: "C2", status: "running", streaming_id: "S2" })];
  server.nextAnswer().say("둘째").done({ chat_id: "C2" });
  await talk.refresh();
  expect(shown(talk)).toMatchObject([{ chatId: "C1" }, { chatId: "C2", phase: "done" }]);
  server.turns = [];
  await talk.refresh();
  expect(shown(talk)).toEqual([]);
});

test("a question that was refused is not given up for what another tab asked", async () => {
  const talk = conversation();
  server.nextAnswer().say("네").done();
  await talk.ask("하나");
  server.on("POST /v1/sessions/s/chats", tooMany);
  await talk.ask("둘");
  server.turns = [turn({ chat_id: "C1" }), turn({ chat_id: "C2" })];
  await talk.refresh();
  expect(shown(talk)).toMatchObject([{ question: "하나" }, { question: "둘", phase: "refused" }]);
});

test("who leaves sees nothing more of it", async () => {
  const talk = conversation();
  const stream = server.nextAnswer().say("하나");
  const asking = talk.ask("하나");
  await vi.waitFor(() => expect(said(shown(talk)[0])).toEqual(["하나"]));
  talk.leave();
  stream.say("둘").done();
  await asking;
  expect(said(shown(talk)[0])).toEqual(["하나"]);
});

test("who leaves before the question is taken has it answered all the same", async () => {
  const talk = conversation();
  server.nextAnswer().send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" });
  const asking = talk.ask("하나");
  talk.leave();
  await asking;
  expect(server.asked("POST /v1/streaming/S1")).toHaveLength(1);
  expect(shown(talk)).toMatchObject([{ phase: "waiting", chatId: null }]);
});

test("a tap sends the session, and its answer is shown: a list, or a whole answer", async () => {
  const talk = conversation();
  const list = { bubble_id: "b1", bubble_type: "faq_list" as const, description: "인기 질문" };
  server.on("POST /v1/faqs/popular", { json: { bubbles: [list] } });
  server.on("POST /v1/faqs/settle-001/ask", {
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
  expect(server.asked("POST /v1/faqs/settle-001/ask")[0]?.body).toEqual({ session_id: "s" });
  expect(shown(talk).map(said)).toEqual([["인기 질문"], ["답"]]);
  expect(shown(talk)[1]).toMatchObject({ chatId: "C9", searchCompleted: true, question: "정산은 언제?" });
  expect(shown(talk)[1]?.feedback).toHaveLength(1);
});

test("a tap that fails is tapped again", async () => {
  const talk = conversation();
  server.on("POST /v1/faqs/popular", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "store_unavailable" },
  });
  await talk.tap("정산", "/v1/faqs/popular");
  expect(said(shown(talk)[0])).toEqual(["점검 중입니다."]);
  server.on("POST /v1/faqs/popular", { json: { bubbles: [] } });
  await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk)).toMatchObject([{ phase: "done", question: "정산" }]);
});

test("a bubble that leads out of the API ends in an error, and nothing is sent", async () => {
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const talk = conversation();
  await talk.tap("정산", "https://evil.example/v1/");
  vi.unstubAllGlobals();
  expect(shown(talk)[0]?.phase).toBe("refused");
  expect(server.requests).toEqual([]);
  expect(report).toHaveBeenCalledOnce();
});
