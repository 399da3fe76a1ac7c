"""Many threads, and several processes, at one item: each write is atomic and none is lost."""

from contextlib import closing
from pathlib import Path

import pytest
from ulid import ULID

from shared.storage.base import Store
from tests.storage.backends import Backend, HandClock
from tests.storage.racing import ADDITIONS, RACES, UPDATES, Outcome, count_up, race, succeeds, together

THREADS = 50
PROCESSES = 4


def test_one_of_fifty_threads_claims_a_ticket(store: Store, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "-", "state": "new"})

    def claim(index: int) -> bool:
        return succeeds(store.update, "tickets", pk, "-", {"state": "claimed", "by": index}, if_={"state": "new"})

    won = together(THREADS, claim)
    assert won.count(True) == 1
    ticket = store.get("tickets", pk, "-")
    assert ticket is not None
    assert ticket["by"] == won.index(True)


def test_one_of_fifty_threads_puts_an_absent_item(store: Store, pk: str) -> None:
    won = together(THREADS, lambda n: succeeds(store.put, "tickets", {"pk": pk, "sk": "-", "by": n}, if_absent=True))
    assert won.count(True) == 1
    ticket = store.get("tickets", pk, "-")
    assert ticket is not None
    assert ticket["by"] == won.index(True)


def test_one_of_fifty_threads_puts_an_item_in_place_of_an_expired_one(store: Store, clock: HandClock, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "-", "by": -1}, expires_at=clock.after(10))
    clock.advance(10)
    won = together(THREADS, lambda n: succeeds(store.put, "tickets", {"pk": pk, "sk": "-", "by": n}, if_absent=True))
    assert won.count(True) == 1
    ticket = store.get("tickets", pk, "-")
    assert ticket is not None
    assert ticket["by"] == won.index(True)


def test_no_addition_of_fifty_threads_is_lost_and_each_sees_its_own(store: Store, pk: str) -> None:
    counts = together(THREADS, lambda _: [store.add("counters", pk, "-", {"n": 1})["n"] for _ in range(2)])
    assert sorted(count for mine in counts for count in mine) == list(range(1, THREADS * 2 + 1))


def test_no_addition_to_an_expired_item_is_lost(store: Store, clock: HandClock, pk: str) -> None:
    store.add("counters", pk, "-", {"n": 1_000, "old": 1}, expires_at=clock.after(10))
    clock.advance(10)
    together(THREADS, lambda _: store.add("counters", pk, "-", {"n": 1}, expires_at=clock.after(10)))
    assert store.get("counters", pk, "-") == {
        "pk": pk,
        "sk": "-",
        "schema": 1,
        "n": THREADS,
        "expires_at": clock.after(10),
    }


def test_no_conditional_update_of_fifty_threads_is_lost(store: Store, pk: str) -> None:
    counters = {f"n{n}": 0 for n in range(5)}
    store.put("counters", {"pk": pk, "sk": "-", **counters})
    together(THREADS, lambda index: count_up(store, pk, "-", f"n{index % 5}"))
    expected = dict.fromkeys(counters, THREADS // 5)
    assert store.get("counters", pk, "-") == {"pk": pk, "sk": "-", "schema": 1, **expected}


def test_updates_of_different_attributes_do_not_undo_each_other(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "-"})
    together(THREADS, lambda n: store.update("chats", pk, "-", {f"n{n}": n}))
    expected = {f"n{n}": n for n in range(THREADS)}
    assert store.get("chats", pk, "-") == {"pk": pk, "sk": "-", "schema": 1, **expected}


def test_writers_of_the_same_new_items_do_not_fail_each_other(store: Store, pk: str) -> None:
    items = [{"pk": pk, "sk": f"{n}"} for n in range(40)]

    def write(index: int) -> None:
        store.batch_put("contents", [item | {"by": index} for item in items])
        store.put("contents", {"pk": pk, "sk": "-", "by": index})

    together(8, write)
    assert len(store.query("contents", pk).items) == 41


@pytest.fixture(scope="module")
def fresh(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """A place on the back end where nothing was prepared: a new file, database or prefix."""
    if backend.kind == "sqlite":
        return Backend("sqlite", str(Path(tmp_path_factory.mktemp("race"), "folder", "store.sqlite3")))
    return Backend(backend.kind, backend.address, "race-")


@pytest.fixture(scope="module")
def raced(fresh: Backend) -> tuple[str, list[Outcome]]:
    """The partition that four processes raced for, after they had prepared the store, all at once."""
    pk = str(ULID())
    return pk, race(fresh, pk, PROCESSES)


def test_processes_that_start_and_prepare_at_once_do_not_fail_each_other(raced: tuple[str, list[Outcome]]) -> None:
    assert [outcome.error for outcome in raced[1]] == [""] * PROCESSES


def test_one_of_four_processes_puts_each_absent_item(raced: tuple[str, list[Outcome]]) -> None:
    assert sorted(key for outcome in raced[1] for key in outcome.taken) == list(range(RACES))


def test_one_of_four_processes_claims_each_ticket(raced: tuple[str, list[Outcome]]) -> None:
    assert sorted(ticket for outcome in raced[1] for ticket in outcome.claimed) == list(range(RACES))


def test_no_write_of_four_processes_is_lost(fresh: Backend, raced: tuple[str, list[Outcome]]) -> None:
    with closing(fresh.open()) as store:
        items = {item["sk"]: item["n"] for item in store.query("counters", raced[0]).items}
    assert items == {"added": PROCESSES * ADDITIONS, "conditional": PROCESSES * UPDATES}
