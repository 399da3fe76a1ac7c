"""An OpenAI-compatible server that says what it was fed, over real HTTP, so that the real SDK is its client.

>>> with FakeOpenAI() as server:
...     server.enqueue("안녕하세요.", Reply(status=429, retry_after=1), Reply(deltas=("첫",), disconnect_after=1))
...     OpenAI(base_url=server.base_url, api_key="any").chat.completions.create(...)

Fed replies are given in order, chat and embeddings each from their own queue. With nothing fed it answers something
simple that depends on the request only. For tests with several processes: `python -m tests.fakes.openai_server
--port 9300`, fed with `POST /fake/replies` and `/fake/embedding_replies` (a list of texts or of `Reply`'s fields), told
with `POST /fake/going_on` that held answers may go on, and read with `GET /fake/requests`.
"""

import argparse
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fakes.openai_replies import (
    CREATED,
    ConnectionBrokenError,
    JsonObject,
    Reply,
    as_reply,
    completion,
    count_tokens,
    default_reply,
    embed,
    embedding_list,
    error_response,
    frames,
    reply_from_json,
)

MAX_INPUTS = 2_048
MAX_INPUT_TOKENS = 8_192
MAX_REQUEST_TOKENS = 300_000
SECRET_HEADERS = {"authorization", "cookie", "api-key"}


@dataclass(frozen=True)
class Received:
    """A request as it came: lower-case header names, without the secret ones; the port tells connections apart."""

    path: str
    headers: dict[str, str]
    body: JsonObject
    at: float
    port: int


class FakeOpenAI:
    """The server, in a thread of its own, on a free port of 127.0.0.1 unless told otherwise."""

    def __init__(self, port: int = 0, max_request_tokens: int = MAX_REQUEST_TOKENS) -> None:
        self.requests: list[Received] = []
        self.dropped = 0  # requests whose client left before the whole answer was sent
        self._max_request_tokens = max_request_tokens
        self._going_on = threading.Event()
        self._replies: deque[Reply] = deque()
        self._choices: deque[Reply] = deque()
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
        self._going_on.clear()
        self._replies.extend(as_reply(reply) for reply in replies)

    def enqueue_choices(self, *replies: Reply | str) -> None:
        """Feed answers to requests that offer tools and run beside others; without these they take their turn."""
        self._choices.extend(as_reply(reply) for reply in replies)

    def go_on(self) -> None:
        """Let the answers that are held go on, and those that will be, until more are fed."""
        self._going_on.set()

    def may_go_on(self) -> bool:
        """Whether it was told to."""
        return self._going_on.is_set()

    def enqueue_embeddings(self, *replies: Reply) -> None:
        """Feed what `/v1/embeddings` does; `Reply()` is a good answer."""
        self._embedding_replies.extend(replies)

    def forget(self) -> None:
        """As if it had just been started, for tests that share it."""
        for queue in (self._replies, self._choices, self._embedding_replies):
            queue.clear()
        self.requests.clear()
        self.dropped = 0

    def received(self, path: str) -> list[Received]:
        """The requests of one path, oldest first."""
        return [request for request in self.requests if request.path == path]

    def wait_for_drop(self, seconds: float = 60) -> bool:
        """Whether a client's leaving is noticed within this time."""
        return _wait(lambda: self.dropped > 0, seconds)

    def wait_for_requests(self, count: int = 1, seconds: float = 60) -> bool:
        """Whether so many requests come within this time."""
        return _wait(lambda: len(self.requests) >= count, seconds)

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
                Route("/fake/going_on", self._go_on, methods=["POST"]),
                Route("/fake/requests", self._show),
            ]
        )

    async def _receive(self, request: Request) -> JsonObject:
        body = json.loads(await request.body() or b"{}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        kept = {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
        port = request.client.port if request.client else 0
        self.requests.append(Received(request.url.path, kept, body, time.monotonic(), port))
        return body if isinstance(body, dict) else {}

    async def _chat(self, request: Request) -> Response:
        body = await self._receive(request)
        fed = self._choices if "tools" in body and self._choices else self._replies
        reply = fed.popleft() if fed else default_reply(body)
        return _ChatResponse(self, reply, body)

    async def _embeddings(self, request: Request) -> Response:
        body = await self._receive(request)
        reply = self._embedding_replies.popleft() if self._embedding_replies else Reply()
        await anyio.sleep(reply.stall_before_headers)
        if reply.status != 200:
            return error_response(reply)
        if reply.body is not None:
            return Response(reply.body, media_type=reply.content_type)
        inputs = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
        refusal = self._refuse_inputs(inputs)
        if refusal:
            return error_response(Reply(status=400, code="invalid_request_error", param="input", message=refusal))
        vectors = reply.embeddings or [embed(text, body.get("dimensions", 1_536)).tolist() for text in inputs]
        return JSONResponse(embedding_list(vectors, body, reply.shuffled))

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
        feed = self.enqueue if request.url.path.endswith("/replies") else self.enqueue_embeddings
        for item in await request.json():
            feed(as_reply(item) if isinstance(item, str) else reply_from_json(item))
        return Response(status_code=204)

    async def _go_on(self, request: Request) -> Response:
        self.go_on()
        return Response(status_code=204)

    async def _show(self, request: Request) -> Response:
        return JSONResponse([asdict(received) for received in self.requests])


def _wait(for_this: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (come := for_this()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return come


class _ChatResponse(Response):
    """One chat answer, streamed or whole as the request asked."""

    def __init__(self, server: FakeOpenAI, reply: Reply, body: JsonObject) -> None:
        self.background = None
        self._server, self._reply, self._body = server, reply, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        finished = False
        broken: ConnectionBrokenError | None = None
        async with anyio.create_task_group() as group:

            async def answer() -> None:
                nonlocal finished, broken
                try:
                    await self._answer(scope, receive, send)
                except ConnectionBrokenError as error:
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
            await error_response(reply)(scope, receive, send)
        elif reply.body is not None:
            await Response(reply.body, media_type=reply.content_type)(scope, receive, send)
        elif self._body.get("stream"):
            await self._stream(send)
        else:
            await anyio.sleep(reply.stall_before_first)
            await JSONResponse(completion(reply, self._body))(scope, receive, send)

    async def _stream(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for frame in frames(self._reply, self._body, self._server.may_go_on):
            await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A fake OpenAI-compatible server for tests.")
    parser.add_argument("--port", type=int, default=9300)
    server = FakeOpenAI(parser.parse_args().port)
    print(f"fake OpenAI at {server.base_url}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
