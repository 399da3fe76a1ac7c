/** An HTTP source as its form holds it, and back again. */
import type { HttpSource, Worked } from "../../api/adminTypes";
import { texts } from "../texts/workshop";
import { kept } from "../ui/LinesField";

type FieldType = Worked["fields"][number]["type"];

export interface Pair {
  name: string;
  value: string;
}

export interface FieldRow {
  name: string;
  path: string;
  type: FieldType;
  label: string;
}

export interface SourceForm {
  source_id: string;
  name: string;
  description: string;
  prompt: string;
  method: "GET" | "POST";
  url: string;
  parameters: string;
  query: Pair[];
  body: string;
  headers: Pair[];
  timeout_seconds: string;
  retries: string;
  cache_seconds: string;
  records: string;
  max_records: string;
  fields: FieldRow[];
  title: string;
  link: string;
  allowed_hosts: string[];
}

const NO_PARAMETERS = { type: "object", properties: {}, required: [] };

export function sourceFormOf(source: HttpSource | null): SourceForm {
  return {
    source_id: source?.source_id ?? "",
    name: source?.name ?? "",
    description: source?.description ?? "",
    prompt: source?.prompt ?? "",
    method: source?.method ?? "GET",
    url: source?.url ?? "",
    parameters: JSON.stringify(source?.parameters ?? NO_PARAMETERS, null, 2),
    query: pairsOf(source?.query),
    body: source?.body ? JSON.stringify(source.body, null, 2) : "",
    headers: pairsOf(source?.headers),
    timeout_seconds: String(source?.timeout_seconds ?? 3),
    retries: String(source?.retries ?? 1),
    cache_seconds: String(source?.cache_seconds ?? 0),
    records: source?.records ?? "@",
    max_records: String(source?.max_records ?? 5),
    fields: Object.entries(source?.fields ?? {}).map(([name, one]) => ({ name, ...one })),
    title: source?.title ?? "",
    link: source?.link ?? "",
    allowed_hosts: source?.allowed_hosts ?? [],
  };
}

/** What cannot even be sent, by field: text that is no JSON object, and names of which one would take another's place. */
export function unsendable(form: SourceForm): Record<string, string> {
  const noJson = (["parameters", "body"] as const)
    .filter((name) => !(name === "body" && form.body.trim() === "") && jsonObject(form[name]) === null)
    .map((name) => [name, texts.badJson]);
  const twice = (["query", "headers", "fields"] as const)
    .map((name) => [name, repeated(form[name])] as const)
    .filter(([, found]) => found !== undefined)
    .map(([name, found]) => [name, texts.twice(found ?? "")]);
  return Object.fromEntries([...noJson, ...twice]);
}

/** The first name that stands twice. */
function repeated(rows: readonly { name: string }[]): string | undefined {
  const names = rows.map((one) => one.name.trim()).filter(Boolean);
  return names.find((name, at) => names.indexOf(name) < at);
}

/** The source, as it is sent; what is no JSON is nothing. */
export function sourceOf(form: SourceForm): Record<string, unknown> {
  const names = new Set(form.fields.map((one) => one.name));
  return {
    kind: "http",
    source_id: form.source_id.trim(),
    name: form.name,
    description: form.description,
    prompt: form.prompt.trim() || null,
    method: form.method,
    url: form.url.trim(),
    parameters: jsonObject(form.parameters) ?? {},
    query: recordOf(form.query),
    body: form.body.trim() ? jsonObject(form.body) : null,
    headers: recordOf(form.headers),
    timeout_seconds: Number(form.timeout_seconds),
    retries: Number(form.retries),
    cache_seconds: Number(form.cache_seconds),
    records: form.records.trim() || "@",
    max_records: Number(form.max_records),
    fields: Object.fromEntries(form.fields.map(({ name, ...one }) => [name, one])),
    title: names.has(form.title) ? form.title : null,
    link: names.has(form.link) ? form.link : null,
    allowed_hosts: kept(form.allowed_hosts),
  };
}

/** A field for a path that was ticked, under a name and a label that no other has. */
export function fieldFor(path: string, type: FieldType, taken: readonly FieldRow[]): FieldRow {
  const last = path.replaceAll("[]", "").split(".").at(-1) ?? "";
  const spelled = last
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "");
  const base = /^[a-z]/.test(spelled) ? spelled.slice(0, 36) : "field";
  const label = last.replaceAll('"', "") || base;
  const used = (n: string) => taken.some((one) => one.name === base + n.replace(" ", "_") || one.label === label + n);
  let n = "";
  for (let next = 2; used(n); next += 1) n = ` ${next}`;
  return { name: base + n.replace(" ", "_"), path, type, label: label + n };
}

/** A JSON object, or nothing. */
export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function pairsOf(values: Record<string, string> | undefined): Pair[] {
  return Object.entries(values ?? {}).map(([name, value]) => ({ name, value }));
}

function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    pairs.filter((one) => one.name.trim() || one.value.trim()).map((one) => [one.name.trim(), one.value]),
  );
}
