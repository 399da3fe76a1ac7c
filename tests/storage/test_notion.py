"""What is known of earlier runs over Notion, on each back end."""

import pytest

from shared.notion.errors import NotionSyncRunning
from shared.notion.memory import HELD_SECONDS, KnownPage, Memory, Node, targets
from shared.notion.properties import PropertyNames
from shared.notion.target import Target
from shared.storage.base import MAX_MANY, Store
from tests.storage.backends import HandClock

TARGET = Target(kind="database", id="01234567-89ab-cdef-0123-456789abcdef")
NAMES = PropertyNames(category="분류")


def test_a_run_is_held_by_one_gone_on_with_and_forgotten(store: Store, pk: str, clock: HandClock) -> None:
    first, second = (Memory(store, pk, TARGET, clock=clock) for _ in range(2))
    run = first.begin("mark", "https://www.notion.so/a", NAMES)
    with pytest.raises(NotionSyncRunning):
        second.begin("mark", "", NAMES)
    run.waiting = [Node(kind="page", id="p1")]
    first.save(run)
    clock.advance(HELD_SECONDS + 1)  # the first one was killed
    resumed = second.begin("mark", "https://www.notion.so/b", NAMES)
    assert resumed == run
    with pytest.raises(NotionSyncRunning):
        first.save(run)
    second.leave(resumed)
    assert [(one.address, one.names, one.unfinished) for one in targets(store, pk)] == [
        ("https://www.notion.so/b", NAMES, True)
    ]
    anew = first.begin("another", "", PropertyNames())
    assert anew.run_id != run.run_id
    first.leave(None, finished=True)
    assert [one.unfinished for one in targets(store, pk)] == [False]


def test_pages_that_a_run_has_not_met_are_told_and_a_dry_run_keeps_its_own(
    store: Store, pk: str, clock: HandClock
) -> None:
    memory, dry = Memory(store, pk, TARGET, clock=clock), Memory(store, pk, TARGET, dry=True, clock=clock)
    ids = [f"p{n:03}" for n in range(MAX_MANY + 2)]
    run = memory.begin("mark", "", NAMES)
    memory.put(KnownPage(page_id=one, edited_at="t", wrote="d", fields=["title"], run=run.run_id) for one in ids)
    assert (memory.seen(ids, run), set(memory.known(ids)), list(memory.vanished(run))) == (set(ids), set(ids), [])
    memory.leave(None, finished=True)
    tried = dry.begin("mark", "", NAMES)
    dry.put([KnownPage(page_id=one, run=tried.run_id) for one in ids[1:]])
    (gone,) = dry.vanished(tried)
    dry.forget(gone)
    assert (gone.page_id, gone.wrote, set(memory.known(ids))) == (ids[0], "d", set(ids))
    memory.forget(gone)
    assert set(memory.known(ids)) == set(ids[1:])
