"""Builds and searches at once: one build a source at a time, and every search sees one whole index."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.indexing import lease
from shared.indexing.build import stored_contents
from shared.indexing.lease import BuildRunning
from shared.indexing.progress import Stage
from shared.llm.base import Vectors
from shared.retrieval import manifest as manifests
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import SOURCE, Place, Quiet, contents


def test_who_searches_during_a_rebuild_sees_one_whole_index(place: Place) -> None:
    """Two sets without a common content take turns; each answer is all of one of them."""
    sets = [contents(12, "옛"), contents(12, "새", first=100)]
    place.build(sets[0])
    reader = place.search()
    assert reader.find(["배송 신청은 어떻게 하나요?"], limit=5).ranked
    ended, seen, wrong = threading.Event(), set[str](), list[object]()

    def read() -> None:
        while not ended.is_set():
            try:
                kinds = [one.content.title[0] for one in reader.find(["배송 신청은 어떻게 하나요?"], limit=5).ranked]
            except Exception as error:
                wrong.append(error)
                return
            seen.update(kinds)
            if len(kinds) != 5 or len(set(kinds)) != 1:
                wrong.append(kinds)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for turn in range(1, 6):
            place.build(sets[turn % 2])
        until = time.monotonic() + 60
        while "새" not in seen and not wrong and time.monotonic() < until:  # the last one's
            time.sleep(0.01)
        ended.set()
        for one in readers:
            one.result()
    assert wrong == []
    assert {"새"} <= seen <= {"옛", "새"}


@pytest.fixture
def quick_lease(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 2)
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.1)
    monkeypatch.setattr(lease, "_POLL_SECONDS", 0.05)
    yield


def test_a_second_build_is_refused_while_the_first_goes_on(place: Place, quick_lease: None) -> None:
    begun, ended = threading.Event(), threading.Event()

    class Held(FakeEmbedder):
        def embed_passages(self, texts: Any) -> Vectors:
            begun.set()
            assert ended.wait(60)
            return super().embed_passages(texts)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(place.build, contents(3), Held())
        assert begun.wait(60)
        progress = Quiet()
        with pytest.raises(BuildRunning, match="색인") as refused:
            place.build(contents(2), progress=progress)  # waits longer than a lease lasts: it is renewed
        assert "another build of it is at work" in refused.value.reason
        assert progress.waited == 1
        ended.set()
        assert first.result().manifest == manifests.current(place.store, SOURCE)
    assert len(list(stored_contents(place.store, SOURCE))) == 3


def test_a_second_build_that_waits_comes_after_the_first(place: Place) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(place.build, contents(3, marker)) for marker in "가나다라"]
        results = [one.result() for one in made]
    last = max(results, key=lambda one: one.manifest.version)
    assert manifests.current(place.store, SOURCE) == last.manifest
    titles = {one.title[0] for one in stored_contents(place.store, SOURCE)}
    assert len(titles) == 1
    assert {one.content.title[0] for one in place.find("반품 하고 싶어요", limit=3).ranked} == titles
    assert place.collections() == {last.manifest.version, last.manifest.previous}


def test_a_build_that_lost_its_lease_changes_nothing(place: Place) -> None:
    made = place.build(contents(3)).manifest

    class Robbed(Quiet):
        def start(self, stage: Stage, total: int, known: int = 0) -> None:
            super().start(stage, total, known)
            place.store.put("indexes", {"pk": SOURCE, "sk": "lease", "holder": "somebody else"})

    with pytest.raises(BuildRunning):
        place.build(contents(3, "새"), progress=Robbed())
    assert manifests.current(place.store, SOURCE) == made
    assert all(not one.title.startswith("새") for one in stored_contents(place.store, SOURCE))
    assert (place.store.get("indexes", SOURCE, "lease") or {})["holder"] == "somebody else"


def test_builds_of_two_sources_do_not_wait_for_each_other(place: Place) -> None:
    with lease.held(place.store, "other", lambda: None):
        progress = Quiet()
        place.build(contents(2), progress=progress)
    assert progress.waited == 0
