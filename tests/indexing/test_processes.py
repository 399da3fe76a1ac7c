"""A build that is killed, and a server that reads an embedded Chroma while another process writes to it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.retrieval import manifest as manifests
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import SOURCE, TEXTS_EACH, Place, contents

_ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("texts", [1, 200])
def test_a_killed_build_goes_on_where_it_was(tmp_path: Path, texts: int) -> None:
    with running("build", tmp_path, 60, "", 0.01) as process:
        done = 0
        while done < texts:
            done += told(process)["texts"]
        process.kill()

    place, embedder = Place.open(tmp_path), FakeEmbedder()
    assert manifests.current(place.store, SOURCE) is None
    result = place.build(contents(60), embedder)
    assert result.embedded <= 60 * TEXTS_EACH - done
    assert place.collections() == {result.manifest.version}
    assert place.found("쿠폰4 하고 싶어요")[0] == "c4"


def test_a_rebuild_that_is_killed_leaves_the_served_index(tmp_path: Path) -> None:
    Place.open(tmp_path).build(contents(60, "옛"))
    with running("build", tmp_path, 60, "새", 0.01) as process:
        told(process)
        process.kill()
    place = Place.open(tmp_path)
    ranked = place.find("옛쿠폰4 하고 싶어요", limit=3).ranked
    assert ranked[0].content.faq_id == "c4"
    assert all(one.content.title.startswith("옛") for one in ranked)


@pytest.mark.parametrize("table", ["contents", "indexes"])
@pytest.mark.parametrize("next_marker", ["새", "옛"])
def test_a_build_that_is_killed_between_artefact_and_switch_serves_nobody_and_leaves_nothing(
    tmp_path: Path, table: str, next_marker: str
) -> None:
    place = Place.open(tmp_path)
    place.encoder = FakeSentenceEncoder()
    served = place.build(contents(5, "옛")).manifest
    with running("stall", tmp_path, 5, "새", table) as process:
        assert told(process) == {"stalled": table}
        process.kill()
    assert len(place.kept()) == len(place.calibrated()) == 2  # the killed one's is there
    found = place.find("옛쿠폰4 하고 싶어요")
    assert (found.ranked[0].content.faq_id, found.degraded) == ("c4", ())
    assert manifests.current(place.store, SOURCE) == served

    embedder = FakeEmbedder()
    made = place.build(contents(5, next_marker), embedder).manifest
    assert embedder.passages == []
    assert place.collections() == place.kept() == place.calibrated() == {made.version, served.version}
    found = place.find(f"{next_marker}쿠폰4 하고 싶어요")
    assert (found.ranked[0].content.title, found.degraded) == (contents(5, next_marker)[4].title, ())


def test_a_server_takes_up_what_another_process_built_and_never_fails(tmp_path: Path) -> None:
    Place.open(tmp_path).build(contents(40, "가"))
    question = "배송 신청은 어떻게 하나요?"
    with running("read", tmp_path, question) as reader:
        seen = list[dict[str, Any]]()
        listener = threading.Thread(target=lambda: seen.extend(map(json.loads, reader.stdout or ())))
        listener.start()
        _wait_until(lambda: bool(seen))
        for marker in ("나", "다"):
            with running("build", tmp_path, 40, marker, 0.002) as builder:
                while "version" not in told(builder):
                    pass
            _wait_until(lambda now=marker: seen[-1]["found"][0].startswith(now))
        assert reader.poll() is None, "the reader failed"
        reader.kill()
        listener.join()

    order = [found["found"][0][0] for found in seen]
    assert sorted(set(order), key=order.index) == ["가", "나", "다"]
    for found in seen:
        assert len(found["found"]) == 3


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of `tests.indexing.processes`."""
    command = [sys.executable, "-m", "tests.indexing.processes", *map(str, arguments)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next thing that it says."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the process ended"
    said: dict[str, Any] = json.loads(line)
    return said


def _wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
