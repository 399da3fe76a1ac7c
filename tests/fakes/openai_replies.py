"""What the fake OpenAI-compatible server can be fed, and the JSON that it then speaks."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import numpy as np
import numpy.typing as npt
from starlette.responses import JSONResponse, Response

CREATED = 1_750_000_000

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `pieces` are its arguments' JSON as it is split in a stream."""

    name: str
    pieces: tuple[str, ...]
    call_id: str = "call_1"


@dataclass(frozen=True)
class Reply:
    """What the server does with one request. Times are seconds; counts are of deltas (text or tool fragments)."""

    deltas: tuple[str, ...] = ()
    delay: float = 0
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish_reason: str | None = "stop"  # none: the stream ends, cleanly, without one
    status: int = 200
    code: str | None = None
    param: str | None = None
    message: str = "The fake server was told to fail."
    retry_after: float | None = None
    stall_before_headers: float = 0
    stall_before_first: float = 0
    stall: float = 0
    stall_after: int | None = None
    hold_after: int | None = None  # a streamed answer waits there until the server is told to go on
    disconnect_after: int | None = None  # 0: after the headers, before the first delta
    malformed_after: int | None = None
    error_after: int | None = None  # an error object inside a stream of status 200
    body: str | None = None  # sent as it is, with `content_type`
    content_type: str = "application/json"
    embeddings: tuple[tuple[float, ...], ...] | None = None
    shuffled: bool = False


class ConnectionBrokenError(Exception):
    """Raised inside a response that has begun: the server closes the connection without ending the body."""


def count_tokens(text: str) -> int:
    """Tokens of a text as the vendor's tokenizer might count them: 1 a character of ASCII, 2 of Hangul."""
    return sum(1 if character.isascii() else 2 for character in text)


def embed(text: str, dimensions: int) -> npt.NDArray[np.float32]:
    """A unit vector of the text's characters, pairs and triples: texts that share them are near each other."""
    codes = np.array([0, *(ord(character) for character in text), 0], dtype=np.uint64)
    vector = np.zeros(dimensions)
    for length in (1, 2, 3):
        hashes = np.full(max(len(codes) - length + 1, 0), length, dtype=np.uint64)
        for offset in range(length):
            hashes = (hashes ^ codes[offset : offset + len(hashes)]) * np.uint64(0x9E3779B97F4A7C15)
            hashes ^= hashes >> np.uint64(29)
        np.add.at(vector, hashes % np.uint64(dimensions), np.where(hashes & np.uint64(1 << 40), 1.0, -1.0))
    norm = float(np.linalg.norm(vector))
    if norm == 0:  # n-grams that cancel out exactly
        vector[0] = norm = 1.0
    return (vector / norm).astype(np.float32)


async def frames(reply: Reply, body: JsonObject, may_go_on: Callable[[], bool]) -> AsyncIterator[str]:
    """The stream, frame by frame, with the stalls and accidents of the script."""
    yield _chunk(body, {"role": "assistant", "content": "", "refusal": None})
    await anyio.sleep(reply.stall_before_first)
    deltas = [{"content": text} for text in reply.deltas]
    deltas += [{"refusal": reply.refusal}] if reply.refusal else []
    deltas += _tool_deltas(reply.tool_calls)
    for count in range(len(deltas) + 1):
        if reply.stall_after == count:
            await anyio.sleep(reply.stall)
        while reply.hold_after == count and not may_go_on():
            await anyio.sleep(0.01)
        if reply.disconnect_after == count:
            raise ConnectionBrokenError
        if reply.malformed_after == count:
            yield 'data: {"choices": [{"delta": {"content": "잘\n\n'
        if reply.error_after == count:
            yield _frame({"error": {"message": reply.message, "type": "server_error", "code": reply.code}})
        if count < len(deltas):
            await anyio.sleep(reply.delay)
            yield _chunk(body, deltas[count])
    if reply.finish_reason:
        yield _chunk(body, {}, finish_reason="tool_calls" if reply.tool_calls else reply.finish_reason)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _frame(_envelope(body, "chat.completion.chunk") | {"choices": [], "usage": _usage(reply, body)})
    yield "data: [DONE]\n\n"


def _tool_deltas(calls: Sequence[ToolCall]) -> list[Any]:
    deltas = []
    for index, call in enumerate(calls):
        head = {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        deltas.append({"tool_calls": [{"index": index} | head]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in call.pieces]
    return deltas


def _envelope(body: JsonObject, kind: str) -> JsonObject:
    return {"id": "chatcmpl-fake", "object": kind, "created": CREATED, "model": body.get("model", "fake-chat")}


def _chunk(body: JsonObject, delta: JsonObject, finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return _frame(_envelope(body, "chat.completion.chunk") | {"choices": [choice]})


def _frame(data: JsonObject) -> str:
    return f"data: {json.dumps(data)}\n\n"


def completion(reply: Reply, body: JsonObject) -> JsonObject:
    """A whole answer's body."""
    calls = [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": "".join(call.pieces)}}
        for call in reply.tool_calls
    ]
    message: JsonObject = {"role": "assistant", "content": "".join(reply.deltas) or None, "refusal": reply.refusal}
    message |= {"tool_calls": calls} if calls else {}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else reply.finish_reason}
    return _envelope(body, "chat.completion") | {"choices": [choice], "usage": _usage(reply, body)}


def _usage(reply: Reply, body: JsonObject) -> JsonObject:
    prompt = sum(count_tokens(str(message.get("content"))) for message in body.get("messages", []))
    answer = count_tokens("".join(reply.deltas))
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def embedding_list(vectors: Sequence[Sequence[float]], body: JsonObject, shuffled: bool) -> JsonObject:
    """The body of `/v1/embeddings`."""
    as_base64 = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(np.array(vector, "<f4").tobytes()).decode() if as_base64 else list(vector),
        }
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data[::-1] if shuffled else data, "model": body["model"], "usage": usage}


def error_response(reply: Reply) -> Response:
    """An error as the vendor words it."""
    error = {"message": reply.message, "type": "error", "param": reply.param, "code": reply.code}
    headers = {} if reply.retry_after is None else {"Retry-After": f"{reply.retry_after:g}"}
    return JSONResponse({"error": error}, reply.status, headers)


def as_reply(reply: Reply | str) -> Reply:
    """A reply; a text stands for a good answer in pieces of four characters."""
    if isinstance(reply, Reply):
        return reply
    return Reply(deltas=tuple(reply[start : start + 4] for start in range(0, len(reply), 4)))


def reply_from_json(fields: JsonObject) -> Reply:
    """A reply that came over HTTP."""
    calls = [ToolCall(**(call | {"pieces": tuple(call["pieces"])})) for call in fields.pop("tool_calls", [])]
    tuples: JsonObject = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Reply(**tuples, tool_calls=tuple(calls))


def default_reply(body: JsonObject) -> Reply:
    """What is said when nothing was fed."""
    questions = [message["content"] for message in body.get("messages", []) if message["role"] == "user"]
    last = str(questions[-1]) if questions else ""
    return as_reply(f"가짜 모델의 답변입니다: {last[-40:]}")
