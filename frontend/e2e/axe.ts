/** The page by axe's rules. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** No serious violation; of what the dark differs in, its colors, none either. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colors change over a moment, in which they are neither
    await page.waitForFunction(() => !document.getAnimations().some((one) => one instanceof CSSTransition));
    const axe = new AxeBuilder({ page })
      .options({ resultTypes: ["violations"] }) // the others' elements are not gathered
      .setLegacyMode(true); // without a second page: there are no frames
    if (colorScheme === "dark") axe.withRules(["color-contrast", "link-in-text-block"]);
    const { violations } = await axe.analyze();
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(
      grave.map(({ id, nodes }) => [colorScheme, id, ...nodes.map(({ html }) => html)]),
      "by axe's rules",
    ).toEqual([]);
  }
}
