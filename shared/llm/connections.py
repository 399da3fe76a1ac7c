"""Connections to model servers that are kept while an event loop serves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Connections:
    """One client for each server, so that an answer waits for no TLS handshake.

    A client's connections belong to the loop that opened them, and a process may run several loops (Mangum makes one
    for each invocation): clients are kept only within `serving`, for the loop that it was entered in.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clients: dict[str, AsyncOpenAI] = {}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Keep clients meanwhile, and close them at the end. Within another one nothing changes."""
        if self._loop is not None:
            yield
            return
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            clients, self._clients, self._loop = list(self._clients.values()), {}, None
            for client in clients:
                await client.close()

    @asynccontextmanager
    async def client(self, server: str, make: Callable[[], "AsyncOpenAI"]) -> AsyncIterator["AsyncOpenAI"]:
        """The client for a server: the one that is kept, or one for this time alone.

        Parameters
        ----------
        server
            What tells servers and keys apart.
        """
        if self._loop is asyncio.get_running_loop():
            if server not in self._clients:
                self._clients[server] = make()
            yield self._clients[server]
            return
        async with make() as client:
            yield client
