"""Clients are kept while a loop serves, and no longer. They are the real SDK's."""

import asyncio
from collections.abc import Callable

import pytest
from openai import AsyncOpenAI

from shared.llm.base import Message
from shared.llm.connections import Connections
from shared.llm.openai_chat import OpenAIChat
from tests.fakes.openai_server import FakeOpenAI

pytestmark = pytest.mark.anyio


@pytest.fixture
def made() -> list[AsyncOpenAI]:
    """All clients that were made, oldest first."""
    return []


@pytest.fixture
def make(made: list[AsyncOpenAI]) -> Callable[[], AsyncOpenAI]:
    def make() -> AsyncOpenAI:
        made.append(AsyncOpenAI(api_key="none", base_url="http://127.0.0.1:9/v1"))
        return made[-1]

    return make


async def test_within_serving_a_server_has_one_client(made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]) -> None:
    connections = Connections()
    async with connections.serving():
        for _ in range(3):
            async with connections.client("a", make) as client:
                assert client is made[0]
            assert not client.is_closed()
    assert len(made) == 1


async def test_each_server_has_its_own(made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]) -> None:
    connections = Connections()
    async with connections.serving():
        async with connections.client("a", make) as one, connections.client("b", make) as other:
            assert one is not other
    assert len(made) == 2


async def test_at_the_end_all_are_closed_and_the_next_serving_makes_new_ones(
    made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]
) -> None:
    connections = Connections()
    for _ in range(2):
        async with connections.serving():
            for server in ("a", "b"):
                async with connections.client(server, make):
                    pass
    assert len(made) == 4
    assert all(client.is_closed() for client in made)


async def test_they_are_closed_also_after_an_accident(made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]) -> None:
    connections = Connections()
    with pytest.raises(KeyError):
        async with connections.serving():
            async with connections.client("a", make):
                pass
            raise KeyError
    assert made[0].is_closed()


async def test_a_serving_within_another_one_ends_nothing(
    made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]
) -> None:
    connections = Connections()
    async with connections.serving():
        async with connections.serving():
            async with connections.client("a", make):
                pass
        async with connections.client("a", make) as client:
            assert client is made[0] and not client.is_closed()
    assert made[0].is_closed()


async def test_outside_of_serving_a_client_is_for_one_time(
    made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]
) -> None:
    connections = Connections()
    for _ in range(2):
        async with connections.client("a", make) as client:
            assert not client.is_closed()
        assert client.is_closed()
    assert len(made) == 2


async def test_another_loop_is_given_a_client_of_its_own(
    made: list[AsyncOpenAI], make: Callable[[], AsyncOpenAI]
) -> None:
    connections = Connections()

    async def elsewhere() -> None:
        async with connections.serving(), connections.client("a", make):
            pass

    async with connections.serving():
        async with connections.client("a", make) as kept:
            await asyncio.to_thread(asyncio.run, elsewhere())
        assert [client.is_closed() for client in made] == [False, True]
        async with connections.client("a", make) as again:
            assert again is kept


# Seen from a model


async def ask(model: OpenAIChat) -> None:
    _ = [piece async for piece in model.stream([Message("user", "언제 와요?")])]


async def test_models_that_differ_only_in_name_share_a_connection(server: FakeOpenAI) -> None:
    connections = Connections()
    models = [OpenAIChat("k", server.base_url, name, 50, 5, 5, connections=connections) for name in ("a", "b")]
    async with connections.serving():
        for model in models * 2:
            await ask(model)
    assert len(server.requests) == 4
    assert len({request.port for request in server.requests}) == 1


async def test_another_key_is_another_connection(server: FakeOpenAI) -> None:
    connections = Connections()
    async with connections.serving():
        for key in ("k", "l"):
            await ask(OpenAIChat(key, server.base_url, "a", 50, 5, 5, connections=connections))
    assert len({request.port for request in server.requests}) == 2
