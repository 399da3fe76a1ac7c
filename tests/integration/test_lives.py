"""Answers that are resumed, stopped and interrupted, with two processes that share only the store."""

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import servers
from tests.app import SentEvent, new_session, parse, post_question, said, serve
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

QUESTION = "가입 심사는 며칠 걸려요?"
SLOW = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(30)), delay=0.05)
HELD = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(40)), delay=0.05, hold_after=20)
SILENT = Reply(deltas=("심사는 ", "안 나옴"), stall_after=1, stall=120)
PATIENT = {"LLM_TIMEOUT_SECONDS": "120", "LLM_FIRST_TOKEN_TIMEOUT_SECONDS": "120"}
APPLICATION = "tests.integration.short_lease"
PATIENCE_SECONDS = 50  # a busy machine is slow; a silence of the model is longer


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """The language model's server, which all tests share."""
    with FakeOpenAI() as server:
        yield server


@pytest.fixture
def llm(model: FakeOpenAI) -> FakeOpenAI:
    """The same, which has not been asked anything yet."""
    model.forget()
    return model


class Pair:
    """Two processes that share a store. Starting them takes seconds, so they live as long as nobody kills them."""

    def __init__(self, data_dir: Path, values: dict[str, str]) -> None:
        self._data_dir, self._values = data_dir, values
        self._stack = ExitStack()
        self._served: list[tuple[str, Any]] = []

    def alive(self) -> list[tuple[str, Any]]:
        """The address and the process of each; a new process for one that has ended."""
        running = [one for one in self._served if one[1].poll() is None]
        missing = 2 - len(running)
        fresh = [self._stack.enter_context(serve(APPLICATION, self._data_dir, **self._values)) for _ in range(missing)]
        self._served = [*running, *fresh]
        return self._served

    def close(self) -> None:
        """End both."""
        self._stack.close()


class Following(threading.Thread):
    """Reads a stream as it comes."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.text = ""
        self._address = address
        self.start()

    def run(self) -> None:
        try:
            with httpx.stream("GET", self._address, timeout=90) as response:
                for piece in response.iter_text():
                    self.text += piece
        except (httpx.RemoteProtocolError, httpx.ReadError):
            pass  # the other side was killed

    @property
    def events(self) -> list[SentEvent]:
        """The events that came whole."""
        return parse(self.text[: self.text.rfind("\n\n") + 2])

    def wait_for_deltas(self, count: int) -> "Following":
        """Wait until so many pieces of the answer have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sum(event.event == "delta" for event in self.events) < count:
            assert time.monotonic() < deadline, self.text
            time.sleep(0.01)
        return self

    def to_the_end(self) -> list[SentEvent]:
        """Wait for the end; the events."""
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive()
        return self.events


def only_turn(client: httpx.Client, session: str) -> dict[str, Any]:
    turns: list[dict[str, Any]] = client.get(f"/v1/sessions/{session}/chats").json()
    assert len(turns) == 1
    return turns[0]


def when_said(client: httpx.Client, session: str) -> dict[str, Any]:
    """The only turn, as soon as the store has something of its answer."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (turn := only_turn(client, session)).get("system_message"):
        assert time.monotonic() < until, "nothing was stored of an answer that goes on"
        time.sleep(0.05)
    return turn


def ids(events: list[SentEvent]) -> list[int]:
    return [event.id for event in events]


@pytest.fixture(scope="module", params=["sqlite", "mongo"])
def pair(
    request: pytest.FixtureRequest, indexed: Path, tmp_path_factory: pytest.TempPathFactory, model: FakeOpenAI
) -> Iterator[Pair]:
    """Two processes over an indexed store."""
    data_dir = tmp_path_factory.mktemp("pair") / "data"
    shutil.copytree(indexed, data_dir)
    values = {"OPENAI_BASE_URL": model.base_url, "RATE_LIMIT_PER_MINUTE": "0", **PATIENT}
    with ExitStack() as stack:
        if request.param == "mongo":
            try:
                uri = stack.enter_context(servers.mongod())
            except servers.ServerUnavailable as reason:
                pytest.skip(str(reason))
            values |= {"STORAGE": "mongo", "MONGO_URI": uri, "MONGO_DATABASE": "haedap-test"}
            copy_contents(data_dir, values)
        pair = Pair(data_dir, values)
        stack.callback(pair.close)
        yield pair


@pytest.fixture
def two(pair: Pair) -> list[tuple[str, Any]]:
    """Two processes: the address and the process of each."""
    return pair.alive()


def copy_contents(data_dir: Path, settings: dict[str, str]) -> None:
    """What indexing stored in SQLite, in MongoDB."""
    from shared.storage.mongo import MongoStore
    from shared.storage.sqlite import SqliteStore

    source, target = SqliteStore(data_dir / "haedap.sqlite3"), MongoStore(settings["MONGO_URI"], "haedap-test", 10)
    target.prepare()
    for table, pk in (("contents", "default"), ("indexes", "default"), ("calibrations", "default"), ("bots", "#")):
        target.batch_put(table, source.query(table, pk, limit=10_000).items)
    for store in (source, target):
        store.close()


def test_a_reader_whose_connection_dropped_goes_on_in_another_process(
    two: list[tuple[str, Any]], llm: FakeOpenAI
) -> None:
    (one, _), (other, _) = two
    llm.enqueue(SLOW)
    with httpx.Client(base_url=one, timeout=90) as client:
        streaming_id = post_question(client, new_session(), QUESTION)
    first = Following(f"{one}/v1/streaming/{streaming_id}").wait_for_deltas(8)
    seen = first.events[-1].id
    resumed = Following(f"{other}/v1/streaming/{streaming_id}?last_event_id={seen}")
    again = Following(f"{one}/v1/streaming/{streaming_id}?last_event_id=0")
    whole = first.to_the_end()
    assert whole[-1].event == "done" and said(whole) == "".join(SLOW.deltas)
    assert resumed.to_the_end() == whole[seen:]
    assert again.to_the_end() == whole
    assert httpx.get(f"{other}/v1/streaming/{streaming_id}", timeout=90).status_code == 404
    assert len(llm.received("/v1/chat/completions")) == 1


def test_a_killed_process_leaves_its_events_an_error_and_a_question_that_can_be_asked_anew(
    two: list[tuple[str, Any]], llm: FakeOpenAI
) -> None:
    (doomed, process), (other, _) = two
    llm.enqueue(HELD)
    with httpx.Client(base_url=other, timeout=90) as client:
        session = new_session()
        streaming_id = post_question(client, session, QUESTION)
        live = Following(f"{doomed}/v1/streaming/{streaming_id}?last_event_id=0").wait_for_deltas(1)
        during = Following(f"{other}/v1/streaming/{streaming_id}?last_event_id=0")
        live.wait_for_deltas(16)
        running = when_said(client, session)
        assert (running["status"], running["streaming_id"]) == ("running", streaming_id)
        assert client.post(f"/v1/sessions/{session}/chats", json={"user_message": "또"}).status_code == 409
        process.send_signal(signal.SIGKILL)
        seen = live.to_the_end()

        followed = during.to_the_end()
        assert ids(followed) == list(range(1, len(followed) + 1))
        stored, error = followed[:-1], followed[-1]
        assert said(stored)
        # Whether its reader or the store had more, when the process died, is chance
        assert all(one == other for one, other in zip(stored, seen, strict=False))
        assert (error.event, error.data["code"]) == ("error", "answer_interrupted")
        assert error.data["error_message"] == "답변이 중단되었습니다. 다시 질문해 주세요."

        turn = only_turn(client, session)
        assert turn["status"] == "interrupted"
        # Events are stored before what the turn says: a process may die between the two
        assert running["system_message"]
        assert said(stored).startswith(turn["system_message"])
        assert turn["system_message"].startswith(running["system_message"])
        assert "streaming_id" not in turn
        afterwards = parse(client.get(f"/v1/streaming/{streaming_id}?last_event_id=2").text)
        assert afterwards == followed[2:]
        ahead = parse(client.get(f"/v1/streaming/{streaming_id}?last_event_id=999").text)
        assert [(event.id, event.event) for event in ahead] == [(1_000, "error")]

        llm.enqueue("영업일로 1일에서 5일입니다. [1]")
        again = post_question(client, session, QUESTION, replaces=turn["chat_id"])
        assert parse(client.post(f"/v1/streaming/{again}").text)[-1].event == "done"
        assert only_turn(client, session)["status"] == "done"


@pytest.mark.parametrize("stopped_in", ["the process that answers", "another process"])
def test_also_a_silent_answer_is_stopped_long_before_it_would_end(
    two: list[tuple[str, Any]], llm: FakeOpenAI, stopped_in: str
) -> None:
    (one, _), (other, _) = two
    llm.enqueue(SILENT)
    with httpx.Client(base_url=other, timeout=90) as client:
        session = new_session()
        streaming_id = post_question(client, session, QUESTION)
        live = Following(f"{one}/v1/streaming/{streaming_id}").wait_for_deltas(1)
        followed = Following(f"{other}/v1/streaming/{streaming_id}?last_event_id=0").wait_for_deltas(1)

        address = one if stopped_in == "the process that answers" else other
        assert httpx.delete(f"{address}/v1/streaming/{streaming_id}", timeout=90).status_code == 204
        assert llm.wait_for_drop(PATIENCE_SECONDS)  # the model's connection is cut

        whole = live.to_the_end()
        assert (whole[-1].event, said(whole)) == ("done", "심사는")
        assert whole[-1].data["search_completed"] is False
        assert "decision" not in whole[-1].data  # though one was made: so a page knows it from an answer
        assert followed.to_the_end() == whole
        turn = only_turn(client, session)
        assert (turn["status"], turn["system_message"]) == ("stopped", "심사는")
        assert [bubble["description"] for bubble in turn["bubbles"]] == ["심사는"]
        assert httpx.delete(f"{other}/v1/streaming/{streaming_id}").status_code == 204

        llm.enqueue("영업일로 1일에서 5일입니다. [1]")
        again = post_question(client, session, QUESTION, replaces=turn["chat_id"])
        assert parse(client.post(f"/v1/streaming/{again}").text)[-1].event == "done"


def test_the_next_question_is_taken_at_once_after_a_stop(two: list[tuple[str, Any]], llm: FakeOpenAI) -> None:
    (one, _), (other, _) = two
    llm.enqueue(HELD, "영업일로 1일에서 5일입니다. [1]")
    with httpx.Client(base_url=other, timeout=90) as client:
        session = new_session()
        streaming_id = post_question(client, session, QUESTION)
        live = Following(f"{one}/v1/streaming/{streaming_id}").wait_for_deltas(3)
        assert client.delete(f"/v1/streaming/{streaming_id}").status_code == 204
        following = post_question(client, session, QUESTION)
        assert parse(client.post(f"/v1/streaming/{following}").text)[-1].event == "done"
        whole = live.to_the_end()
        turns = client.get(f"/v1/sessions/{session}/chats").json()
        assert [turn["status"] for turn in turns] == ["stopped", "done"]
        assert turns[0]["system_message"] == said(whole) != ""
        assert said(whole) in "".join(HELD.deltas)


def test_deleting_its_session_stops_an_answer_and_leaves_none_of_it(
    two: list[tuple[str, Any]], llm: FakeOpenAI
) -> None:
    (one, _), (other, _) = two
    llm.enqueue(SILENT)
    with httpx.Client(base_url=other, timeout=90) as client:
        session = new_session()
        streaming_id = post_question(client, session, QUESTION)
        live = Following(f"{one}/v1/streaming/{streaming_id}").wait_for_deltas(1)
        followed = Following(f"{other}/v1/streaming/{streaming_id}?last_event_id=0").wait_for_deltas(1)
        assert client.delete(f"/v1/sessions/{session}").status_code == 204
        assert llm.wait_for_drop(PATIENCE_SECONDS)
        assert live.to_the_end()[-1].event == "done"
        assert followed.to_the_end()[-1].data["code"] == "chat_not_found"
        assert client.get(f"/v1/streaming/{streaming_id}?last_event_id=0").status_code == 404
