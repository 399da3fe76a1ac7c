/** A customer's way through the page: from the first visit to feedback, by taps and by questions. */
import { expect, test } from "./test";

const ASKED = "입점 심사는 며칠 걸려요?";

test("a first visitor finds an answer by taps alone and rates it, once", async ({ chat }) => {
  await chat.page.getByRole("button", { name: "가입·입점" }).click();
  await chat.button(/입점 심사는 얼마나 걸리나요/).click();
  await expect(chat.last).toContainText("영업일");
  await chat.ended();
  await expect(chat.last).toContainText("검색 완료");

  await chat.button("도움이 됐어요").click();
  await expect(chat.last.getByRole("status").filter({ hasText: "감사합니다" })).toBeVisible();
  await expect(chat.button("도움이 됐어요")).toBeDisabled();
  await expect(chat.button("아쉬워요")).toBeDisabled();

  await chat.reload();
  await expect(chat.last).toContainText("감사합니다");
  await expect(chat.button("도움이 됐어요")).toHaveCount(0);
});

test("what was bad about an answer can be told, with reasons and words", async ({ chat }) => {
  await chat.askAndRead(ASKED);
  await chat.button("아쉬워요").click();
  await chat.last.getByRole("checkbox").first().check();
  await chat.last.getByRole("textbox", { name: "더 알려 주실 내용 (선택)" }).fill("기준이 빠져 있어요.");
  await chat.button("의견 보내기").click();
  await expect(chat.last.getByRole("status").filter({ hasText: "감사합니다" })).toBeVisible();
  await expect(chat.button("의견 보내기")).toBeDisabled();
});

test("a typed question is answered with sources, which open with the matched title marked", async ({ chat }) => {
  await chat.askAndRead(ASKED);
  await expect(chat.last).toContainText("검색 완료");
  await chat.button(/^출처 1: 입점 심사는 얼마나 걸리나요\?/).click();
  const panel = chat.page.getByRole("dialog", { name: "출처 1" });
  await expect(panel.locator("mark")).toHaveText("입점 심사는 얼마나 걸리나요?");
  await expect(panel.getByRole("time").or(panel.locator("time"))).toContainText(/\d+년 \d+월 \d+일 수정/);
  await expect(panel).toContainText("영업일");
  await panel.getByRole("button", { name: "닫기" }).click();
  await expect(panel).toHaveCount(0);
  await expect(chat.button(/^출처 1/)).toBeFocused();
});

test("a follow-up is read in what it follows", async ({ chat }) => {
  await chat.askAndRead("반품 배송비는 누가 내나요?");
  await chat.askAndRead("그럼 교환은요?");
  await expect(chat.button(/^출처 1: 교환 배송비는 얼마를 청구해야 하나요\?/)).toBeVisible();
});

test("what is off topic is refused, without sources and without a finished search", async ({ chat }) => {
  await chat.askAndRead("오늘 서울 날씨 어때요?");
  await expect(chat.last).toContainText("가온마켓 판매자센터");
  await expect(chat.last).not.toContainText("검색 완료");
  await expect(chat.button(/^출처/)).toHaveCount(0);
});

test("who is asked back chooses with a tap", async ({ chat }) => {
  await chat.askAndRead("개인 판매자도 입점할 수 있나요?");
  await expect(chat.last).toContainText("혹시 이 질문인가요?");
  await expect(chat.last).not.toContainText("검색 완료");
  const choice = chat.last.getByRole("listitem").getByRole("button").first();
  const chosen = (await choice.textContent())?.replace(/^\d+/, "") ?? "";
  await choice.click();
  await expect(chat.exchanges).toHaveCount(2);
  await chat.ended();
  await expect(chat.last).toContainText(chosen);
  await expect(chat.last).toContainText("검색 완료");
});

test("what was tapped reads the same after a reload, and is asked again in its own place", async ({ chat }) => {
  await chat.page.getByRole("button", { name: "가입·입점" }).click();
  await chat.button(/입점 심사는 얼마나 걸리나요/).click();
  await chat.ended();
  await chat.button("다시 묻기").click();
  await chat.ended();
  const before = await chat.exchanges.allTextContents(); // what is out of sight has no layout, and no lines
  expect(before).toHaveLength(2);
  await chat.reload();
  await expect(chat.exchanges).toHaveText(before);
});

test("an answer is asked for again, and the last question edited: each replaces what was there", async ({ chat }) => {
  await chat.askAndRead("입점 심사는 언제 끝나요?");
  await chat.button("다시 묻기").click();
  await chat.ended();
  await expect(chat.exchanges).toHaveCount(1);

  await chat.button("질문 고치기").click();
  const edited = chat.last.getByRole("textbox", { name: "고친 질문" });
  await expect(edited).toHaveValue("입점 심사는 언제 끝나요?");
  await edited.fill("정산 계좌를 바꾸고 싶어요");
  await chat.button("고쳐서 묻기").click();
  await expect(chat.button(/^출처 1: 정산 계좌를 변경하는 방법/)).toBeVisible();
  await chat.ended();
  await expect(chat.exchanges).toHaveCount(1);

  await chat.reload();
  await expect(chat.exchanges).toHaveCount(1);
  await expect(chat.last).toContainText("정산 계좌를 바꾸고 싶어요");
});

test("an answer is copied without its citations", async ({ chat, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await chat.askAndRead(ASKED);
  await chat.button("답변 복사").click();
  await expect(chat.last.getByRole("status").filter({ hasText: "복사했어요" })).toBeVisible();
  const copied = await chat.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("입점 심사는 얼마나 걸리나요?");
  expect(copied).not.toMatch(/\[\d\]/);
});

test("of two tabs that rate one answer, one does; both say so", async ({ chat }) => {
  await chat.askAndRead(ASKED);
  const tab = await chat.openTab(ASKED);
  await tab.ended();
  const answers: number[] = [];
  for (const { page } of [chat, tab]) {
    page.on("response", (response) => {
      if (new URL(response.url()).pathname === "/v1/feedback") answers.push(response.status());
    });
  }
  await Promise.all([chat.button("도움이 됐어요").click(), tab.button("도움이 됐어요").click()]);
  for (const one of [chat, tab]) {
    await expect(one.button("도움이 됐어요")).toBeDisabled();
    await expect(one.last.getByRole("status").filter({ hasText: /감사합니다|이미/ })).toBeVisible();
  }
  expect(answers.sort()).toEqual([201, 409]);
});

test("what is asked in one tab is in the other when one comes back to it", async ({ chat }) => {
  const first = "입점 심사는 며칠 걸려요?";
  await chat.askAndRead(first);
  const other = await chat.openTab(first);
  await expect(other.exchanges).toHaveCount(1);
  await chat.askAndRead("정산 계좌를 바꾸고 싶어요");
  await other.page.evaluate(() => dispatchEvent(new Event("visibilitychange"))); // headless, all tabs are in front
  await expect(other.exchanges).toHaveCount(2);
  await expect(other.last).toContainText("정산 계좌를 바꾸고 싶어요");
});

test("who is offline is told so, and asks once when back", async ({ chat, context }) => {
  await context.setOffline(true);
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("연결이 끊겼습니다.");
  await context.setOffline(false);
  await chat.button("다시 시도").click();
  await chat.ended();
  await expect(chat.last).toContainText("영업일");
  await expect(chat.exchanges).toHaveCount(1);
  await chat.reload();
  await expect(chat.exchanges).toHaveCount(1);
});

test("conversations are renamed, searched, opened and deleted", async ({ chat }) => {
  await chat.askAndRead(ASKED);
  await chat.page.getByRole("button", { name: "새 대화" }).click();
  await chat.askAndRead("정산 대금은 언제 입금되나요?");
  await chat.page.getByRole("button", { name: `'${ASKED}' 이름 바꾸기` }).focus();
  await chat.page.keyboard.press("Enter");
  await chat.page.getByRole("textbox", { name: "새 이름" }).fill("심사 이야기");
  await chat.page.getByRole("button", { name: "저장" }).click();
  await expect(chat.sessions.getByRole("button", { name: "심사 이야기", exact: true })).toBeVisible();

  await chat.page.getByRole("searchbox", { name: "대화 검색" }).fill("심사");
  await expect(chat.sessions.getByRole("listitem")).toHaveCount(1);
  await chat.sessions.getByRole("button", { name: "심사 이야기", exact: true }).click();
  await expect(chat.last).toContainText(ASKED);

  await chat.page.getByRole("button", { name: "'심사 이야기' 삭제" }).focus();
  await chat.page.keyboard.press("Enter");
  await chat.page.getByRole("dialog").getByRole("button", { name: "삭제" }).click();
  await expect(chat.sessions).toContainText("찾으시는 대화가 없습니다.");
  await expect(chat.exchanges).toHaveCount(0);
  await chat.page.getByRole("searchbox", { name: "대화 검색" }).fill("");
  await expect(chat.sessions.getByRole("listitem")).toHaveCount(1);
});
