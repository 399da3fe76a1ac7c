"""Answering a claimed turn: the pipeline runs in a task of its own, so that it ends and is stored whoever listens."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable

from shared.answering.bridge import in_thread
from shared.answering.pipeline import Answering, Parts
from shared.conversations import LEASE_SECONDS, Claim, Conversations
from shared.errors import AppError, StoreUnavailable, TurnNotFound
from shared.models import Answer, Bubble
from shared.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, Accepted, Done, Event, Failed, frame

log = logging.getLogger(__name__)

_CHECKPOINT_SECONDS = LEASE_SECONDS / 3
_FINISH_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
_BREAK_OFF_SECONDS = 5.0
_running: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references to tasks


def start(claim: Claim, parts_of: Callable[[str], Parts], conversations: Conversations) -> AsyncIterator[bytes]:
    """Begin to answer, and return the frames of the stream.

    Whoever stops reading the frames stops only that: the answer goes on and is stored.
    """
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    task = asyncio.create_task(_answer(claim, parts_of, conversations, events))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return _frames(events)


async def drain(timeout_seconds: float) -> None:
    """At a shutdown: wait for running answers, then break off those that are left, which stores what they said."""
    if _running:
        _, late = await asyncio.wait(set(_running), timeout=timeout_seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_BREAK_OFF_SECONDS)


async def _frames(events: "asyncio.Queue[Event | None]") -> AsyncIterator[bytes]:
    number = 0
    while True:
        try:
            event = await asyncio.wait_for(events.get(), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            yield KEEP_ALIVE
            continue
        if event is None:
            return
        number += 1
        yield frame(event, number)


async def _answer(
    claim: Claim,
    parts_of: Callable[[str], Parts],
    conversations: Conversations,
    events: "asyncio.Queue[Event | None]",
) -> None:
    """Run the pipeline for one turn; store the answer; then, and only then, say `done` or `error`."""
    turn, started = claim.turn, time.perf_counter()
    events.put_nowait(Accepted(request_id=turn.chat_id, session_id=turn.session_id, chat_id=turn.chat_id))
    answer = Answer()
    lease = asyncio.create_task(_keep_lease(claim, conversations, lambda: answer.text))
    try:
        parts = await in_thread(parts_of, claim.owner.bot_id)
        answering = Answering(parts, turn, claim.history, answer)
        async for event in answering.events():
            events.put_nowait(event)
    except AppError as error:
        log.warning("answer %s failed: %s: %s", turn.chat_id, error.code, error.reason)
        _break_off(answer, error, started)
    except asyncio.CancelledError:
        log.warning("answer %s was broken off: the process ends", turn.chat_id)
        _break_off(answer, AppError(), started)
    except Exception:
        log.exception("answer %s failed", turn.chat_id)
        _break_off(answer, AppError(), started)
    finally:
        lease.cancel()
    try:
        events.put_nowait(await _store(claim, conversations, answer))
    except Exception:  # a bug: the stream ends all the same, and the turn reads as interrupted when its lease lapses
        log.exception("answer %s was not stored", turn.chat_id)
        _break_off(answer, AppError(), started)
        events.put_nowait(_last_event(claim, answer))
    finally:
        events.put_nowait(None)


async def _store(claim: Claim, conversations: Conversations, answer: Answer) -> Event:
    """Store the answer, patiently, and return the event that ends the stream."""
    for pause in (*_FINISH_RETRY_SECONDS, None):
        try:
            await in_thread(conversations.finish, claim, answer)
            return _last_event(claim, answer)
        except TurnNotFound:
            log.info("answer %s was not stored: its session was deleted", claim.turn.chat_id)
            return _last_event(claim, answer)
        except StoreUnavailable as error:
            if pause is None:
                log.error("answer %s could not be stored: %s", claim.turn.chat_id, error.reason)
                _break_off(answer, error, time.perf_counter())
                return _last_event(claim, answer)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def _keep_lease(claim: Claim, conversations: Conversations, said: Callable[[], str]) -> None:
    """Renew the lease and store what was said, until cancelled. A failure is tried again at the next turn."""
    while True:
        await asyncio.sleep(_CHECKPOINT_SECONDS)
        try:
            await in_thread(conversations.checkpoint, claim, said())
        except TurnNotFound:
            return  # its session was deleted
        except StoreUnavailable as error:
            log.warning("checkpoint of %s failed: %s", claim.turn.chat_id, error.reason)


def _break_off(answer: Answer, error: AppError, started: float) -> None:
    """What was said stays; an error bubble says that it broke."""
    answer.error_code = error.code
    answer.expression, answer.search_completed = "CRYING", False
    answer.bubbles = [Bubble(bubble_id="b1", bubble_type="text", description=answer.text)] if answer.text else []
    answer.bubbles.append(
        Bubble(bubble_id=f"b{len(answer.bubbles) + 1}", bubble_type="error", description=error.message)
    )
    answer.latency_ms = round((time.perf_counter() - started) * 1_000)


def _last_event(claim: Claim, answer: Answer) -> Event:
    if answer.error_code is not None:
        errors = [bubble for bubble in answer.bubbles if bubble.bubble_type == "error"]
        return Failed(code=answer.error_code, error_message=errors[-1].description, bubbles=errors)
    return Done(
        request_id=claim.turn.chat_id,
        chat_id=claim.turn.chat_id,
        question_ids=[source.faq_id for source in answer.sources],
        expression=answer.expression,
        search_completed=answer.search_completed,
        decision=answer.decision or "refuse",
        degraded=answer.degraded,
        latency_ms=answer.latency_ms,
    )
