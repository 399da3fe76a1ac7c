"""The events of a streamed answer and their frame on the wire (server-sent events, WHATWG HTML §9.2)."""

from typing import ClassVar, Literal

from pydantic import BaseModel

from shared.models import Bubble, Decision, Expression, Invitation, Source, Suggestion

KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_SECONDS = 15.0


class Event(BaseModel):
    """Base of the events; `event` is the name on the wire."""

    event: ClassVar[str]


class Accepted(Event):
    """The question was claimed by this stream; always first."""

    event: ClassVar[str] = "accepted"
    request_id: str
    session_id: str
    chat_id: str


class Status(Event):
    """What the bot is doing now."""

    event: ClassVar[str] = "status"
    step: Literal["planning", "searching", "rewriting", "answering"]


class Delta(Event):
    """The next piece of the answer, Markdown. All of them joined are the first `text` bubble."""

    event: ClassVar[str] = "delta"
    text: str


class BubbleAdded(Event):
    """One whole bubble, never a repeat of the deltas."""

    event: ClassVar[str] = "bubble"
    bubble: Bubble


class Sources(Event):
    """Up to five ranked contents."""

    event: ClassVar[str] = "sources"
    sources: list[Source]


class Suggestions(Event):
    """What may be asked next."""

    event: ClassVar[str] = "suggestions"
    questions: list[Suggestion]


class Done(Event):
    """The answer is stored, whole or as far as it came; always last, unless `error` is.

    Without a decision it was stopped: a page needs nothing else to tell. There is no invitation where there is nothing
    to rate. `service_type` is that of the `text` bubble, which is known when the text was said.
    """

    event: ClassVar[str] = "done"
    request_id: str
    chat_id: str
    question_ids: list[str]
    expression: Expression
    search_completed: bool
    decision: Decision | None = None
    degraded: list[str]
    latency_ms: int
    service_type: str | None = None
    feedback: Invitation = Invitation()


class Failed(Event):
    """The answer broke; what was said stays. Always last."""

    event: ClassVar[str] = "error"
    code: str
    error_message: str
    expression: Expression = "CRYING"
    bubbles: list[Bubble]
    feedback: Invitation = Invitation()


def frame(event: Event, event_id: int) -> bytes:
    r"""One event on the wire: `id`, `event` and one line of JSON.

    JSON escapes the line ends `\n` and `\r` inside strings, so no text can break the frame.
    """
    # A bubble event's data is the bubble itself, not an object around it
    body = event.bubble if isinstance(event, BubbleAdded) else event
    return f"id: {event_id}\nevent: {event.event}\ndata: {body.model_dump_json(exclude_none=True)}\n\n".encode()
