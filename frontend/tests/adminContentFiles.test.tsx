/** Contents from a file and into one: what would change is shown first. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeHaedap, type Received } from "./fakeHaedap";
import { BOT, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
  server.on(`GET ${BOT}/contents`, { json: { contents: [], cursor: null } });
});
afterEach(() => server.stop());

const IMPORT = `POST ${BOT}/contents/import`;
const NONE = { create: 0, update: 0, unchanged: 0, remove: 0, invalid: 0, conflict: 0 };
const csv = () => new File(["ID,제목,답변\r\na,하나,둘\r\n"], "콘텐츠.csv");

function line(values: object) {
  return { kind: "update", faq_id: "a", title: "하나", row: 2, changes: [], problems: [], left_out: [], ...values };
}

function result(values: object = {}) {
  return {
    fingerprint: "1-2",
    counts: { ...NONE, update: 1, invalid: 1, unchanged: 3 },
    contents: [
      line({ changes: [{ field: "content", before: "처음 답변", after: "고친 답변" }] }),
      line({ kind: "invalid", faq_id: null, title: "", row: 7, problems: [{ path: "title", message: "필요합니다." }] }),
    ],
    removals_held: false,
    ignored: ["메모"],
    applied: null,
    ...values,
  };
}

async function choose(file: File) {
  showConsole(server, "/admin/bots/default/contents");
  await userEvent.click(await screen.findByRole("button", { name: "가져오기" }));
  await userEvent.upload(screen.getByLabelText("파일"), file, { applyAccept: false });
}

test("a chosen file is shown as what it would change, and nothing is drafted", async () => {
  server.on(IMPORT, { json: result() });
  await choose(csv());
  const changes = (await screen.findByText("고칠 것 1개")).closest("details") as HTMLElement;
  expect(within(changes).getByText("처음 답변")).toBeTruthy();
  expect(within(changes).getByText("고친 답변")).toBeTruthy();
  const wrong = screen.getByText("가져올 수 없는 것 1개").closest("details") as HTMLElement;
  expect(within(wrong).getByText("7행")).toBeTruthy();
  expect(within(wrong).getByText(/제목\(대표 질문\): 필요합니다/)).toBeTruthy();
  expect(screen.getByText("그대로인 것 3개")).toBeTruthy();
  expect(screen.getByText(/메모/)).toBeTruthy();
  const [asked, ...more] = server.asked(IMPORT);
  expect(more).toEqual([]);
  expect(asked?.query).toEqual({ format: "csv", remove_missing: "false" });
  expect(asked?.headers["content-type"]).toBe("application/octet-stream");
});

test("what was seen is applied, call by call until nothing remains, and the drafts are listed", async () => {
  let calls = 0;
  server.on(IMPORT, ({ query }: Received) => {
    if (query["dry_run"] !== "false") return { json: result() };
    calls += 1;
    const applied = { created: [], updated: ["a"], removed: [], conflicts: [], remaining: calls === 1 ? 1 : 0 };
    return { json: result({ applied }) };
  });
  await choose(csv());
  await userEvent.click(await screen.findByRole("button", { name: "1개 적용" }));
  expect(await screen.findByText(/초안 2개를 만들었습니다/)).toBeTruthy();
  await waitFor(() => expect(location.search).toBe("?which=drafted"));
  expect(server.asked(IMPORT).map(({ query }) => query["fingerprint"])).toEqual([undefined, "1-2", "1-2"]);
});

test("what a colleague has edited meanwhile stays, and is told", async () => {
  server.on(IMPORT, ({ query }: Received) => {
    const applied = { created: [], updated: [], removed: [], conflicts: ["join-7"], remaining: 0 };
    return { json: result(query["dry_run"] === "false" ? { applied } : {}) };
  });
  await choose(csv());
  await userEvent.click(await screen.findByRole("button", { name: "1개 적용" }));
  expect(await screen.findByText(/다른 사람이 고친 1개/)).toBeTruthy();
  expect(screen.getByText("join-7")).toBeTruthy();
});

test("another wish about what the file does not have is looked at anew", async () => {
  server.on(IMPORT, ({ query }: Received) => ({
    json: query["remove_missing"] === "true" ? result({ counts: { ...NONE, remove: 4 }, contents: [] }) : result(),
  }));
  await choose(csv());
  await screen.findByText("고칠 것 1개");
  await userEvent.click(screen.getByRole("checkbox", { name: /파일에 없는/ }));
  expect(await screen.findByText("삭제 초안이 될 것 4개")).toBeTruthy();
  expect(screen.getByRole("button", { name: "4개 적용" })).toBeTruthy();
});

test("a file that cannot be read is told in the server's words, one of another kind without asking", async () => {
  const message = "XLSX 파일로 읽을 수 없습니다.";
  server.on(IMPORT, { status: 422, json: { error_message: message, code: "unreadable_file", bubbles: [] } });
  await choose(new File(["x"], "a.xlsx"));
  expect((await screen.findByRole("alert")).textContent).toContain(message);
  await userEvent.upload(screen.getByLabelText("파일"), new File(["x"], "a.hwp"), { applyAccept: false });
  expect((await screen.findByRole("alert")).textContent).toContain("골라 주세요");
  expect(server.asked(IMPORT).length).toBe(1);
  expect((screen.getByRole("button", { name: "적용" }) as HTMLButtonElement).disabled).toBe(true);
});

test("contents are exported as they are filtered, by a viewer too, who cannot import", async () => {
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => {} }));
  server.on(`GET ${BOT}/contents/export`, {
    raw: "ID",
    headers: { "Content-Disposition": 'attachment; filename="contents.csv"' },
  });
  showConsole(server, "/admin/bots/default/contents?which=drafted", "viewer");
  await userEvent.click(await screen.findByRole("button", { name: "CSV 파일로 내보내기" }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(server.asked(`GET ${BOT}/contents/export`)[0]?.query).toEqual({
    which: "drafted",
    format: "csv",
    gzip: "true",
  });
  expect(screen.queryByRole("button", { name: "가져오기" })).toBeNull();
  vi.restoreAllMocks();
});

test("publishing all drafts goes on until none waits", async () => {
  let waiting = 450;
  server.on(`POST ${BOT}/contents/rehearse`, {
    json: { not_compared: "no_questions", rehearsals: [], drafts: [], more: 0 },
  });
  server.on(`POST ${BOT}/contents/publish`, () => {
    waiting = Math.max(0, waiting - 200);
    return { json: { changed: ["a"], removed: ["b"], contents: 3, waiting } };
  });
  showConsole(server, "/admin/bots/default/contents");
  await userEvent.click(await screen.findByRole("button", { name: "초안 게시" }));
  await waitFor(() => expect((screen.getByRole("button", { name: "게시" }) as HTMLButtonElement).disabled).toBe(false));
  await userEvent.click(screen.getByRole("button", { name: "게시" }));
  expect(await screen.findByText(/6개를 게시했습니다/)).toBeTruthy();
  expect(server.asked(`POST ${BOT}/contents/publish`).length).toBe(3);
});
