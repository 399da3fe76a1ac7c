/** Contents from Notion: what would change is shown first, and a long run goes on by itself. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHaedap } from "./fakeHaedap";
import { BOT, showConsole } from "./showConsole";

await import("../src/admin/contents/ContentsPage"); // so that it is there at once

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
  server.on(`GET ${PATH}`, { json: { configured: true, targets: [], any: true, open_ids: [] } });
});
afterEach(() => server.stop());

const PATH = `${BOT}/contents/notion`;
const ADDRESS = "https://www.notion.so/gaon/0123456789abcdef0123456789abcdef?v=1";

function report(values: object = {}) {
  return {
    dry_run: true,
    pages: 3,
    created: 1,
    updated: 0,
    removed: 0,
    unchanged: 1,
    conflicts: 1,
    invalid: 0,
    empty: 0,
    unreadable: 0,
    told: [
      { outcome: "create", title: "새 질문", faq_id: "notion-1", why: "" },
      { outcome: "conflict", title: "고친 질문", faq_id: "notion-2", why: "콘솔에서 고친 내용이 있습니다." },
    ],
    left_out: { unsupported: 2 },
    addresses: [],
    more: false,
    retry_after_seconds: null,
    ...values,
  };
}

async function open() {
  showConsole(server, "/admin/bots/default/contents");
  await userEvent.click(await screen.findByRole("button", { name: "Notion에서 가져오기" }));
}

async function check() {
  await open();
  await userEvent.click(await screen.findByRole("textbox", { name: "Notion 주소" }));
  await userEvent.paste(ADDRESS);
  await userEvent.click(screen.getByRole("button", { name: "바뀔 내용 확인" }));
}

test("what would change is shown, and becomes drafts when it is said yes to", async () => {
  server.on(`POST ${PATH}`, ({ body }) => ({ json: report({ dry_run: body["dry_run"] }) }));
  await check();
  const made = (await screen.findByText("새로 만들 것 1개")).closest("details") as HTMLElement;
  expect(within(made).getByText("새 질문")).toBeTruthy();
  expect(screen.getByText(/콘솔에서 고친 내용이 있습니다/)).toBeTruthy();
  expect(screen.getByText("unsupported 2")).toBeTruthy();
  expect(server.asked(`POST ${PATH}`).map(({ body }) => body["dry_run"])).toEqual([true]);
  await userEvent.click(screen.getByRole("button", { name: "초안 1개 가져오기" }));
  expect(await screen.findByText(/초안 1개를 만들었습니다/)).toBeTruthy();
  const asked = server.asked(`POST ${PATH}`)[1]?.body;
  expect(asked).toMatchObject({ kind: "database", address: ADDRESS, dry_run: false, overwrite: false, full: false });
  expect(screen.queryByRole("button", { name: "바뀔 내용 확인" })).toBeNull();
});

test("a run that is not at its end is gone on with", async () => {
  let calls = 0;
  server.on(`POST ${PATH}`, () => ({ json: report({ more: ++calls < 3, pages: calls }) }));
  await check();
  expect(await screen.findByText("새로 만들 것 1개")).toBeTruthy();
  expect(server.asked(`POST ${PATH}`)).toHaveLength(3);
});

test("a limit of Notion's is told, and the operator goes on when it is over", async () => {
  let calls = 0;
  server.on(`POST ${PATH}`, ({ body }) => {
    if (body["dry_run"]) return { json: report() };
    return { json: ++calls === 1 ? report({ more: true, retry_after_seconds: 41 }) : report() };
  });
  await check();
  await userEvent.click(await screen.findByRole("button", { name: "초안 1개 가져오기" }));
  expect(await screen.findByText(/41초 뒤에 이어서/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "이어서 가져오기" }));
  expect(await screen.findByText(/초안 1개를 만들었습니다/)).toBeTruthy();
});

test("what was read last is offered again, with the names of its properties", async () => {
  const last = {
    target: { kind: "page", id: "p1" },
    address: ADDRESS,
    names: { category: "Group" },
    started_at: null,
    finished_at: null,
    unfinished: false,
  };
  server.on(`GET ${PATH}`, { json: { configured: true, targets: [last], any: true, open_ids: [] } });
  server.on(`POST ${PATH}`, { json: report() });
  await open();
  const address = await screen.findByRole("textbox", { name: "Notion 주소" });
  expect((address as HTMLInputElement).value).toBe(ADDRESS);
  await userEvent.click(screen.getByRole("button", { name: "바뀔 내용 확인" }));
  await screen.findByText("새로 만들 것 1개");
  expect(server.asked(`POST ${PATH}`)[0]?.body).toMatchObject({ kind: "page", names: { category: "Group" } });
});

test("without a token it is said what to do, and nothing can be sent", async () => {
  server.on(`GET ${PATH}`, { json: { configured: false, targets: [], any: true, open_ids: [] } });
  await open();
  expect(await screen.findByText(/NOTION_TOKEN/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "바뀔 내용 확인" })).toBeNull();
});

test("what Notion refuses is told in the server's words", async () => {
  server.on(`POST ${PATH}`, {
    status: 404,
    json: { error_message: "Notion에서 찾을 수 없습니다.", code: "notion_not_found" },
  });
  await check();
  expect((await screen.findByRole("alert")).textContent).toContain("Notion에서 찾을 수 없습니다.");
});

test("an editor chooses among what is open, and an owner of all bots closes it", async () => {
  const id = "01234567-89ab-cdef-0123-456789abcdef";
  const known = { target: { kind: "page", id }, address: ADDRESS, names: {}, started_at: null, finished_at: null };
  const targets = [{ ...known, unfinished: false, open: true }];
  let any = false;
  server.on(`GET ${PATH}`, () => ({ json: { configured: true, targets, any, open_ids: any ? [id] : [id, "b"] } }));
  server.on(`DELETE ${PATH}/${id}`, { status: 204 });
  await open();
  await userEvent.click(await screen.findByRole("button", { name: "b 고르기" }));
  expect((screen.getByRole("textbox", { name: "Notion 주소" }) as HTMLInputElement).value).toBe("b");
  await userEvent.click(screen.getByRole("button", { name: `${ADDRESS} 고르기` }));
  expect((screen.getByRole("textbox", { name: "Notion 주소" }) as HTMLInputElement).value).toBe(ADDRESS);
  expect(screen.queryByRole("button", { name: `${ADDRESS} 닫기` })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "취소" }));
  any = true;
  await userEvent.click(screen.getByRole("button", { name: "Notion에서 가져오기" }));
  await userEvent.click(await screen.findByRole("button", { name: `${ADDRESS} 닫기` }));
  expect(await screen.findByText(/편집자가 이 문서를 가져올 수 없게 했습니다/)).toBeTruthy();
});

test("an editor to whom nothing is open is told who can open it", async () => {
  server.on(`GET ${PATH}`, { json: { configured: true, targets: [], any: false, open_ids: [] } });
  await open();
  expect(await screen.findByText(/모든 챗봇의 소유자가 한 번 가져오거나/)).toBeTruthy();
});
