/** The page as its reader knows it: by roles and by what is written. */
import { expect, type Locator, type Page } from "@playwright/test";

export class Chat {
  readonly field: Locator;
  readonly conversation: Locator;
  /** Exchanges, a question and its answer each, oldest first. */
  readonly exchanges: Locator;
  /** The newest exchange. */
  readonly last: Locator;
  readonly sessions: Locator;

  /** `problems` are errors that the page did not catch, and what its policy refused. */
  constructor(
    readonly page: Page,
    readonly address: string,
    readonly problems: readonly string[] = [],
  ) {
    this.field = page.getByRole("textbox", { name: "질문", exact: true });
    this.conversation = page.getByRole("region", { name: "대화", exact: true });
    this.exchanges = this.conversation.locator("ol").first().locator("> li");
    this.last = this.exchanges.last();
    this.sessions = page.getByRole("navigation", { name: "대화 목록" });
  }

  async open(): Promise<void> {
    await this.page.goto(this.address);
    await expect(this.field).toBeVisible();
  }

  /** Another tab of the same visitor, in the conversation that the list names so. */
  async openTab(title: string): Promise<Chat> {
    const tab = new Chat(await this.page.context().newPage(), this.address);
    await tab.open();
    await tab.sessions.getByRole("button", { name: title, exact: true }).click();
    return tab;
  }

  async ask(question: string): Promise<void> {
    await this.field.fill(question);
    await this.field.press("Enter");
    await expect(this.last).toContainText(question);
  }

  /** Ask, and wait until the answer is whole. */
  async askAndRead(question: string): Promise<void> {
    const before = await this.exchanges.count();
    await this.ask(question);
    await expect(this.exchanges).toHaveCount(before + 1);
    await this.ended();
  }

  /** Wait until the newest answer is whole. */
  async ended(): Promise<void> {
    await expect(this.button("답변 복사")).toBeVisible();
  }

  /** A button of the newest exchange. */
  button(name: string | RegExp): Locator {
    return typeof name === "string"
      ? this.last.getByRole("button", { name, exact: true })
      : this.last.getByRole("button", { name });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await expect(this.last).toBeVisible();
  }

  /** How far the conversation stands above its end, in pixels. */
  aboveEnd(): Promise<number> {
    return this.conversation.evaluate((area) => area.scrollHeight - area.scrollTop - area.clientHeight);
  }
}
