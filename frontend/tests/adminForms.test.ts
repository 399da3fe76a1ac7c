/** The console's forms, addresses and figures, without a page. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { described } from "../src/admin/bot/describe";
import { cleaned } from "../src/admin/bot/values";
import { bodyOf, changedFields, formOf, problemsByField } from "../src/admin/contents/form";
import { dayBefore, milliseconds, percent, publishedAt, won } from "../src/admin/format";
import { apiQuery, filtersOf } from "../src/admin/history/filters";
import { changesOf } from "../src/admin/keys/AuditPage";
import { paths, routeOf } from "../src/admin/routes";
import { stepName } from "../src/admin/texts/answering";
import { actions } from "../src/admin/texts/keys";
import { rounded } from "../src/admin/ui/Chart";
import { fieldFor, sourceFormOf, sourceOf, unsendable } from "../src/admin/workshop/sourceForm";
import { content } from "./showConsole";

test("a content goes through its form unchanged", () => {
  const whole = content({
    summary_titles: [
      { text: "정산일", model: "m", made_from: "x", accepted: true },
      { text: "입금", model: "m", made_from: "x", accepted: false },
    ],
    service_answers: { 가온배송: "사흘" },
    media: [{ kind: "image", url: "https://a.example/1.png", caption: null, service_type: null }],
    effective_on: "2026-01-01",
  });
  const sent = bodyOf(formOf(whole));
  expect(sent["accepted_summaries"]).toEqual(["정산일"]);
  expect(sent["service_answers"]).toEqual({ 가온배송: "사흘" });
  expect(sent["media"]).toEqual([{ url: "https://a.example/1.png", kind: "image", caption: null, service_type: null }]);
  expect(sent["related_ids"]).toEqual(["settle-002"]);
  expect(sent["effective_on"]).toBe("2026-01-01");
});

test("a guessed category is not sent as if an operator had chosen it", () => {
  expect(bodyOf(formOf(content({ category_inferred: true })))["category"]).toBeNull();
});

test("empty lines are no change", () => {
  const before = formOf(content());
  expect(changedFields(before, { ...before, tags: ["", " "] })).toEqual([]);
  expect(changedFields(before, { ...before, tags: ["환불"] })).toEqual(["tags"]);
});

test("a problem within a list is told for the list", () => {
  expect(problemsByField([{ path: "similar_titles.2", message: "너무 깁니다." }])).toEqual({
    similar_titles: "2: 너무 깁니다.",
  });
  expect(problemsByField([{ path: "content", message: "적어 주세요." }])).toEqual({ content: "적어 주세요." });
});

test("settings are sent without what says nothing, and no language model gets no settings", () => {
  const sent = cleaned({
    name: " ",
    persona: "친절한 상담원",
    chat: null,
    replies: { greeting: { ko: "안녕하세요", en: "" } },
    synonyms: [
      { words: ["", "돈"], terms: "정산" },
      { words: [""], terms: "" },
    ],
    banned_words: ["나쁜말", ""],
  });
  expect(sent["name"]).toBeNull();
  expect(sent["chat"]).toBeNull();
  expect((sent["replies"] as Record<string, unknown>)["greeting"]).toEqual({ ko: "안녕하세요" });
  expect(sent["synonyms"]).toEqual([{ words: ["돈"], terms: "정산" }]);
  expect(sent["banned_words"]).toEqual(["나쁜말"]);
});

test("a ticked path becomes a field under a name of its own", () => {
  const first = fieldFor("order.shippedAt", "date", []);
  expect(first).toEqual({ name: "shipped_at", path: "order.shippedAt", type: "date", label: "shippedAt" });
  expect(fieldFor("shippedAt", "date", [first])).toMatchObject({ name: "shipped_at_2", label: "shippedAt 2" });
  expect(fieldFor('"주문 번호"', "string", []).name).toBe("field");
});

test("a source that is no JSON is told before it is sent, and a title that is no field is none", () => {
  const form = { ...sourceFormOf(null), body: "{", title: "gone" };
  expect(Object.keys(unsendable(form))).toEqual(["body"]);
  expect(sourceOf(form)["title"]).toBeNull();
  const pair = { name: "X-Key", value: "1" };
  const twice = { ...form, body: "", parameters: "[]", headers: [pair, { name: "X-Key ", value: "2" }] };
  expect(unsendable(twice)).toEqual({
    parameters: "올바른 JSON이 아닙니다.",
    headers: "이름이 ‘X-Key’인 것이 둘 있습니다.",
  });
});

test("addresses lead back to where they were made for", () => {
  expect(routeOf(paths.content("default", "a/b c", "docs").split("?")[0] ?? "")).toEqual({
    page: "bot",
    bot: "default",
    section: "contents",
    rest: ["a/b c"],
  });
  expect(routeOf("/admin")).toEqual({ page: "start" });
  expect(routeOf("/admin/audit")).toEqual({ page: "audit" });
  expect(routeOf("/admin/bots/default/nothing")).toEqual({ page: "unknown" });
  expect(routeOf("/admin/bots/default/history/%E0%A4%A")).toMatchObject({ rest: ["%E0%A4%A"] });
});

test("the history is asked for with what was set, seconds as milliseconds", () => {
  const filters = filtersOf("?decision=refuse&slow=1.5&degraded=true&from=2026-11-01&to=2026-11-22");
  expect(apiQuery(filters)).toEqual({
    from: "2026-11-01",
    to: "2026-11-22",
    decision: "refuse",
    slow_ms: 1_500,
    degraded: true,
  });
});

test("days are Seoul's", () => {
  const lateInLondon = new Date("2026-11-22T20:00:00Z");
  expect(dayBefore(0, lateInLondon)).toBe("2026-11-23");
  expect(dayBefore(1, lateInLondon)).toBe("2026-11-22");
});

test("figures are written as they are read", () => {
  expect(percent(0.357)).toBe("35.7%");
  expect(percent(null)).toBe("–");
  expect(milliseconds(950)).toBe("950 ms");
  expect(milliseconds(1_250)).toBe("1.3초");
  expect(won(0.5)).toBe("0.50원");
  expect(won(12_345.6)).toBe("12,346원");
  expect(stepName("plan_2")).toBe("계획 2");
  expect(stepName("something_new")).toBe("something_new");
});

test("an axis ends at a figure that reads well", () => {
  expect([0, 1, 3, 14, 50, 51, 999].map(rounded)).toEqual([1, 1, 5, 20, 50, 100, 1_000]);
});

test("of a change only what differs is shown", () => {
  expect(changesOf({ name: "가", role: "editor" }, { name: "나", role: "editor" })).toEqual([
    { name: "name", before: "가", after: "나" },
  ]);
  expect(changesOf(null, null)).toEqual([]);
});

test("each kind of change that the backend records has a name", () => {
  const root = join(import.meta.dirname, "../..");
  const files = ["functions", "shared"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name)),
  );
  const code = files.filter((name) => name.endsWith(".py")).map((name) => readFileSync(name, "utf8"));
  const recorded = /(?:\.change\(\s*operator,|^ACTION =|apply_plan\(.*,)\s*"(\w+\.\w+)"/gm;
  const kinds = code.flatMap((text) => [...text.matchAll(recorded)].map((found) => found[1] ?? ""));
  expect([...new Set(kinds)].sort()).toEqual(Object.keys(actions).sort());
});

test("what differs between versions is told in an operator's words, and nobody's JSON", () => {
  const differences = [
    { path: "replies.greeting.ko", before: "안녕!", after: null },
    { path: "sources[orders].headers.X-Shop", before: null, after: "가온" },
    { path: "weights.title", before: 4, after: 12_000.5 },
    { path: "word_lists", before: ["commerce"], after: [] },
    {
      path: "sources[orders]",
      before: null,
      after: {
        kind: "http",
        url: "https://a.example",
        prompt: null,
        fields: { amount: { path: "a.b", type: "integer", label: "금액" } },
        parameters: { required: ["id"], additionalProperties: false },
      },
    },
    {
      path: "synonyms",
      before: [],
      after: [
        { words: ["입금", "돈"], terms: "정산" },
        { words: ["a"], terms: "b" },
      ],
    },
  ];
  const found = described(differences);
  expect(found.map((one) => one.name)).toEqual([
    "정해진 답 › 인사 › 한국어",
    "소스 › ‘orders’ › 헤더 › ‘X-Shop’",
    "점수 가중치 › 제목",
    "낱말 목록",
    "소스 › ‘orders’",
    "같은 말",
  ]);
  expect(found[2]).toMatchObject({ before: "4", after: "12000.5" });
  expect(found[3]).toMatchObject({ before: "전자상거래", after: "" });
  expect(found[4]?.after).toBe(
    [
      "종류: API",
      "주소: https://a.example",
      "쓸 값:",
      "  amount:",
      "    위치(JMESPath): a.b",
      "    형식: 정수",
      "    보이는 문구: 금액",
      "인자(JSON Schema):",
      "  required: id",
      "  additionalProperties: 아니요",
    ].join("\n"),
  );
  expect(found[5]?.after).toBe("· 낱말: 입금, 돈\n  콘텐츠의 말: 정산\n· 낱말: a\n  콘텐츠의 말: b");
  expect(JSON.stringify(found.map(({ before, after }) => [before, after]))).not.toMatch(/[{}]/);
});

test("a version tells when it was published", () => {
  expect(publishedAt("published#01M836008973GZ7TK5991S2HQ9")).toBe("2026-11-23T03:08:04.745Z");
  expect([publishedAt("draft"), publishedAt("built-in"), publishedAt("published#1")]).toEqual([null, null, null]);
});
