"""POST and GET /v1/streaming/{streaming_id} — claim the id, stream the answer."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from mangum import Mangum

from shared import wiring
from shared.answering import turns
from shared.answering.bridge import in_thread
from shared.errors import TicketNotFound
from shared.http import Conversations, create_app

router = APIRouter(prefix="/v1/streaming", tags=["streaming"])

_STREAMING_ID = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 bytes in base64url
_DRAIN_SECONDS = 12.0  # orchestrators kill 30 seconds after they asked a process to stop
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second is for nginx


@router.get("/{streaming_id}", operation_id="stream_answer_get", response_class=StreamingResponse)
@router.post("/{streaming_id}", operation_id="stream_answer", response_class=StreamingResponse)
async def stream_answer(streaming_id: str, conversations: Conversations) -> StreamingResponse:
    """The answer as server-sent events. The id is its own credential and works once."""
    if not _STREAMING_ID.fullmatch(streaming_id):
        raise TicketNotFound
    claim = await in_thread(conversations.claim, streaming_id)  # raises TicketNotFound (404)
    frames = turns.start(claim, wiring.get_parts, conversations)
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """At the end, wait for the answers that are still running, then let go of the store."""
    yield
    await turns.drain(_DRAIN_SECONDS)
    await in_thread(wiring.get_store().close)


app = create_app(router, lifespan=lifespan)
handler = Mangum(app, lifespan="off")
