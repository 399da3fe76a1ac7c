"""Answering what programs ask: one question, its history along with it, no session.

The pipeline runs in a task of its own, so that the answer ends and is logged whoever waits for it.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.answering.bridge import in_thread
from shared.answering.case import Parts
from shared.answering.endings import break_off
from shared.answering.pipeline import Answering
from shared.answering.running import Running
from shared.api_keys import ApiKey
from shared.errors import AppError, BackendUnavailable, StoreUnavailable
from shared.llm.prompts import MAX_HISTORY_CHARACTERS
from shared.models import Answer, Turn, TurnStatus
from shared.personal_data import mask
from shared.question_log import QuestionLog
from shared.seeing.answers import Told
from shared.seeing.around import known
from shared.sse import Event
from shared.storage.keys import created_at, new_chat_id

log = logging.getLogger(__name__)

MAX_HISTORY_TURNS = 20
_LOG_RETRY_SECONDS = (0.2, 0.5, 1.0)  # a program waits for its answer meanwhile
DRAIN_SECONDS = 2.0  # programs hold their connections, for which the server has waited before
running = Running(break_off_seconds=2.0)


@dataclass(frozen=True)
class Exchange:
    """An earlier question and what was answered, as the program tells it."""

    user_message: str
    system_message: str = ""


@dataclass(frozen=True)
class ProgramQuestion:
    """What a program asks, checked; `history` is oldest first."""

    text: str
    history: Sequence[Exchange] = ()
    service_type: str | None = None


@dataclass
class Reply:
    """An answer on its way.

    Parameters
    ----------
    answer
        Grows while the events are taken; whole when they have ended.
    """

    request_id: str
    answer: Answer = field(default_factory=Answer)
    error: AppError | None = None
    queue: "asyncio.Queue[Event | None]" = field(default_factory=asyncio.Queue)

    async def events(self) -> AsyncIterator[Event]:
        """The pipeline's events, until the answer is whole and logged; to be taken once.

        Raises
        ------
        AppError
            When no answer can be given, or it broke half-way.
        """
        while (event := await self.queue.get()) is not None:
            yield event
        if self.error is not None:
            raise self.error

    async def whole(self) -> Answer:
        """The same, collected. Raises as `events` does."""
        async for _ in self.events():
            pass
        return self.answer

    def fail(self, error: AppError, started: float) -> None:
        """What was said stays, for the log. `started` is of `time.perf_counter`."""
        self.error = error
        break_off(self.answer, error, started)


@dataclass(frozen=True)
class TakenQuestion:
    """A question that was taken: without personal data, and what was masked in it."""

    turn: Turn
    history: Sequence[Turn]
    values: Mapping[str, str]


async def start(key: ApiKey, question: ProgramQuestion, parts_of: Callable[[str], Parts], kept: QuestionLog) -> Reply:
    """Log a question, begin to answer it, and return at once.

    Parameters
    ----------
    kept
        Where it is logged.

    Raises
    ------
    StoreUnavailable
        When the question cannot be logged: then it is not taken.
    """
    taken = await in_thread(take, question)
    await in_thread(kept.open, key, taken.turn)
    reply = Reply(taken.turn.chat_id)
    known(bot_id=key.bot_id, chat_id=reply.request_id)
    running.start(_answer(reply, key, taken, parts_of, kept))
    return reply


async def drain() -> None:
    """At a shutdown: wait for running answers, then break off those that are left, which logs what they said."""
    await running.drain(DRAIN_SECONDS)


def take(question: ProgramQuestion) -> TakenQuestion:
    """A question as the pipeline is given it."""
    masked, chat_id = mask(question.text), new_chat_id()
    turn = Turn(
        session_id="",
        chat_id=chat_id,
        user_message=masked.text,
        status=TurnStatus.RUNNING,
        created_at=created_at(chat_id),
        service_type=mask(question.service_type).text if question.service_type else None,
    )
    history = [_earlier(turn, one) for one in question.history[-MAX_HISTORY_TURNS:]]
    return TakenQuestion(turn, history, masked.values)


def _earlier(turn: Turn, told: Exchange) -> Turn:
    # Masked before it is cut: half a number is not found. No prompt shows more of an answer
    said = mask(told.system_message).text[:MAX_HISTORY_CHARACTERS]
    asked = mask(told.user_message).text
    return turn.model_copy(update={"user_message": asked, "system_message": said, "status": TurnStatus.DONE})


async def _answer(
    reply: Reply, key: ApiKey, taken: TakenQuestion, parts_of: Callable[[str], Parts], kept: QuestionLog
) -> None:
    """Run the pipeline; log the answer; then, and only then, say that it has ended."""
    started = time.perf_counter()
    told = Told("program", key.bot_id, reply.request_id)
    try:
        parts = await in_thread(parts_of, key.bot_id)
        answering = Answering(parts, taken.turn, taken.history, reply.answer, taken.values)
        async for event in answering.events():
            reply.queue.put_nowait(event)
            told.said(event)
    except AppError as error:
        log.warning("answer %s failed: %s: %s", reply.request_id, error.code, error.reason)
        reply.fail(error, started)
    except asyncio.CancelledError:
        log.warning("answer %s was broken off: the process ends", reply.request_id)
        reply.fail(BackendUnavailable(), started)
    except Exception:
        log.exception("answer %s failed", reply.request_id)
        reply.fail(AppError(), started)
    try:
        await _close(reply, key, taken.turn, kept)
    except Exception:  # a bug: the program gets its answer all the same
        log.exception("answer %s was not logged", reply.request_id)
    finally:
        reply.queue.put_nowait(None)
        told.ended(reply.answer)


async def _close(reply: Reply, key: ApiKey, turn: Turn, kept: QuestionLog) -> None:
    """Log the answer, patiently. Without the log it is still the program's answer."""
    for pause in (*_LOG_RETRY_SECONDS, None):
        try:
            await in_thread(kept.close, key, turn, reply.answer)
            return
        except StoreUnavailable as error:
            if pause is None:
                log.error("answer %s could not be logged: %s", reply.request_id, error.reason)
                return
            await asyncio.sleep(pause)
