/** The pictures of `docs/images/`, made of the real page: `make screenshots`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { Chat } from "./chat";
import { test } from "./test";

const IMAGES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "images");
const ASKED = "입점 심사는 며칠 걸려요?";

async function take({ page, exchanges, last }: Chat, name: string): Promise<void> {
  if ((await exchanges.count()) > 0) await last.locator(".prose").first().waitFor(); // before, Markdown is shown as it is
  await takePage(page, name);
}

async function takePage(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0); // nothing is hovered
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: "disabled", caret: "hide" });
}

test.use({ viewport: { width: 1100, height: 840 }, colorScheme: "light", contextOptions: { reducedMotion: "reduce" } });

test("start", async ({ chat }) => {
  await chat.page.getByRole("button", { name: "가입·입점" }).waitFor();
  await take(chat, "start");
});

test("an answer with sources, and the panel of one", async ({ chat }) => {
  await chat.askAndRead(ASKED);
  await take(chat, "chat");
  await chat.button(/^출처 1: /).click();
  await chat.page.getByRole("dialog").getByText("영업일").first().waitFor();
  await take(chat, "source");
});

test("asked back", async ({ chat }) => {
  await chat.askAndRead("개인 판매자도 입점할 수 있나요?");
  await take(chat, "clarify");
});

test("refused", async ({ chat }) => {
  await chat.askAndRead("오늘 서울 날씨 어때요?");
  await take(chat, "refusal");
});

test("feedback", async ({ chat }) => {
  await chat.askAndRead("정산 계좌를 바꾸고 싶어요");
  await chat.button("아쉬워요").click();
  await chat.last.getByRole("checkbox").first().check();
  await take(chat, "feedback");
});

test("on a telephone", async ({ chat }) => {
  await chat.page.setViewportSize({ width: 360, height: 740 });
  await chat.askAndRead("반품 배송비는 누가 내나요?");
  await take(chat, "narrow");
});

test("an answer that is coming, and one that broke off", async ({ llmChat: chat, llm }) => {
  const deltas = [
    "입점 심사는 **서류를 모두 낸 날부터 영업일로 1~5일** 걸립니다. ",
    "\n\n- 사업자등록증\n",
    "- 통신판매업 신고증\n",
  ];
  await llm.feed({ deltas, stall_after: 2, stall: 20 });
  await chat.ask(ASKED);
  await chat.last.getByText("사업자등록증").waitFor();
  await take(chat, "streaming");
  await chat.page.getByRole("button", { name: "멈추기" }).click();
  await chat.last.getByText("답변을 멈췄어요.").waitFor();
  await llm.feed({ deltas, disconnect_after: 2 });
  await chat.page.getByRole("button", { name: "새 대화" }).first().click();
  await chat.ask(ASKED);
  await chat.button("다시 시도").waitFor();
  await take(chat, "error");
});

for (const [name, width, height] of [
  ["widget", 1100, 840],
  ["widget-narrow", 360, 740],
] as const) {
  test(`the ${name} on another company's page`, async ({ page, shop }) => {
    await page.setViewportSize({ width, height });
    await page.goto(`${shop.allowed}/?calm`);
    await page.getByRole("button", { name: "챗봇에게 물어보기" }).click();
    const frame = page.frameLocator("haedap-widget iframe");
    const field = frame.getByRole("textbox", { name: "질문", exact: true });
    await field.fill(ASKED);
    await field.press("Enter");
    await frame.getByRole("button", { name: "답변 복사" }).waitFor();
    await frame.locator(".prose").first().waitFor();
    await takePage(page, name);
  });
}

test("in the dark", async ({ chat }) => {
  await chat.page.emulateMedia({ colorScheme: "dark" });
  await chat.askAndRead(ASKED);
  await take(chat, "dark");
});
