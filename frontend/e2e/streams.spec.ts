/** Answers that stream in: with reloads, stops, two tabs, no network, and a language model that fails. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Chat } from "./chat";
import { Line } from "./line";
import { serveHaedap } from "./processes";
import { expect, given, test } from "./test";

const ASKED = "입점 심사는 며칠 걸려요?";
const ANSWER = "심사는 서류를 모두 낸 날부터 영업일로 셉니다. [1]";

/** An answer of so many pieces, one every tenth of a second; after some of them it may wait until it is to go on. */
function pieces(count: number, held: { hold_after?: number } = {}) {
  return { deltas: Array.from({ length: count }, (_, n) => `${n}번째 조각입니다.\n\n`), delay: 0.1, ...held };
}

test("an answer streams in, with a link from its citation to the source", async ({ llmChat: chat, llm }) => {
  await llm.feed(ANSWER);
  await chat.askAndRead(ASKED);
  await expect(chat.last).toContainText("검색 완료");
  await chat.button("출처 1번으로 가기").click();
  await expect(chat.button(/^출처 1: /)).toBeFocused();
});

test("a reload in mid-answer goes on with it", async ({ llmChat: chat, llm }) => {
  await llm.feed(pieces(10, { hold_after: 5 }));
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("2번째 조각");
  await chat.reload();
  await expect(chat.last).toContainText("0번째 조각");
  await expect(chat.page.getByRole("button", { name: "멈추기" })).toBeVisible();
  await llm.goOn();
  await chat.ended();
  await expect(chat.last.getByText("9번째 조각입니다.")).toHaveCount(1);
  await expect(chat.exchanges).toHaveCount(1);
});

test("what was said stays when an answer is stopped; then it can be asked again", async ({ llmChat: chat, llm }) => {
  await llm.feed(pieces(10, { hold_after: 5 }), ANSWER);
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("1번째 조각");
  await chat.page.getByRole("button", { name: "멈추기" }).click();
  await expect(chat.last).toContainText("답변을 멈췄어요.");
  await expect(chat.last).toContainText("1번째 조각");
  await expect(chat.last).not.toContainText("검색 완료");
  await chat.button("다시 묻기").click();
  await chat.ended();
  await expect(chat.last).toContainText("영업일로 셉니다.");
  await expect(chat.exchanges).toHaveCount(1);
});

test("a second tab shows the answer that runs in the first, and asks only when it has ended", async ({
  llmChat: chat,
  llm,
}) => {
  await llm.feed(ANSWER, pieces(10, { hold_after: 5 }));
  await chat.askAndRead(ASKED);
  const idle = await chat.openTab(ASKED);
  await idle.ended();
  await chat.ask("그럼 서류는요?");
  await expect(chat.last).toContainText("0번째 조각");

  await idle.ask("다른 질문입니다");
  await expect(idle.button("다시 시도")).toBeVisible(); // one running answer a session

  const late = await chat.openTab(ASKED);
  await expect(late.last).toContainText("1번째 조각");
  await expect(late.page.getByRole("button", { name: "멈추기" })).toBeVisible();
  await llm.goOn();
  for (const tab of [chat, late]) {
    await tab.ended();
    await expect(tab.last).toContainText("9번째 조각");
  }
});

test("an answer that is stopped in one tab is a stopped one in the other", async ({ llmChat: chat, llm }) => {
  await llm.feed(pieces(10, { hold_after: 5 }));
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("0번째 조각");
  const other = await chat.openTab(ASKED);
  await expect(other.last).toContainText("0번째 조각");
  await chat.page.getByRole("button", { name: "멈추기" }).click();
  for (const tab of [chat, other]) {
    await expect(tab.last).toContainText("답변을 멈췄어요.");
    await expect(tab.button("다시 묻기")).toBeVisible();
  }
});

test("an answer goes on when the network is back", async ({ page, llm }) => {
  const line = await Line.to(llm.address);
  const chat = new Chat(page, line.address);
  await chat.open();
  await llm.feed(pieces(10, { hold_after: 5 }));
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("1번째 조각");
  const failed = page.waitForEvent("requestfailed"); // the page's first attempt to go on
  line.cut();
  await failed;
  line.mend();
  await llm.goOn();
  await chat.ended();
  await expect(chat.last.getByText("9번째 조각입니다.")).toHaveCount(1);
  await line.close();
});

test("when the model breaks off, what it said stays and the error is a bubble", async ({ llmChat: chat, llm }) => {
  await llm.feed({ ...pieces(10), delay: 0, disconnect_after: 4 }, ANSWER);
  await chat.ask(ASKED);
  await expect(chat.button("다시 시도")).toBeVisible();
  await expect(chat.last).toContainText("1번째 조각");
  await expect(chat.last).not.toContainText("검색 완료");
  await chat.button("다시 시도").click();
  await chat.ended();
  await expect(chat.last).toContainText("영업일로 셉니다.");
  await expect(chat.last).not.toContainText("1번째 조각");
});

test("when the model says nothing, the FAQ answers", async ({ page }) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const haedap = await serveHaedap(given("PAGE_INDEX"), {
    OPENAI_BASE_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`,
    LLM_FIRST_TOKEN_TIMEOUT_SECONDS: "1",
  });
  const chat = new Chat(page, haedap.address);
  await chat.open();
  await chat.askAndRead(ASKED);
  await expect(chat.last).toContainText("입점 심사는 얼마나 걸리나요?");
  await haedap.stop();
  silent.close();
});

test("a screen reader is told an answer once, when it is whole", async ({ llmChat: chat, llm }) => {
  await chat.page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest("[aria-live], [role=status], [role=alert], [role=log]");
        if (region?.textContent) said.push(region.textContent);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await llm.feed({
    deltas: ["심사는 ", "서류를 ", "모두 낸 ", "날부터 ", "영업일로 ", "셉니다. ", "[1]"],
    delay: 0.05,
  });
  await chat.askAndRead(ASKED);
  await expect
    .poll(() => chat.page.evaluate(() => (window as unknown as { said: string[] }).said))
    .toEqual([expect.stringMatching(/^답변: 심사는 서류를 모두 낸 날부터 영업일로 셉니다\./)]);
});

test("the end is kept in sight until the reader scrolls up", async ({ llmChat: chat, llm }) => {
  await chat.page.setViewportSize({ width: 900, height: 480 });
  await llm.feed(pieces(30, { hold_after: 20 }));
  await chat.ask(ASKED);
  await expect(chat.last).toContainText("15번째 조각");
  await expect.poll(() => chat.aboveEnd()).toBeLessThan(2);

  await chat.conversation.hover();
  await chat.page.mouse.wheel(0, -250);
  await expect.poll(() => chat.aboveEnd()).toBeGreaterThan(200);
  const newAnswer = chat.page.getByRole("button", { name: "새 답변" });
  await llm.goOn();
  await expect(newAnswer).toBeVisible();
  await chat.ended();
  expect(await chat.aboveEnd()).toBeGreaterThan(250);
  await newAnswer.click();
  await expect.poll(() => chat.aboveEnd()).toBeLessThan(2);
  await expect(newAnswer).toHaveCount(0);

  await chat.conversation.evaluate((area) => area.scrollTo(0, 0));
  await chat.page.setViewportSize({ width: 360, height: 480 });
  await expect(chat.page.getByRole("button", { name: "대화 목록 열기" })).toBeVisible();
  await expect(newAnswer).toHaveCount(0); // the same answer, in more lines
});
