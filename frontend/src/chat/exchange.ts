/** An exchange, a question or a tap and what came of it, as the page shows it. Pure functions. */
import type { ApiError } from "../api/errors";
import type { AnswerEvent, Step } from "../api/events";
import type { Bubble, Decision, Expression, Source, TapReply, Turn } from "../api/types";

/** `lost` is an answer whose stream broke: it may be there by now. `refused` was never asked. */
export type Phase = "waiting" | "streaming" | "done" | "failed" | "stopped" | "interrupted" | "lost" | "refused";

export interface Exchange {
  key: string;
  question: string;
  /** A question is asked again by its text, a tap by its address. */
  tapped: string | null;
  chatId: string | null;
  phase: Phase;
  step: Step | null;
  /** The first is the prose that the deltas form, as soon as there is any. */
  bubbles: readonly Bubble[];
  sources: readonly Source[];
  expression: Expression;
  searchCompleted: boolean;
  feedback: readonly Bubble[];
  rated: boolean;
  /** Refused as it would be again. */
  final?: boolean;
}

const NONE: readonly never[] = [];
const PROSE = "prose"; // the bubble id of the deltas: the server's own begin with b
const OWN_ERROR = "error-";

export function newExchange(key: string, question: string, tapped: string | null = null): Exchange {
  return {
    key,
    question,
    tapped,
    chatId: null,
    phase: "waiting",
    step: null,
    bubbles: NONE,
    sources: NONE,
    expression: "THINKING",
    searchCompleted: false,
    feedback: NONE,
    rated: false,
  };
}

/** A list that was opened by a tap: the server stores no turn of it. */
export function isList(exchange: Exchange): exchange is Exchange & { tapped: string } {
  return exchange.tapped !== null && exchange.chatId === null && exchange.phase === "done";
}

/** Whether an answer may still come. */
export function isOpen(exchange: Exchange): boolean {
  return exchange.phase === "waiting" || exchange.phase === "streaming";
}

/** Whether it asks how the answer was: there is none to rate where one broke. */
export function invitesFeedback(exchange: Exchange): boolean {
  return exchange.rated || (!isOpen(exchange) && exchange.phase !== "failed" && exchange.feedback.length > 0);
}

const ANSWERS: ReadonlySet<string> = new Set(["text", "image", "video", "notice"]);

/** How many bubbles the answer itself has: those behind them, as suggestions, lead on from it. */
export function answerEnd(bubbles: readonly Bubble[]): number {
  const onward = bubbles.findIndex((one) => !ANSWERS.has(one.bubble_type));
  return onward < 0 ? bubbles.length : onward;
}

const EXPRESSIONS: Record<Decision, Expression> = {
  answer: "SMILE",
  clarify: "THINKING",
  refuse: "CRYING",
  fixed: "SMILE",
};

/** A stored turn. The answer of one that is open is shown from its stream. */
export function fromTurn(turn: Turn): Exchange {
  const exchange = { ...newExchange(turn.chat_id, turn.user_message), chatId: turn.chat_id };
  if (turn.streaming_id) return exchange;
  const { status } = turn;
  return {
    ...exchange,
    phase: status === "pending" || status === "running" ? "interrupted" : status,
    bubbles: turn.bubbles,
    sources: turn.sources,
    expression: turn.expression ?? (turn.decision ? EXPRESSIONS[turn.decision] : "THINKING"),
    searchCompleted: turn.search_completed ?? false,
    feedback: turn.invitation?.bubbles ?? NONE,
    rated: Boolean(turn.feedback),
  };
}

/** An exchange after one more event of its stream. */
export function withEvent(exchange: Exchange, { event, data }: AnswerEvent): Exchange {
  switch (event) {
    case "accepted":
      return { ...exchange, chatId: data.chat_id };
    case "status":
      return { ...exchange, step: data.step };
    case "delta":
      return { ...exchange, phase: "streaming", bubbles: withProse(exchange.bubbles, data.text) };
    case "bubble":
      return { ...exchange, phase: "streaming", bubbles: [...exchange.bubbles, data] };
    case "sources":
      return { ...exchange, sources: data.sources };
    case "suggestions":
      return exchange; // they are offered by a bubble, too
    case "done":
      return {
        ...exchange,
        phase: data.decision ? "done" : "stopped",
        chatId: data.chat_id,
        expression: data.expression,
        searchCompleted: data.search_completed,
        bubbles: forService(exchange.bubbles, data.service_type),
        feedback: data.feedback?.bubbles ?? NONE,
      };
    case "error":
      return {
        ...exchange,
        phase: "failed",
        expression: "CRYING",
        bubbles: [...exchange.bubbles, ...errorBubbles(data.bubbles ?? NONE, data.error_message)],
        feedback: data.feedback?.bubbles ?? NONE,
      };
  }
}

function withProse(bubbles: readonly Bubble[], text: string): readonly Bubble[] {
  const [first, ...others] = bubbles;
  if (first?.bubble_id !== PROSE) return [{ bubble_id: PROSE, bubble_type: "text", description: text }, ...bubbles];
  return [{ ...first, description: first.description + text }, ...others];
}

/** Bubbles whose prose says for which service it is: that is known when all was said. */
function forService(bubbles: readonly Bubble[], service: string | null | undefined): readonly Bubble[] {
  return service ? bubbles.map((one) => (one.bubble_id === PROSE ? { ...one, service_type: service } : one)) : bubbles;
}

/** An exchange after what came of its tap. */
export function withReply(exchange: Exchange, reply: TapReply): Exchange {
  if ("bubbles" in reply) return { ...exchange, phase: "done", expression: "SMILE", bubbles: reply.bubbles };
  return {
    ...exchange,
    phase: "done",
    chatId: reply.request_id,
    bubbles: reply.answer.bubbles,
    sources: reply.sources,
    expression: reply.answer.expression,
    searchCompleted: reply.answer.search_completed,
    feedback: reply.feedback.bubbles,
  };
}

/** An exchange with an error as its last bubble, in place of an earlier one of the kind. */
export function withError(exchange: Exchange, error: ApiError, phase: Phase): Exchange {
  const said = exchange.bubbles.filter((one) => !one.bubble_id.startsWith(OWN_ERROR));
  const bubbles = errorBubbles(error.bubbles, error.message).map((one) => ({
    ...one,
    bubble_id: `${OWN_ERROR}${one.bubble_id}`, // beside the bubbles of an answer
  }));
  const final = phase === "refused" && error.isFinal;
  return { ...exchange, phase, expression: "CRYING", bubbles: [...said, ...bubbles], final };
}

function errorBubbles(bubbles: readonly Bubble[], message: string): readonly Bubble[] {
  return bubbles.length > 0 ? bubbles : [{ bubble_id: "error", bubble_type: "error", description: message }];
}
