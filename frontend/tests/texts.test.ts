// @vitest-environment node
/** The Korean catalogues hold what is said, and nothing that is not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { texts, widgetTexts } from "../src/texts";

const SOURCES = join(import.meta.dirname, "../src");

/** All sources but the catalogue, those of the widget's loader with its catalogue under its own name. */
const code = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && name !== "texts.ts" && !name.endsWith(".d.ts"))
  .map((name) => readFileSync(join(SOURCES, name), "utf8"))
  .map((text) => (text.includes("widgetTexts as texts") ? text.replace(/\btexts\./g, "widgetTexts.") : text))
  .join("\n");

/** The paths of a catalogue's texts. */
function paths(catalogue: object, path: string): string[] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === "object" ? paths(value, `${path}.${key}`) : [`${path}.${key}`],
  );
}

/** By its path, by an index into its group, or taken out of its group by name. */
function isUsed(path: string): boolean {
  const [, group = "", key = ""] = /^(.*)\.(\w+)$/.exec(path) ?? [];
  const name = group.replaceAll(".", "\\.");
  return [`${name}\\.${key}\\b`, `${name}\\[`, `\\{[^{}]*\\b${key}\\b[^{}]*\\} = ${name}\\b`].some((use) =>
    new RegExp(use).test(code),
  );
}

test("every text is said somewhere", () => {
  const all = [...paths(texts, "texts"), ...paths(widgetTexts, "widgetTexts")];
  expect(all.filter((path) => !isUsed(path))).toEqual([]);
});

test("a text that nobody says would be found", () => {
  expect(isUsed("texts.composer.never")).toBe(false);
  expect(isUsed("widgetTexts.never")).toBe(false);
});
