/** The whole console in jsdom, in front of a fake server that answers an operator of one role. */
import { render } from "@testing-library/react";
import { Console } from "../src/admin/Console";
import type { BotDetail, Content, ContentDetail, Me } from "../src/api/adminTypes";
import type { FakeHaedap } from "./fakeHaedap";

await import("../src/bubbles/Markdown"); // so that it is there at once

export const BOT = "/v1/admin/bots/default";
export const KEY = "ha_test-key";

/** Open an address as somebody who is logged in already. */
export function showConsole(server: FakeHaedap, path: string, role: Me["role"] = "owner") {
  sessionStorage.setItem("haedap.admin.key", KEY);
  server.on("GET /v1/admin/me", { json: { key_id: "k1", name: "김운영", role, bots: null } });
  server.on("GET /v1/admin/bots", { json: [line()] });
  server.on(`GET ${BOT}`, { json: botDetail() });
  return openConsole(server, path);
}

export function openConsole(server: FakeHaedap, path: string) {
  history.replaceState(null, "", path);
  return render(<Console origin={server.address("/").origin} />);
}

export function line() {
  return {
    bot_id: "default",
    name: "가온마켓",
    version: "published#1",
    published_at: "2026-11-22T00:00:00Z",
    has_draft: false,
    draft_differs: false,
  };
}

/** A bot with as much of its settings as pages need. */
export function botDetail(values: Partial<BotDetail> = {}): BotDetail {
  const published = {
    bot_id: "default",
    version: "published#1",
    name: "가온마켓",
    persona: null,
    replies: { greeting: { ko: "안녕하세요!", en: "Hello!" } },
    sources: [{ kind: "vector", source_id: "default", name: "도움말", description: "FAQ", prompt: null }],
    chat: null,
    budget: {},
    weights: { title: 4, content: 2, sentence: 3, lexical: 2 },
    thresholds: { off_topic_refused: 0.97, answer_from: 0.6 },
    word_lists: ["commerce"],
    synonyms: [],
    banned_words: [],
    allowed_words: [],
    service_types: ["가온배송"],
    categories: [{ name: "정산", words: [] }],
    links: [],
    pinned: [],
    feedback_reasons: [],
    min_loading_ms: 0,
    allowed_origins: [],
  };
  return {
    ...line(),
    editable_sources: ["default"],
    based_on: "b1",
    published: published as unknown as NonNullable<BotDetail["published"]>,
    draft: null,
    ...values,
  };
}

export function content(values: Partial<Content> = {}): Content {
  return {
    faq_id: "settle-001",
    source_id: "default",
    title: "정산은 언제 되나요?",
    tags: [],
    similar_titles: ["돈은 언제 들어오나요?"],
    summary_titles: [],
    content: "다음 영업일에 입금됩니다.",
    service_answers: {},
    related_ids: ["settle-002"],
    category: "정산",
    category_inferred: false,
    url: null,
    media: [],
    effective_on: null,
    expires_on: null,
    updated_at: null,
    ...values,
  };
}

export function contentDetail(values: Partial<ContentDetail> = {}): ContentDetail {
  return {
    faq_id: "settle-001",
    source_id: "default",
    based_on: "c1",
    published: content(),
    draft: null,
    drafted: null,
    saved_at: null,
    saved_by: null,
    outdated: false,
    removed: null,
    left_out: [],
    ...values,
  };
}
