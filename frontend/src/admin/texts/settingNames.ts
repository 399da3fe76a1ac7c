/** What every setting of a bot is called where two versions are held against each other; none may lack a name. */
import type { Bot, HttpSource, VectorSource } from "../../api/adminTypes";
import type { components } from "../../api/schema";
import { texts } from "./settings";
import { texts as api } from "./workshop";

type Schemas = components["schemas"];
type KeysOfEach<T> = T extends unknown ? keyof T : never;
type Parts = Schemas["Chat" | "Budget" | "Weights" | "Thresholds" | "Replies"];
type Rows = Schemas["Synonym" | "Category" | "Link" | "Reason" | "HttpField"];
type Setting = KeysOfEach<Bot | HttpSource | VectorSource | Parts | Rows>;

const named = ([name = ""]: readonly string[]) => name;
const replies = Object.fromEntries(Object.entries(texts.replies).map(([name, [title]]) => [name, title])) as Record<
  keyof typeof texts.replies,
  string
>;

export const settingNames: Record<Setting, string> = {
  ...replies,
  bot_id: "챗봇 ID",
  version: "버전",
  name: named(texts.name),
  persona: named(texts.persona),
  replies: texts.sections.replies,
  sources: texts.sections.sources,
  chat: texts.sections.model,
  budget: texts.budget,
  weights: texts.weights,
  thresholds: texts.thresholds,
  word_lists: "낱말 목록",
  synonyms: named(texts.synonyms),
  banned_words: named(texts.bannedWords),
  allowed_words: named(texts.allowedWords),
  service_types: named(texts.serviceTypes),
  categories: named(texts.categories),
  links: named(texts.links),
  pinned: named(texts.pinned),
  feedback_reasons: named(texts.reasons),
  min_loading_ms: named(texts.minLoading),
  allowed_origins: named(texts.origins),
  model: named(texts.model),
  temperature: named(texts.temperature),
  max_tokens: named(texts.maxTokens),
  history_tokens: named(texts.historyTokens),
  input_won: named(texts.inputWon),
  output_won: named(texts.outputWon),
  tokens: named(texts.budgetTokens),
  won: named(texts.budgetWon),
  title: named(texts.linkTitle),
  content: named(texts.weightContent),
  sentence: named(texts.weightSentence),
  lexical: named(texts.weightLexical),
  off_topic_refused: named(texts.offTopic),
  answer_from: named(texts.answerFrom),
  words: "낱말",
  terms: named(texts.synonymTerms),
  url: "주소",
  category: named(texts.linkCategory),
  code: "코드",
  label: named(texts.reasonLabel),
  kind: "종류",
  source_id: named(texts.sourceId),
  description: named(texts.sourceDescription),
  prompt: named(texts.sourcePrompt),
  method: api.method,
  parameters: named(api.parameters),
  query: named(api.query),
  body: named(api.body),
  headers: named(api.headers),
  timeout_seconds: api.timeout,
  retries: api.retries,
  cache_seconds: api.cache,
  records: named(api.records),
  max_records: api.maxRecords,
  fields: api.sections.fields,
  link: api.linkField,
  allowed_hosts: named(api.hosts),
  path: api.field.path,
  type: api.field.type,
};

/** What values are called that are words of the program. */
export const valueNames: Record<string, Record<string, string>> = {
  word_lists: { commerce: "전자상거래" },
  kind: { vector: "콘텐츠", http: "API" },
  type: api.types,
};
