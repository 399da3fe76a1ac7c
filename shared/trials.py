"""Trying a question: the ordinary pipeline, with everything that it saw. Nothing of it is logged as a customer's."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from shared.answering.bridge import in_thread
from shared.answering.case import Parts
from shared.answering.endings import break_off
from shared.answering.pipeline import Answering
from shared.answering.watching import Prompted, Watched, watch
from shared.errors import AppError
from shared.models import Answer, Bubble, Call, Decision, Expression, Problem, Source, StepTime, Suggestion
from shared.models import UnsupportedClaim as Unsupported
from shared.personal_data import mask
from shared.programs import ProgramQuestion, take
from shared.retrieval.base import Found
from shared.sources.base import Record

log = logging.getLogger(__name__)


class TriedContent(BaseModel):
    """A content that was found: its score, and the similarities that it is made of, by leg of the search."""

    faq_id: str
    title: str
    matched_subject: str
    score: float
    parts: dict[str, float]
    near: bool


class TriedSearch(BaseModel):
    """One search: what was asked, what was found, and what the decision was made by.

    Under `refuse_below` of relevance it refuses; from `answer_from` of confidence on it answers; between, it asks back.
    A question that is a content's title is decided by that alone.
    """

    source_id: str
    asked: str
    decision: Decision
    confidence: float
    relevance: float | None
    refuse_below: float | None
    answer_from: float | None
    degraded: list[str]
    contents: list[TriedContent]


class TriedRecords(BaseModel):
    """What an API gave to one call: the text of each record, as models read it."""

    source_id: str
    records: list[str]


class TriedMessage(BaseModel):
    """One message of a prompt."""

    role: str
    content: str


class TriedPrompt(BaseModel):
    """What a model was sent: to plan, to rewrite a follow-up, to name the category, or to write the answer."""

    step: str
    model: str
    messages: list[TriedMessage]


class TriedError(BaseModel):
    """Why there is no whole answer."""

    code: str
    error_message: str


class Trial(BaseModel):
    """A question's whole way.

    Parameters
    ----------
    question
        As it was read: masked for personal data.
    gate
        Why it got a fixed reply; null when it went on.
    searched_as
        The follow-up as the model rewrote it, when it was searched so.
    plan
        Which sources were asked, with what.
    """

    bot_version: str
    question: str
    gate: str | None
    searched_as: str | None
    plan: list[Call]
    searches: list[TriedSearch]
    records: list[TriedRecords]
    prompts: list[TriedPrompt]
    decision: Decision | None
    expression: Expression
    text: str
    bubbles: list[Bubble]
    sources: list[Source]
    suggestions: list[Suggestion]
    category: str | None
    unsupported: list[Unsupported]
    degraded: list[str]
    problems: list[Problem]
    model: str | None
    input_tokens: int
    output_tokens: int
    tokens_estimated: bool
    cost_won: float | None
    steps: list[StepTime]
    latency_ms: int
    error: TriedError | None = None


async def attempt(question: ProgramQuestion, open_parts: Callable[[], Parts]) -> Trial:
    """Answer a question as customers' are answered, and tell how it came about.

    What models take counts for the bot's budget, as it costs the same.

    Parameters
    ----------
    open_parts
        What answering needs. Blocking.

    Raises
    ------
    AppError
        When the parts cannot be had; an answer that breaks is told in the trial.
    """
    parts, seen = watch(await in_thread(open_parts))
    taken = await in_thread(take, question)
    answer, failed, started = Answer(), None, time.perf_counter()
    try:
        async for _ in Answering(parts, taken.turn, taken.history, answer, taken.values).events():
            pass
    except AppError as error:
        log.warning("a tried question failed: %s: %s", error.code, error.reason)
        break_off(answer, error, started)
        failed = TriedError(code=error.code, error_message=error.message)
    return _told(taken.turn.user_message, answer, seen, failed)


def _told(question: str, answer: Answer, seen: Watched, failed: TriedError | None) -> Trial:
    record = answer.record
    told: dict[str, Any] = answer.model_dump(include=set(Trial.model_fields) & set(Answer.model_fields))
    told |= record.model_dump(include=set(Trial.model_fields) & set(type(record).model_fields))
    return Trial(
        **told,
        question=question,
        gate=record.fixed,
        plan=record.calls,
        searches=[_searched(source_id, found) for source_id, found in seen.searches],
        records=[_recorded(source_id, records) for source_id, records in seen.records],
        prompts=[_prompted(one) for one in seen.prompts],
        error=failed,
    )


def _searched(source_id: str, found: Found) -> TriedSearch:
    measured = found.measured
    contents = [
        TriedContent(
            faq_id=one.content.faq_id,
            title=one.content.title,
            matched_subject=one.matched_subject,
            score=one.score,
            parts={str(part): score for part, score in one.parts.items()},
            near=one.near,
        )
        for one in found.ranked
    ]
    return TriedSearch(
        source_id=source_id,
        asked=found.asked,
        decision=found.decision,
        confidence=found.confidence,
        relevance=measured.relevance if measured else None,
        refuse_below=measured.refuse_below if measured else None,
        answer_from=measured.answer_from if measured else None,
        degraded=list(found.degraded),
        contents=contents,
    )


def _recorded(source_id: str, records: Sequence[Record]) -> TriedRecords:
    return TriedRecords(source_id=source_id, records=[mask(record.as_text()).text for record in records])


def _prompted(prompt: Prompted) -> TriedPrompt:
    messages = [
        TriedMessage(
            role=one.role,
            content="\n".join([one.content, *(f"{call.name}({call.arguments})" for call in one.calls)]).strip(),
        )
        for one in prompt.messages
    ]
    return TriedPrompt(step=prompt.step, model=prompt.model, messages=messages)
