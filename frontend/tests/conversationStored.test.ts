// @vitest-environment node
/** A conversation as it is found again: after a reload, in another tab, by who has left it. */
import { expect, test } from "vitest";
import type { Exchange } from "../src/chat/exchange";
import { turn } from "./fakeHaedap";
import { soon } from "./soon";
import { said, shown, talking, tooMany } from "./talking";

const here = talking();

test("lists that were opened stand in their places after a reload", async () => {
  const list = { bubble_id: "b1", bubble_type: "faq_list" as const, description: "인기 질문" };
  here.server.on("POST /v1/faqs/popular", { json: { bubbles: [list] } });
  const before = here.conversation();
  await before.tap("처음", "/v1/faqs/popular?category=a");
  here.server.nextAnswer().say("하나").done({ chat_id: "C1" });
  await before.ask("하나");
  await before.tap("끝", "/v1/faqs/popular?category=b");

  const empty = here.conversation();
  await empty.load(); // and nothing was asked
  expect(shown(empty).map((one) => one.question)).toEqual(["처음", "끝"]);
  here.server.turns = [turn({ chat_id: "C1", user_message: "하나" })];
  const after = here.conversation();
  await after.load();
  expect(shown(after)).toMatchObject([
    { question: "처음", phase: "done", bubbles: [list] },
    { question: "하나", chatId: "C1" },
    { question: "끝", phase: "done", tapped: "/v1/faqs/popular?category=b" },
  ]);
});

test("who has left keeps no lists any more", async () => {
  const talk = here.conversation();
  const stream = here.server.nextAnswer().say("하나");
  const asking = talk.ask("하나");
  await soon(() => expect(said(shown(talk)[0])).toEqual(["하나"]));
  const kept = [{ key: "k", question: "정산", tapped: "/v1/faqs/popular", bubbles: [], after: null }];
  talk.leave();
  here.lists = kept; // by who came back to it
  stream.done();
  await asking;
  expect(here.lists).toBe(kept);
});

test("stored turns are shown, and one that is still running is followed from its beginning", async () => {
  const talk = here.conversation();
  const text = { bubble_id: "b1", bubble_type: "text" as const, description: "내일입니다." };
  here.server.turns = [
    turn({ bubbles: [text], decision: "answer" }),
    turn({ chat_id: "C2", status: "running", streaming_id: "S1", user_message: "모레?" }),
  ];
  here.server.nextAnswer().say("네, ", "모레입니다.").done({ chat_id: "C2" });
  await talk.load();
  expect(shown(talk).map(said)).toEqual([["내일입니다."], ["네, 모레입니다."]]);
  expect(here.server.asked("POST /v1/streaming/S1")[0]?.query["last_event_id"]).toBe("0");
});

test("an answer that was lost on its way is fetched when it is tried again", async () => {
  const talk = here.conversation();
  here.server.on("POST /v1/streaming/S1", {
    status: 404,
    json: { error_message: "없습니다.", code: "ticket_not_found" },
  });
  await talk.ask("하나");
  expect(shown(talk)[0]?.phase).toBe("lost");
  here.server.turns = [turn({ bubbles: [{ bubble_id: "b1", bubble_type: "text", description: "내일입니다." }] })];
  await talk.again(shown(talk)[0] as Exchange);
  expect(shown(talk).map(said)).toEqual([["내일입니다."]]);
  expect(here.server.questions).toHaveLength(1);
});

test("what is shown of a lost answer stays until the stored one is there", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("하나").done();
  await talk.ask("하나");
  here.server.on("POST /v1/streaming/S2", {
    status: 404,
    json: { error_message: "없습니다.", code: "ticket_not_found" },
  });
  await talk.ask("둘");
  here.server.on("GET /v1/sessions/s/chats", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "unknown" },
  });
  const failing = talk.resume();
  expect(shown(talk).map(said)).toEqual([["하나"], ["없습니다."]]);
  await failing;
  expect(shown(talk).map(said)).toEqual([["하나"], ["없습니다."]]);
  expect(talk.busy()).toBe(false);
  here.server.on("GET /v1/sessions/s/chats", { json: [turn({ user_message: "둘" })] });
  await talk.resume();
  expect(shown(talk)).toMatchObject([{ question: "둘", phase: "done" }]);
  await talk.resume(); // nothing is lost any more
  expect(here.server.asked("GET /v1/sessions/s/chats")).toHaveLength(2);
});

test("a session that is gone is an empty conversation; a server that fails is told", async () => {
  const talk = here.conversation();
  await talk.load();
  expect(talk.store.get()).toMatchObject({ order: [], failure: null });
  here.server.on("GET /v1/sessions/s/chats", {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "store_unavailable" },
  });
  await talk.load();
  expect(talk.store.get().failure?.message).toBe("점검 중입니다.");
});

test("what was asked in another tab is shown, and an answer that runs there followed", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  await talk.ask("하나");
  const before = talk.store.get();
  here.server.turns = [turn({ chat_id: "C1" })];
  await talk.refresh();
  expect(talk.store.get()).toBe(before); // the here.server has nothing else
  here.server.turns = [turn({ chat_id: "C1" }), turn({ chat_id: "C2", status: "running", streaming_id: "S2" })];
  here.server.nextAnswer().say("둘째").done({ chat_id: "C2" });
  await talk.refresh();
  expect(shown(talk)).toMatchObject([{ chatId: "C1" }, { chatId: "C2", phase: "done" }]);
  here.server.turns = [];
  await talk.refresh();
  expect(shown(talk)).toEqual([]);
});

test("a question that was refused is not given up for what another tab asked", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().say("네").done();
  await talk.ask("하나");
  here.server.on("POST /v1/sessions/s/chats", tooMany);
  await talk.ask("둘");
  here.server.turns = [turn({ chat_id: "C1" }), turn({ chat_id: "C2" })];
  await talk.refresh();
  expect(shown(talk)).toMatchObject([{ question: "하나" }, { question: "둘", phase: "refused" }]);
});

test("who leaves sees nothing more of it", async () => {
  const talk = here.conversation();
  const stream = here.server.nextAnswer().say("하나");
  const asking = talk.ask("하나");
  await soon(() => expect(said(shown(talk)[0])).toEqual(["하나"]));
  talk.leave();
  stream.say("둘").done();
  await asking;
  expect(said(shown(talk)[0])).toEqual(["하나"]);
});

test("who leaves before the question is taken has it answered all the same", async () => {
  const talk = here.conversation();
  here.server.nextAnswer().send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" });
  const asking = talk.ask("하나");
  talk.leave();
  await asking;
  expect(here.server.asked("POST /v1/streaming/S1")).toHaveLength(1);
  expect(shown(talk)).toMatchObject([{ phase: "waiting", chatId: null }]);
});
