/** The console's other pages: what each sends, and what it makes of the answer. */
import { gzipSync } from "node:zlib";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeHaedap } from "./fakeHaedap";
import { BOT, botDetail, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const page = (name: string) => `/admin/bots/default/${name}`;
const sent = (call: string) => server.asked(call)[0]?.body;

test("a question is tried with the draft, and all of its way is told", async () => {
  const search = {
    source_id: "default",
    asked: "정산일",
    decision: "answer",
    confidence: 0.91,
    relevance: 3.2,
    refuse_below: 2.1,
    answer_from: 0.6,
    degraded: [],
    contents: [
      { faq_id: "a", title: "정산 안내", matched_subject: "입금일", score: 0.8, parts: { title: 0.7 }, near: true },
    ],
  };
  server.on(`POST ${BOT}/try`, {
    json: {
      gate: null,
      searched_as: null,
      plan: [],
      searches: [search],
      records: [],
      prompts: [{ step: "write", model: "m", messages: [{ role: "user", content: "근거: 정산 안내" }] }],
      decision: "clarify",
      text: "**내일** 입금됩니다.",
      sources: [],
      bubbles: [{ bubble_id: "b2", bubble_type: "options", info_map: { "정산 안내": "/v1/faqs/a/ask" } }],
      suggestions: [{ text: "입금 계좌는요?", faq_id: "b" }],
      unsupported: [],
      degraded: [],
      problems: [],
      steps: [{ step: "look_up", ms: 12 }],
      latency_ms: 15,
      input_tokens: 0,
      output_tokens: 0,
      cost_won: null,
    },
  });
  showConsole(server, `${page("try")}?version=draft`);
  server.on(`GET ${BOT}`, { json: botDetail({ has_draft: true }) });
  await screen.findByRole("option", { name: "설정 초안" });
  await userEvent.type(screen.getByRole("textbox", { name: "질문" }), "정산일{Enter}");
  expect((await screen.findByText("내일")).tagName).toBe("STRONG");
  expect(sent(`POST ${BOT}/try`)).toMatchObject({ question: "정산일", version: "draft", history: [] });
  expect(screen.getByText("일치한 제목: 입금일")).toBeTruthy();
  expect(screen.getByText("(2.10 미만이면 답변 불가)")).toBeTruthy();
  expect(screen.getByText("근거: 정산 안내")).toBeTruthy();
  expect(screen.getByText("자료 찾기")).toBeTruthy();
  expect(screen.getByRole("button", { name: "입금 계좌는요?" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "정산 안내" })); // as a customer would
  await waitFor(() =>
    expect(server.asked(`POST ${BOT}/try`)[1]?.body).toMatchObject({ question: "정산 안내", version: "draft" }),
  );
});

test("the history is exported with the filters that are set", async () => {
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:file");
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  server.on(`GET ${BOT}/history`, { json: { items: [], looked: 0 } });
  server.on(`GET ${BOT}/history/export`, {
    raw: gzipSync("a workbook"),
    headers: { "Content-Type": "application/gzip", "Content-Disposition": 'attachment; filename="history.xlsx.gz"' },
  });
  showConsole(server, `${page("history")}?decision=refuse&from=2026-11-01&to=2026-11-22`);
  await userEvent.click(await screen.findByRole("button", { name: "XLSX 파일로 내보내기" }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(server.asked(`GET ${BOT}/history/export`)[0]?.query).toEqual({
    decision: "refuse",
    from: "2026-11-01",
    to: "2026-11-22",
    format: "xlsx",
    gzip: "true",
  });
  expect((saved.mock.contexts[0] as HTMLAnchorElement).download).toBe("history.xlsx");
});

const SEEN = {
  decision: "answer",
  text: "예전 답",
  bot_version: "published#1",
  searched_as: null,
  degraded: [],
  latency_ms: 10,
  record: { steps: [], calls: [], requests: 0 },
};

test("why: what differs from the replay is marked", async () => {
  server.on(`GET ${BOT}/history/2026-11-22/C1`, {
    json: {
      chat_id: "C1",
      day: "2026-11-22",
      created_at: "2026-11-22T00:00:00Z",
      user_message: "입금일?",
      system_message: "예전 답",
      status: "done",
      decision: "answer",
      channel: "page",
      bot_version: "published#1",
      degraded: [],
      deleted: false,
      sources: [],
      record: { steps: [], calls: [], candidates: [], requests: 0 },
    },
  });
  server.on(`GET ${BOT}/history/2026-11-22/C1/why`, {
    json: {
      recorded: SEEN,
      replayed: { ...SEEN, decision: "refuse" },
      with_answer: false,
      differences: [{ what: "decision", before: "answer", now: "refuse" }],
      contents: [
        { source_id: "default", faq_id: "a", title: "정산 안내", before_rank: 1, before_score: 0.8, change: "gone" },
      ],
      notes: ["LLM 없이 다시 실행했습니다."],
    },
  });
  showConsole(server, `${page("history")}/2026-11-22/C1`);
  await userEvent.click(await screen.findByRole("button", { name: "다시 실행해 비교" }));
  const now = within(await screen.findByRole("region", { name: "지금" }));
  expect(now.getByText("답변 불가").tagName).toBe("MARK");
  expect(screen.getByText("사라짐")).toBeTruthy();
  expect(screen.getByText("LLM 없이 다시 실행했습니다.")).toBeTruthy();
  expect(server.asked(`GET ${BOT}/history/2026-11-22/C1/why`)[0]?.query).toEqual({ with_answer: "false" });
});

test("a surge begins the notice that answers it", async () => {
  const surge = { questions: 12, askers: 9, times_usual: 30, examples: ["결제가 안 돼요"], chat_ids: ["C9"] };
  server.on(`GET ${BOT}/surges`, { json: { questions: 12, complete: true, surges: [surge] } });
  server.on(`GET ${BOT}/notice`, { json: { notice: null } });
  server.on(`PUT ${BOT}/notice`, ({ body }) => ({
    json: { notice: { text: body["text"], until: "2026-11-22T03:00:00Z" } },
  }));
  showConsole(server, page("insights"));
  await userEvent.click(await screen.findByRole("button", { name: "알림으로 안내하기" }));
  await userEvent.type(screen.getByRole("textbox", { name: "알림 내용" }), ": 복구하고 있습니다");
  await userEvent.click(screen.getByRole("button", { name: "고정" }));
  expect(await screen.findByText("결제가 안 돼요: 복구하고 있습니다")).toBeTruthy();
  expect(sent(`PUT ${BOT}/notice`)).toEqual({ text: "결제가 안 돼요: 복구하고 있습니다", minutes: 60 });
});

test("the list of bots shows how the days that were chosen went for each that serves, the last week first", async () => {
  const none = { count: 0, share: 0 };
  const shares = { answered: { count: 1000, share: 0.8104 }, clarified: none, refused: none, helpful_share: null };
  const figures = { questions: 1234, ...shares, input_tokens: 1_000_000, output_tokens: 200_000, cost_won: 1500 };
  server.on("GET /v1/admin/insights", { json: [{ bot_id: "default", ...figures }] });
  showConsole(server, "/admin/bots");
  const row = (await screen.findByText("1,234")).closest("tr") as HTMLElement;
  expect(within(row).getByText("81.0%")).toBeTruthy();
  expect(within(row).getByText("120만")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "28일" }));
  await waitFor(() => expect(server.asked("GET /v1/admin/insights").length).toBe(2));
  const [week, four] = server.asked("GET /v1/admin/insights").map(({ query: { from, to } }) => ({ from, to }));
  const days = [week, four].map((one) => (Date.parse(String(one?.to)) - Date.parse(String(one?.from))) / 86_400_000);
  expect(days).toEqual([6, 27]);
  const headers = { "Content-Disposition": 'attachment; filename="insights.csv"' };
  server.on("GET /v1/admin/insights.csv", { json: "챗봇 ID", headers });
  const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:file");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  await userEvent.click(screen.getByRole("button", { name: "챗봇별 CSV" }));
  await waitFor(() => expect(made).toHaveBeenCalledOnce());
  expect(server.asked("GET /v1/admin/insights.csv")[0]?.query).toEqual(four);
});

test("golden questions are asked, and those that are missed are told", async () => {
  const golden = { golden_id: "G1", question: "입금일?", faq_ids: ["a"], contents: [{ faq_id: "a", title: null }] };
  const run = { at: "2026-11-22T00:00:00Z", bot_version: "v", golden: 1, right: 0, missed: [] };
  server.on(`GET ${BOT}/golden`, { json: [golden] });
  server.on(`GET ${BOT}/golden/runs`, { json: [run] });
  server.on(`POST ${BOT}/golden/run`, {
    json: { ...run, missed: [{ golden_id: "G1", question: "입금일?", decision: "refuse" }] },
  });
  showConsole(server, page("golden"));
  expect(await screen.findByText("틀린 질문을 보려면 다시 물어봐 주세요.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "모두 물어보기" }));
  expect(await screen.findByText("틀린 질문")).toBeTruthy();
  expect(screen.getAllByText("입금일?")).toHaveLength(2);
});

test("of a golden question with personal data the operator is told what was kept", async () => {
  server.on(`GET ${BOT}/golden`, { json: [] });
  server.on(`GET ${BOT}/golden/runs`, { json: [] });
  server.on(`POST ${BOT}/golden`, { status: 201, json: { question: "[전화번호]로 주실래요?", masked: true } });
  showConsole(server, page("golden"));
  await userEvent.click(await screen.findByRole("button", { name: "기준 질문 추가" }));
  await userEvent.type(screen.getByRole("textbox", { name: "질문" }), "010-0123-4567로 주실래요?");
  await userEvent.click(screen.getByRole("button", { name: "저장" }));
  expect(await screen.findByText("개인정보를 가리고 저장했습니다: [전화번호]로 주실래요?")).toBeTruthy();
});

test("settings are saved whole on the state they were loaded with, and what is wrong stands where it is", async () => {
  server.on(`PUT ${BOT}/draft`, {
    status: 422,
    json: {
      error_message: "입력값이 올바르지 않습니다.",
      code: "invalid_fields",
      problems: [
        { path: "thresholds.answer_from", message: "1 이하여야 합니다." },
        { path: "synonyms.0.terms", message: "값이 필요합니다." },
        { path: "replies.greeting", message: "한국어 문구가 필요합니다." },
      ],
    },
  });
  showConsole(server, page("settings"));
  await userEvent.click(await screen.findByRole("tab", { name: "검색과 판단" }));
  const field = screen.getByRole("spinbutton", { name: "바로 답하는 확신도" });
  await userEvent.clear(field);
  await userEvent.type(field, "2");
  const add = screen.getByRole("button", { name: "같은 말 추가" });
  await userEvent.click(add); // a row that says nothing is not sent, and stands in nobody's way
  await userEvent.click(add);
  await userEvent.type(screen.getAllByRole("textbox", { name: /고객의 말/ })[1] as HTMLElement, "환급");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
  expect(screen.getByRole("textbox", { name: /고객의 말/ })).toHaveProperty("value", "환급");
  expect(screen.getByRole("textbox", { name: "콘텐츠의 말" }).getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("tab", { name: "검색과 판단 고칠 곳 2" })).toBeTruthy();
  await userEvent.click(screen.getByRole("tab", { name: "정해진 답 고칠 곳 1" }));
  expect(within(screen.getByRole("tabpanel")).getByText("한국어 문구가 필요합니다.")).toBeTruthy();
  expect(sent(`PUT ${BOT}/draft`)).toMatchObject({
    based_on: "b1",
    bot: { name: "가온마켓", chat: null, thresholds: { off_topic_refused: 0.97, answer_from: 2 }, min_loading_ms: 0 },
  });
});

test("in the workshop a pasted response is ticked, and what stays hidden is told", async () => {
  server.on(`POST ${BOT}/workshop`, ({ body }) => {
    const source = body["source"] as { fields: object; records: string };
    const taken = Object.keys(source.fields);
    const path = source.records === "orders" ? "status" : "orders[].status";
    return {
      json: {
        lists: [{ path: "orders", members: 2 }],
        fields: [{ path, type: "string", taken: taken.length > 0 }],
        records: [],
        text: taken.length > 0 ? "상태: 배송 중" : "",
        withheld: ["orders[].phone"],
        problem: null,
      },
    };
  });
  showConsole(server, page("workshop"));
  await userEvent.click(await screen.findByRole("textbox", { name: "붙여넣은 응답(JSON)" }));
  await userEvent.paste('{"orders": []}');
  await userEvent.click(screen.getByRole("button", { name: "붙여넣은 응답으로 확인" }));
  await userEvent.click(await screen.findByRole("button", { name: "orders (2건)" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /^status/ }));
  expect(screen.getByText("바꾼 내용을 보려면 다시 확인해 주세요.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "붙여넣은 응답으로 확인" }));
  expect(await screen.findByText("상태: 배송 중")).toBeTruthy();
  expect(screen.getByText("orders[].phone")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/workshop`)[2]?.body).toMatchObject({
    sample: '{"orders": []}',
    source: { records: "orders", fields: { status: { path: "status", type: "string", label: "status" } } },
  });
});

test("a new key is shown once, and its bots are those that were chosen", async () => {
  server.on("GET /v1/admin/keys", { json: [] });
  server.on("POST /v1/admin/keys", {
    status: 201,
    json: {
      key_id: "k2",
      name: "상담팀",
      role: "editor",
      ends_with: "wxyz",
      created_at: "2026-11-22T00:00:00Z",
      key: "ha_new",
    },
  });
  showConsole(server, "/admin/keys");
  await userEvent.click(await screen.findByRole("button", { name: "운영자 키 발급" }));
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: "이름" }), "상담팀");
  await userEvent.click(dialog.getByRole("checkbox", { name: "모든 챗봇" }));
  expect((dialog.getByRole("button", { name: "발급" }) as HTMLButtonElement).disabled).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox", { name: "가온마켓" }));
  await userEvent.click(dialog.getByRole("button", { name: "발급" }));
  expect(((await screen.findByRole("textbox", { name: "새 키" })) as HTMLInputElement).value).toBe("ha_new");
  expect(sent("POST /v1/admin/keys")).toEqual({ name: "상담팀", role: "editor", bots: ["default"] });
  await userEvent.click(screen.getByRole("button", { name: "보관했습니다" }));
  expect(screen.queryByDisplayValue("ha_new")).toBeNull();
});

test("unsaved work is not left without a question", async () => {
  server.on(`GET ${BOT}/golden`, { json: [] });
  const asked = vi.spyOn(window, "confirm").mockReturnValue(false);
  showConsole(server, page("settings"));
  await userEvent.type(await screen.findByRole("textbox", { name: "이름" }), "!");
  await userEvent.click(screen.getByRole("link", { name: "기준 질문" }));
  expect(asked).toHaveBeenCalledOnce();
  expect(location.pathname).toBe(page("settings"));
  asked.mockReturnValue(true);
  await userEvent.click(screen.getByRole("link", { name: "기준 질문" }));
  expect(location.pathname).toBe(page("golden"));
});

const GOLDEN = {
  golden_id: "g1",
  question: "가입비가 있나요?",
  faq_ids: ["join-001"],
  contents: [{ faq_id: "join-001", title: "가입 방법" }],
  note: "",
  updated_at: "2026-11-22T00:00:00Z",
  revision: "1",
};

test("contents of a golden question are found and told by title; what somebody else saved meanwhile is shown", async () => {
  const theirs = { ...GOLDEN, question: "입점비가 있나요?", contents: [], faq_ids: [], revision: "2" };
  server.on(`GET ${BOT}/golden`, { json: [GOLDEN] });
  server.on(`GET ${BOT}/golden/runs`, { json: [] });
  server.on(`GET ${BOT}/contents`, { json: { contents: [{ faq_id: "join-002", title: "입점 비용" }], cursor: null } });
  server.on(`PUT ${BOT}/golden/g1`, { status: 409, json: { error_message: "먼저", code: "conflict" } });
  showConsole(server, page("golden"));
  expect(await screen.findByRole("link", { name: "가입 방법 join-001" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "‘가입비가 있나요?’ 수정" }));
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.type(dialog.getByRole("searchbox", { name: "정답 콘텐츠" }), "비용");
  await userEvent.click(await dialog.findByRole("button", { name: "입점 비용 join-002" }));
  await userEvent.type(dialog.getByRole("textbox", { name: "메모" }), "내 메모");
  server.on(`GET ${BOT}/golden`, { json: [theirs] });
  await userEvent.click(dialog.getByRole("button", { name: "저장" }));
  expect(await dialog.findByText("입점비가 있나요?")).toBeTruthy(); // theirs, beside
  expect(dialog.getByRole<HTMLInputElement>("textbox", { name: "메모" }).value).toBe("내 메모"); // mine, kept
  server.on(`PUT ${BOT}/golden/g1`, { json: { ...GOLDEN, masked: false } });
  await userEvent.click(dialog.getByRole("button", { name: "내 내용으로 저장" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const [first, second] = server.asked(`PUT ${BOT}/golden/g1`).map((one) => one.body);
  const mine = { question: "가입비가 있나요?", faq_ids: ["join-001", "join-002"], note: "내 메모" };
  expect([first, second]).toEqual([
    { ...mine, based_on: "1" },
    { ...mine, based_on: "2" },
  ]);
});
