"""A build that is cut off anywhere is made good by the next, and what is served stays whole."""

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from shared.errors import EmbeddingUnavailable, StoreUnavailable
from shared.indexing.build import stored_contents
from shared.llm.base import Vectors
from shared.retrieval import manifest as manifests
from shared.retrieval.openings import opening_of
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import SOURCE, TEXTS_EACH, Place, content, contents


@pytest.mark.parametrize("after", [0, 1, 16, 33, 60, 99, 100])
def test_a_build_whose_engine_fails_goes_on_where_it_was(place: Place, after: int) -> None:
    total = 20 * TEXTS_EACH
    failing = FakeEmbedder(fail_after=after)
    with pytest.raises(EmbeddingUnavailable):
        place.build(contents(20), failing)
    assert manifests.current(place.store, SOURCE) is None
    assert list(stored_contents(place.store, SOURCE)) == []

    result = place.build(contents(20))
    assert result.embedded == total - failing.texts
    assert place.collections() == {result.manifest.version}
    assert place.found("쿠폰4 하고 싶어요")[0] == "c4"


def test_interrupted_twice_nothing_is_embedded_twice(place: Place) -> None:
    for _ in range(2):
        with pytest.raises(EmbeddingUnavailable):
            place.build(contents(20), FakeEmbedder(fail_after=40))
    assert place.build(contents(20)).embedded < 40


def test_what_other_calls_embedded_when_one_fails_is_kept(place: Place) -> None:
    failing, begun = threading.Lock(), threading.Event()

    class OneFails(FakeEmbedder):
        def embed_passages(self, texts: Any) -> Vectors:
            if failing.acquire(blocking=False):
                assert begun.wait(20)
                raise EmbeddingUnavailable
            begun.set()
            time.sleep(0.3)  # still under way when the other fails
            return super().embed_passages(texts)

    engine = OneFails(batch_size=4, concurrency=8)
    with pytest.raises(EmbeddingUnavailable):
        place.build(contents(4), engine)
    assert engine.passages
    assert place.build(contents(4)).embedded == 4 * TEXTS_EACH - engine.texts


def test_a_failed_build_leaves_the_served_index_as_it_was(place: Place) -> None:
    made = place.build(contents(5, "옛")).manifest
    with pytest.raises(EmbeddingUnavailable):
        place.build(contents(5, "새"), FakeEmbedder(fail_after=10))
    assert manifests.current(place.store, SOURCE) == made
    ranked = place.find("옛반품0 하고 싶어요", limit=5).ranked
    assert all(one.content.title.startswith("옛") for one in ranked)
    assert ranked[0].content.faq_id == "c0"


class FailingStore(SqliteStore):
    """A store that is away from its n-th write on."""

    def __init__(self, path: Path, writes: int) -> None:
        super().__init__(path)
        self.left = writes

    def _write_one(self) -> None:
        if self.left == 0:
            raise StoreUnavailable
        self.left -= 1

    def put(self, table: str, item: Mapping[str, Any], **options: Any) -> None:
        self._write_one()
        super().put(table, item, **options)

    def update(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        self._write_one()
        return super().update(*arguments, **options)

    def delete(self, table: str, pk: str, sk: str) -> None:
        self._write_one()
        super().delete(table, pk, sk)

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        self._write_one()
        super().batch_put(table, items)


def test_a_build_that_is_cut_off_at_any_write_is_made_good_by_the_next(tmp_path: Path) -> None:
    old, new = contents(4, "옛"), contents(3, "새", first=1)
    for writes in range(100):
        place = Place.open(tmp_path / str(writes))
        place.build(old)
        place.build([*old, content(9)])
        whole, cut_off = place.store, FailingStore(tmp_path / str(writes) / "haedap.sqlite3", writes)
        place.store = cut_off
        with suppress(StoreUnavailable):
            place.build(new)
        place.store = whole
        place.store.delete("indexes", SOURCE, "lease")  # as it will lapse
        found = place.find("교환1 하고 싶어요")  # with what was there before, or with what is there now
        assert found.ranked and not found.degraded

        embedder = FakeEmbedder()
        made = place.build(new, embedder).manifest
        assert {one.faq_id: one.title for one in stored_contents(place.store, SOURCE)} == {
            one.faq_id: one.title for one in new
        }
        assert manifests.current(place.store, SOURCE) == made
        assert place.collections() == place.kept() == place.calibrated() == {made.version, made.previous}
        assert {one.version for one in manifests.versions(place.store, SOURCE)} == {made.version, made.previous}
        if writes >= 2:  # the lease, the version's entry: then come the vectors
            assert set(embedder.passages) <= {opening_of(one) for one in new}  # which stand in the artefact alone
        if cut_off.left:
            break
    assert writes >= 10


@pytest.mark.parametrize("written", [False, True])
def test_going_back_to_what_is_served_after_a_build_was_cut_off_leaves_nothing_of_it(
    place: Place, written: bool, tmp_path: Path
) -> None:
    """Cut off before its contents are written, or after."""

    class CutOff(SqliteStore):
        def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
            if written:
                super().batch_put(table, items)
            raise StoreUnavailable

    old = contents(4, "옛")
    place.build(old)
    whole, place.store = place.store, CutOff(tmp_path / "haedap.sqlite3")
    with pytest.raises(StoreUnavailable):
        place.build(contents(4, "새"))
    place.store = whole
    embedder = FakeEmbedder()
    place.build(old, embedder)
    assert embedder.calls == 0
    assert [one.title for one in stored_contents(place.store, SOURCE)] == [one.title for one in old]
    versions = {one.version for one in manifests.versions(place.store, SOURCE)}
    assert place.collections() == place.kept() == place.calibrated() == versions
