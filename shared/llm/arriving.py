"""What a generator gives, taken in handfuls: a stream's pieces that came in one read are handed on in one go."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Arriving(Generic[T]):
    """Runs a generator in a task of its own and keeps what it gives until it is taken.

    Under load a model's tokens wait in the socket's buffer: what costs something for each piece then costs it once.
    """

    def __init__(self, pieces: AsyncGenerator[T, None]) -> None:
        self._here: list[T] = []
        self._raised = False
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run(pieces))
        self._task.add_done_callback(lambda _: self._news.set())

    async def take(self) -> Sequence[T]:
        """All that came since the last time, waiting for the first of it; nothing when there is no more.

        Raises what the generator raised, once all that it gave before is taken.
        """
        await self._news.wait()
        together, self._here = self._here, []
        if self._task.done():
            if not together:
                self._raised = True
                self._task.result()
        else:
            self._news.clear()
        return together

    async def close(self) -> None:
        """End the generator where it is."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
        if not self._task.cancelled() and (error := self._task.exception()) is not None and not self._raised:
            log.warning("closing a stream failed: %s", type(error).__name__)

    async def _run(self, pieces: AsyncGenerator[T, None]) -> None:
        async with aclosing(pieces):
            async for piece in pieces:
                self._here.append(piece)
                self._news.set()
