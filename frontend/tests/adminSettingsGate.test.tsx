/** The gate before a bot's settings serve: which answers change, and the second yes. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHaedap } from "./fakeHaedap";
import { BOT, botDetail, showConsole } from "./showConsole";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const change = (question: string, verdict: string) => ({
  question,
  golden: true,
  count: null,
  before: { decision: "answer", source_id: "default", faq_id: "settle-001", title: "정산" },
  after: { decision: "clarify", source_id: "default", faq_id: "settle-001", title: "정산" },
  verdict,
  text_differs: false,
  golden_id: `id of ${question}`,
});

function compared(...changes: ReturnType<typeof change>[]) {
  const counted = { asked: 5, golden: 5, frequent: 0, right_before: 4, right_after: 4 };
  return { json: { not_compared: null, rehearsals: [{ bot_id: "default", rehearsal: { ...counted, changes } }] } };
}

const DONE = { json: { version: "published#2", published_at: null, unbuilt_sources: [], unmatched_pins: [] } };
const disabled = (button: HTMLElement) => (button as HTMLButtonElement).disabled;

async function openPublishing() {
  const draft = botDetail().published;
  showConsole(server, "/admin/bots/default/settings");
  server.on(`GET ${BOT}`, { json: botDetail({ has_draft: true, draft_differs: true, draft }) });
  server.on(`GET ${BOT}/diff`, { json: [{ path: "thresholds.answer_from", before: 0.6, after: 0.9 }] });
  await userEvent.click(await screen.findByRole("button", { name: "게시" }));
  return within(await screen.findByRole("dialog"));
}

test("settings that lose a golden question are published with a second yes", async () => {
  server.on(`POST ${BOT}/rehearse`, compared(change("입금일이 언제죠?", "worse"), change("세금은?", "better")));
  server.on(`POST ${BOT}/publish`, DONE);
  const dialog = await openPublishing();
  expect((await dialog.findByText("나빠짐")).parentElement?.textContent).toContain("입금일이 언제죠?");
  expect(dialog.getByText("좋아짐").parentElement?.textContent).toContain("세금은?");
  const publish = dialog.getByRole("button", { name: "그래도 게시" });
  expect(disabled(publish)).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox"));
  await userEvent.click(publish);
  expect(await screen.findByText("게시했습니다. 새 설정으로 답합니다.")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/publish`)[0]?.body).toEqual({
    based_on: "b1",
    lose_golden: ["id of 입금일이 언제죠?"],
  });
});

test("settings that nothing is searched by are published with one yes", async () => {
  server.on(`POST ${BOT}/rehearse`, { json: { not_compared: "unchanged", rehearsals: [] } });
  server.on(`POST ${BOT}/publish`, DONE);
  const dialog = await openPublishing();
  expect(await dialog.findByText(/설정이 바뀌지 않아 비교하지 않았습니다/)).toBeTruthy();
  await userEvent.click(dialog.getByRole("button", { name: "게시" }));
  expect(await screen.findByText("게시했습니다. 새 설정으로 답합니다.")).toBeTruthy();
  expect(server.asked(`POST ${BOT}/publish`)[0]?.body).toEqual({ based_on: "b1", lose_golden: [] });
});

test("an older version that is to serve at once passes the gate too", async () => {
  const version = { version: "published#0", published_at: "2026-11-01T00:00:00Z", published_by: "김", name: "옛" };
  server.on(`GET ${BOT}/versions`, { json: { versions: [version], cursor: null } });
  server.on(`POST ${BOT}/rehearse`, compared(change("입금일이 언제죠?", "worse")));
  server.on(`POST ${BOT}/restore`, { json: botDetail() });
  showConsole(server, "/admin/bots/default/versions");
  await userEvent.click(await screen.findByRole("button", { name: /버전 되살리기$/ }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(disabled(dialog.getByRole("button", { name: "되살리기" }))).toBe(false);
  expect(server.asked(`POST ${BOT}/rehearse`)).toEqual([]); // a draft needs no gate
  await userEvent.click(dialog.getByRole("checkbox", { name: "바로 게시하기" }));
  await dialog.findByText("입금일이 언제죠?");
  expect(server.asked(`POST ${BOT}/rehearse`)[0]?.body).toEqual({ version: "published#0" });
  expect(disabled(dialog.getByRole("button", { name: "그래도 게시" }))).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox", { name: /놓치는 것을 확인했고/ }));
  await userEvent.click(dialog.getByRole("button", { name: "그래도 게시" }));
  await screen.findByText("되살려 게시했습니다.");
  expect(server.asked(`POST ${BOT}/restore`)[0]?.body).toEqual({
    based_on: "b1",
    version: "published#0",
    publish: true,
    lose_golden: ["id of 입금일이 언제죠?"],
  });
});
