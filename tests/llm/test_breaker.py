"""A model that keeps failing is left alone for a while."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from shared import wiring
from shared.bot import Chat
from shared.errors import LlmRefused, LlmUnavailable
from shared.llm.base import Message, Tool, ToolCall, Usage
from shared.llm.breaker import FAILURES, Breaker
from shared.llm.guarded import Guarded
from shared.llm.openai_chat import OpenAIChat
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

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


# What counts, with a real model server


async def fails(server: FakeOpenAI, reply: Reply) -> bool:
    """Whether an answer that fails so opens the circuit."""
    server.enqueue(reply, reply, "네")
    guarded = Guarded(
        OpenAIChat(None, server.base_url, "m", 50, 60, 1 if reply.stall_before_headers else 20), Breaker(1)
    )
    with pytest.raises(LlmUnavailable):
        _ = [piece async for piece in guarded.stream([Message("user", "언제 와요?")])]
    asked = len(server.requests)
    await ask(guarded)
    return len(server.requests) == asked


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_request_that_the_server_does_not_take_is_no_failure_of_it(server: FakeOpenAI, status: int) -> None:
    assert not await fails(server, Reply(status=status))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=408, retry_after=9),
        Reply(status=429, retry_after=9),
        Reply(status=429, code="insufficient_quota"),
        Reply(status=500, retry_after=0),
        Reply(status=503, retry_after=9),
        Reply(stall_before_headers=60),
        Reply(disconnect_after=0),
        Reply(malformed_after=0),
        Reply(deltas=("가",), finish_reason=None),
        Reply(body="<html>로그인</html>", content_type="text/html"),
    ],
    ids=["408", "rate", "quota", "500", "503", "silence", "broken", "broken JSON", "no end", "a web page"],
)
async def test_a_server_that_cannot_answer_anybody_has_failed(server: FakeOpenAI, reply: Reply) -> None:
    assert await fails(server, reply)


async def test_a_server_that_is_not_there_has_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    guarded = Guarded(OpenAIChat(None, f"http://127.0.0.1:{port}/v1", "m", 50, 5, 5), Breaker(1))
    for reason in ("m: no connection", "not asked"):
        with pytest.raises(LlmUnavailable) as caught:
            await guarded.choose([], [])
        assert caught.value.reason.startswith(reason)


async def test_a_model_that_keeps_failing_does_not_silence_another_one(
    server: FakeOpenAI, configure: Callable[..., Path]
) -> None:
    configure(OPENAI_BASE_URL=server.base_url)
    server.enqueue(*[Reply(status=500, retry_after=9)] * FAILURES)
    failing, working = (wiring.get_chat_model(Chat(model=name)) for name in ("failing", "working"))
    rewriter = wiring.get_rewriter(Chat(model="failing"))
    assert failing and working and rewriter
    question = [Message("user", "언제 와요?")]
    for _ in range(FAILURES):
        with pytest.raises(LlmUnavailable):
            await failing.choose(question, [])
    with pytest.raises(LlmUnavailable) as caught:
        await failing.choose(question, [])
    assert caught.value.reason.startswith("not asked")
    # Nor one that waits less long: what is too slow for a rewriting may still write
    for other in (working, rewriter):
        assert [piece async for piece in other.stream(question)]


def test_models_of_the_same_name_on_two_servers_have_two_breakers() -> None:
    assert wiring.get_breaker(None, "m", 15) is wiring.get_breaker(None, "m", 15)
    assert wiring.get_breaker(None, "m", 15) is not wiring.get_breaker("http://127.0.0.1/v1", "m", 15)
    assert wiring.get_breaker(None, "m", 15) is not wiring.get_breaker(None, "m", 3)
