"""The chat model of OpenAI, or of any server that speaks its chat completions."""

import asyncio
import hashlib
import math
import random
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from functools import cache, partial
from typing import TypeVar

import httpx2
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncOpenAI,
    AsyncStream,
    BadRequestError,
    DefaultAsyncHttpxClient,
    OpenAIError,
    omit,
)
from openai.types import CompletionUsage
from openai.types.chat import (
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    ChatCompletionMessageParam,
)

from shared.errors import LlmRefused, LlmUnavailable
from shared.llm.arriving import Arriving
from shared.llm.base import Message, Tool, ToolCall, Usage
from shared.llm.connections import Connections
from shared.llm.openai_chunks import read
from shared.llm.openai_failures import (
    NO_KEY,
    OPENAI_BASE_URL,
    ModelServerError,
    describe,
    encodable,
    is_refusal,
    kind_of,
)
from shared.llm.openai_usage import accounted, watch

ATTEMPTS = 2  # a customer is waiting, and an answer from the FAQ itself is the way out
RETRY_SECONDS = 0.3
MAX_RETRY_AFTER_SECONDS = 2  # told to wait longer, give up at once
RETRIED_STATUSES = {408, 409, 429}
TEMPERATURE = 0.2  # answers repeat contents; variety is no virtue here
CHOICE_TOKENS = 500  # a few calls of functions with short arguments

T = TypeVar("T")


class OpenAIChat:
    """A `ChatModel` over HTTP.

    Parameters
    ----------
    api_key, base_url
        Without a base URL, OpenAI's own; without a key, a server that asks for none.
    connections
        Where clients are kept between answers; without it each answer has its own.
    timeout_seconds
        For the whole answer.
    first_token_timeout_seconds
        For the first piece, attempts and waits between them included, and again between any two pieces: a model
        that has been silent for so long is not going to answer.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        max_tokens: int,
        timeout_seconds: float,
        first_token_timeout_seconds: float,
        temperature: float = TEMPERATURE,
        connections: Connections | None = None,
    ) -> None:
        self._api_key = api_key or NO_KEY
        self._base_url = base_url or OPENAI_BASE_URL
        self._model = model
        self._max_tokens = max_tokens
        self._timeout_seconds = timeout_seconds
        self._silence_seconds = first_token_timeout_seconds
        # OpenAI's reasoning models refuse `max_tokens`; older compatible servers know nothing else
        self._is_openai = self._base_url.startswith(OPENAI_BASE_URL)
        self._temperature: float | None = temperature
        self._ssl_context = _ssl_context()
        self._connections = connections or Connections()

    @property
    def name(self) -> str:
        """The model's name, as the server knows it."""
        return self._model

    async def stream(self, messages: Sequence[Message], usage: Usage | None = None) -> AsyncGenerator[str, None]:
        """See `ChatModel.stream`. Closing the generator, or cancelling its task, closes the connection."""
        usage = usage or Usage()
        async with self._client() as client:
            answer = partial(self._answer, client, messages, usage)
            async with aclosing(self._in_time(self._attempts(answer, usage))) as pieces:
                async for together in pieces:
                    yield "".join(together)

    async def choose(
        self, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage | None = None
    ) -> Sequence[ToolCall]:
        """See `ChatModel.choose`. Asked for whole: nobody reads along."""
        usage = usage or Usage()
        async with self._client() as client:
            choice = partial(self._choice, client, messages, tools, usage)
            async with aclosing(self._in_time(self._attempts(choice, usage))) as choices:
                return (await anext(choices))[0]

    async def _in_time(self, pieces: AsyncGenerator[T, None]) -> AsyncGenerator[Sequence[T], None]:
        """The pieces, those that came at once together, as long as they come in time.

        `pieces` is closed at the end, however it comes.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + self._timeout_seconds
        arriving = Arriving(pieces)
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(now() + self._silence_seconds, deadline)):
                        together = await arriving.take()
                except TimeoutError:
                    late = now() >= deadline
                    reason = (
                        f"no whole answer within {self._timeout_seconds:g} s"
                        if late
                        else f"nothing came for {self._silence_seconds:g} s"
                    )
                    raise LlmUnavailable() from self._cause(reason, "timeout")
                if not together:
                    return
                yield together
        finally:
            await arriving.close()

    def _client(self) -> AbstractAsyncContextManager[AsyncOpenAI]:
        server = f"{self._base_url} {hashlib.sha256(self._api_key.encode()).hexdigest()} {self._timeout_seconds}"
        return self._connections.client(server, self._make)

    def _make(self) -> AsyncOpenAI:
        """Costs 0.4 ms, given the TLS context, which alone takes 57 ms to make."""
        transport = DefaultAsyncHttpxClient(
            verify=self._ssl_context, timeout=self._timeout_seconds, event_hooks={"request": [watch]}
        )
        return AsyncOpenAI(api_key=self._api_key, base_url=self._base_url, max_retries=0, http_client=transport)

    async def _attempts(self, ask: Callable[[], AsyncGenerator[T, None]], usage: Usage) -> AsyncGenerator[T, None]:
        """The answer, begun again after a failure that may pass, but never once a piece of it has been given."""
        attempt = 1
        while True:
            begun = False
            usage.requests += 1
            try:
                async with aclosing(ask()) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except LlmUnavailable:
                raise
            except Exception as error:  # the SDK validates nothing: what a bad stream makes it raise is unbounded
                if not begun and self._can_do_without(error):
                    continue
                wait = _retry_wait(error)
                if begun or attempt == ATTEMPTS or wait is None:
                    failure = LlmRefused if is_refusal(error) else LlmUnavailable
                    raise failure() from self._cause(describe(error), kind_of(error))
            attempt += 1
            usage.retries += 1
            await asyncio.sleep(wait)

    async def _answer(
        self, client: AsyncOpenAI, messages: Sequence[Message], usage: Usage
    ) -> AsyncGenerator[str, None]:
        usage.truncated, refused = False, False
        finish_reason: object = None
        with accounted(usage, messages) as request:
            async with await self._post(client, messages) as stream:
                async for chunk in stream:
                    event = read(chunk)
                    text, request.counted = encodable(event.text), event.usage or request.counted
                    finish_reason, refused = event.finish_reason or finish_reason, refused or event.refused
                    piece = text if request.said else text.lstrip()
                    if piece:
                        request.said += piece
                        yield piece
        self._check(request.said, finish_reason, refused)
        usage.truncated = finish_reason == "length"

    async def _post(self, client: AsyncOpenAI, messages: Sequence[Message]) -> AsyncStream[object]:
        # Through the SDK but for its models: making one of each chunk takes 0.5 ms, most of what an answer costs
        return await client.post(
            "/chat/completions",
            cast_to=object,
            body={
                "model": self._model,
                "messages": [_to_param(message) for message in messages],
                "max_completion_tokens" if self._is_openai else "max_tokens": self._max_tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            | ({} if self._temperature is None else {"temperature": self._temperature}),
            stream=True,
            stream_cls=AsyncStream[object],
        )

    async def _choice(
        self, client: AsyncOpenAI, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage
    ) -> AsyncGenerator[Sequence[ToolCall], None]:
        with accounted(usage, messages) as request:
            answer = await client.chat.completions.create(
                model=self._model,
                messages=[_to_param(message) for message in messages],
                tools=[_to_tool(tool) for tool in tools],
                max_completion_tokens=CHOICE_TOKENS if self._is_openai else omit,
                max_tokens=omit if self._is_openai else CHOICE_TOKENS,
                temperature=0 if self._temperature is not None else omit,
                parallel_tool_calls=True if self._is_openai else omit,
            )
            if isinstance(answer.usage, CompletionUsage):
                request.counted = answer.usage.model_dump()
            calls = [
                ToolCall(call.id or f"call_{n}", call.function.name or "", encodable(call.function.arguments or ""))
                for choice in answer.choices[:1]
                for n, call in enumerate(choice.message.tool_calls or [])
                if call.type == "function"
            ]
            request.said = "".join(call.arguments for call in calls)
        yield calls

    def _check(self, said: str, finish_reason: object, refused: bool) -> None:
        """Raise `LlmUnavailable` for a stream that ended in order, but not as an answer does."""
        if finish_reason == "content_filter":
            raise LlmRefused() from self._cause("a filter stopped the answer", "filtered")
        if not said:
            failure = LlmRefused if finish_reason or refused else LlmUnavailable  # else it may be no such stream at all
            raise failure() from self._cause(
                *(("the model refused to answer", "refused") if refused else ("the answer is empty", "empty"))
            )
        if not finish_reason:  # a proxy that ends the body cleanly when its own server breaks off
            raise LlmUnavailable() from self._cause("the stream ended before the answer did", "mid_stream")

    def _can_do_without(self, error: Exception) -> bool:
        """Whether the server refused the temperature, as reasoning models do; from now on it is left out."""
        if not isinstance(error, BadRequestError) or error.param != "temperature" or self._temperature is None:
            return False
        self._temperature = None
        return True

    def _cause(self, reason: str, kind: str) -> ModelServerError:
        return ModelServerError(f"{self._model}: {reason}", kind)


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def _to_param(message: Message) -> ChatCompletionMessageParam:
    content = encodable(message.content)
    match message.role:
        case "system":
            return {"role": "system", "content": content}
        case "user":
            return {"role": "user", "content": content}
        case "tool":
            return {"role": "tool", "content": content, "tool_call_id": message.call_id or ""}
        case "assistant" if message.calls:
            calls = [
                ChatCompletionMessageFunctionToolCallParam(
                    id=call.call_id, type="function", function={"name": call.name, "arguments": call.arguments}
                )
                for call in message.calls
            ]
            return {"role": "assistant", "content": content or None, "tool_calls": calls}
        case "assistant":
            return {"role": "assistant", "content": content}


def _to_tool(tool: Tool) -> ChatCompletionFunctionToolParam:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
            "strict": True,
        },
    }


def _retry_wait(error: Exception) -> float | None:
    """Seconds until the next attempt, or none when there is no point in one."""
    if isinstance(error, APIConnectionError):
        return _jittered(RETRY_SECONDS)
    if not isinstance(error, APIStatusError):
        return _jittered(RETRY_SECONDS) if isinstance(error, OpenAIError) else None
    if error.code == "insufficient_quota" or (error.status_code < 500 and error.status_code not in RETRIED_STATUSES):
        return None
    told = error.response.headers.get("retry-after")
    wait = _jittered(RETRY_SECONDS) if told is None else _seconds(told)
    return wait if wait <= MAX_RETRY_AFTER_SECONDS else None


def _jittered(seconds: float) -> float:
    """Half to one and a half times as long: what failed together is not to come again together."""
    return seconds * random.uniform(0.5, 1.5)


def _seconds(retry_after: str) -> float:
    """`Retry-After` in seconds; a date, which no such server sends, counts as too long."""
    try:
        seconds = float(retry_after)
    except ValueError:
        return math.inf
    return max(seconds, 0) if math.isfinite(seconds) else math.inf
