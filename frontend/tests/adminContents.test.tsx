/** Contents in the console: listed, edited, and published behind the gate. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeHaedap, type Received } from "./fakeHaedap";
import { BOT, botDetail, content, contentDetail, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const ONE = `${BOT}/contents/settle-001`;
const PAGE = "/admin/bots/default/contents/settle-001";
const field = (name: string) => screen.findByRole("textbox", { name });

function listed(faqId: string, drafted: "edit" | null = null) {
  return {
    faq_id: faqId,
    title: `제목 ${faqId}`,
    tags: [],
    category: "정산",
    category_inferred: false,
    similar_titles: 1,
    services: [],
    effective_on: null,
    expires_on: null,
    expired: false,
    upcoming: false,
    drafted,
    updated_at: null,
  };
}

/** A draft of the content, as it was sent. */
function saved({ body }: Received) {
  const draft = content(body["content"] as object);
  return {
    json: contentDetail({ based_on: "c2", draft, drafted: "edit", left_out: ["그림: https 주소가 아닙니다."] }),
  };
}

test("the list goes on where a page ended, and is searched by the server", async () => {
  server.on(`GET ${BOT}/contents`, ({ query }) => {
    if (query["q"]) return { json: { contents: [listed("found")], cursor: null } };
    return query["cursor"]
      ? { json: { contents: [listed("b")], cursor: null } }
      : { json: { contents: [listed("a")], cursor: "a" } };
  });
  showConsole(server, "/admin/bots/default/contents");
  expect(await screen.findByRole("link", { name: "제목 a" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "더 보기" }));
  expect(await screen.findByRole("link", { name: "제목 b" })).toBeTruthy();
  await userEvent.type(screen.getByRole("searchbox", { name: /찾기$/ }), "정산{Enter}");
  expect(await screen.findByRole("link", { name: "제목 found" })).toBeTruthy();
  expect(location.search).toBe(`?${new URLSearchParams({ q: "정산" })}`);
});

test("contents that another's bot draws on are shown, and nothing that would be refused is offered", async () => {
  server.on(`GET ${BOT}/contents`, { json: { contents: [listed("a")], cursor: null } });
  showConsole(server, "/admin/bots/default/contents", "editor");
  server.on(`GET ${BOT}`, { json: botDetail({ editable_sources: [] }) });
  expect(await screen.findByText(/다른 챗봇도 함께 쓰는 콘텐츠입니다/)).toBeTruthy();
  expect(await screen.findByRole("link", { name: "제목 a" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /게시|가져오기/ })).toBeNull();
  expect(screen.queryByRole("checkbox")).toBeNull();
});

test("saving sends all of a content, keeps a draft, and tells what was left out", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`PUT ${ONE}`, saved);
  showConsole(server, PAGE);
  await userEvent.type(await field("비슷한 제목"), "\n입금일\n\n");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  expect((await screen.findByRole("alert")).textContent).toContain("https 주소가 아닙니다");
  expect(server.asked(`PUT ${ONE}`)[0]?.body).toEqual({
    based_on: "c1",
    content: {
      title: "정산은 언제 되나요?",
      content: "다음 영업일에 입금됩니다.",
      similar_titles: ["돈은 언제 들어오나요?", "입금일"],
      accepted_summaries: [],
      service_answers: {},
      category: "정산",
      tags: [],
      url: null,
      related_ids: ["settle-002"],
      media: [],
      effective_on: null,
      expires_on: null,
    },
  });
  expect(screen.getByRole("button", { name: "게시" })).toBeTruthy();
});

test("what differs from what is served is shown while it is written", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  showConsole(server, PAGE);
  await userEvent.click(await screen.findByRole("tab", { name: "변경 내용" }));
  expect(screen.getByText("게시본과 같습니다.")).toBeTruthy();
  await userEvent.type(await field("제목(대표 질문)"), " 알려 주세요");
  expect(screen.getByRole("tabpanel").textContent).toContain("정산은 언제 되나요? 알려 주세요");
});

test("what is wrong stands beside its field, and nothing that was written is lost", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`PUT ${ONE}`, {
    status: 422,
    json: {
      error_message: "입력값이 올바르지 않습니다.",
      code: "invalid_fields",
      problems: [{ path: "expires_on", message: "종료일은 시작일보다 빠를 수 없습니다." }],
    },
  });
  showConsole(server, PAGE);
  const title = await field("제목(대표 질문)");
  await userEvent.type(title, "!");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  await waitFor(() => expect(screen.getByLabelText("종료일").getAttribute("aria-invalid")).toBe("true"));
  expect((title as HTMLInputElement).value).toBe("정산은 언제 되나요?!");
});

test("an edit of what somebody else has changed is refused, and stays in the form", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`PUT ${ONE}`, { status: 409, json: { error_message: "다른 곳에서 먼저 바꾸었습니다.", code: "conflict" } });
  showConsole(server, PAGE);
  const title = await field("제목(대표 질문)");
  await userEvent.type(title, "!");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  expect((await screen.findByRole("alert")).textContent).toContain("다른 곳에서 먼저 바꾸었습니다.");
  expect((title as HTMLInputElement).value).toContain("!");
});

test("what somebody else has saved is shown beside, and is written over by a second yes alone", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`PUT ${ONE}`, () => {
    const theirs = content({ title: "정산 주기가 궁금해요" });
    server.on(`GET ${ONE}`, { json: contentDetail({ based_on: "c2", draft: theirs, drafted: "edit" }) });
    return { status: 409, json: { error_message: "먼저", code: "conflict" } };
  });
  showConsole(server, PAGE);
  await userEvent.type(await field("제목(대표 질문)"), "!");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  const mine = await screen.findByRole("button", { name: "내 내용으로 저장" });
  expect(within(screen.getByRole("alert")).getByText("정산 주기가 궁금해요")).toBeTruthy();
  server.on(`PUT ${ONE}`, { json: contentDetail({ based_on: "c3" }) });
  await userEvent.click(mine);
  await screen.findByText(/초안을 저장했습니다/);
  const [first, second] = server.asked(`PUT ${ONE}`).map(({ body }) => body);
  expect([first?.["based_on"], second?.["based_on"]]).toEqual(["c1", "c2"]);
  expect(second?.["content"]).toMatchObject({ title: "정산은 언제 되나요?!" });
});

test("findings of the health check lead to the other content", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`GET ${ONE}/health`, {
    json: [{ kind: "contradiction", message: "숫자가 다릅니다.", faq_id: "settle-009", title: "정산 주기" }],
  });
  showConsole(server, PAGE);
  await userEvent.click(await screen.findByRole("tab", { name: "점검" }));
  const other = await screen.findByRole("link", { name: "정산 주기" });
  expect(other.getAttribute("href")).toBe("/admin/bots/default/contents/settle-009");
});

test("what was saved is checked, and how much there is to look at is said", async () => {
  const finding = { message: "숫자가 다릅니다.", faq_id: "settle-009", title: "정산 주기" };
  server.on(`GET ${ONE}`, { json: contentDetail() });
  server.on(`PUT ${ONE}`, {
    json: contentDetail({ based_on: "c2", draft: content({ title: "새" }), drafted: "edit" }),
  });
  server.on(`GET ${ONE}/health`, {
    json: [
      { kind: "not_reviewed", message: "검토 안내 줄이 남아 있습니다." },
      { kind: "contradiction", ...finding },
    ],
  });
  showConsole(server, PAGE);
  await userEvent.type(await field("제목(대표 질문)"), "!");
  expect(screen.getByRole("tab", { name: "점검" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  await userEvent.click(await screen.findByRole("tab", { name: "점검 2" }));
  expect(screen.getByText(/초안을 저장했습니다/).textContent).toContain("\n점검할 것이 2개 있어요.");
  expect(await screen.findByText("검토 전")).toBeTruthy();
});

const WORSE = {
  question: "입금일이 언제죠?",
  golden: true,
  count: null,
  before: { decision: "answer", source_id: "default", faq_id: "settle-001", title: "정산" },
  after: { decision: "refuse", source_id: null, faq_id: null, title: null },
  verdict: "worse",
  golden_id: "g1",
};

const DRAFTS = { drafts: [{ faq_id: "settle-001", title: "새 제목", drafted: "edit" }], more: 12 };

function rehearsal(changes: unknown[], frequent = 0) {
  const counted = { asked: 3 + frequent, golden: 3, frequent, right_before: 3, right_after: 2 };
  return { not_compared: null, ...DRAFTS, rehearsals: [{ bot_id: "default", rehearsal: { ...counted, changes } }] };
}

async function openPublishing() {
  server.on(`GET ${ONE}`, { json: contentDetail({ draft: content({ title: "새 제목" }), drafted: "edit" }) });
  showConsole(server, PAGE);
  await userEvent.click(await screen.findByRole("button", { name: "게시" }));
  return within(await screen.findByRole("dialog"));
}

test("frequent questions are listed apart from golden ones, and need no second yes", async () => {
  const frequent = { ...WORSE, question: "돈은 언제 들어와요?", golden: false, golden_id: null, count: 1234 };
  server.on(`POST ${BOT}/contents/rehearse`, { json: rehearsal([frequent], 300) });
  const dialog = await openPublishing();
  const heading = await dialog.findByRole("heading", { name: "최근 14일 동안 자주 들어온 질문 300개" });
  const list = within(heading.parentElement as HTMLElement);
  expect(list.getByText("나빠짐").parentElement?.textContent).toContain("돈은 언제 들어와요?1,234번 물음");
  const golden = dialog.getByRole("heading", { name: "기준 질문 3개 중 정답 3개 → 2개" }).parentElement as HTMLElement;
  expect(within(golden).getByText("답이 달라지는 질문이 없습니다.")).toBeTruthy();
  expect(dialog.queryByRole("checkbox")).toBeNull();
  expect((dialog.getByRole("button", { name: "게시" }) as HTMLButtonElement).disabled).toBe(false);
});

test("publishing what loses a golden question needs a second yes", async () => {
  server.on(`POST ${BOT}/contents/rehearse`, { json: rehearsal([WORSE]) });
  server.on(`POST ${BOT}/contents/publish`, { json: { changed: ["settle-001"], removed: [], contents: 10 } });
  const dialog = await openPublishing();
  const publish = (await dialog.findByRole("button", { name: "그래도 게시" })) as HTMLButtonElement;
  await dialog.findByText("입금일이 언제죠?");
  const drafts = within(dialog.getByRole("list", { name: "게시할 초안" })).getAllByRole("listitem");
  expect(drafts.map((one) => one.textContent)).toEqual(["수정 새 제목", "외 12개"]);
  expect(publish.disabled).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox"));
  await userEvent.click(publish);
  expect(await screen.findByText("1개를 게시했습니다. 2초 안에 검색됩니다.")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/contents/publish`)[0]?.body).toEqual({
    faq_ids: ["settle-001"],
    lose_golden: ["g1"],
  });
});

test("before contents of a bot that does not serve yet nothing is compared, and why is told", async () => {
  server.on(`POST ${BOT}/contents/rehearse`, { json: { not_compared: "not_served", rehearsals: [], ...DRAFTS } });
  const dialog = await openPublishing();
  expect(await dialog.findByText(/챗봇이 아직 게시되지 않아 달라질 답이 없습니다/)).toBeTruthy();
  expect((dialog.getByRole("button", { name: "게시" }) as HTMLButtonElement).disabled).toBe(false);
});

test("a golden question that is lost meanwhile is asked about again", async () => {
  let changes: unknown[] = [];
  server.on(`POST ${BOT}/contents/rehearse`, () => ({ json: rehearsal(changes) }));
  server.on(`POST ${BOT}/contents/publish`, {
    status: 409,
    json: { error_message: "나빠집니다.", code: "loses_golden" },
  });
  const dialog = await openPublishing();
  await dialog.findByText("답이 달라지는 질문이 없습니다.");
  changes = [WORSE];
  await userEvent.click(dialog.getByRole("button", { name: "게시" }));
  expect(await dialog.findByText("입금일이 언제죠?")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/contents/publish`)[0]?.body["lose_golden"]).toEqual([]);
  expect((dialog.getByRole("button", { name: "그래도 게시" }) as HTMLButtonElement).disabled).toBe(true);
});

test("a removed content is shown as it was, and brought back as a draft", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail({ published: null, removed: content() }) });
  server.on(`POST ${ONE}/restore`, {
    status: 201,
    json: contentDetail({ based_on: "c3", published: null, draft: content(), drafted: "new" }),
  });
  showConsole(server, PAGE);
  await userEvent.click(await screen.findByRole("button", { name: "되살리기" }));
  expect(await screen.findByText("새 초안")).toBeTruthy();
  expect(server.asked(`POST ${ONE}/restore`)[0]?.body).toEqual({ based_on: "c1" });
});

test("a new content is kept under the id that it gets, and edited on at its address", async () => {
  const made = contentDetail({ faq_id: "new-1", published: null, draft: content({ faq_id: "new-1" }), drafted: "new" });
  server.on(`POST ${BOT}/contents`, { status: 201, json: made });
  server.on(`GET ${BOT}/contents/new-1`, { json: made });
  const asked = vi.spyOn(window, "confirm").mockReturnValue(false);
  showConsole(server, "/admin/bots/default/contents/content/new");
  await userEvent.type(await field("제목(대표 질문)"), "선물 포장이 되나요?");
  await userEvent.type(await field("답변"), "네");
  await userEvent.click(screen.getByRole("button", { name: "초안 저장" }));
  expect(await screen.findByText("새 초안")).toBeTruthy();
  expect(location.pathname).toBe("/admin/bots/default/contents/new-1");
  expect(asked).not.toHaveBeenCalled();
  expect(server.asked(`POST ${BOT}/contents`)[0]?.body).toMatchObject({
    faq_id: null,
    content: { title: "선물 포장이 되나요?", content: "네" },
  });
});

test("a draft of what was never published is thrown away with all of it", async () => {
  server.on(`GET ${ONE}`, { json: contentDetail({ published: null, draft: content(), drafted: "new" }) });
  server.on(`DELETE ${ONE}/draft`, { status: 204 });
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  showConsole(server, PAGE);
  await userEvent.click(await screen.findByRole("button", { name: "초안 버리기" }));
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "초안 버리기" }));
  await waitFor(() => expect(location.pathname).toBe("/admin/bots/default/contents"));
  expect(server.asked(`DELETE ${ONE}/draft`)[0]?.query).toEqual({ based_on: "c1" });
});
