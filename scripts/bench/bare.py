"""What haedap is measured against: a bare Starlette app that passes the SDK's deltas on, and does nothing else."""

import json
from collections.abc import AsyncIterator

from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from shared.settings import get_settings

client = AsyncOpenAI(api_key="none", base_url=get_settings().openai_base_url)


async def ask(request: Request) -> StreamingResponse:
    """POST /ask `{"question": …}` — the model's deltas as server-sent events."""
    question = (await request.json())["question"]
    return StreamingResponse(deltas(question), media_type="text/event-stream")


async def deltas(question: str) -> AsyncIterator[str]:
    """Each delta as one event."""
    stream = await client.chat.completions.create(
        model="fast", messages=[{"role": "user", "content": question}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            yield f"event: delta\ndata: {json.dumps({'text': chunk.choices[0].delta.content})}\n\n"
    yield "event: done\ndata: {}\n\n"


app = Starlette(routes=[Route("/ask", ask, methods=["POST"])])
