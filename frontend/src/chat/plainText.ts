/** An answer as text: to be read out, or to be copied. */
import type { Bubble } from "../api/types";

/** Its words without Markdown's signs. */
export function spoken(bubbles: readonly Bubble[]): string {
  return bubbles.map(({ title, description }) => plain([title, description].filter(Boolean).join(". "))).join("\n");
}

/** Its Markdown, without citations: their sources are not copied with it. */
export function copyable(bubbles: readonly Bubble[]): string {
  const parts = bubbles.flatMap(({ title, description }) => [title, description].filter(Boolean));
  return parts.join("\n\n").replace(/ ?\[\d{1,2}\](?!\()/g, "");
}

function plain(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1") // links and images by their words
    .replace(/\[\d+\]/g, "") // citations
    .replace(/^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/gm, "") // a table's rule
    .replace(/(?<!\\)[*_`#>|~]+/g, " ")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1") // what was written so that it is shown as it is
    .replace(/[ \t]+/g, " ")
    .trim();
}
