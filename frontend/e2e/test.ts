/** What browser tests share: a page in front of the real haedap, and one whose language model says what it is fed. */
import { test as base, type Page } from "@playwright/test";
import { Chat } from "./chat";
import { Console } from "./console";
import { serveFakeOpenAI, serveHaedap } from "./processes";

/** What the fake does with one request, as `tests/fakes/openai_replies.py` has it. Times are seconds. */
export interface Reply {
  deltas?: readonly string[];
  delay?: number;
  stall?: number;
  stall_after?: number;
  stall_before_first?: number;
  disconnect_after?: number;
}

export interface Llm {
  address: string;
  /** What it answers next, in order; a text stands for a good answer. */
  feed(...replies: (Reply | string)[]): Promise<void>;
}

interface Fixtures {
  /** Operators' console of the offline bot, at its log-in. */
  operators: Console;
  /** The page of the offline bot, opened. */
  chat: Chat;
  /** The page of the bot with a language model, opened. */
  llmChat: Chat;
}

/** Short, so that a test need not wait; a reply that does not stall is there at once. */
const FIRST_TOKEN_SECONDS = 3;

export const test = base.extend<Fixtures, { llm: Llm }>({
  llm: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
    async ({}, use) => {
      const fake = await serveFakeOpenAI();
      const haedap = await serveHaedap(given("PAGE_INDEX"), {
        OPENAI_BASE_URL: `${fake.address}/v1`,
        LLM_FIRST_TOKEN_TIMEOUT_SECONDS: String(FIRST_TOKEN_SECONDS),
        REWRITE_TIMEOUT_SECONDS: "0",
      });
      const feed = async (...replies: (Reply | string)[]) => {
        await fetch(`${fake.address}/fake/replies`, { method: "POST", body: JSON.stringify(replies) });
      };
      await use({ address: haedap.address, feed });
      await haedap.stop();
      await fake.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  operators: async ({ page }, use) => {
    await use(new Console(page, given("PAGE_ADDRESS")));
  },
  chat: async ({ page }, use) => {
    await use(await opened(page, given("PAGE_ADDRESS")));
  },
  llmChat: async ({ page, llm }, use) => {
    await use(await opened(page, llm.address));
  },
});

export { expect } from "@playwright/test";

async function opened(page: Page, address: string): Promise<Chat> {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  const chat = new Chat(page, address, problems);
  await chat.open();
  return chat;
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by globalSetup`);
  return value;
}
