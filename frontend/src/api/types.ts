/** The API's types under short names. The document's own come generated; those that no document holds are below. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bubble = Schemas["Bubble"];
export type BubbleType = Bubble["bubble_type"];
/** Where a conversation begins: `GET /v1/faqs/categories`. */
export type Entry = Schemas["Entry"];
export type ErrorBody = Schemas["ErrorBody"];
/** One FAQ as it is read: `GET /v1/faqs/{faq_id}`. */
export type Faq = Schemas["Faq"];
/** What is wrong with one field of a form. */
export type FieldProblem = Schemas["FieldProblem"];
/** What is asked most: `GET /v1/faqs/popular`. */
export type PopularAnswer = Schemas["PopularAnswer"];
export type Session = Schemas["Session"];
export type Source = Schemas["Source"];
export type Suggestion = Schemas["Suggestion"];
export type Ticket = Schemas["Ticket"];
export type Turn = Schemas["Turn"];
export type WholeAnswer = Schemas["WholeAnswer"];
export type Decision = NonNullable<Turn["decision"]>;
export type Expression = "SMILE" | "THINKING" | "CRYING";

/** What comes of a tap: a list of bubbles, or a whole answer with bubbles that ask how it was. */
export type TapReply = { bubbles: Bubble[] } | WholeAnswer;
