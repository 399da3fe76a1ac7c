/** The pictures of `docs/images/`, made of the real page: `make screenshots`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chat } from "./chat";
import { test } from "./test";

const IMAGES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "images");
const ASKED = "입점 심사는 며칠 걸려요?";

async function take({ page }: Chat, name: string): Promise<void> {
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

test("in the dark", async ({ chat }) => {
  await chat.page.emulateMedia({ colorScheme: "dark" });
  await chat.askAndRead(ASKED);
  await take(chat, "dark");
});
