/** What browser tests share: a page in front of the real haedap, and one whose language model says what it is fed. */
import { test as base, expect, type Page } from "@playwright/test";
import { Chat } from "./chat";
import { Console } from "./console";
import { serveFakeOpenAI, serveHaedap } from "./processes";

/** What the fake does with one request, as `tests/fakes/openai_replies.py` has it. Times are seconds. */
export interface Reply {
  deltas?: readonly string[];
  delay?: number;
  stall?: number;
  stall_after?: number;
  /** After so many deltas it waits until `goOn`. */
  hold_after?: number;
  disconnect_after?: number;
}

export interface Llm {
  address: string;
  /** What it answers next, in order; a text stands for a good answer. */
  feed(...replies: (Reply | string)[]): Promise<void>;
  /** Let what is held go on, until more is fed. */
  goOn(): Promise<void>;
}

interface Fixtures {
  /** Operators' console of the offline bot, at its log-in. */
  operators: Console;
  /** The page of the offline bot, opened. */
  chat: Chat;
  /** The page of the bot with a language model, opened. */
  llmChat: Chat;
  /** Another company's site, at the origin that the bot `shop` allows, and at one that it does not. */
  shop: { allowed: string; refused: string };
  /** What policies may refuse in this test; nothing, if it does not say. */
  mayBeRefused: RegExp | null;
  /** Watches every page of every test. */
  policed: undefined;
}

export const test = base.extend<Fixtures, { llm: Llm }>({
  llm: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
    async ({}, use) => {
      const fake = await serveFakeOpenAI();
      const haedap = await serveHaedap(given("PAGE_INDEX"), {
        OPENAI_BASE_URL: `${fake.address}/v1`,
        LLM_FIRST_TOKEN_TIMEOUT_SECONDS: "60", // what is held is silent
        REWRITE_TIMEOUT_SECONDS: "0",
      });
      const feed = async (...replies: (Reply | string)[]) => {
        await fetch(`${fake.address}/fake/replies`, { method: "POST", body: JSON.stringify(replies) });
      };
      const goOn = async () => {
        await fetch(`${fake.address}/fake/going_on`, { method: "POST" });
      };
      await use({ address: haedap.address, feed, goOn });
      await haedap.stop();
      await fake.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  mayBeRefused: [null, { option: true }],
  policed: [
    async ({ context, mayBeRefused }, use) => {
      const refused: string[] = [];
      context.on("console", (message) => {
        if (isRefusal(message.text()) && !mayBeRefused?.test(message.text())) refused.push(message.text());
      });
      await use(undefined);
      expect(refused).toEqual([]);
    },
    { auto: true },
  ],
  operators: async ({ page }, use) => {
    await use(new Console(page, given("PAGE_ADDRESS")));
  },
  chat: async ({ page }, use) => {
    const chat = await opened(page, given("PAGE_ADDRESS"));
    await use(chat);
    expect(chat.problems).toEqual([]);
  },
  llmChat: async ({ page, llm }, use) => {
    const chat = await opened(page, llm.address);
    await use(chat);
    expect(chat.problems).toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
  shop: async ({}, use) => {
    await use({ allowed: given("SHOP_ALLOWED"), refused: given("SHOP_REFUSED") });
  },
});

export { expect };

/** Whether the console tells of something that a page's or a frame's policy refused it. */
function isRefusal(text: string): boolean {
  return /content security policy|trusted ?type/i.test(text);
}

/** What a page and its frames did not catch, and what their policies refused them. */
export function problemsOf(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (isRefusal(message.text())) problems.push(message.text());
  });
  return problems;
}

async function opened(page: Page, address: string): Promise<Chat> {
  const chat = new Chat(page, address, problemsOf(page));
  await chat.open();
  return chat;
}

export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by globalSetup`);
  return value;
}
