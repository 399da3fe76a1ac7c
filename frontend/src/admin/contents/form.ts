/** A content as its form holds it, and back again. */
import type { Content } from "../../api/adminTypes";
import { kept } from "../ui/LinesField";

export interface MediaRow {
  url: string;
  kind: string;
  caption: string;
  service_type: string;
}

export interface ContentForm {
  title: string;
  similar_titles: string[];
  accepted_summaries: string[];
  content: string;
  service_answers: { name: string; text: string }[];
  category: string;
  tags: string[];
  url: string;
  related_ids: string[];
  media: MediaRow[];
  effective_on: string;
  expires_on: string;
}

/** The form of a content; of a new one without any. A category that was guessed is left open, to be guessed again. */
export function formOf(content: Content | null): ContentForm {
  return {
    title: content?.title ?? "",
    similar_titles: content?.similar_titles ?? [],
    accepted_summaries: (content?.summary_titles ?? []).filter((one) => one.accepted).map((one) => one.text),
    content: content?.content ?? "",
    service_answers: Object.entries(content?.service_answers ?? {}).map(([name, text]) => ({ name, text })),
    category: content?.category_inferred ? "" : (content?.category ?? ""),
    tags: content?.tags ?? [],
    url: content?.url ?? "",
    related_ids: content?.related_ids ?? [],
    media: (content?.media ?? []).map((one) => ({
      url: one.url,
      kind: one.kind,
      caption: one.caption ?? "",
      service_type: one.service_type ?? "",
    })),
    effective_on: content?.effective_on ?? "",
    expires_on: content?.expires_on ?? "",
  };
}

/** What is sent: empty lines and rows are nothing. */
export function bodyOf(form: ContentForm): Record<string, unknown> {
  return {
    title: form.title.trim(),
    content: form.content.trim(),
    similar_titles: kept(form.similar_titles),
    accepted_summaries: form.accepted_summaries,
    service_answers: Object.fromEntries(
      form.service_answers.filter(({ name, text }) => name.trim() || text.trim()).map(({ name, text }) => [name, text]),
    ),
    category: form.category.trim() || null,
    tags: kept(form.tags),
    url: form.url.trim() || null,
    related_ids: kept(form.related_ids),
    media: form.media
      .filter((one) => one.url.trim())
      .map((one) => ({
        url: one.url.trim(),
        kind: one.kind || null,
        caption: one.caption.trim() || null,
        service_type: one.service_type || null,
      })),
    effective_on: form.effective_on || null,
    expires_on: form.expires_on || null,
  };
}

/** The fields in which two states differ, in the form's order. */
export function changedFields(before: ContentForm, after: ContentForm): (keyof ContentForm)[] {
  const [old, now] = [bodyOf(before), bodyOf(after)];
  return (Object.keys(after) as (keyof ContentForm)[]).filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
}

/** A field's value, to be read. */
export function readable(form: ContentForm, name: keyof ContentForm): string {
  const value = form[name];
  if (typeof value === "string") return value;
  return value
    .map((one) =>
      typeof one === "string"
        ? one
        : "text" in one
          ? `${one.name}: ${one.text}`
          : [one.url, one.caption, one.service_type].filter(Boolean).join(" · "),
    )
    .join("\n");
}

/** What the server says is wrong, by the form's field; a field within a list is told for the list. */
export function problemsByField(problems: readonly { path: string; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of problems) {
    const [top = "", ...within] = path.split(".").filter((part) => part !== "content" || path === "content");
    const name = top in formOf(null) ? top : path;
    found[name] = [found[name], within.length ? `${within.join(".")}: ${message}` : message].filter(Boolean).join(" ");
  }
  return found;
}
