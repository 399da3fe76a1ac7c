/** The pictures of `docs/images/`, made of the real page: `make screenshots`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { Chat } from "./chat";
import type { Console } from "./console";
import { test } from "./test";

const IMAGES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "images");
const ASKED = "입점 심사는 며칠 걸려요?";

async function take(shown: Chat | Console, name: string): Promise<void> {
  // Before it is rendered, Markdown is shown as it is
  if ("exchanges" in shown && (await shown.exchanges.count()) > 0) await shown.last.locator(".prose").first().waitFor();
  await takePage(shown.page, name);
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

test("the console: contents, a draft, the gate before it is published", async ({ operators }) => {
  const { page } = operators;
  const title = "품절된 상품을 다시 판매하려면 어떻게 하나요?";
  await operators.call("POST", "/golden", { question: title, faq_ids: ["prod-010"], note: "자주 묻는 질문" });
  await operators.call("POST", "/golden", { question: "품절을 풀려면요?", faq_ids: ["prod-010"] });
  await operators.call("POST", "/golden", { question: ASKED, faq_ids: ["join-006"] });
  await operators.open("콘텐츠");
  await page.getByRole("table").getByRole("link").first().waitFor();
  await take(operators, "console-contents");

  await operators.openContent("옵션은 몇 개까지 만들 수 있나요?");
  await page.getByRole("textbox", { name: "비슷한 제목" }).fill("옵션 개수 제한\n옵션을 더 만들고 싶어요");
  await operators.button("초안 저장").click();
  await page.getByText("수정 초안").waitFor();
  await page.getByRole("tab", { name: "변경 내용" }).click();
  await page.evaluate(() => window.scrollTo(0, 0));
  await take(operators, "console-content");

  await operators.goTo("콘텐츠");
  await operators.openContent(title);
  await operators.button("삭제").click();
  await operators.inDialog("삭제").click();
  await operators.button("게시").click();
  await operators.dialog.getByText("나빠짐").first().waitFor();
  await take(operators, "console-gate");
});

test("the console: a question's whole way, why an answer, figures", async ({ chat, operators }) => {
  const { page } = operators;
  for (const question of [
    ASKED,
    "오늘 서울 날씨 어때요?",
    "정산 계좌를 바꾸고 싶어요",
    "개인 판매자도 입점할 수 있나요?",
  ]) {
    await chat.askAndRead(question);
  }
  await operators.open("질문해 보기");
  await page.getByRole("textbox", { name: "질문" }).fill(ASKED);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "자세히 보기" }).waitFor(); // until its renderer is loaded, Markdown is text
  await page.setViewportSize({ width: 1100, height: 1200 });
  await take(operators, "console-try");

  await operators.goTo("질문 기록");
  await page.getByRole("table").getByRole("link", { name: ASKED }).first().click();
  await operators.button("다시 실행해 비교").click();
  await page.getByRole("region", { name: "지금" }).waitFor();
  await take(operators, "console-why");

  await operators.goTo("지표");
  await page.getByRole("heading", { name: "날짜별 질문" }).waitFor();
  await page.setViewportSize({ width: 1100, height: 1000 });
  await take(operators, "console-insights");
});

test("the console: a group of questions that were not answered, and what a draft would change", async ({
  chat,
  operators,
}) => {
  const { page } = operators;
  const asked = [
    "고등학생인데 장사해도 돼요?",
    "고등학생 장사 가능?",
    "중학생도 장사해도 되나요?",
    "열일곱 살인데 장사 되나요?",
    "고등학생인데 장사할 수 있나요?",
  ];
  for (const question of [...asked, asked[0] ?? ""]) await chat.askAndRead(question);
  await operators.open("개선");
  await page
    .getByRole("table")
    .getByRole("link", { name: asked[0] ?? "", exact: true })
    .click();
  await page.getByRole("checkbox", { name: asked[3] ?? "", exact: true }).uncheck();
  await operators.button("‘미성년자도 판매자로 가입할 수 있나요?’에 비슷한 제목으로 추가").click();
  await page.getByText("에 답할 수 있어요").waitFor();
  await page.setViewportSize({ width: 1100, height: 900 });
  await take(operators, "console-desk");
});

test("the console: settings in the dark, contents on a telephone", async ({ operators }) => {
  const { page } = operators;
  await page.emulateMedia({ colorScheme: "dark" });
  await operators.open("챗봇 설정");
  await page.getByRole("tab", { name: "검색과 판단" }).click();
  await take(operators, "console-settings");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: "메뉴", exact: true }).click();
  await operators.dialog.getByRole("link", { name: "콘텐츠", exact: true }).click();
  await page.getByRole("table").getByRole("link").first().waitFor();
  await take(operators, "console-narrow");
});
