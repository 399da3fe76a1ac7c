/** The improvement desk: what it lists, what mending a group sends, and what comes of it. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Answerable, Desk } from "../src/api/adminTypes";
import { FakeHaedap } from "./fakeHaedap";
import { BOT, content, contentDetail, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const PAGE = "/admin/bots/default/desk";
const DESK = `${BOT}/desk`;
const [FIRST, SECOND] = ["돈은 대체 언제 줘요?", "입금일이 궁금합니다"];
const GROUP = `${PAGE}?group=${encodeURIComponent(FIRST)}`;

function desk(values: Partial<Desk> = {}): Desk {
  const asked = { sessions: 2, day: "2026-11-22", why: ["refused" as const] };
  return {
    first: "2026-11-16",
    last: "2026-11-22",
    questions: 17,
    looked: 400,
    all_looked: true,
    left_out: 0,
    groups: 1,
    handled: 0,
    clusters: [
      {
        question: FIRST,
        count: 17,
        sessions: 12,
        why: { refused: 14, low_margin: 3 },
        wordings: 2,
        questions: [
          { ...asked, question: FIRST, count: 15, chat_id: "01A" },
          { ...asked, question: SECOND, count: 2, chat_id: "01B" },
        ],
        contents: [{ source_id: "default", faq_id: "settle-001", title: "정산은 언제 되나요?", score: 0.71 }],
      },
    ],
    ...values,
  };
}

function answerable(answered: number): Answerable {
  const outcome = (n: number) =>
    n < answered
      ? { decision: "answer" as const, source_id: "default", faq_id: "settle-001", title: "정산은 언제 되나요?" }
      : { decision: "clarify" as const, source_id: "default", faq_id: "settle-001", title: "정산은 언제 되나요?" };
  return {
    asked: 2,
    answered,
    before: 0,
    questions: [FIRST, SECOND].map((question, n) => ({ question, outcome: outcome(n) })),
  };
}

test("groups are listed with their figures and reasons, and open", async () => {
  server.on(`GET ${DESK}`, { json: desk({ groups: 3, left_out: 5, all_looked: false }) });
  showConsole(server, `${PAGE}?from=2026-11-16&to=2026-11-22`);
  const table = await screen.findByRole("table");
  expect(within(table).getByText("답변 불가 14")).toBeTruthy();
  expect(within(table).getByText("자신 없는 답변 3")).toBeTruthy();
  expect(screen.getByText(/최근 400개까지만/)).toBeTruthy();
  expect(screen.getByText(/표현 5가지는 묶지 못했습니다/)).toBeTruthy();
  expect(screen.getByText(/작은 묶음 2개/)).toBeTruthy();
  expect(server.asked(`GET ${DESK}`)[0]?.query).toEqual({ from: "2026-11-16", to: "2026-11-22" });
  await userEvent.click(within(table).getByRole("link", { name: FIRST }));
  expect(await screen.findByRole("heading", { level: 1, name: FIRST })).toBeTruthy();
  expect(screen.getByText("12개 대화에서 17번, 2가지 표현으로 물었습니다.")).toBeTruthy();
  expect(location.search).toContain("from=2026-11-16");
});

test("chosen questions become similar titles, and the group is asked again with the draft", async () => {
  const kept = content({
    similar_titles: ["입금일"],
    summary_titles: [{ text: "요약", model: "m", made_from: "x", accepted: true }],
  });
  server.on(`GET ${DESK}`, { json: desk() });
  server.on(`GET ${BOT}/contents/settle-001`, { json: contentDetail({ published: kept }) });
  server.on(`PUT ${BOT}/contents/settle-001`, {
    json: contentDetail({ based_on: "c2", drafted: "edit", draft: kept }),
  });
  server.on(`POST ${DESK}/try`, { json: answerable(1) });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("checkbox", { name: SECOND }));
  await userEvent.click(screen.getByRole("button", { name: "‘정산은 언제 되나요?’에 비슷한 제목으로 추가" }));
  expect(await screen.findByText("2개 중 1개에 답할 수 있어요. (지금은 0개)")).toBeTruthy();
  const [put] = server.asked(`PUT ${BOT}/contents/settle-001`);
  expect(put?.query).toEqual({ source_id: "default" });
  expect(put?.body).toMatchObject({
    based_on: "c1",
    content: { similar_titles: ["입금일", FIRST], accepted_summaries: ["요약"], title: "정산은 언제 되나요?" },
  });
  expect(server.asked(`POST ${DESK}/try`)[0]?.body).toEqual({ questions: [FIRST, SECOND], faq_ids: ["settle-001"] });
  const still = screen.getByText("아직 답하지 못하는 질문").parentElement as HTMLElement;
  expect(still.textContent).toContain(`${SECOND} 되물음`);
  const open = screen.getByRole("link", { name: "콘텐츠를 열어 검토하고 게시하기" });
  expect(open.getAttribute("href")).toBe("/admin/bots/default/contents/settle-001?source=default");
  server.on(`POST ${DESK}/try`, { json: answerable(2) });
  await userEvent.click(screen.getByRole("button", { name: "다시 물어보기" }));
  expect(await screen.findByText("2개 중 2개에 답할 수 있어요. (지금은 0개)")).toBeTruthy();
  expect(server.asked(`PUT ${BOT}/contents/settle-001`)).toHaveLength(1);
});

test("a draft of a new content is made of the questions and told to be reviewed", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  server.on(`POST ${DESK}/suggestion`, {
    json: {
      title: FIRST,
      similar_titles: [SECOND],
      content: "초안입니다.",
      model: "gpt",
      why_not: null,
      sources: [],
      doubtful: ["45일 걸립니다."],
      input_tokens: 1,
      output_tokens: 1,
      cost_won: null,
    },
  });
  server.on(`POST ${BOT}/contents`, { json: contentDetail({ faq_id: "new-1", published: null, drafted: "new" }) });
  server.on(`POST ${DESK}/try`, { json: answerable(2) });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("button", { name: "새 콘텐츠 초안 만들기" }));
  expect(await screen.findByText("2개 중 2개에 답할 수 있어요. (지금은 0개)")).toBeTruthy();
  expect(server.asked(`POST ${DESK}/suggestion`)[0]?.body).toEqual({ questions: [FIRST, SECOND] });
  expect(server.asked(`POST ${BOT}/contents`)[0]?.body).toEqual({
    content: { title: FIRST, similar_titles: [SECOND], content: "초안입니다." },
  });
  expect(screen.getByText(/gpt이\(가\) 가까운 콘텐츠를 근거로 쓴 초안입니다/)).toBeTruthy();
  expect(screen.getByText("45일 걸립니다.")).toBeTruthy();
  expect(screen.queryByText("아직 답하지 못하는 질문")).toBeNull();
});

test("what somebody else has edited meanwhile is not written over, and it is told", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  server.on(`GET ${BOT}/contents/settle-001`, { json: contentDetail() });
  server.on(`PUT ${BOT}/contents/settle-001`, {
    status: 409,
    json: { error_message: "다른 사람이 먼저 고쳤습니다.", code: "conflict", bubbles: [] },
  });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("button", { name: /에 비슷한 제목으로 추가/ }));
  expect(await screen.findByText("다른 사람이 먼저 고쳤습니다.")).toBeTruthy();
  expect(server.asked(`POST ${DESK}/try`)).toHaveLength(0);
});

test("a content that is to be removed gets no titles", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  server.on(`GET ${BOT}/contents/settle-001`, { json: contentDetail({ drafted: "removal" }) });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("button", { name: /에 비슷한 제목으로 추가/ }));
  expect(await screen.findByText(/삭제 예정인 콘텐츠입니다/)).toBeTruthy();
  expect(server.asked(`PUT ${BOT}/contents/settle-001`)).toHaveLength(0);
});

test("without a chosen question nothing can be added", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("checkbox", { name: "모두 선택" }));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "새 콘텐츠 초안 만들기" }).disabled).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: SECOND }));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "새 콘텐츠 초안 만들기" }).disabled).toBe(false);
});

test("who only reads sees the group and no way to change it", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  showConsole(server, GROUP, "viewer");
  expect(await screen.findByText("15번")).toBeTruthy();
  expect(screen.queryAllByRole("checkbox")).toHaveLength(0);
  expect(screen.queryByRole("button", { name: /추가|만들기/ })).toBeNull();
});

test("a group that is gone by now, and days without any, are told", async () => {
  server.on(`GET ${DESK}`, { json: desk({ clusters: [], groups: 0, questions: 0 }) });
  showConsole(server, GROUP);
  expect(await screen.findByText(/이 묶음이 지금은 없습니다/)).toBeTruthy();
  await userEvent.click(screen.getByRole("link", { name: "← 질문 묶음 목록" }));
  await waitFor(() => expect(screen.getByText("이 기간에는 개선할 질문이 없습니다.")).toBeTruthy());
});

test("what is too long to be a title cannot be chosen, and is asked again all the same", async () => {
  const long = "배송이 ".repeat(100);
  const given = desk();
  const [group] = given.clusters;
  if (!group) throw new Error("no group");
  const [first, second] = group.questions;
  if (!first || !second) throw new Error("no questions");
  const questions = [first, { ...second, question: long }];
  server.on(`GET ${DESK}`, { json: { ...given, clusters: [{ ...group, questions }] } });
  showConsole(server, GROUP);
  const boxes = await screen.findAllByRole<HTMLInputElement>("checkbox");
  expect(boxes.map((one) => [one.checked, one.disabled])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
  expect(screen.getByText("300자가 넘는 질문은 제목으로 쓸 수 없습니다.")).toBeTruthy();
});

test("a bot that nobody can search yet is led to its contents", async () => {
  const error = { error_message: "아직 검색할 콘텐츠가 없습니다.", code: "not_indexed" };
  server.on(`GET ${DESK}`, { status: 409, json: error });
  showConsole(server, PAGE);
  expect((await screen.findByText(/아직 검색할 콘텐츠가 없습니다/)).textContent).toContain("콘텐츠로 가기");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a group that is done with leaves the list, and can be put back", async () => {
  let state: "done" | null = null;
  server.on(`GET ${DESK}`, ({ query }) => {
    const { clusters } = desk();
    const listed = (query["handled"] === "true") === (state !== null);
    return {
      json: desk({ handled: state ? 1 : 0, clusters: listed ? clusters.map((one) => ({ ...one, state })) : [] }),
    };
  });
  server.on(`POST ${DESK}/handled`, ({ body }) => {
    state = body["state"] as typeof state;
    return { status: 204 };
  });
  showConsole(server, GROUP);
  await userEvent.click(await screen.findByRole("button", { name: "처리됨으로 표시" }));
  expect(await screen.findByText(/새 질문이 더해지면 다시 나옵니다/)).toBeTruthy();
  expect(server.asked(`POST ${DESK}/handled`)[0]?.body).toEqual({
    state: "done",
    questions: [
      { question: FIRST, chat_id: "01A" },
      { question: SECOND, chat_id: "01B" },
    ],
  });
  await userEvent.click(await screen.findByRole("link", { name: "처리한 묶음 1개 보기" }));
  await userEvent.click(await screen.findByRole("link", { name: FIRST }));
  await userEvent.click(await screen.findByRole("button", { name: "다시 목록에 올리기" }));
  expect(await screen.findByText("다시 목록에 올렸습니다.")).toBeTruthy();
  expect(state).toBeNull();
});

test("groups that a publication answers leave the list by themselves, and how many is told", async () => {
  server.on(`GET ${DESK}`, { json: desk() });
  server.on(`POST ${DESK}/settle`, () => {
    server.on(`GET ${DESK}`, { json: desk({ groups: 0, handled: 1, clusters: [] }) });
    return { json: { solved: [FIRST] } };
  });
  showConsole(server, PAGE);
  await screen.findByText("게시한 콘텐츠로 이제 모두 답할 수 있는 묶음 1개를 ‘해결됨’으로 옮겼습니다.");
  expect(screen.queryByText(FIRST)).toBeNull();
  expect(screen.getByRole("link", { name: "처리한 묶음 1개 보기" })).toBeTruthy();
});
