"""A search follows the pointer of its index, while builds switch it and sweep what stood before."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.errors import IndexUnavailable
from shared.retrieval import chroma
from shared.retrieval import manifest as manifests
from shared.retrieval.artefacts import DirectoryArtefacts
from shared.retrieval.fusion import E5_SCALES
from shared.storage.base import Item
from tests.indexing.corpora import SOURCE, contents
from tests.retrieval.indexes import Indexed

QUESTION = "반품 하고 싶어요"


@pytest.fixture
def place(tmp_path: Path) -> Indexed:
    return Indexed.new(tmp_path)


def forget_artefacts(place: Indexed) -> None:
    """Nothing but Chroma is left to search in."""
    place.artefacts = DirectoryArtefacts(place.folder / "nothing")


def test_without_an_index_the_operator_is_told_what_to_run_and_nothing_is_embedded(place: Indexed) -> None:
    search = place.search()
    for ask in (lambda: search.find(["질문"], limit=1), search.check, search.warm_up, lambda: search.scales):
        with pytest.raises(IndexUnavailable) as refused:
            ask()
        assert refused.value.reason == "source 'shop' has no index: run scripts/vectorize.py <corpus>"
    assert place.embedder.calls == 0


def test_the_pointer_is_remembered_for_two_seconds(place: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("shared.retrieval.search.time", SimpleNamespace(monotonic=lambda: now[0]))
    place.build(contents(3))
    search = place.search()
    assert search.scales != E5_SCALES
    manifests.switch(place.store, served(place, "01NEW"))  # it has no calibration
    now[0] += 1.9
    assert search.scales != E5_SCALES
    now[0] += 0.2
    assert search.scales == E5_SCALES


def served(place: Indexed, version: str) -> manifests.Manifest:
    return manifests.Manifest(
        source_id=SOURCE, version=version, engine="fake/1", dimensions=64, created_at=datetime.now(UTC)
    )


def test_what_was_missing_is_looked_for_again_after_ten_seconds(
    place: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("shared.retrieval.view.time", SimpleNamespace(monotonic=lambda: now[0]))
    place.build(contents(3))
    kept = place.artefacts
    forget_artefacts(place)
    search = place.search()
    assert search.find([QUESTION], limit=1).degraded == ("artefact_missing",)
    place.artefacts = kept
    now[0] += 9
    assert search.find([QUESTION], limit=1).degraded == ("artefact_missing",)
    now[0] += 2
    assert search.find([QUESTION], limit=1).degraded == ()


@pytest.mark.parametrize("with_artefacts", [True, False])
def test_a_version_that_was_swept_meanwhile_is_left_for_its_successor(place: Indexed, with_artefacts: bool) -> None:
    place.build(contents(3, "가"))
    kept = place.artefacts
    if not with_artefacts:
        forget_artefacts(place)
    search = place.search()
    search.warm_up()
    place.artefacts = kept
    place.build(contents(3, "나"))
    place.build(contents(3, "다", first=10))  # within two seconds: the first version and its contents are gone
    assert {one.content.title[0] for one in search.find([QUESTION], limit=3).ranked} == {"다"}


def test_an_index_that_went_away_without_a_successor_is_told(place: Indexed) -> None:
    made = place.build(contents(3))
    forget_artefacts(place)
    search = place.search()
    search.warm_up()
    chroma.drop(place.client, SOURCE, made.version)
    with pytest.raises(IndexUnavailable):
        search.find([QUESTION], limit=1)


def test_a_warm_search_has_read_what_the_first_question_needs(place: Indexed) -> None:
    made = place.build(contents(3))
    forget_artefacts(place)
    search = place.search()
    search.warm_up()
    assert (place.opened, place.embedder.calls) == ([made.version], 1)
    search.find([QUESTION], limit=1)
    assert place.opened == [made.version]
    search.check()
    assert place.opened == [made.version, made.version]  # asked anew: whether the index is there now


def test_a_small_index_is_searched_without_chroma(place: Indexed) -> None:
    place.build(contents(3))
    assert place.search().find([QUESTION], limit=1).ranked
    assert place.opened == []


def test_threads_may_search_at_once_while_builds_switch(place: Indexed) -> None:
    place.build(contents(4))
    search, ended = place.search(), threading.Event()

    def build() -> None:
        try:
            for marker in "가나다":
                place.build(contents(4, marker))
                search._memo = None
        finally:
            ended.set()

    def ask() -> set[str]:
        seen: set[str] = set()
        while not ended.is_set():
            found = search.find([QUESTION], limit=2)
            assert len(found.ranked) == 2
            seen.add(found.decision)
        return seen

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        pool.submit(build).result()
        assert set().union(*(one.result() for one in asking)) <= {"answer", "clarify"}


def test_items_of_newer_versions_stay_readable(place: Indexed) -> None:
    place.build(contents(3))
    item: Item = {**(place.store.get("indexes", SOURCE, "current") or {}), "invented_later": 1}
    place.store.put("indexes", item)
    assert place.search().find([QUESTION], limit=1).ranked
