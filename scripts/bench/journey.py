"""A customer's whole way through haedap over HTTP, step by step with the time of each."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

import httpx

STEPS = ("visitor", "entry", "ask", "first word", "answer", "rate", "follow-up", "list", "read", "delete")
_FOLLOW_UP = "그건 왜 그런가요?"


@dataclass
class Seen:
    """What all customers saw.

    Parameters
    ----------
    seconds
        By step.
    errors
        By step, and the status and code, or the kind of failure.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    journeys: int = 0

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Around a step: its time, or why it failed."""
        started = time.perf_counter()
        try:
            yield
        except httpx.HTTPStatusError as error:
            code = error.response.json().get("code") if error.response.content else None
            self.errors[step, f"{error.response.status_code} {code or ''}".strip()] += 1
            raise
        except (httpx.TransportError, BrokenStream) as error:
            self.errors[step, type(error).__name__] += 1
            raise
        self.seconds[step].append(time.perf_counter() - started)


class BrokenStream(Exception):
    """A stream that ended in an error, or in nothing."""


async def run(address: str, questions: Sequence[str], clients: int, journeys: int, keep: bool) -> tuple[Seen, float]:
    """So many journeys of so many customers at once; what they saw, and the seconds that all of it took.

    Parameters
    ----------
    keep
        Leave the sessions there.
    """
    seen, numbers = Seen(), count()

    async def customer() -> None:
        while (number := next(numbers)) < journeys:
            # A connection each, as a browser has; its environment has no say in where it leads
            async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
                try:
                    await one(client, seen, questions[number % len(questions)], keep)
                except (httpx.HTTPError, BrokenStream):
                    continue  # it is counted
                seen.journeys += 1

    started = time.perf_counter()
    await asyncio.gather(*(customer() for _ in range(clients)))
    return seen, time.perf_counter() - started


async def one(client: httpx.AsyncClient, seen: Seen, question: str, keep: bool) -> None:
    """One journey. Raises what it failed with, which is counted."""
    session = str(uuid4())
    with seen.timed("visitor"):
        made = (await client.post("/v1/visitors")).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {made['token']}"
    with seen.timed("entry"):
        (await client.get("/v1/faqs/categories")).raise_for_status()
    with seen.timed("ask"):
        streaming_id = await _ask(client, session, question)
    request_id = await _stream(client, streaming_id, seen)
    with seen.timed("rate"):
        rated = {"request_id": request_id, "helpful": True}
        (await client.post("/v1/feedback", json=rated)).raise_for_status()
    with seen.timed("follow-up"):
        await _stream(client, await _ask(client, session, _FOLLOW_UP), None)
    with seen.timed("list"):
        (await client.get("/v1/sessions")).raise_for_status()
    with seen.timed("read"):
        (await client.get(f"/v1/sessions/{session}/chats")).raise_for_status()
    if not keep:
        with seen.timed("delete"):
            (await client.delete(f"/v1/sessions/{session}")).raise_for_status()


async def _ask(client: httpx.AsyncClient, session: str, question: str) -> str:
    asked = await client.post(f"/v1/sessions/{session}/chats", json={"user_message": question})
    streaming_id: str = asked.raise_for_status().json()["streaming_id"]
    return streaming_id


async def _stream(client: httpx.AsyncClient, streaming_id: str, seen: Seen | None) -> str:
    """Take an answer to its end; its request_id. Raises `BrokenStream`."""
    of = seen or Seen()  # of a follow-up, the whole counts
    started, first, event = time.perf_counter(), True, ""
    with of.timed("answer"):
        async with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:
            if response.is_error:
                await response.aread()
            response.raise_for_status()
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                if event == "delta" and first:
                    first = False
                    of.seconds["first word"].append(time.perf_counter() - started)
                if name == "data" and event == "done":
                    request_id: str = json.loads(value)["request_id"]
                    return request_id
        raise BrokenStream(event)
