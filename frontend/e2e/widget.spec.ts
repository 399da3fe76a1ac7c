/** The widget on another company's page: another origin, a strict policy, styles that hit whatever they can reach. */
import AxeBuilder from "@axe-core/playwright";
import type { FrameLocator, Locator, Page } from "@playwright/test";
import { expect, problemsOf, test } from "./test";

const ASKED = "입점 심사는 며칠 걸려요?";

/** The widget as the reader of the page knows it. */
class Widget {
  readonly launcher: Locator;
  readonly panel: Locator;
  /** The chat page in the panel's frame. */
  readonly chat: FrameLocator;
  readonly field: Locator;
  readonly exchanges: Locator;

  constructor(readonly page: Page) {
    this.launcher = page.getByRole("button", { name: "챗봇에게 물어보기" });
    this.panel = page.getByRole("dialog", { name: "챗봇" });
    this.chat = page.frameLocator("haedap-widget iframe");
    this.field = this.chat.getByRole("textbox", { name: "질문", exact: true });
    this.exchanges = this.chat.getByRole("region", { name: "대화", exact: true }).locator("ol").first().locator("> li");
  }

  /** Ask by the field that has the focus, and wait until the answer is whole. */
  async ask(question: string): Promise<void> {
    await expect(this.field).toBeFocused();
    await this.page.keyboard.type(question);
    await this.page.keyboard.press("Enter");
    await expect(this.exchanges.last().getByRole("button", { name: "답변 복사" })).toBeVisible();
  }
}

async function visit(page: Page, address: string): Promise<Widget> {
  await page.goto(address);
  const widget = new Widget(page);
  await expect(widget.launcher).toBeVisible();
  return widget;
}

test("a question is asked on a page with a strict policy; closed and reopened, it is still there", async ({
  page,
  shop,
}) => {
  const problems = problemsOf(page);
  const widget = await visit(page, shop.allowed);
  await widget.launcher.click();
  await widget.ask(ASKED);
  await expect(widget.exchanges).toContainText(["영업일"]);

  await widget.chat.getByRole("button", { name: "챗봇 닫기" }).click();
  await expect(widget.panel).toBeHidden();
  await widget.launcher.click();
  await expect(widget.panel).toBeVisible();
  await expect(widget.exchanges).toContainText(["영업일"]);

  await page.reload(); // where frames have no storage, the conversation is in the list
  await widget.launcher.click();
  await widget.chat.getByRole("button", { name: "대화 목록 열기" }).click();
  await widget.chat.getByRole("button", { name: ASKED, exact: true }).click();
  await expect(widget.exchanges).toContainText(["영업일"]);
  expect(problems).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
});

test("by keyboard alone it is opened, asked, closed and opened again", async ({ page, shop }) => {
  const widget = await visit(page, shop.allowed);
  const { keyboard } = page;
  for (let stops = 0; stops < 10 && !(await isFocused(widget.launcher)); stops += 1) await keyboard.press("Tab");
  await keyboard.press("Enter");
  await widget.ask(ASKED);
  await keyboard.press("Shift+Tab"); // into the answer
  await expect(widget.field).not.toBeFocused();

  await keyboard.press("Escape");
  await expect(widget.panel).toBeHidden();
  await expect(widget.launcher).toBeFocused();
  await keyboard.press("Space");
  await expect(widget.field).toBeFocused();
  await expect(widget.exchanges).toHaveCount(1);
});

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one);
}

/** What the page's own elements look like, and what is in its head. */
function looks(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    const own = [...document.querySelectorAll("html, head, head *, body, header, header *, main, main *")];
    const styles = own.map((one) => [
      one.outerHTML.slice(0, 60),
      [...getComputedStyle(one)].map((name) => getComputedStyle(one).getPropertyValue(name)).join(),
    ]);
    return {
      styles,
      sheets: document.styleSheets.length,
      adopted: document.adoptedStyleSheets.length,
      scroll: document.body.scrollHeight,
    };
  });
}

test("neither side's styles reach the other", async ({ page, shop }) => {
  await page.goto(`${shop.allowed}/bare`);
  const before = await looks(page);
  const widget = await visit(page, shop.allowed);
  await widget.launcher.click();
  await expect(widget.field).toBeFocused();
  expect(await looks(page)).toEqual(before);

  const launcher = await widget.launcher.boundingBox();
  expect(launcher).toMatchObject({ width: 56, height: 56 });
  const panel = await widget.panel.boundingBox();
  expect(panel).toMatchObject({ width: 400, height: 680 });
  expect((panel?.x ?? 0) + 400).toBe(1280 - 20);
  for (const part of [widget.launcher, widget.panel, widget.field])
    expect(await part.evaluate((one) => getComputedStyle(one).letterSpacing)).toBe("normal");
});

test.describe("where there is no frame", () => {
  test.use({ mayBeRefused: /frame-ancestors/ });

  test("a page of an origin that the bot does not allow gets neither a frame nor an answer", async ({ page, shop }) => {
    const widget = await visit(page, shop.refused);
    await widget.launcher.click();
    await expect(widget.panel).toContainText("이 페이지에서는 챗봇을 이용할 수 없어요.");
    await expect(page.locator("haedap-widget iframe")).toHaveCount(0);
    const asked = (origin: string) =>
      page.request.post(`${process.env["PAGE_ADDRESS"]}/v1/visitors?bot=shop`, { headers: { Origin: origin } });
    expect((await asked(shop.refused)).status()).toBe(403);
    expect((await asked(shop.allowed)).status()).toBe(201);
  });

  test("nor does one that frames it without the widget's script, or the page that is for no frame", async ({
    page,
    shop,
  }) => {
    for (const [origin, path] of [
      [shop.refused, "/widget?bot=shop"],
      [shop.allowed, "/?bot=shop"],
      [shop.allowed, "/docs"],
    ] as const) {
      const blocked = page.waitForEvent("console", (said) => said.text().includes("frame-ancestors"));
      await page.goto(`${origin}/framed?path=${encodeURIComponent(path)}`);
      await blocked;
      await expect(page.frameLocator("iframe").locator("#root, #swagger-ui"), path).toHaveCount(0);
    }
  });

  test("a bot that there is not is told when the panel is opened", async ({ page, shop }) => {
    const widget = await visit(page, `${shop.allowed}/?bot=nobody`);
    await widget.launcher.click();
    await expect(widget.panel).toContainText("이 페이지에서는 챗봇을 이용할 수 없어요.");
  });
});

test("axe finds no serious violation on the page, closed, opened and with an answer", async ({ page, shop }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const expectAccessible = async () => {
    const { violations } = await new AxeBuilder({ page })
      .options({ resultTypes: ["violations"] })
      .exclude("header")
      .exclude("main")
      .analyze();
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(grave.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
  };
  const widget = await visit(page, shop.allowed);
  await expectAccessible();
  await widget.launcher.click();
  await widget.ask(ASKED);
  await expectAccessible();
});
