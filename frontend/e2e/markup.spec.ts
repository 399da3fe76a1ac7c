/** Markup in a question, in an FAQ or in a model's answer is text: shown as it was written, never run. */
import type { Chat } from "./chat";
import { expect, test } from "./test";

const MARKUP = '<script>window.ran=1</script><img src="x" onerror="window.ran=1">';

/** Nothing ran, and nothing of the conversation is an element that could. */
async function expectOnlyText(chat: Chat): Promise<void> {
  await expect(chat.page.locator("ol script, ol img, ol iframe, dialog script, dialog img")).toHaveCount(0);
  await expect(chat.page.locator('a[href^="javascript:"]')).toHaveCount(0);
  expect(await chat.page.evaluate(() => "ran" in window)).toBe(false);
  expect(chat.problems).toEqual([]);
}

test("markup in a question is shown as it was typed, also in the list and after a reload", async ({ chat }) => {
  await chat.askAndRead(MARKUP);
  await expect(chat.last.getByText(MARKUP)).toBeVisible();
  await expect(chat.sessions.getByRole("button", { name: MARKUP, exact: true })).toBeVisible();
  await chat.reload();
  await expect(chat.last.getByText(MARKUP)).toBeVisible();
  await expectOnlyText(chat);
});

test("markup in an FAQ is shown as text, in the answer and in the panel", async ({ chat }) => {
  await chat.askAndRead("스토어 소개에 HTML을 쓸 수 있나요?");
  await expect(chat.last).toContainText('<img src="x" onerror="window.ran=1">');
  await chat.button(/^출처 1: 스토어 소개에 <img/).click();
  const panel = chat.page.getByRole("dialog");
  await expect(panel).toContainText('<img src="x" onerror="window.ran=1">');
  await expect(panel).toContainText("쓸 수 없습니다.");
  await expectOnlyText(chat);
});

test("markup in what a model says is shown as text", async ({ llmChat: chat, llm }) => {
  await llm.feed({ deltas: ["심사는 영업일로 셉니다. ", MARKUP.slice(0, 20), MARKUP.slice(20), " [1]"] });
  await chat.askAndRead("입점 심사는 며칠 걸려요?");
  await expect(chat.last).toContainText(MARKUP);
  await expectOnlyText(chat);
});
