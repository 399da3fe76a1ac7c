"""A running answer and the store beside it: what is written when, and that the live stream does not wait for it."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.answering import turns
from shared.answering.case import Parts
from shared.answering.resuming import resume
from shared.bot import Bot
from shared.conversations import Conversations, Question
from shared.errors import StoreUnavailable
from shared.llm.openai_chat import OpenAIChat
from shared.storage.keys import Owner
from shared.storage.sqlite import SqliteStore
from tests.app import new_session, parse, said
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.search import FakeSearch, found

QUESTION = "반품 배송비는 누가 내나요?"
STEADY = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(24)), delay=0.05)
HELD = replace(STEADY, hold_after=20)
SILENT = Reply(deltas=("심사는 ", "안 나옴"), stall_after=1, stall=60)


class Watched(SqliteStore):
    """A store whose writes during answers are counted, and meet `before` and `after` something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.writes = Counter[str]()
        self.before: Callable[[str], object] = lambda _: None
        self.after: Callable[[str], object] = lambda _: None

    def put(self, table: str, *arguments: Any, **options: Any) -> None:
        self.before(table)
        super().put(table, *arguments, **options)
        self.writes[f"put {table}"] += 1
        self.after(table)

    def update(self, table: str, *arguments: Any, **options: Any) -> Any:
        self.before(table)
        item = super().update(table, *arguments, **options)
        self.writes[f"update {table}"] += 1
        self.after(table)
        return item


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Watched]:
    with closing(Watched(tmp_path / "haedap.sqlite3")) as store:
        yield store


@pytest.fixture
def conversations(store: Watched) -> Conversations:
    return Conversations(store, 90)


async def live(
    conversations: Conversations,
    llm: FakeOpenAI,
    meanwhile: Callable[[str], object] = lambda _: None,
    each: Callable[[str], object] = lambda _: None,
) -> tuple[str, str]:
    """The streaming id of an answer, and its stream; `meanwhile` at the first delta, and at `each` what came so far."""
    streaming_id = conversations.ask(Owner("default", "somebody"), new_session(), Question(QUESTION))
    claim = conversations.claim(streaming_id)
    model = OpenAIChat("any", llm.base_url, "fake-chat", 200, 60, 60)
    parts = Parts(Bot(), {"default": FakeSearch(found(QUESTION, "반품 배송비", "answer", 0.9))}, chat_model=model)
    stream = ""
    async for framed in turns.start(claim, lambda _: parts, conversations):
        first, stream = "event: delta" not in stream, stream + framed.decode()
        if b"event: delta" in framed:
            each(stream)
            if first:
                meanwhile(streaming_id)
    return streaming_id, stream


async def again(conversations: Conversations, streaming_id: str) -> str:
    return b"".join([framed async for framed in await resume(streaming_id, 0, conversations)]).decode()


def test_the_live_stream_waits_for_no_checkpoint(store: Watched, conversations: Conversations, llm: FakeOpenAI) -> None:
    llm.enqueue(HELD)
    whole, waited = threading.Event(), list[bool]()

    def wait(table: str) -> None:
        if table == "streams" and not waited:
            llm.go_on()
            waited.append(whole.wait(30))

    def look(stream: str) -> None:
        if HELD.deltas[-1].strip() in stream:
            whole.set()

    store.before = wait
    asyncio.run(live(conversations, llm, each=look))
    assert waited == [True]


def test_an_answer_is_stored_at_most_every_half_second(
    store: Watched, conversations: Conversations, llm: FakeOpenAI
) -> None:
    llm.enqueue(HELD)
    store.after = lambda table: llm.go_on() if table == "streams" else None
    began = time.monotonic()
    asyncio.run(live(conversations, llm))
    checkpoints = int((time.monotonic() - began) / 0.5)
    assert 1 <= store.writes["put streams"] - 1 <= checkpoints
    assert store.writes["update chats"] == store.writes["put streams"] - 1 + 2  # the claim and the end


def test_while_nothing_is_said_nothing_is_written(
    store: Watched, conversations: Conversations, llm: FakeOpenAI
) -> None:
    llm.enqueue(SILENT)

    async def stopped_later() -> None:
        loop = asyncio.get_running_loop()

        def begin(streaming_id: str) -> None:
            def stop_later(table: str) -> None:
                if table == "streams":
                    loop.call_soon_threadsafe(loop.call_later, 1, turns.stop, streaming_id)

            store.after = stop_later

        await live(conversations, llm, begin)

    asyncio.run(stopped_later())
    assert store.writes["put streams"] == 1  # what was said before; the end has nothing new
    assert store.writes["update chats"] == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_whichever_writes_fail_who_resumes_gets_every_event_once(
    store: Watched, conversations: Conversations, llm: FakeOpenAI, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_CHECKPOINT_SECONDS", 0.02)
    monkeypatch.setattr(turns, "_AFTER_FAILURE_SECONDS", 0.02)
    monkeypatch.setattr(turns, "_FINISH_RETRY_SECONDS", (0.02,) * 5)
    llm.enqueue(STEADY)
    calls = Counter[str]()

    def fail(table: str) -> None:
        calls[table] += 1
        if table in ("streams", "chats") and calls[table] > 2 and calls[table] % 2:
            raise StoreUnavailable

    async def both() -> tuple[str, str]:
        def begin(_: str) -> None:
            setattr(store, when, fail)

        streaming_id, stream = await live(conversations, llm, begin)
        return stream, await again(conversations, streaming_id)

    stream, resumed = asyncio.run(both())
    assert calls["streams"] > 5
    assert parse(stream)[-1].event == "done"
    assert resumed == stream


async def begun_then(conversations: Conversations, change: Callable[[Owner, str, str], object]) -> tuple[str, Any]:
    """What is done to an answer before anything is decided, in whose session, and how its stream ends."""
    owner, session_id = Owner("default", "somebody"), new_session()
    streaming_id = conversations.ask(owner, session_id, Question(QUESTION))
    claim = conversations.claim(streaming_id)
    loop = asyncio.get_running_loop()

    async def changed() -> None:
        change(owner, session_id, streaming_id)
        await asyncio.sleep(0.05)  # the answer's tasks have their turns

    def parts_of(_: str) -> Parts:
        asyncio.run_coroutine_threadsafe(changed(), loop).result(30)
        return Parts(Bot(), {"default": FakeSearch(found(QUESTION, "반품 배송비", "answer", 0.9))})

    frames = [framed.decode() async for framed in turns.start(claim, parts_of, conversations)]
    return session_id, parse("".join(frames))[-1]


def test_an_answer_that_is_stopped_before_it_is_decided_has_no_decision(conversations: Conversations) -> None:
    def stop(_owner: Owner, _session_id: str, streaming_id: str) -> None:
        conversations.stop(streaming_id)
        turns.stop(streaming_id)

    session_id, last = asyncio.run(begun_then(conversations, stop))
    assert (last.event, "decision" in last.data) == ("done", False)
    assert last.data["feedback"]["bubbles"]
    (turn,) = conversations.turns(Owner("default", "somebody"), session_id)[0]
    assert (turn.status, turn.decision) == ("stopped", None)


def test_the_answer_of_a_session_that_was_deleted_invites_to_nothing(conversations: Conversations) -> None:
    def delete(owner: Owner, session_id: str, _streaming_id: str) -> None:
        conversations.delete(owner, session_id)

    _, last = asyncio.run(begun_then(conversations, delete))
    assert (last.event, last.data["feedback"]) == ("done", {"bubbles": []})


def test_two_readers_of_a_stopped_answer_see_the_same_end(
    store: Watched, conversations: Conversations, llm: FakeOpenAI
) -> None:
    llm.enqueue(HELD)

    async def stopped_meanwhile() -> tuple[str, str]:
        following: list[asyncio.Task[str]] = []

        def stop(streaming_id: str) -> None:
            following.append(asyncio.create_task(again(conversations, streaming_id)))
            loop = asyncio.get_running_loop()
            loop.call_later(0.4, conversations.stop, streaming_id)  # as another process does

        _, stream = await live(conversations, llm, stop)
        return stream, await following[0]

    stream, followed = asyncio.run(stopped_meanwhile())
    events = parse(stream)
    assert events[-1].event == "done" and 0 < len(said(events)) < len("".join(STEADY.deltas))
    assert followed == stream
