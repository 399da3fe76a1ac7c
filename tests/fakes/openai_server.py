"""An OpenAI-compatible server that says what it was fed, over real HTTP, so that the real SDK is its client.

>>> with FakeOpenAI() as server:
...     server.enqueue("안녕하세요.", Reply(status=429, retry_after=1), Reply(deltas=("첫",), disconnect_after=1))
...     OpenAI(base_url=server.base_url, api_key="any").chat.completions.create(...)

Fed replies are given in order, chat and embeddings each from their own queue. With nothing fed it answers something
simple that depends on the request only. For tests with several processes: `python -m tests.fakes.openai_server
--port 9300`, fed with `POST /fake/replies` and `/fake/embedding_replies` (a list of texts or of `Reply`'s fields) and
read with `GET /fake/requests`.
"""

import argparse
import base64
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

import anyio
import numpy as np
import numpy.typing as npt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

MAX_INPUTS = 2_048
MAX_INPUT_TOKENS = 8_192
MAX_REQUEST_TOKENS = 300_000
SECRET_HEADERS = {"authorization", "cookie", "api-key"}
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
    disconnect_after: int | None = None  # 0: after the headers, before the first delta
    malformed_after: int | None = None
    error_after: int | None = None  # an error object inside a stream of status 200
    body: str | None = None  # sent as it is, with `content_type`
    content_type: str = "application/json"
    embeddings: tuple[tuple[float, ...], ...] | None = None
    shuffled: bool = False


@dataclass(frozen=True)
class Received:
    """A request as it came: lower-case header names, without the secret ones."""

    path: str
    headers: dict[str, str]
    body: JsonObject
    at: float


class _ConnectionBrokenError(Exception):
    """Raised inside a response that has begun: the server closes the connection without ending the body."""


class FakeOpenAI:
    """The server, in a thread of its own, on a free port of 127.0.0.1 unless told otherwise."""

    def __init__(self, port: int = 0, max_request_tokens: int = MAX_REQUEST_TOKENS) -> None:
        self.requests: list[Received] = []
        self.dropped = 0  # requests whose client left before the whole answer was sent
        self._max_request_tokens = max_request_tokens
        self._replies: deque[Reply] = deque()
        self._embedding_replies: deque[Reply] = deque()
        self._socket = socket.create_server(("127.0.0.1", port))
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_config=None, lifespan="off", ws="none", http="h11", access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def enqueue(self, *replies: Reply | str) -> None:
        """Feed answers to `/v1/chat/completions`; a text stands for a good answer in pieces of four characters."""
        self._replies.extend(_as_reply(reply) for reply in replies)

    def enqueue_embeddings(self, *replies: Reply) -> None:
        """Feed what `/v1/embeddings` does; `Reply()` is a good answer."""
        self._embedding_replies.extend(replies)

    def received(self, path: str) -> list[Received]:
        """The requests of one path, oldest first."""
        return [request for request in self.requests if request.path == path]

    def wait_for_drop(self, seconds: float = 5) -> bool:
        """Whether a client's leaving is noticed within this time."""
        deadline = time.monotonic() + seconds
        while not self.dropped and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.dropped > 0

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.run([self._socket])

    def __enter__(self) -> "FakeOpenAI":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # forced: a stalled answer must not hold up a test. Nor is the thread waited for: it ends within 0.2 s
        self._server.should_exit = self._server.force_exit = True

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/embeddings", self._embeddings, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/fake/replies", self._feed, methods=["POST"]),
                Route("/fake/embedding_replies", self._feed, methods=["POST"]),
                Route("/fake/requests", self._show),
            ]
        )

    async def _receive(self, request: Request) -> JsonObject:
        body = json.loads(await request.body() or b"{}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        kept = {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
        self.requests.append(Received(request.url.path, kept, body, time.monotonic()))
        return body if isinstance(body, dict) else {}

    async def _chat(self, request: Request) -> Response:
        body = await self._receive(request)
        reply = self._replies.popleft() if self._replies else _default_reply(body)
        return _ChatResponse(self, reply, body)

    async def _embeddings(self, request: Request) -> Response:
        body = await self._receive(request)
        reply = self._embedding_replies.popleft() if self._embedding_replies else Reply()
        await anyio.sleep(reply.stall_before_headers)
        if reply.status != 200:
            return _error(reply)
        if reply.body is not None:
            return Response(reply.body, media_type=reply.content_type)
        inputs = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
        refusal = self._refuse_inputs(inputs)
        if refusal:
            return _error(Reply(status=400, code="invalid_request_error", param="input", message=refusal))
        vectors = reply.embeddings or [embed(text, body.get("dimensions", 1_536)).tolist() for text in inputs]
        return JSONResponse(_embedding_list(vectors, body, reply.shuffled))

    def _refuse_inputs(self, inputs: Sequence[str]) -> str | None:
        counts = [count_tokens(text) for text in inputs]
        if not inputs or len(inputs) > MAX_INPUTS:
            return f"input must have 1 to {MAX_INPUTS} items"
        if not all(counts):
            return "input cannot be an empty string"
        if max(counts) > MAX_INPUT_TOKENS:
            return f"This model's maximum context length is {MAX_INPUT_TOKENS} tokens"
        if sum(counts) > self._max_request_tokens:
            return f"Requested {sum(counts)} tokens, max {self._max_request_tokens} tokens per request"
        return None

    async def _models(self, request: Request) -> Response:
        models = [
            {"id": name, "object": "model", "created": CREATED, "owned_by": "fake"}
            for name in ("fake-chat", "text-embedding-3-small")
        ]
        return JSONResponse({"object": "list", "data": models})

    async def _feed(self, request: Request) -> Response:
        for item in await request.json():
            reply = _as_reply(item) if isinstance(item, str) else _reply_from_json(item)
            (self._replies if request.url.path.endswith("/replies") else self._embedding_replies).append(reply)
        return Response(status_code=204)

    async def _show(self, request: Request) -> Response:
        return JSONResponse([asdict(received) for received in self.requests])


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


class _ChatResponse(Response):
    """One chat answer, streamed or whole as the request asked."""

    def __init__(self, server: FakeOpenAI, reply: Reply, body: JsonObject) -> None:
        self.background = None
        self._server, self._reply, self._body = server, reply, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        finished = False
        broken: _ConnectionBrokenError | None = None
        async with anyio.create_task_group() as group:

            async def answer() -> None:
                nonlocal finished, broken
                try:
                    await self._answer(scope, receive, send)
                except _ConnectionBrokenError as error:
                    broken = error  # raised below: a task group would wrap it
                finished = True
                group.cancel_scope.cancel()

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                if not finished:
                    self._server.dropped += 1
                group.cancel_scope.cancel()

            group.start_soon(answer)
            group.start_soon(watch)
        if broken:
            raise broken

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = self._reply
        await anyio.sleep(reply.stall_before_headers)
        if reply.status != 200:
            await _error(reply)(scope, receive, send)
        elif reply.body is not None:
            await Response(reply.body, media_type=reply.content_type)(scope, receive, send)
        elif self._body.get("stream"):
            await self._stream(send)
        else:
            await anyio.sleep(reply.stall_before_first)
            await JSONResponse(_completion(reply, self._body))(scope, receive, send)

    async def _stream(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for frame in _frames(self._reply, self._body):
            await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _frames(reply: Reply, body: JsonObject) -> AsyncIterator[str]:
    """The stream, frame by frame, with the stalls and accidents of the script."""
    yield _chunk(body, {"role": "assistant", "content": "", "refusal": None})
    await anyio.sleep(reply.stall_before_first)
    deltas = [{"content": text} for text in reply.deltas]
    deltas += [{"refusal": reply.refusal}] if reply.refusal else []
    deltas += _tool_deltas(reply.tool_calls)
    for count in range(len(deltas) + 1):
        if reply.stall_after == count:
            await anyio.sleep(reply.stall)
        if reply.disconnect_after == count:
            raise _ConnectionBrokenError
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


def _completion(reply: Reply, body: JsonObject) -> JsonObject:
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


def _embedding_list(vectors: Sequence[Sequence[float]], body: JsonObject, shuffled: bool) -> JsonObject:
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


def _error(reply: Reply) -> Response:
    error = {"message": reply.message, "type": "error", "param": reply.param, "code": reply.code}
    headers = {} if reply.retry_after is None else {"Retry-After": f"{reply.retry_after:g}"}
    return JSONResponse({"error": error}, reply.status, headers)


def _as_reply(reply: Reply | str) -> Reply:
    if isinstance(reply, Reply):
        return reply
    return Reply(deltas=tuple(reply[start : start + 4] for start in range(0, len(reply), 4)))


def _reply_from_json(fields: JsonObject) -> Reply:
    calls = [ToolCall(**(call | {"pieces": tuple(call["pieces"])})) for call in fields.pop("tool_calls", [])]
    tuples: JsonObject = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Reply(**tuples, tool_calls=tuple(calls))


def _default_reply(body: JsonObject) -> Reply:
    questions = [message["content"] for message in body.get("messages", []) if message["role"] == "user"]
    last = str(questions[-1]) if questions else ""
    return _as_reply(f"가짜 모델의 답변입니다: {last[-40:]}")


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A fake OpenAI-compatible server for tests.")
    parser.add_argument("--port", type=int, default=9300)
    server = FakeOpenAI(parser.parse_args().port)
    print(f"fake OpenAI at {server.base_url}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
