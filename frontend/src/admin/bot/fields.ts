/** A bot's settings as data: what stands where in it, how it is called, how it is written. */
import { texts } from "../texts/settings";

export type SectionName = keyof typeof texts.sections;
type Label = readonly string[];

interface Common {
  /** Where in the bot, or in a row. */
  path: readonly string[];
  label: string;
  help?: string;
}

export type Column = Common & { kind: "line" | "lines" };

export type SettingField =
  | (Common & { kind: "line" | "area" | "lines" })
  | (Common & { kind: "number"; least?: number; most?: number; step?: number })
  | (Common & {
      kind: "rows";
      columns: readonly Column[];
      empty: Record<string, unknown>;
      addLabel: string;
      most: number;
    });

export interface SettingGroup {
  title: string;
  help?: string;
  fields: readonly SettingField[];
}

function named(path: string, [label = "", help]: Label): Common {
  return { path: path.split("."), label, ...(help ? { help } : {}) };
}

const line = (path: string, label: Label) => ({ ...named(path, label), kind: "line" as const });
const area = (path: string, label: Label) => ({ ...named(path, label), kind: "area" as const });
const lines = (path: string, label: Label) => ({ ...named(path, label), kind: "lines" as const });
const number = (path: string, label: Label, least: number, most: number, step: number) => ({
  ...named(path, label),
  kind: "number" as const,
  least,
  most,
  step,
});

const MANY = 1_000_000_000;
const languages = Object.entries(texts.languages);

export const GROUPS = {
  basics: [
    {
      title: texts.sections.basics,
      fields: [
        line("name", texts.name),
        area("persona", texts.persona),
        lines("service_types", texts.serviceTypes),
        lines("pinned", texts.pinned),
      ],
    },
  ],
  replies: Object.entries(texts.replies).map(([reply, [title, help]]) => ({
    title,
    help,
    fields: languages.map(([language, label]) => area(`replies.${reply}.${language}`, [label])),
  })),
  model: [
    {
      title: texts.sections.model,
      fields: [
        line("chat.model", texts.model),
        number("chat.temperature", texts.temperature, 0, 2, 0.1),
        number("chat.max_tokens", texts.maxTokens, 16, 32_000, 1),
        number("chat.history_tokens", texts.historyTokens, 0, 32_000, 1),
        number("chat.input_won", texts.inputWon, 0, MANY, 0.01),
        number("chat.output_won", texts.outputWon, 0, MANY, 0.01),
      ],
    },
    {
      title: texts.budget,
      help: texts.budgetHelp,
      fields: [
        number("budget.tokens", texts.budgetTokens, 0, MANY, 1),
        number("budget.won", texts.budgetWon, 0, MANY, 0.01),
      ],
    },
  ],
  search: [
    {
      title: texts.thresholds,
      fields: [
        number("thresholds.off_topic_refused", texts.offTopic, 0.5, 1, 0.005),
        number("thresholds.answer_from", texts.answerFrom, 0, 1, 0.01),
      ],
    },
    {
      title: texts.weights,
      help: texts.weightsHelp,
      fields: [
        number("weights.title", texts.weightTitle, 0, 1_000, 0.1),
        number("weights.content", texts.weightContent, 0, 1_000, 0.1),
        number("weights.sentence", texts.weightSentence, 0, 1_000, 0.1),
        number("weights.lexical", texts.weightLexical, 0, 1_000, 0.1),
      ],
    },
    {
      title: texts.synonyms[0] ?? "",
      fields: [
        {
          ...named("synonyms", texts.synonyms),
          kind: "rows",
          columns: [lines("words", texts.synonymWords), line("terms", texts.synonymTerms)],
          empty: { words: [], terms: "" },
          addLabel: texts.addSynonym,
          most: 500,
        },
      ],
    },
  ],
  categories: [
    {
      title: texts.sections.categories,
      fields: [
        {
          ...named("categories", texts.categories),
          kind: "rows",
          columns: [line("name", texts.categoryName), lines("words", texts.categoryWords)],
          empty: { name: "", words: [] },
          addLabel: texts.addCategory,
          most: 64,
        },
        {
          ...named("links", texts.links),
          kind: "rows",
          columns: [
            line("title", texts.linkTitle),
            line("url", texts.linkUrl),
            line("category", texts.linkCategory),
            lines("words", texts.linkWords),
          ],
          empty: { title: "", url: "", category: null, words: [] },
          addLabel: texts.addLink,
          most: 500,
        },
      ],
    },
  ],
  words: [
    {
      title: texts.sections.words,
      fields: [lines("banned_words", texts.bannedWords), lines("allowed_words", texts.allowedWords)],
    },
  ],
  feedback: [
    {
      title: texts.sections.feedback,
      fields: [
        {
          ...named("feedback_reasons", texts.reasons),
          kind: "rows",
          columns: [line("code", texts.reasonCode), line("label", texts.reasonLabel)],
          empty: { code: "", label: "" },
          addLabel: texts.addReason,
          most: 20,
        },
      ],
    },
  ],
  embed: [
    {
      title: texts.sections.embed,
      fields: [lines("allowed_origins", texts.origins), number("min_loading_ms", texts.minLoading, 0, 5_000, 50)],
    },
  ],
} satisfies Record<string, readonly SettingGroup[]>;

const OTHERS: Record<string, keyof typeof GROUPS> = { chat: "model", word_lists: "search" };

/** Whether a setting is one of a section's. */
export function standsIn(path: string, section: keyof typeof GROUPS | "sources"): boolean {
  const [top = ""] = path.split(".");
  if (section === "sources" || top === "sources") return section === top;
  if (top in OTHERS) return OTHERS[top] === section;
  return GROUPS[section].some((group: SettingGroup) => group.fields.some((one) => one.path[0] === top));
}

/** Every field, wherever it stands. */
export const FIELDS: readonly SettingField[] = Object.values(GROUPS).flatMap((groups: readonly SettingGroup[]) =>
  groups.flatMap((group) => group.fields),
);
