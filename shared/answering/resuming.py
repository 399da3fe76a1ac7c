"""A stream, read again from any event on, in any process: what was stored, then what is stored while one waits."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from shared.answer_life import Progress, Stream
from shared.answering.bridge import in_thread
from shared.answering.endings import failed, last_event
from shared.bubbles import invitation
from shared.conversations import Conversations
from shared.errors import AnswerInterrupted, AppError, StoreUnavailable, TicketNotFound, TurnNotFound
from shared.models import TurnStatus
from shared.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, frame

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 15.0  # with a store that is away


async def resume(streaming_id: str, after: int, conversations: Conversations) -> AsyncIterator[bytes]:
    """The frames behind event `after`, each once and in order; of a stream that ended before it, its last one again.

    Raises
    ------
    TicketNotFound
        When the stream is not known, or event `after` + 1 is not kept any more.
    """
    stream = await in_thread(conversations.stream, streaming_id)
    try:
        progress = await in_thread(conversations.progress, stream)
    except TurnNotFound:
        raise TicketNotFound from None
    if progress.pieces and progress.pieces[0].first > after + 1:
        raise TicketNotFound
    return _frames(stream, after, progress, conversations)


async def _frames(stream: Stream, after: int, progress: Progress, conversations: Conversations) -> AsyncIterator[bytes]:
    piece = event = 0  # the last ones that were stored
    sent = time.monotonic()
    while True:
        for found in progress.pieces:
            piece = found.first
            for event, text in enumerate(found.frames, found.first):
                if event > after:
                    yield text.encode()
                    sent = time.monotonic()
        if progress.answer is not None:
            break
        if time.monotonic() - sent >= KEEP_ALIVE_SECONDS:
            yield KEEP_ALIVE
            sent = time.monotonic()
        await asyncio.sleep(_POLL_SECONDS)
        try:
            progress = await _progress(stream, piece, conversations)
        except AppError as error:
            log.warning("stream of %s ended: %s: %s", stream.chat_id, error.code, error.reason)
            yield frame(failed(error), max(event, after) + 1)
            return
    if progress.status is TurnStatus.INTERRUPTED:
        # The reader may have seen events that the process which died had not stored
        feedback = invitation(stream.owner.bot_id, stream.chat_id)
        yield frame(failed(AnswerInterrupted(), feedback), max(event, after) + 1)
    else:  # also to who has seen it: a stream always ends in `done` or `error`
        is_stopped = progress.status is TurnStatus.STOPPED
        ending = last_event(stream.owner.bot_id, stream.chat_id, progress.answer, is_stopped=is_stopped)
        yield frame(ending, event + 1)


async def _progress(stream: Stream, piece: int, conversations: Conversations) -> Progress:
    """What was stored behind a piece. Raises `TurnNotFound`, and `StoreUnavailable` when that lasts."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await in_thread(conversations.progress, stream, piece)
        except StoreUnavailable:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(1)
