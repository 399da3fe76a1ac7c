"""From a question to ranked contents, following the pointer of the index."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.errors import EmbeddingUnavailable, IndexUnavailable
from shared.retrieval import manifest as manifests
from shared.retrieval.base import Hit, Kind, Vector, parse_row_id, row_id
from shared.retrieval.search import SourceSearch
from shared.storage.base import Item
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import SOURCE, Place, content, contents


class FixedReader:
    """An index in which each content has one score a kind."""

    def __init__(self, scores: Mapping[str, tuple[float, float]]) -> None:
        self._scores = scores

    def best(self, vector: Vector, limit: int) -> dict[Kind, dict[str, Hit]]:
        """See `IndexReader.best`."""
        return {
            "title": {faq_id: Hit(faq_id, 2, title) for faq_id, (title, _) in self._scores.items()},
            "content": {faq_id: Hit(faq_id, 0, passage) for faq_id, (_, passage) in self._scores.items()},
        }


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store.batch_put(
        "contents", [{"pk": SOURCE, "sk": one.faq_id, **one.model_dump(mode="json")} for one in contents(5)]
    )
    serve(store, "01A")
    return store


def serve(store: SqliteStore, version: str, **changes: Any) -> None:
    made = manifests.Manifest(
        source_id=SOURCE, version=version, engine="fake/1", dimensions=64, created_at=datetime.now(UTC)
    )
    manifests.switch(store, made.model_copy(update=changes))


def fixed(store: SqliteStore, scores: Mapping[str, tuple[float, float]], title_weight: float = 0.5) -> SourceSearch:
    return SourceSearch(SOURCE, store, FakeEmbedder(), lambda _source, _version: FixedReader(scores), title_weight)


SCORES = {"c0": (0.9, 0.1), "c1": (0.5, 0.6), "c2": (0.4, 0.9), "c3": (0.0, 0.0)}


@pytest.mark.parametrize(
    ("title_weight", "order"),
    [(1.0, ["c0", "c1", "c2", "c3"]), (0.5, ["c2", "c1", "c0", "c3"]), (0.0, ["c2", "c1", "c0", "c3"])],
)
def test_titles_and_passages_are_weighed(store: SqliteStore, title_weight: float, order: list[str]) -> None:
    ranked = fixed(store, SCORES, title_weight).search("질문", limit=10)
    assert [one.content.faq_id for one in ranked] == order
    for one in ranked:
        title, passage = SCORES[one.content.faq_id]
        assert (one.title_score, one.content_score) == (title, passage)
        assert one.score == pytest.approx(title_weight * title + (1 - title_weight) * passage)


def test_a_result_is_a_whole_content_and_the_title_that_was_met(store: SqliteStore) -> None:
    first = fixed(store, SCORES, 1.0).search("질문", limit=1)[0]
    assert first.content == content(0)
    assert first.matched_subject == content(0).similar_titles[0]


def test_what_is_left_out_and_what_was_removed_make_room_for_the_next(store: SqliteStore) -> None:
    store.delete("contents", SOURCE, "c1")
    search = fixed(store, SCORES)
    assert [one.content.faq_id for one in search.search("질문", limit=2, leave_out={"c2"})] == ["c0", "c3"]
    assert search.search("질문", limit=0) == []


def test_an_empty_index_finds_nothing(store: SqliteStore) -> None:
    assert fixed(store, {}).search("질문", limit=5) == []


def test_a_title_that_an_edit_took_away_is_not_shown(store: SqliteStore) -> None:
    edited = content(0).model_copy(update={"similar_titles": []})
    store.put("contents", {"pk": SOURCE, "sk": "c0", **edited.model_dump(mode="json")})
    assert fixed(store, SCORES, 1.0).search("질문", limit=1)[0].matched_subject == edited.title


def test_without_an_index_the_operator_is_told_what_to_run_and_nothing_is_embedded(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    search = SourceSearch("shop", SqliteStore(tmp_path / "a.sqlite3"), embedder, lambda *_: FixedReader({}))
    for ask in (lambda: search.search("질문", limit=1), search.check, search.warm_up, lambda: search.answer_threshold):
        with pytest.raises(IndexUnavailable) as refused:
            ask()
        assert refused.value.reason == "source 'shop' has no index: run scripts/vectorize.py <corpus>"
    assert embedder.calls == 0


def test_an_engine_that_is_away_is_told(store: SqliteStore) -> None:
    search = SourceSearch(SOURCE, store, FakeEmbedder(fail_after=0), lambda *_: FixedReader(SCORES))
    with pytest.raises(EmbeddingUnavailable):
        search.search("질문", limit=1)


def test_the_question_is_normalized_before_it_is_embedded(store: SqliteStore) -> None:
    embedder = FakeEmbedder()
    SourceSearch(SOURCE, store, embedder, lambda *_: FixedReader(SCORES)).search(" 정산\xa0은\u200b ", limit=1)
    assert embedder.queries == ["정산 은"]


def test_the_pointer_is_remembered_for_two_seconds(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("shared.retrieval.search.time", SimpleNamespace(monotonic=lambda: now[0]))
    search = fixed(store, SCORES)
    assert search.answer_threshold == 1.0
    serve(store, "01B", answer_threshold=0.5)
    now[0] += 1.9
    assert search.answer_threshold == 1.0
    now[0] += 0.2
    assert search.answer_threshold == 0.5


def test_a_version_that_was_swept_meanwhile_is_left_for_its_successor(tmp_path: Path) -> None:
    place = Place.open(tmp_path)
    place.build(contents(3, "가"))
    search = place.search()
    search.warm_up()
    place.build(contents(3, "나"))
    place.build(contents(3, "다", first=10))  # within two seconds: the first version and its contents are gone
    assert {one.content.title[0] for one in search.search("반품 하고 싶어요", limit=3)} == {"다"}


def test_an_index_that_went_away_without_a_successor_is_told(tmp_path: Path) -> None:
    place = Place.open(tmp_path)
    made = place.build(contents(3)).manifest
    search = place.search()
    search.warm_up()
    place.client.delete_collection(f"{SOURCE}.{made.version}.title")
    with pytest.raises(IndexUnavailable):
        search.search("반품", limit=1)


def test_a_warm_search_has_read_what_the_first_question_needs(store: SqliteStore) -> None:
    opened: list[str] = []
    embedder = FakeEmbedder()

    def open_reader(_source: str, version: str) -> FixedReader:
        opened.append(version)
        return FixedReader(SCORES)

    search = SourceSearch(SOURCE, store, embedder, open_reader)
    search.warm_up()
    assert (opened, embedder.calls) == (["01A"], 1)
    search.search("질문", limit=1)
    assert opened == ["01A"]
    search.check()
    assert opened == ["01A", "01A"]  # asked anew: whether the index is there now


def test_many_threads_may_search_at_once_while_the_pointer_moves(store: SqliteStore) -> None:
    search, ended = fixed(store, SCORES), threading.Event()

    def move() -> None:
        for n in range(200):
            search._memo = None
            serve(store, f"01{n:03}")
        ended.set()

    def ask() -> set[tuple[str, ...]]:
        found = set()
        while not ended.is_set():
            found.add(tuple(one.content.faq_id for one in search.search("질문", limit=2)))
        return found

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        pool.submit(move).result()
        assert set().union(*(one.result() for one in asking)) == {("c2", "c1")}


def test_row_ids_are_parsed_as_they_are_made() -> None:
    counts: dict[Kind, int] = {"title": 3, "content": 12}
    assert parse_row_id(row_id("반품 1/2", 7, counts)) == ("반품 1/2", 7, counts)


def test_items_of_newer_versions_stay_readable(store: SqliteStore) -> None:
    item: Item = {**(store.get("indexes", SOURCE, "current") or {}), "invented_later": 1}
    store.put("indexes", item)
    assert fixed(store, SCORES).search("질문", limit=1)
