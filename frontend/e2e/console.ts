/** Operators' console as its reader knows it: by roles and by what is written. */
import { expect, type Locator, type Page } from "@playwright/test";
import { OWNER_KEY } from "./processes";

export class Console {
  readonly menu: Locator;
  readonly dialog: Locator;

  constructor(
    readonly page: Page,
    readonly address: string,
  ) {
    this.menu = page.getByRole("navigation", { name: "메뉴" });
    this.dialog = page.getByRole("dialog");
  }

  async signIn(key: string = OWNER_KEY): Promise<void> {
    await this.page.goto(`${this.address}/admin`);
    await this.page.getByLabel("운영자 키", { exact: true }).fill(key);
    await this.page.keyboard.press("Enter");
  }

  /** Log in, and go to one of the places that the menu names. */
  async open(name: string): Promise<void> {
    await this.signIn();
    await this.goTo(name);
  }

  async goTo(name: string): Promise<void> {
    await this.menu.getByRole("link", { name, exact: true }).click();
    await this.heading(name);
  }

  async heading(name: string): Promise<void> {
    await expect(this.page.getByRole("heading", { level: 1, name })).toBeVisible();
  }

  /** Open the content that a search finds. */
  async openContent(title: string): Promise<void> {
    await this.page.getByRole("searchbox").fill(title);
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("link", { name: title, exact: true }).click();
    await this.heading(title);
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A button of the dialog that is open. */
  inDialog(name: string): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  /** Ask the operators' API directly, for what a test needs before it begins. */
  async call(method: "POST" | "GET", path: string, data?: unknown): Promise<unknown> {
    const response = await this.page.request.fetch(`${this.address}/v1/admin/bots/default${path}`, {
      method,
      headers: { Authorization: `Bearer ${OWNER_KEY}` },
      ...(data === undefined ? {} : { data }),
    });
    expect(response.ok()).toBe(true);
    return response.json();
  }
}
