"""Answering a claimed turn: the pipeline runs in a task of its own, so that it ends and is stored whoever listens.

Beside it a second task stores new events and what was said, at most every 0.8 seconds, and learns from the store
whether somebody stopped the answer. The live stream waits for neither.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field

from shared.answer_life import Claim
from shared.answering.bridge import in_thread
from shared.answering.case import Parts
from shared.answering.endings import break_off, cut_short, last_event
from shared.answering.pipeline import Answering
from shared.answering.recording import Recording
from shared.answering.running import Running
from shared.conversations import Conversations
from shared.errors import AppError, StoreUnavailable, TurnNotFound
from shared.models import Answer, TurnStatus
from shared.seeing.answers import Told
from shared.seeing.around import known
from shared.sse import Accepted, Event

log = logging.getLogger(__name__)

_CHECKPOINT_SECONDS = 0.8
_LOOK_SECONDS = 0.8  # while nothing new is said: a stop is to be noticed within about a second
_AFTER_FAILURE_SECONDS = 2.0
_FINISH_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
running = Running(break_off_seconds=5.0)
_stops: dict[str, asyncio.Event] = {}  # of the answers that this process gives, by streaming id


@dataclass
class _Run:
    """One answer while it is given."""

    claim: Claim
    conversations: Conversations
    recording: Recording = field(default_factory=Recording)
    answer: Answer = field(default_factory=Answer)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)  # by somebody, somewhere
    over: asyncio.Event = field(default_factory=asyncio.Event)  # nothing more is said


def start(claim: Claim, parts_of: Callable[[str], Parts], conversations: Conversations) -> AsyncIterator[bytes]:
    """Begin to answer, and return the frames of the stream.

    Whoever stops reading the frames stops only that: the answer goes on and is stored.
    """
    run = _Run(claim, conversations)
    known(bot_id=claim.owner.bot_id, session_id=claim.turn.session_id, chat_id=claim.turn.chat_id)
    _stops[claim.streaming_id] = run.stopped
    task = running.start(_answer(run, parts_of))
    task.add_done_callback(lambda _: _stops.pop(claim.streaming_id, None))
    return run.recording.frames()


def stop(streaming_id: str) -> None:
    """Stop an answer at once if it is this process that gives it; another one looks every second."""
    if streaming_id in _stops:
        _stops[streaming_id].set()


async def _answer(run: _Run, parts_of: Callable[[str], Parts]) -> None:
    """Run the pipeline for one turn; store the answer; then, and only then, say `done` or `error`."""
    turn, answer, started = run.claim.turn, run.answer, time.perf_counter()
    told = Told("chat", run.claim.owner.bot_id, turn.chat_id, turn.session_id)
    run.recording.add(Accepted(request_id=turn.chat_id, session_id=turn.session_id, chat_id=turn.chat_id))
    keeper = asyncio.create_task(_keep(run))
    try:
        if not await _comes_to_its_end(_speak(run, parts_of, told), run.stopped):
            cut_short(answer, started)
    except AppError as error:
        log.warning("answer %s failed: %s: %s", turn.chat_id, error.code, error.reason)
        break_off(answer, error, started)
    except asyncio.CancelledError:
        log.warning("answer %s was broken off: the process ends", turn.chat_id)
        break_off(answer, AppError(), started)
    except Exception:
        log.exception("answer %s failed", turn.chat_id)
        break_off(answer, AppError(), started)
    ending: Event | None = None
    try:
        run.over.set()
        await asyncio.wait({keeper})  # two that write pieces at once would not know of each other's
        if (failure := keeper.exception()) is not None:
            log.error("the checkpoints of %s failed", turn.chat_id, exc_info=failure)
        ending = await _store(run)
    except Exception:  # a bug: the stream ends all the same, and the turn reads as interrupted when its lease lapses
        log.exception("answer %s was not stored", turn.chat_id)
        break_off(answer, AppError(), started)
        ending = last_event(run.claim.owner.bot_id, turn.chat_id, answer)
    finally:
        run.recording.end(ending)
        told.ended(answer, stopped=run.stopped.is_set())


async def _speak(run: _Run, parts_of: Callable[[str], Parts], told: Told) -> None:
    parts = await in_thread(parts_of, run.claim.owner.bot_id)
    claim = run.claim
    known = claim.values, claim.told, claim.service_before
    answering = Answering(parts, claim.turn, claim.history, run.answer, *known)
    async with aclosing(answering.events()) as events:
        async for event in events:
            run.recording.add(event)
            told.said(event)


async def _comes_to_its_end(speaking: Coroutine[None, None, None], stopped: asyncio.Event) -> bool:
    """Whether it does before it is stopped, which closes it and so the model's connection. Raises what it raises."""
    task, stop = asyncio.create_task(speaking), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
            return True
        return False
    finally:
        stop.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()) is not None:
                log.warning("closing a stopped answer failed: %s", type(error).__name__)


async def _keep(run: _Run) -> None:
    """Store what is new, renew the lease, and see whether somebody stopped the answer, until it is over."""
    renewed = looked = time.monotonic()
    pause = _CHECKPOINT_SECONDS
    while not await _is_set_within(run.over, pause):
        at, pieces, pause = time.monotonic(), run.recording.unsaved(), _CHECKPOINT_SECONDS
        try:
            if pieces or at - renewed >= run.conversations.lease_seconds / 3:
                goes_on = await in_thread(run.conversations.checkpoint, run.claim, run.answer.text, pieces)
                run.recording.saved(len(pieces))
                renewed = looked = at
            elif at - looked >= _LOOK_SECONDS:
                goes_on = await in_thread(run.conversations.goes_on, run.claim)
                looked = at
            else:
                continue
        except StoreUnavailable as error:
            log.warning("checkpoint of %s failed: %s", run.claim.turn.chat_id, error.reason)
            pause = _AFTER_FAILURE_SECONDS
            continue
        if not goes_on:
            run.stopped.set()
            return


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _store(run: _Run) -> Event:
    """Store the last events and the answer, patiently, and return the event that ends the stream."""
    bot_id, chat_id = run.claim.owner.bot_id, run.claim.turn.chat_id
    for pause in (*_FINISH_RETRY_SECONDS, None):
        try:
            status = await in_thread(run.conversations.finish, run.claim, run.answer, run.recording.unsaved())
            return last_event(bot_id, chat_id, run.answer, is_stopped=status is TurnStatus.STOPPED)
        except TurnNotFound:
            log.info("answer %s was not stored: its session was deleted", chat_id)
            return last_event(bot_id, chat_id, run.answer, is_kept=False)
        except StoreUnavailable as error:
            if pause is None:
                log.error("answer %s could not be stored: %s", chat_id, error.reason)
                break_off(run.answer, error, time.perf_counter())
                return last_event(bot_id, chat_id, run.answer)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")
