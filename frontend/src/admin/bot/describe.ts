/** What differs between two versions of a bot, in an operator's words: where it stands, and its values as text. */
import type { Difference } from "../../api/adminTypes";
import { number } from "../format";
import { settingNames, valueNames } from "../texts/settingNames";
import { texts } from "../texts/settings";
import type { FieldChange } from "../ui/Changes";

const NAMES: Record<string, string> = { ...settingNames, ...texts.languages };
const INDENT = "  ";

export function described(differences: readonly Difference[]): FieldChange[] {
  return differences.map(({ path, before, after }) => {
    const last = path.match(/([^.[\]]+)$/)?.[1] ?? "";
    return { name: settingName(path), before: readable(before, last), after: readable(after, last) };
  });
}

/** What differs between two forms of a bot: of whole settings, as they stand in it. */
export function changedSettings(before: object, after: object): Difference[] {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => name !== "version" && JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .map((name) => ({ path: name, before: old[name], after: now[name] }));
}

/** `sources[orders].url` is 소스 › ‘orders’ › 주소. What people have named keeps its name. */
export function settingName(path: string, others: Record<string, string> = {}): string {
  return [...path.matchAll(/\[(.*?)\](?=[.[]|$)|([^.[]+)/g)]
    .map(([, member, field = ""]) =>
      member === undefined ? (others[field] ?? NAMES[field] ?? `‘${field}’`) : `‘${member}’`,
    )
    .join(" › ");
}

/** A value as text: a line for each member of a list, for each field of an object its name. */
export function readable(value: unknown, field = "", indent = ""): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "예" : "아니요";
  if (typeof value === "number") return Number.isInteger(value) ? number(value) : String(value);
  if (typeof value === "string") return valueNames[field]?.[value] ?? value;
  if (!Array.isArray(value)) return fieldsOf(value, indent).join("\n");
  const rows = value.some((one) => typeof one === "object");
  const lines = value.map((one) => (rows ? member(one, indent) : readable(one, field)));
  return lines.join(rows || indent === "" ? "\n" : ", "); // within something else in one line
}

function member(value: unknown, indent: string): string {
  return `· ${fieldsOf(value ?? {}, indent + INDENT)
    .join("\n")
    .trimStart()}`;
}

function fieldsOf(value: object, indent: string): string[] {
  return Object.entries(value)
    .map(([name, one]): [string, string, boolean] => {
      const nested = typeof one === "object";
      return [NAMES[name] ?? name, readable(one, name, indent + INDENT), nested];
    })
    .filter(([, text]) => text !== "")
    .map(([name, text, nested]) =>
      nested && text.includes("\n") ? `${indent}${name}:\n${text}` : `${indent}${name}: ${text.trimStart()}`,
    );
}
