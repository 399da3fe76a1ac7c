/** The page for everyone: by keyboard alone, on narrow and wide screens, light and dark, and by axe's rules. */
import type { Locator } from "@playwright/test";
import { expectAccessible } from "./axe";
import type { Chat } from "./chat";
import { expect, test } from "./test";

const MOST_STOPS = 40;

/** Press Tab, or Shift+Tab, until something has the focus. */
async function tabTo(chat: Chat, wanted: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await chat.page.keyboard.press(key);
  }
  await expect(wanted).toBeFocused();
}

test("everything can be done by keyboard alone", async ({ chat }) => {
  const { keyboard } = chat.page;
  await expect(chat.field).toBeFocused();
  const category = chat.page.getByRole("button", { name: "가입·입점" });
  await tabTo(chat, category, "Shift+Tab");
  await keyboard.press("Enter");
  await expect(chat.exchanges).toHaveCount(1);
  await tabTo(chat, chat.button(/입점 심사는 얼마나 걸리나요/));
  await keyboard.press("Enter");
  await expect(chat.exchanges).toHaveCount(2);
  await chat.ended();

  await tabTo(chat, chat.button(/^출처 1: /));
  await keyboard.press("Enter");
  await expect(chat.page.getByRole("dialog")).toBeVisible();
  await keyboard.press("Escape");
  await expect(chat.page.getByRole("dialog")).toHaveCount(0);
  await expect(chat.button(/^출처 1: /)).toBeFocused();

  await tabTo(chat, chat.button("도움이 됐어요"));
  await keyboard.press("Enter");
  await expect(chat.last).toContainText("감사합니다");

  await tabTo(chat, chat.field);
  await keyboard.type("정산 대금은 언제 입금되나요?");
  await keyboard.press("Shift+Enter");
  await expect(chat.exchanges).toHaveCount(2); // a new line, not yet a question
  await keyboard.press("Enter");
  await expect(chat.exchanges).toHaveCount(3);
  await chat.ended();

  const rename = chat.page.getByRole("button", { name: /이름 바꾸기$/ }).first();
  await tabTo(chat, rename, "Shift+Tab");
  await keyboard.press("Enter");
  await expect(chat.page.getByRole("textbox", { name: "새 이름" })).toBeFocused();
  await keyboard.type("자판으로");
  await keyboard.press("Enter");
  await expect(chat.sessions).toContainText("자판으로");
});

test("a link skips to the field, the first thing to be reached", async ({ chat }) => {
  await chat.page.locator("body").press("Home");
  await chat.field.evaluate((field) => (field as HTMLElement).blur());
  const skip = chat.page.getByRole("link", { name: "질문 입력란으로 바로 가기" });
  await tabTo(chat, skip, "Shift+Tab");
  await expect(skip).toBeInViewport();
  const box = await skip.boundingBox();
  expect(box?.height).toBeGreaterThan(20);
  await chat.page.keyboard.press("Enter");
  await expect(chat.field).toBeFocused();
  await expect(chat.exchanges).toHaveCount(0);
});

for (const width of [360, 1440]) {
  test(`at ${width} pixels nothing is scrolled sideways`, async ({ chat }) => {
    await chat.page.setViewportSize({ width, height: 740 });
    const expectToFit = async () => {
      const wider = await chat.page.evaluate(() =>
        [
          document.documentElement,
          ...document.querySelectorAll("main, main > div > section, dialog, dialog > div, nav"),
        ]
          .filter((element) => element.scrollWidth > element.clientWidth)
          .map((element) => element.outerHTML.slice(0, 80)),
      );
      expect(wider).toEqual([]);
    };
    await expectToFit();
    await chat.askAndRead("가".repeat(80));
    await chat.askAndRead("반품 배송비는 누가 내나요?");
    await expect(chat.last.getByRole("table")).not.toHaveCount(0);
    await expectToFit();
    await chat.button(/^출처 1: /).click();
    await expect(chat.page.getByRole("dialog")).toBeVisible();
    await expectToFit();
    await chat.page.getByRole("button", { name: "닫기" }).click();
    const list = chat.page.getByRole("button", { name: "대화 목록 열기" });
    if (width < 1024) await list.click();
    else await expect(list).toBeHidden();
    const row = chat.sessions.getByRole("listitem");
    await expect(row).toHaveCount(1);
    await row.hover();
    await expectToFit();
    for (const name of [/이름 바꾸기$/, /삭제$/]) {
      const box = await row.getByRole("button", { name }).boundingBox();
      const list = await chat.sessions.boundingBox();
      expect((box?.x ?? width) + (box?.width ?? 0)).toBeLessThanOrEqual((list?.x ?? 0) + (list?.width ?? 0));
    }
  });
}

test("who likes it dark sees it dark", async ({ chat }) => {
  const lightness = () =>
    chat.page.evaluate(() => Number(getComputedStyle(document.documentElement).backgroundColor.match(/\d+/)?.[0]));
  await chat.page.emulateMedia({ colorScheme: "light" });
  expect(await lightness()).toBeGreaterThan(200);
  await chat.page.emulateMedia({ colorScheme: "dark" });
  expect(await lightness()).toBeLessThan(50);
});

test("axe finds no serious violation from the start to a list of questions", async ({ chat }) => {
  await expectAccessible(chat.page);
  await chat.page.getByRole("button", { name: "가입·입점" }).click();
  await expect(chat.exchanges).toHaveCount(1);
  await expectAccessible(chat.page);
});

test("axe finds no serious violation from an answer to feedback", async ({ chat }) => {
  await chat.askAndRead("입점 심사는 며칠 걸려요?");
  await chat.button(/^출처 1: /).click();
  await expect(chat.page.getByRole("dialog")).toContainText("영업일");
  await expectAccessible(chat.page);
  await chat.page.keyboard.press("Escape");
  await chat.button("아쉬워요").click();
  await expect(chat.button("의견 보내기")).toBeVisible();
  await expectAccessible(chat.page);
  await chat.button("의견 보내기").click();
  await expect(chat.button("의견 보내기")).toBeDisabled();
  await expectAccessible(chat.page);
});

test("axe finds no serious violation where one is asked back, refused, or offline", async ({ chat, context }) => {
  await chat.askAndRead("개인 판매자도 입점할 수 있나요?");
  await chat.askAndRead("오늘 서울 날씨 어때요?");
  await context.setOffline(true);
  await chat.ask("연결이 끊긴 질문");
  await expect(chat.button("다시 시도")).toBeVisible();
  await context.setOffline(false);
  await expectAccessible(chat.page);
});

test("axe finds no serious violation on a telephone, with its list open, and in dialogs", async ({ chat }) => {
  await chat.page.setViewportSize({ width: 360, height: 740 });
  await chat.askAndRead("반품 배송비는 누가 내나요?");
  await expectAccessible(chat.page);
  await chat.page.getByRole("button", { name: "대화 목록 열기" }).click();
  await expect(chat.sessions.getByRole("listitem")).toHaveCount(1);
  await expectAccessible(chat.page);
  await chat.page.getByRole("button", { name: /삭제$/ }).click();
  await expect(chat.page.getByRole("dialog", { name: "대화를 삭제할까요?" })).toBeVisible();
  await expectAccessible(chat.page);
});
