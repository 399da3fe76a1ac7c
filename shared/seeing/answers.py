"""One answer, as figures and as a span: told once, when it has ended, by whoever gives it."""

import time

from shared.models import Answer
from shared.seeing.around import apart, known, now
from shared.seeing.base import (
    ANSWER_SECONDS,
    ANSWERS,
    DEGRADED,
    FIRST_TEXT_SECONDS,
    RUNNING,
    TOKENS,
    Attributes,
    Seeing,
    Way,
)
from shared.sse import Delta, Event


class Told:
    """An answer that is being given, in a task of its own, from now on.

    Parameters
    ----------
    session_id
        Programs' answers have none.
    """

    def __init__(self, way: Way, bot_id: str, chat_id: str, session_id: str | None = None) -> None:
        self._way, self._bot_id, self._started = way, bot_id, time.perf_counter()
        self._spoke = False
        around = apart()
        known(bot_id=bot_id, session_id=session_id, chat_id=chat_id)
        self._seeing, around.answers = around.seeing, True
        if self._seeing.tracer is not None:
            around.span = self._seeing.tracer.begin("answer", parent=around.span)
        self._span = around.span
        self._seeing.add(RUNNING, 1)

    def said(self, event: Event) -> None:
        """An event of it."""
        if not self._spoke and isinstance(event, Delta):
            self._spoke = True
            self._seeing.measure(FIRST_TEXT_SECONDS, self._seconds(), self._bot_id, self._way)

    def ended(self, answer: Answer, *, stopped: bool = False) -> None:
        """It has ended: whole, broken (`answer.error_code`) or stopped."""
        ending = _ending(answer, stopped)
        self._seeing.add(RUNNING, -1)
        self._seeing.measure(ANSWER_SECONDS, self._seconds(), self._bot_id, self._way)
        count(self._seeing, self._way, self._bot_id, answer, ending)
        if self._span is not None and self._seeing.tracer is not None:
            record = answer.record
            attributes: Attributes = {
                "haedap.bot": self._bot_id,
                "haedap.way": self._way,
                "haedap.decision": ending,
                "haedap.degraded": ",".join(answer.degraded),
                "gen_ai.usage.input_tokens": record.input_tokens,
                "gen_ai.usage.output_tokens": record.output_tokens,
            }
            self._span.end("answer", attributes, answer.error_code)

    def _seconds(self) -> float:
        return time.perf_counter() - self._started


def tapped(bot_id: str, answer: Answer) -> None:
    """An answer to a tap was given: it takes no time worth telling."""
    count(now().seeing, "tap", bot_id, answer, _ending(answer, stopped=False))


def count(seeing: Seeing, way: Way, bot_id: str, answer: Answer, ending: str) -> None:
    """Count an answer that has ended."""
    seeing.add(ANSWERS, 1, bot_id, way, ending)
    for reason in set(answer.degraded):
        seeing.add(DEGRADED, 1, bot_id, reason)
    for direction, tokens in (("input", answer.record.input_tokens), ("output", answer.record.output_tokens)):
        if tokens:
            seeing.add(TOKENS, tokens, bot_id, direction)


def _ending(answer: Answer, stopped: bool) -> str:
    if answer.error_code is not None:
        return "failed"
    return "stopped" if stopped or answer.decision is None else answer.decision
