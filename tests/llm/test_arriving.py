"""Pieces of a stream, taken in handfuls."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from shared.llm.arriving import Arriving

pytestmark = pytest.mark.anyio


async def test_what_came_at_once_is_taken_together_and_nothing_is_lost() -> None:
    more = asyncio.Event()

    async def pieces() -> AsyncGenerator[int, None]:
        yield 1
        yield 2
        await more.wait()
        yield 3

    arriving = Arriving(pieces())
    assert await arriving.take() == [1, 2]
    more.set()
    assert await arriving.take() == [3]
    assert await arriving.take() == []
    await arriving.close()


async def test_a_piece_is_there_before_the_next_one_exists() -> None:
    async def pieces() -> AsyncGenerator[int, None]:
        yield 1
        await asyncio.Event().wait()

    arriving = Arriving(pieces())
    assert await asyncio.wait_for(arriving.take(), 5) == [1]
    await arriving.close()


async def test_what_came_before_a_failure_is_taken_before_it_is_raised() -> None:
    async def pieces() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("broken")

    arriving = Arriving(pieces())
    assert await arriving.take() == [1]
    with pytest.raises(ValueError, match="broken"):
        await arriving.take()
    await arriving.close()


async def test_closing_ends_the_generator_where_it_is(caplog: pytest.LogCaptureFixture) -> None:
    ended = []

    async def pieces() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    arriving = Arriving(pieces())
    await arriving.take()
    await arriving.close()
    assert ended and not caplog.records


async def test_a_failure_that_nobody_took_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("a customer's words")

    arriving = Arriving(pieces())
    await arriving.take()
    await arriving.close()
    assert "ValueError" in caplog.text and "customer" not in caplog.text
