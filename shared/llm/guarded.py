"""A language model as haedap calls it: behind its breaker, and with every call told to who watches."""

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager

from shared.errors import LlmUnavailable
from shared.llm.base import ChatModel, Message, Tool, ToolCall, Usage
from shared.llm.breaker import Breaker
from shared.seeing.around import now


class Guarded:
    """A `ChatModel`: another one behind a breaker."""

    def __init__(self, model: ChatModel, breaker: Breaker) -> None:
        self._model, self._breaker = model, breaker

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def stream(self, messages: Sequence[Message], usage: Usage | None = None) -> AsyncGenerator[str, None]:
        """See `ChatModel.stream`."""
        with self._told(usage) as own, self._breaker.call():
            async with aclosing(self._model.stream(messages, own)) as pieces:
                async for piece in pieces:
                    yield piece
            if usage is not None:
                usage.truncated = own.truncated

    async def choose(
        self, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage | None = None
    ) -> Sequence[ToolCall]:
        """See `ChatModel.choose`."""
        with self._told(usage) as own, self._breaker.call():
            return await self._model.choose(messages, tools, own)

    @contextmanager
    def _told(self, usage: Usage | None) -> Iterator[Usage]:
        """Around one call: what it alone took, which `usage` then includes, however it ends."""
        own, around, started = Usage(), now(), time.perf_counter()
        failed: str | None = None
        try:
            yield own
        except LlmUnavailable as error:
            failed = getattr(error.__cause__, "kind", "not_asked")  # without a cause it was the breaker
            raise
        finally:
            if usage is not None:
                usage.include(own)
            attributes = {
                "gen_ai.usage.input_tokens": own.input_tokens,
                "gen_ai.usage.output_tokens": own.output_tokens,
                "haedap.retries": own.retries,
            }
            around.asked_model(self.name, started, attributes, failed)
