/** The events of a streamed answer, as `shared/sse.py` writes them; no OpenAPI document holds them. */
import type { Bubble, Decision, ErrorBody, Expression, Source, Suggestion } from "./types";

export type Step = "planning" | "searching" | "rewriting" | "answering";

export interface EventData {
  accepted: { request_id: string; session_id: string; chat_id: string };
  status: { step: Step };
  delta: { text: string };
  bubble: Bubble;
  sources: { sources: Source[] };
  suggestions: { questions: Suggestion[] };
  done: {
    request_id: string;
    chat_id: string;
    question_ids: string[];
    expression: Expression;
    search_completed: boolean;
    /** None where the answer was stopped, in whichever tab. */
    decision?: Decision | null;
    degraded: string[];
    latency_ms: number;
    /** The one that the prose is about, where answers differ by it. */
    service_type?: string | null;
    feedback?: { bubbles: Bubble[] };
  };
  error: ErrorBody & { feedback?: { bubbles: Bubble[] } };
}

export type EventName = keyof EventData;

/** One event; its name tells what its data is. */
export type AnswerEvent = { [Name in EventName]: { id: number; event: Name; data: EventData[Name] } }[EventName];

const NAMES: Record<EventName, true> = {
  accepted: true,
  status: true,
  delta: true,
  bubble: true,
  sources: true,
  suggestions: true,
  done: true,
  error: true,
};

/** Whether this page knows an event of that name; a newer server may send others, which are passed over. */
export function isEventName(name: string | undefined): name is EventName {
  return name !== undefined && Object.hasOwn(NAMES, name);
}
