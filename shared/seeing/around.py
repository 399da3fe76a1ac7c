"""What one request, or one answer, is known by wherever it is worked on: in its log lines, figures and spans."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, replace

from shared.seeing.base import LLM_FAILURES, LLM_SECONDS, NOBODY, STEP_SECONDS, STORE_SECONDS, Attributes, Seeing, Span


@dataclass
class Around:
    """Its ids, as far as they are known by now, and who is told of it.

    One object for all tasks and threads of a request: what one learns of it, all say.

    Parameters
    ----------
    chat_id
        Of the turn that is answered. The contract calls it `request_id` in answers; here that is one HTTP request's.
    span
        What steps are a part of.
    answers
        Whether this is an answer that a customer or a program waits for, and no operator's trial.
    """

    request_id: str | None = None
    session_id: str | None = None
    bot_id: str | None = None
    chat_id: str | None = None
    seeing: Seeing = NOBODY
    span: Span | None = None
    answers: bool = False

    def ids(self) -> dict[str, str]:
        """Those that are known."""
        named = {
            "request_id": self.request_id,
            "session_id": self.session_id,
            "bot_id": self.bot_id,
            "chat_id": self.chat_id,
            "trace_id": self.span.trace_id if self.span else None,
        }
        return {name: value for name, value in named.items() if value is not None}

    def step(self, step: str, started: float) -> None:
        """A step of answering took from `started`, of `time.perf_counter`, until now."""
        if not self.answers:
            return
        seconds = time.perf_counter() - started
        self.seeing.measure(STEP_SECONDS, seconds, step)
        if self.seeing.tracer is not None:
            self.seeing.tracer.begin(step, parent=self.span, ago_seconds=seconds).end(step, {})

    def stored(self, verb: str, started: float) -> None:
        """The store was called at `started`, of `time.perf_counter`; the call is over."""
        seconds = time.perf_counter() - started
        self.seeing.measure(STORE_SECONDS, seconds, verb)
        if self.seeing.tracer is not None and self.span is not None:
            self.seeing.tracer.begin("store", "client", self.span, ago_seconds=seconds).end(f"store {verb}", {})

    def asked_model(self, model: str, started: float, attributes: Attributes, failed: str | None) -> None:
        """A language model was called at `started`, of `time.perf_counter`; the call is over, or `failed`."""
        seconds = time.perf_counter() - started
        self.seeing.measure(LLM_SECONDS, seconds, model)
        if failed is not None:
            self.seeing.add(LLM_FAILURES, 1, model, failed)
        if self.seeing.tracer is not None:
            # Names as OpenTelemetry's conventions for generative AI have them
            span = self.seeing.tracer.begin("chat", "client", self.span, ago_seconds=seconds)
            named = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model}
            span.end(f"chat {model}", {**named, **attributes}, failed)


_around: ContextVar[Around | None] = ContextVar("around", default=None)


def now() -> Around:
    """What is worked on here; outside of a request nothing is known, and nobody told."""
    return _around.get() or Around()


def enter(around: Around) -> Around:
    """From now on, in this task and those that it starts, this is worked on.

    It is never left: each request, and each answer, is a task of its own.
    """
    _around.set(around)
    return around


def known(*, bot_id: str | None = None, session_id: str | None = None, chat_id: str | None = None) -> None:
    """What has been learned of the request, and checked: nothing that a caller merely says."""
    around = now()
    around.bot_id = bot_id or around.bot_id
    around.session_id = session_id or around.session_id
    around.chat_id = chat_id or around.chat_id


def apart() -> Around:
    """What is worked on here from now on, apart from the request that it came with, whose ids it keeps."""
    return enter(replace(now()))
