"""Why a past question got its answer: what was recorded of it, beside the same question asked today.

The replay is the ordinary pipeline with today's bot, contents and prompts; nothing of it is logged. Without
`with_answer` no language model is asked, so that it costs nothing: what a model had made of a follow-up is taken from
the record, and the decision is that of the search alone. A program's history is not kept: its follow-ups are replayed
without it.
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from pydantic import Field

from shared.answering.case import Parts
from shared.answering.pipeline import Answering
from shared.errors import AppError
from shared.history import HistoryTurn
from shared.llm.prompts import VERSION
from shared.models import Answer, AnswerRecord, Decision, Model, Source, Turn, TurnStatus

Change: TypeAlias = Literal["same", "moved", "rescored", "edited", "new", "gone"]

_SAME_SCORE = 0.0005  # scores are kept with four digits
_NO_MODEL = "LLM 없이 검색까지만 다시 실행했습니다. 답변 문장과 LLM의 판단은 비교하지 않습니다."
_API = "LLM 없이 검색까지만 다시 실행해 API 소스에는 묻지 않았습니다. 판단, 찾은 내용, 답변 문장은 비교하지 않습니다."
_MASKED = "API에는 가린 값으로 다시 물을 수 없어, 개인정보로 찾은 내용은 다시 나오지 않습니다."
_REWRITTEN = "기록된 고쳐 쓴 질문으로 다시 검색했습니다."
_TAPPED = "눌러서 고른 질문이라 검색하지 않았습니다. 다시 실행하지 않습니다."
_DELETED = "삭제된 대화라 질문이 남아 있지 않습니다. 다시 실행하지 않습니다."
_PROGRAM = "API로 받은 질문입니다. 함께 받은 이전 대화는 저장하지 않아 빼고 실행했습니다."
_FAILED = "다시 실행하지 못했습니다: {message}"


class Seen(Model):
    """How an answer came about, then or now."""

    decision: Decision | None = None
    text: str
    bot_version: str
    searched_as: str | None = None
    degraded: list[str]
    latency_ms: int | None = None
    record: AnswerRecord


class ContentDifference(Model):
    """A content in what was found; ranks count from 1, and nothing stands for not found."""

    source_id: str
    faq_id: str
    title: str
    before_rank: int | None = None
    now_rank: int | None = None
    before_score: float | None = None
    now_score: float | None = None
    change: Change


class Difference(Model):
    """Something that is not as it was."""

    what: Literal[
        "decision",
        "calls",
        "contents",
        "scores",
        "bot_version",
        "prompt_version",
        "category",
        "searched_as",
        "degraded",
        "text",
    ]
    before: Any = None
    now: Any = None


class Why(Model):
    """Both, and what differs."""

    recorded: Seen
    replayed: Seen | None = Field(None, description="Nothing when it could not be replayed: `notes` tell why")
    with_answer: bool
    differences: list[Difference] = []  # noqa: RUF012
    contents: list[ContentDifference] = []  # noqa: RUF012
    notes: list[str] = []  # noqa: RUF012


async def explain(parts: Parts, turn: HistoryTurn, history: Sequence[Turn], *, with_answer: bool) -> Why:
    """Replay a question and compare.

    Parameters
    ----------
    parts
        Of the bot as it is now.
    history
        Earlier turns of its session, oldest first.
    with_answer
        Whether language models are asked, which costs what a question costs and is counted for the budget.
    """
    why = Why(recorded=_recorded(turn), with_answer=with_answer)
    if turn.deleted or turn.record.tapped:
        why.notes.append(_DELETED if turn.deleted else _TAPPED)
        return why
    if turn.channel == "api":
        why.notes.append(_PROGRAM)
    asked_api = any(one.source_id not in parts.searches for one in turn.record.calls)
    if asked_api:
        why.notes.append(_MASKED if with_answer else _API)
    if not with_answer:
        parts = replace(parts, chat_model=None, rewriter=None, spending=None)
        why.notes += [_NO_MODEL] if turn.record.model and not asked_api else []
        why.notes += [_REWRITTEN] if turn.searched_as else []
    answer = Answer()
    try:
        await _replay(parts, _asked(turn, with_answer), history, answer)
    except AppError as error:
        why.notes.append(_FAILED.format(message=error.message))
        return why
    why.replayed = _replayed(answer)
    if with_answer or not asked_api:
        why.contents = _contents(turn.record.candidates or turn.sources, answer.record.candidates)
    why.differences = [one for one in _differences(why) if one.what != "decision" or with_answer or not asked_api]
    return why


async def _replay(parts: Parts, turn: Turn, history: Sequence[Turn], answer: Answer) -> None:
    async with aclosing(Answering(parts, turn, history, answer).events()) as events:
        async for _ in events:
            pass


def _asked(turn: HistoryTurn, with_answer: bool) -> Turn:
    text = turn.user_message if with_answer else turn.searched_as or turn.user_message
    return Turn(
        session_id="",
        chat_id=turn.chat_id,
        user_message=text,
        status=TurnStatus.RUNNING,
        created_at=turn.created_at,
        service_type=turn.service_type,
    )


def _recorded(turn: HistoryTurn) -> Seen:
    return Seen(
        decision=turn.decision,
        text=turn.system_message,
        bot_version=turn.bot_version,
        searched_as=turn.searched_as,
        degraded=turn.degraded,
        latency_ms=turn.latency_ms,
        record=turn.record,
    )


def _replayed(answer: Answer) -> Seen:
    return Seen.model_validate(answer, from_attributes=True)


def _contents(before: Sequence[Source], now: Sequence[Source]) -> list[ContentDifference]:
    """What was found then and now, in today's order; what is gone stands at the end."""
    then = {(one.source_id, one.faq_id): (rank, one) for rank, one in enumerate(before, 1)}
    found = [_compared(then.pop((one.source_id, one.faq_id), None), rank, one) for rank, one in enumerate(now, 1)]
    gone = [
        ContentDifference(
            source_id=one.source_id,
            faq_id=one.faq_id,
            title=one.title,
            before_rank=rank,
            before_score=one.score,
            change="gone",
        )
        for rank, one in then.values()
    ]
    return [*found, *gone]


def _compared(then: tuple[int, Source] | None, rank: int, now: Source) -> ContentDifference:
    before_rank, before = then or (None, None)
    change: Change = "same"
    if before is None:
        change = "new"
    elif before_rank != rank:
        change = "moved"
    elif abs(before.score - now.score) > _SAME_SCORE:
        change = "rescored"
    elif (before.title, before.updated_at) != (now.title, now.updated_at):
        change = "edited"
    return ContentDifference(
        source_id=now.source_id,
        faq_id=now.faq_id,
        title=now.title,
        before_rank=before_rank,
        now_rank=rank,
        before_score=before.score if before else None,
        now_score=now.score,
        change=change,
    )


def _differences(why: Why) -> list[Difference]:
    before, now = why.recorded, why.replayed
    assert now is not None
    changes = {one.change for one in why.contents}
    found = [
        Difference(what="decision", before=before.decision, now=now.decision),
        Difference(what="bot_version", before=before.bot_version, now=now.bot_version),
        Difference(what="degraded", before=before.degraded, now=now.degraded),
    ]
    if before.record.prompt_version:
        found.append(Difference(what="prompt_version", before=before.record.prompt_version, now=VERSION))
    if why.with_answer or before.record.model is None:
        found += [
            Difference(what="category", before=before.record.category, now=now.record.category),
            Difference(what="text", before=before.text, now=now.text),
        ]
        if before.record.calls:  # earlier versions kept none
            found.append(Difference(what="calls", before=_calls(before), now=_calls(now)))
    if why.with_answer:
        found.append(Difference(what="searched_as", before=before.searched_as, now=now.searched_as))
    found = [one for one in found if one.before != one.now]
    if changes & {"moved", "new", "gone", "edited"}:
        ids = ("before_rank", "now_rank")
        ranked = [sorted((r, one.faq_id) for one in why.contents if (r := getattr(one, name))) for name in ids]
        then, today = ([faq_id for _, faq_id in order] for order in ranked)
        found.append(Difference(what="contents", before=then, now=today))
    if changes & {"rescored"} or any(_is_rescored(one) for one in why.contents):
        found.append(Difference(what="scores"))
    return found


def _calls(seen: Seen) -> list[tuple[str, dict[str, Any], str]]:
    """Which sources were asked, with what, and what came of it. Several are asked at once, and end in any order."""
    calls = [(one.source_id, one.arguments, one.outcome) for one in seen.record.calls]
    return sorted(calls, key=lambda call: (call[0], str(call[1])))


def _is_rescored(one: ContentDifference) -> bool:
    if one.before_score is None or one.now_score is None:
        return False
    return abs(one.before_score - one.now_score) > _SAME_SCORE
