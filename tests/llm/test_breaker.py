"""A model that keeps failing is left alone for a while."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from shared.errors import LlmRefused, LlmUnavailable
from shared.llm.base import Message, Tool, ToolCall, Usage
from shared.llm.breaker import Breaker, Guarded

pytestmark = pytest.mark.anyio


class Failing:
    """A model that does what it is told, and counts how often it was asked."""

    name = "failing"

    def __init__(self) -> None:
        self.error: LlmUnavailable | None = LlmUnavailable()
        self.asked = 0

    async def stream(self, messages: Sequence[Message], usage: Usage | None = None) -> AsyncGenerator[str, None]:
        self.asked += 1
        await asyncio.sleep(0)
        yield "네"
        if self.error:
            raise self.error

    async def choose(
        self, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage | None = None
    ) -> Sequence[ToolCall]:
        self.asked += 1
        if self.error:
            raise self.error
        return []


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model() -> Failing:
    return Failing()


@pytest.fixture
def guarded(model: Failing, clock: Clock) -> Guarded:
    return Guarded(model, Breaker(3, 20, clock))


async def ask(guarded: Guarded) -> bool:
    """Whether it answered."""
    try:
        await guarded.choose([], [])
    except LlmUnavailable:
        return False
    return True


async def test_after_failures_in_a_row_it_is_not_asked_any_more(model: Failing, guarded: Guarded) -> None:
    assert [await ask(guarded) for _ in range(5)] == [False] * 5
    assert model.asked == 3


async def test_a_success_in_between_starts_the_count_anew(model: Failing, guarded: Guarded) -> None:
    failure = model.error
    for error in (failure, failure, None, failure, failure):
        model.error = error
        await ask(guarded)
    assert model.asked == 5
    await ask(guarded)
    await ask(guarded)
    assert model.asked == 6


async def test_later_one_call_tries_and_closes_the_circuit(model: Failing, guarded: Guarded, clock: Clock) -> None:
    for _ in range(3):
        await ask(guarded)
    clock.now += 19
    assert not await ask(guarded) and model.asked == 3
    clock.now += 1
    model.error = None
    assert await ask(guarded)
    assert await ask(guarded)


async def test_a_failed_trial_opens_it_again(model: Failing, guarded: Guarded, clock: Clock) -> None:
    for _ in range(3):
        await ask(guarded)
    clock.now += 20
    await ask(guarded)
    await ask(guarded)
    assert model.asked == 4


async def test_while_one_tries_the_others_are_not_let_through(model: Failing, guarded: Guarded, clock: Clock) -> None:
    for _ in range(3):
        await ask(guarded)
    clock.now += 20
    stream = guarded.stream([])
    assert await anext(stream) == "네"
    assert not await ask(guarded)
    await stream.aclose()


async def test_a_stream_that_breaks_half_way_counts(model: Failing, guarded: Guarded) -> None:
    for _ in range(3):
        with pytest.raises(LlmUnavailable):
            _ = [piece async for piece in guarded.stream([])]
    assert not await ask(guarded) and model.asked == 3


async def test_a_model_that_has_no_word_for_a_question_works(model: Failing, guarded: Guarded) -> None:
    model.error = LlmRefused()
    for _ in range(5):
        await ask(guarded)
    assert model.asked == 5
