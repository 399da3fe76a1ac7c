"""Reading a stream again: what comes while one waits, and what does not come any more."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.answer_life import EVENT_SECONDS, Claim
from shared.answering import resuming
from shared.answering.resuming import resume
from shared.conversations import Conversations, Question
from shared.errors import StoreUnavailable, TicketNotFound
from shared.models import Answer
from shared.sse import KEEP_ALIVE, Delta, frame
from shared.storage.keys import Owner
from shared.storage.sqlite import SqliteStore
from shared.stored_events import Piece
from tests.app import new_session, parse
from tests.storage.backends import HandClock

WHOLE = Answer(text="매일 됩니다.", decision="answer", search_completed=True, expression="SMILE")


class Away(SqliteStore):
    """A store that is away for some calls."""

    calls_away = 0

    def get(self, *arguments: Any, **options: Any) -> Any:
        if self.calls_away:
            self.calls_away -= 1
            raise StoreUnavailable
        return super().get(*arguments, **options)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Away]:
    with closing(Away(tmp_path / "haedap.sqlite3", clock)) as store:
        yield store


@pytest.fixture
def conversations(store: Away, clock: HandClock) -> Conversations:
    return Conversations(store, 90, clock)


@pytest.fixture
def claim(conversations: Conversations) -> Claim:
    """An answer that is running and has said nothing yet."""
    streaming_id = conversations.ask(Owner("default", "somebody"), new_session(), Question("정산은 언제 되나요?"))
    return conversations.claim(streaming_id)


def piece(*numbers: int) -> Piece:
    return Piece(numbers[0], [frame(Delta(text=str(number)), number).decode() for number in numbers])


def read(
    conversations: Conversations, claim: Claim, after: int, *meanwhile: Callable[[], object]
) -> tuple[str, list[tuple[int, str]]]:
    """A resumed stream, whole, while these things happen one after another, 0.3 s apart; and its events."""

    async def whole() -> str:
        async def happen() -> None:
            for call in meanwhile:
                await asyncio.sleep(0.3)
                call()

        happening = asyncio.create_task(happen())
        frames: AsyncIterator[bytes] = await resume(claim.streaming_id, after, conversations)
        read = b"".join([framed async for framed in frames]).decode()
        await happening
        return read

    text = asyncio.run(whole())
    return text, [(event.id, event.event) for event in parse(text)]


def test_what_is_stored_while_one_waits_comes_once_and_in_order(conversations: Conversations, claim: Claim) -> None:
    conversations.checkpoint(claim, "1", [piece(1, 2, 3)])
    _, events = read(
        conversations,
        claim,
        1,
        lambda: conversations.checkpoint(claim, "1", [piece(4)]),
        lambda: conversations.finish(claim, WHOLE, [piece(5), piece(6, 7)]),
    )
    assert events == [*((number, "delta") for number in range(2, 8)), (8, "done")]


def test_events_that_the_first_reader_had_before_they_were_stored_are_not_repeated(
    conversations: Conversations, claim: Claim
) -> None:
    conversations.checkpoint(claim, "1", [piece(1, 2)])
    _, events = read(conversations, claim, 4, lambda: conversations.finish(claim, WHOLE, [piece(3, 4, 5)]))
    assert events == [(5, "delta"), (6, "done")]


def test_a_silent_stream_is_kept_alive(
    conversations: Conversations, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "KEEP_ALIVE_SECONDS", 0.2)
    began = time.monotonic()
    text, events = read(conversations, claim, 0, lambda: None, lambda: None, lambda: conversations.finish(claim, WHOLE))
    assert 1 <= text.count(KEEP_ALIVE.decode()) <= (time.monotonic() - began) / 0.2
    assert events == [(1, "done")]


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    store: Away, conversations: Conversations, claim: Claim
) -> None:
    conversations.checkpoint(claim, "1", [piece(1)])

    def leave() -> None:
        conversations.finish(claim, WHOLE, [piece(2)])
        store.calls_away = 1

    _, events = read(conversations, claim, 0, leave)
    assert events == [(1, "delta"), (2, "delta"), (3, "done")]


def test_a_store_that_stays_away_ends_the_stream_with_an_error(
    store: Away, conversations: Conversations, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "_PATIENCE_SECONDS", 0.1)
    conversations.checkpoint(claim, "1", [piece(1)])

    def leave() -> None:
        store.calls_away = 1_000_000

    text, events = read(conversations, claim, 0, leave)
    assert events == [(1, "delta"), (2, "error")]
    assert parse(text)[-1].data["code"] == "store_unavailable"


def test_of_an_answer_that_takes_too_long_the_beginning_is_gone_and_the_rest_can_be_read(
    conversations: Conversations, claim: Claim, clock: HandClock
) -> None:
    conversations.checkpoint(claim, "1", [piece(1, 2)])
    clock.advance(EVENT_SECONDS + 1)
    conversations.finish(claim, WHOLE, [piece(3)])
    with pytest.raises(TicketNotFound):
        read(conversations, claim, 1)
    assert read(conversations, claim, 2)[1] == [(3, "delta"), (4, "done")]


def test_who_saw_an_answer_die_can_say_what_it_was_worth(
    conversations: Conversations, claim: Claim, clock: HandClock
) -> None:
    conversations.checkpoint(claim, "1", [piece(1)])
    clock.advance(conversations.lease_seconds)
    text, _ = read(conversations, claim, 0)
    last = parse(text)[-1]
    assert (last.event, last.data["code"]) == ("error", "answer_interrupted")
    (asked,) = last.data["feedback"]["bubbles"]
    (turn,) = conversations.turns(claim.owner, claim.turn.session_id)[0]
    assert turn.invitation is not None
    assert asked == turn.invitation.bubbles[0].model_dump(exclude_none=True)
