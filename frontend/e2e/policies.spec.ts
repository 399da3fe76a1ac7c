/** What the policies of the pages let through and what they stop; that nothing else is stopped every test sees. */
import type { Page } from "@playwright/test";
import { expect, test } from "./test";

const PAGE = String(process.env["PAGE_ADDRESS"]);

/** Do on the page what somebody would who had found a way to write into it; the directives that refuse it. */
async function attack(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const refused: string[] = [];
    const all = new Promise((told) => {
      addEventListener("securitypolicyviolation", (event) => {
        if (refused.push(event.effectiveDirective) === 3) told(null);
      });
    });
    const script = document.createElement("script");
    script.textContent = "document.title = 'overtaken'";
    const image = document.createElement("img");
    image.src = "https://elsewhere.example/a.png";
    document.body.append(script, image);
    await fetch("https://elsewhere.example/").catch(() => undefined);
    await all;
    return refused;
  });
}

test.describe("somebody who writes into a page", () => {
  test.use({ mayBeRefused: /./ });
  for (const path of ["/", "/widget", "/admin", "/docs"]) {
    test(`runs no script on ${path}, and loads and tells nothing elsewhere`, async ({ page }) => {
      await page.goto(`${PAGE}${path}`);
      await expect(page.locator("#root > *").first()).toBeVisible();
      expect((await attack(page)).sort()).toEqual(["connect-src", "img-src", "script-src-elem"]);
      expect(await page.title()).not.toBe("overtaken");
    });
  }
});

test("the API's own page shows every call and tries one, and loads nothing from elsewhere", async ({ page }) => {
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!/^data:/.test(request.url()) && new URL(request.url()).origin !== PAGE) elsewhere.push(request.url());
  });
  await page.goto(`${PAGE}/docs`);
  await page
    .getByRole("button", { name: /\/v1\/health/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await expect(page.locator(".live-responses-table .response").first()).toContainText('"embedding_model"');
  await expect(page.getByRole("button", { name: /\/v1\/streaming\/\{streaming_id\}/ }).first()).toBeVisible();
  expect(elsewhere).toEqual([]);
});
