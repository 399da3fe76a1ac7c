/** Log-in: wrong keys are told kindly, a right one is kept, and a role sees what it may do. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHaedap } from "./fakeHaedap";
import { BOT, KEY, line, openConsole, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

async function signIn(key: string) {
  await userEvent.type(await screen.findByLabelText("운영자 키"), key);
  await userEvent.click(screen.getByRole("button", { name: "로그인" }));
}

const REVOKED = { status: 401, json: { error_message: "키 없음", code: "invalid_admin_key" } };

test.each([
  [401, "invalid_admin_key", "키가 맞지 않거나 폐기되었습니다. 다시 확인해 주세요."],
  [403, "not_allowed", "이 키로는 콘솔을 이용할 수 없습니다. 소유자에게 문의해 주세요."],
  [429, "rate_limited", "로그인 시도가 너무 많았습니다. 1분쯤 뒤에 다시 시도해 주세요."],
])("a key that gets %i is told why, and not kept", async (status, code, told) => {
  server.on("GET /v1/admin/me", { status, json: { error_message: "안 됩니다.", code } });
  openConsole(server, "/admin");
  await signIn("ha_wrong");
  expect((await screen.findByRole("alert")).textContent).toBe(told);
  expect(sessionStorage.getItem("haedap.admin.key")).toBeNull();
});

test("a key that no header can hold is a wrong one", async () => {
  openConsole(server, "/admin");
  await signIn("열쇠");
  expect((await screen.findByRole("alert")).textContent).toContain("키가 맞지 않거나");
});

test("a right key is kept for the tab, and the first bot's contents are shown", async () => {
  server.on("GET /v1/admin/me", { json: { key_id: "k1", name: "김운영", role: "editor", bots: null } });
  server.on("GET /v1/admin/bots", { json: [line()] });
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  openConsole(server, "/admin");
  await signIn(` ${KEY} `);
  expect(await screen.findByRole("heading", { name: "콘텐츠", level: 1 })).toBeTruthy();
  expect(location.pathname).toBe("/admin/bots/default/contents");
  expect(sessionStorage.getItem("haedap.admin.key")).toBe(KEY);
  expect(server.requests.every((one) => one.headers.authorization === `Bearer ${KEY}`)).toBe(true);
});

test("a viewer sees what can be read, and nothing that would be refused", async () => {
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  showConsole(server, "/admin/bots/default/contents", "viewer");
  const menu = await screen.findByRole("navigation", { name: "메뉴" });
  const names = within(menu)
    .getAllByRole("link")
    .map((one) => one.textContent);
  expect(names).toEqual(["콘텐츠", "기준 질문", "지표", "개선", "질문 기록", "챗봇 설정", "버전", "챗봇 목록"]);
  expect(screen.queryByRole("link", { name: "새 콘텐츠" })).toBeNull();
});

test("an address that a role may not open is not found", async () => {
  showConsole(server, "/admin/keys", "editor");
  expect(await screen.findByRole("heading", { name: "화면을 찾을 수 없습니다" })).toBeTruthy();
  expect(server.asked("GET /v1/admin/keys")).toEqual([]);
});

test("a key that is refused from the start leads to the log-in", async () => {
  showConsole(server, "/admin/bots/default/contents");
  server.on("GET /v1/admin/me", REVOKED);
  expect((await screen.findByRole("alert")).textContent).toContain("로그인이 끝났습니다");
  expect(sessionStorage.getItem("haedap.admin.key")).toBeNull();
});

/** Begin a golden question, and have the key revoked before it is saved. */
async function typeAndLose() {
  server.on(`GET ${BOT}/golden`, { json: [] });
  server.on(`GET ${BOT}/golden/runs`, { json: [] });
  server.on(`POST ${BOT}/golden`, REVOKED);
  showConsole(server, "/admin/bots/default/golden", "editor");
  await userEvent.click(await screen.findByRole("button", { name: "기준 질문 추가" }));
  await userEvent.type(screen.getByRole("textbox", { name: "질문" }), "가입비가 있나요?");
  await userEvent.click(screen.getByRole("button", { name: "저장" }));
  expect((await screen.findByRole("heading", { name: "운영자 로그인" })).closest("dialog")?.open).toBe(true);
  expect(sessionStorage.getItem("haedap.admin.key")).toBeNull();
}

test("what was typed when a key is revoked is there after the next log-in, and is saved with the new key", async () => {
  await typeAndLose();
  server.on("GET /v1/admin/me", { json: { key_id: "k2", name: "박운영", role: "owner", bots: null } });
  const made = { golden_id: "g1", question: "가입비가 있나요?", faq_ids: [], note: "", revision: "1", masked: false };
  server.on(`POST ${BOT}/golden`, { status: 201, json: made });
  await signIn("ha_new");
  await waitFor(() => expect(screen.queryByRole("heading", { name: "운영자 로그인" })).toBeNull());
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "질문" }).value).toBe("가입비가 있나요?");
  await userEvent.click(screen.getByRole("button", { name: "저장" }));
  expect(await screen.findByText("기준 질문을 저장했습니다.")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/golden`).at(-1)?.headers.authorization).toBe("Bearer ha_new");
});

test("who may see less than the one before finds nothing of theirs", async () => {
  await typeAndLose();
  server.on("GET /v1/admin/me", { json: { key_id: "k2", name: "박운영", role: "editor", bots: ["default"] } });
  await signIn("ha_new");
  expect(await screen.findByRole("button", { name: "기준 질문 추가" })).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("textbox", { name: "질문" })).toBeNull());
});

test("logging out forgets the key", async () => {
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  showConsole(server, "/admin/bots/default/contents");
  await userEvent.click(await screen.findByRole("button", { name: "로그아웃" }));
  expect(await screen.findByRole("heading", { name: "운영자 로그인" })).toBeTruthy();
  await waitFor(() => expect(sessionStorage.getItem("haedap.admin.key")).toBeNull());
});
