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

test("a key that is revoked while one works leads back to the log-in", async () => {
  server.on(`GET ${BOT}/contents`, { status: 401, json: { error_message: "키 없음", code: "invalid_admin_key" } });
  showConsole(server, "/admin/bots/default/contents");
  expect((await screen.findByRole("alert")).textContent).toContain("로그인이 끝났습니다");
  expect(sessionStorage.getItem("haedap.admin.key")).toBeNull();
});

test("logging out forgets the key", async () => {
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  showConsole(server, "/admin/bots/default/contents");
  await userEvent.click(await screen.findByRole("button", { name: "로그아웃" }));
  expect(await screen.findByRole("heading", { name: "운영자 로그인" })).toBeTruthy();
  await waitFor(() => expect(sessionStorage.getItem("haedap.admin.key")).toBeNull());
});
