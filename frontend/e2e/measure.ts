/** How fast the page is: `make measure`. Prints figures and judges none; a check of the build holds the budget. */
import { type CDPSession, chromium, type Page } from "@playwright/test";
import type { Chat } from "./chat";
import { expect, test } from "./test";

const RUNS = 5;
const TURNS = 150; // of a question and an answer each: 300 bubbles
const TOKENS = 100;

function print(what: string, ...figures: string[]): void {
  process.stdout.write(`${what}: ${figures.join(", ")}\n`);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The processor time that the page's main thread has taken, in milliseconds. */
async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
}

test("the first question can be typed", async ({ launchOptions }) => {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const browser = await chromium.launch(launchOptions); // a new one each time: nothing is cached
    const page = await browser.newPage();
    await page.goto(String(process.env["PAGE_ADDRESS"]), { waitUntil: "commit" });
    times.push(
      await page.evaluate(
        () =>
          new Promise<number>((typable) => {
            const look = () =>
              document.querySelector("textarea") ? typable(performance.now()) : requestAnimationFrame(look);
            look();
          }),
      ),
    );
    await browser.close();
  }
  print("navigation to a field for the question, cold", `median ${median(times).toFixed(0)} ms of ${RUNS}`);
});

/** A conversation of 300 bubbles, made by taps: they are fast. */
async function openLong(chat: Chat, faqs: string[]): Promise<void> {
  await chat.askAndRead("정산 대금은 언제 입금되나요?");
  await chat.page.evaluate(
    async ([turns, ids]) => {
      const session = sessionStorage.getItem("haedap.session.default");
      for (let turn = 0; turn < turns; turn += 1) {
        await fetch(`/v1/faqs/${ids[turn % ids.length]}/ask?bot=default`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ session_id: session }),
        });
      }
    },
    [TURNS - 1, faqs] as const,
  );
  await chat.reload();
  await expect(chat.exchanges).toHaveCount(TURNS);
}

/** Frames while a page that has nothing else to do scrolls from its end to its beginning, as a wheel does. */
async function scrolled(page: Page): Promise<{ frames: number[]; longTasks: number[] }> {
  await page.evaluate(async () => {
    await new Promise((idle) => requestIdleCallback(idle)); // what came before, as finding the pointer's place, is over
    const seen = { frames: [] as number[], longTasks: [] as number[], over: false };
    Object.assign(window, { seen });
    let last = performance.now();
    const tick = (now: number) => {
      seen.frames.push(now - last);
      last = now;
      if (!seen.over) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map((one) => one.duration))).observe({
      type: "longtask",
    });
  });
  for (let turn = 0; turn < 60; turn += 1) await page.mouse.wheel(0, -800);
  return page.evaluate(() => {
    const { seen } = window as unknown as { seen: { frames: number[]; longTasks: number[]; over: boolean } };
    seen.over = true;
    return seen;
  });
}

test("a conversation of 300 bubbles", async ({ llmChat: chat, llm }) => {
  test.setTimeout(180_000);
  await llm.feed("정산은 구매확정일의 다음 영업일에 됩니다. [1]");
  await openLong(chat, ["join-001", "join-002", "join-006", "claim-009", "settle-001"]);
  const session = await chat.page.context().newCDPSession(chat.page);
  await session.send("Performance.enable");

  await chat.conversation.hover();
  const before = await busyMs(session);
  const { frames, longTasks } = await scrolled(chat.page);
  const busy = (await busyMs(session)) - before;
  print(
    "scrolling 300 bubbles",
    `${frames.length} frames, ${frames.filter((ms) => ms > 50).length} of them over 50 ms`,
    `main thread ${(busy / frames.length).toFixed(1)} ms a frame`,
    `longest task ${Math.max(0, ...longTasks).toFixed(0)} ms (0: none over 50)`,
  );

  await llm.feed({ deltas: Array.from({ length: TOKENS }, (_, n) => `${n}번째 `), delay: 0.03 });
  await chat.ask("입점 심사는 며칠 걸려요?");
  await expect(chat.last).toContainText("5번째");
  const started = await busyMs(session);
  await expect(chat.last).toContainText(`${TOKENS - 5}번째`);
  const perToken = ((await busyMs(session)) - started) / (TOKENS - 10);
  print("a token behind 300 bubbles", `main thread ${perToken.toFixed(1)} ms`);
});
