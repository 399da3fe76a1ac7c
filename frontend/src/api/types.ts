/** The API's types under short names. The document's own come generated; those that no document holds are below. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bubble = Schemas["Bubble"];
export type BubbleType = Bubble["bubble_type"];
export type ErrorBody = Schemas["ErrorBody"];
export type Session = Schemas["Session"];
export type Source = Schemas["Source"];
export type Suggestion = Schemas["Suggestion"];
export type Ticket = Schemas["Ticket"];
export type Turn = Schemas["Turn"];
export type WholeAnswer = Schemas["WholeAnswer"];
export type Decision = NonNullable<Turn["decision"]>;
export type Expression = "SMILE" | "THINKING" | "CRYING";

/** Where a conversation begins: `GET /v1/faqs/categories`. */
export interface Entry {
  bubbles: Bubble[];
  expression?: Expression;
  categories: string[];
  bot?: { name: string; min_loading_ms: number };
}

/** One FAQ as it is read: `GET /v1/faqs/{faq_id}`. */
export interface Faq {
  faq_id: string;
  title: string;
  content: string;
  category?: string | null;
  url?: string | null;
  updated_at?: string | null;
}

/** What comes of a tap: a list of bubbles, or a whole answer with bubbles that ask how it was. */
export type TapReply = { bubbles: Bubble[] } | WholeAnswer;
