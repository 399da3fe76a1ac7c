"""POST, GET and DELETE /v1/streaming/{streaming_id} — claim the id and stream the answer; resume it; stop it."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from mangum import Mangum

from shared import assembly
from shared.answering import turns
from shared.answering.bridge import in_thread
from shared.answering.resuming import resume
from shared.errors import TicketNotFound
from shared.http import Conversations, create_app, lifespan, produces

router = APIRouter(prefix="/v1/streaming", tags=["streaming"])

_STREAMING_ID = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 bytes in base64url
_EVENT_ID = r"^[0-9]{1,15}$"
DRAIN_SECONDS = 10.0  # orchestrators kill 30 seconds after they asked a process to stop
_STREAM = produces("text/event-stream")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second is for nginx


async def _streaming_id(streaming_id: str) -> str:
    if not _STREAMING_ID.fullmatch(streaming_id):
        raise TicketNotFound
    return streaming_id


async def _seen(
    header: Annotated[str | None, Header(alias="Last-Event-ID", pattern=_EVENT_ID)] = None,
    query: Annotated[
        str | None, Query(alias="last_event_id", pattern=_EVENT_ID, description="Resume behind this event; 0: all")
    ] = None,
) -> int | None:
    """The last event that the reader has seen. A browser that reconnects repeats the query, so the header counts."""
    seen = query if header is None else header
    return None if seen is None else int(seen)


StreamingId = Annotated[str, Depends(_streaming_id)]
Seen = Annotated[int | None, Depends(_seen)]


@router.get("/{streaming_id}", operation_id="stream_answer_get", response_class=StreamingResponse, responses=_STREAM)
@router.post("/{streaming_id}", operation_id="stream_answer", response_class=StreamingResponse, responses=_STREAM)
async def stream_answer(streaming_id: StreamingId, seen: Seen, conversations: Conversations) -> StreamingResponse:
    """The answer as server-sent events. The id is its own credential.

    It begins the answer once. With the id of the last event seen, the stream goes on behind it, as often as one likes,
    until ten minutes after its end.
    """
    frames = await _frames(streaming_id, seen, conversations)  # raises TicketNotFound (404)
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)


@router.delete("/{streaming_id}", status_code=204, operation_id="stop_answer")
async def stop_answer(streaming_id: StreamingId, conversations: Conversations) -> None:
    """Stop the answer. What was said stays; the session takes its next question at once."""
    await in_thread(conversations.stop, streaming_id)
    turns.stop(streaming_id)


async def _frames(streaming_id: str, seen: int | None, conversations: Conversations) -> AsyncIterator[bytes]:
    if not seen:  # who has seen nothing may be the first
        try:
            claim = await in_thread(conversations.claim, streaming_id)
            return turns.start(claim, assembly.get_parts, conversations)
        except TicketNotFound:
            if seen is None:
                raise
    assert seen is not None
    return await resume(streaming_id, seen, conversations)


async def drain() -> None:
    """At the end, wait for the answers that are still running."""
    await turns.running.drain(DRAIN_SECONDS)


app = create_app(router, lifespan=lifespan(drain))
handler = Mangum(app, lifespan="off")
