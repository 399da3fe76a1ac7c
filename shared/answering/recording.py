"""The events of one running answer: at once for who listens, and in pieces for the store. No I/O."""

import asyncio
from collections.abc import AsyncIterator

from shared.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, Event, frame
from shared.stored_events import Piece, cut


class Recording:
    """Numbers the events. Belongs to one event loop."""

    def __init__(self) -> None:
        self._live: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._count = 0
        self._new: list[bytes] = []
        self._unsaved: list[Piece] = []

    def add(self, event: Event) -> None:
        """Send an event, and keep it until it is saved."""
        framed = self._send(event)
        self._new.append(framed)

    def end(self, event: Event | None) -> None:
        """Send the last event, if there is one. It is not kept: who comes later gets it from the stored turn."""
        if event is not None:
            self._send(event)
        self._live.put_nowait(None)

    def unsaved(self) -> list[Piece]:
        """What is not saved yet.

        A piece stays as it is until it is `saved`: a write of which nobody knows whether it happened is repeated, never
        replaced by a longer one, which a reader that has seen the first would miss.
        """
        if self._new:
            self._unsaved += cut(self._count - len(self._new) + 1, [framed.decode() for framed in self._new])
            self._new = []
        return list(self._unsaved)

    def saved(self, pieces: int) -> None:
        """So many of the pieces that `unsaved` gave are in the store."""
        del self._unsaved[:pieces]

    async def frames(self) -> AsyncIterator[bytes]:
        """The stream as it comes, for the first reader, kept alive by comments."""
        while True:
            try:
                framed = await asyncio.wait_for(self._live.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield KEEP_ALIVE
                continue
            waiting = [framed]
            while not self._live.empty():  # what came meanwhile goes out with it: a write costs more than an event
                waiting.append(self._live.get_nowait())
            if together := b"".join(one for one in waiting if one is not None):
                yield together
            if waiting[-1] is None:
                return

    def _send(self, event: Event) -> bytes:
        self._count += 1
        framed = frame(event, self._count)
        self._live.put_nowait(framed)
        return framed
