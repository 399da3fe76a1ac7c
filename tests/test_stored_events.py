"""Pieces of events: each fits an item, all of them are the stream, and what is deleted is gone."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import stored_events
from shared.sse import Delta, frame
from shared.storage.items import sealed
from shared.storage.keys import event_sk
from shared.storage.sqlite import SqliteStore
from shared.stored_events import Piece, cut
from tests.storage.backends import HandClock
from tests.storage.interrupted import everything

ID = "A" * 22
WORST = "\0" * 20_000  # of the longest text that an answer may have, the one that takes the most bytes


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "haedap.sqlite3", clock)) as store:
        yield store


def as_item(piece: Piece) -> dict[str, object]:
    return {"pk": ID, "sk": event_sk(piece.first), "frames": piece.frames}


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(["가", "a", '"', "\n", "\0", "😀"]), st.integers(0, 60_000)), max_size=12),
    st.integers(1, 10_000),
)
def test_every_event_is_in_one_piece_in_order_and_each_piece_fits_an_item(
    texts: list[tuple[str, int]], first: int
) -> None:
    frames = [character * length for character, length in texts]
    pieces = cut(first, frames)
    assert [frame for piece in pieces for frame in piece.frames] == frames
    number = first
    for piece in pieces:
        assert piece.first == number and piece.frames
        number += len(piece.frames)
        sealed(as_item(piece), 1)  # raises when it is too large


def test_the_longest_answer_fits_even_when_it_comes_at_once() -> None:
    pieces = cut(1, [frame(Delta(text=WORST), number).decode() for number in range(1, 8)])
    assert 1 < len(pieces) < 7
    for piece in pieces:
        sealed(as_item(piece), 1)


def test_events_that_fit_are_one_piece() -> None:
    assert cut(7, ["a" * 1_000] * 300) == [Piece(7, ["a" * 1_000] * 300)]


def test_pieces_are_read_back_in_order_behind_the_one_that_was_read_last(store: SqliteStore, clock: HandClock) -> None:
    pieces = [Piece(first, [f"{first}", f"{first + 1}"]) for first in range(1, 500, 2)]
    for piece in reversed(pieces):
        stored_events.save(store, ID, piece, clock.after(600))
    assert stored_events.read(store, ID) == pieces
    assert stored_events.read(store, ID, 101) == pieces[51:]
    assert stored_events.read(store, "B" * 22) == []
    clock.advance(600)
    assert stored_events.read(store, ID) == []


def test_also_a_piece_that_nobody_finds_any_more_is_deleted(store: SqliteStore, clock: HandClock) -> None:
    for first in (1, 2, 3):
        stored_events.save(store, ID, Piece(first, ["비밀"]), clock.after(600 if first == 3 else 1))
    clock.advance(2)
    stored_events.forget(store, ID, [1, 2])
    assert everything(store) == []
