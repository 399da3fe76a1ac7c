"""Clients that ask as fast as they are answered, and what they saw. Raw sockets: a client costs as little as it can."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import uuid4


@dataclass(frozen=True)
class Seen:
    """One answer: seconds until its first token and until its end."""

    first: float
    whole: float


Ask: TypeAlias = Callable[[str], Awaitable[Seen]]


class Connection:
    """One HTTP/1.1 connection, kept open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: object) -> tuple[int, dict[str, str], asyncio.StreamReader]:
        """Send it; status, headers and the reader at the beginning of the body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        data = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(data)}"]
        lines += ["content-type: application/json"]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        return int(head[0].split()[1]), headers, reader

    async def body(self, headers: dict[str, str], reader: asyncio.StreamReader) -> bytes:
        """A body of known length."""
        return await reader.readexactly(int(headers["content-length"]))

    async def first_and_whole(self, reader: asyncio.StreamReader, started: float) -> Seen:
        """Read a chunked stream of events to its end."""
        first = 0.0
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            piece = await reader.readexactly(size + 2)
            if not first and b"event: delta" in piece:
                first = time.perf_counter() - started
            if size == 0:
                return Seen(first, time.perf_counter() - started)


def bare(port: int) -> Ask:
    """Asks the bare app."""
    connection = Connection(port)

    async def ask(question: str) -> Seen:
        started = time.perf_counter()
        status, _, reader = await connection.post("/ask", {"question": question})
        if status != 200:
            raise RuntimeError(f"the bare app answered {status}")
        return await connection.first_and_whole(reader, started)

    return ask


def haedap(port: int) -> Ask:
    """Asks haedap, each time as a new visitor; the time of both its requests counts for the rate."""
    connection = Connection(port)

    async def ask(question: str) -> Seen:
        path = f"/v1/sessions/{uuid4()}/chats"
        status, headers, reader = await connection.post(path, {"user_message": question})
        body = await connection.body(headers, reader)
        if status != 201:
            raise RuntimeError(f"haedap took no question: {status} {body.decode()}")
        started = time.perf_counter()
        status, _, reader = await connection.post(f"/v1/streaming/{json.loads(body)['streaming_id']}", {})
        if status != 200:
            raise RuntimeError(f"haedap streamed nothing: {status}")
        return await connection.first_and_whole(reader, started)

    return ask


async def run(
    make: Callable[[], Ask], questions: Sequence[str], clients: int, answers: int
) -> tuple[list[Seen], float]:
    """What `clients` saw of `answers` in all, and the seconds that they took together."""
    left = iter(range(answers))
    seen: list[Seen] = []

    async def one() -> None:
        ask = make()
        for n in left:
            seen.append(await ask(questions[n % len(questions)]))

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return seen, time.perf_counter() - started
