"""What is S3's own: damage, the cache, a bad network."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.errors import AppError
from shared.retrieval.artefacts import ArtefactMissing, Artefacts, ArtefactsUnavailable
from shared.retrieval.s3_artefacts import S3Artefacts
from tests import servers
from tests.retrieval.artefact_places import REGION, Place, files_in, go, make, process
from tests.retrieval.s3_gateway import Gateway, gateway
from tests.storage.racing import together

FILES = {"bm25/terms.json": b'{"a": 1}', "vectors.npy": bytes(range(256)) * 5_000}
KEY = "some/prefix/faq/1/"
MARKER = KEY + "complete.json"
VECTORS = KEY + "files/vectors.npy"
SHORT_SECONDS = 0.6


@pytest.fixture
def where(bucket: str, s3_url: str, tmp_path: Path) -> Place:
    return Place(str(tmp_path / "cache"), bucket, s3_url)


@pytest.fixture
def saved(where: Place, tmp_path: Path) -> Place:
    """The place, with version 1 of source faq."""
    save(where, "1", tmp_path)
    return where


@pytest.fixture
def way(s3_url: str) -> Iterator[Gateway]:
    with gateway(s3_url) as way:
        yield way


def save(where: Place, version: str, tmp_path: Path) -> None:
    with closing(opened(where)) as artefacts:
        artefacts.save("faq", version, make(tmp_path / f"finished-{version}", FILES))


def opened(where: Place) -> S3Artefacts:
    artefacts = where.open()
    assert isinstance(artefacts, S3Artefacts)
    return artefacts


def assert_missing(where: Place) -> None:
    with closing(opened(where)) as artefacts, pytest.raises(ArtefactMissing) as raised:
        artefacts.fetch("faq", "1")
    assert KEY in raised.value.reason
    assert [path.name for path in Path(where.directory, "faq").iterdir()] == [".lock"]


def test_the_keys_are_the_prefix_the_source_the_version_and_the_marker_is_last(
    saved: Place, s3: Any, way: Gateway, tmp_path: Path
) -> None:
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket=saved.bucket)["Contents"]]
    assert listed == [MARKER, KEY + "files/bm25/terms.json", VECTORS]
    save(replace(saved, endpoint_url=way.url), "2", tmp_path)
    assert way.asked == ["GET complete.json", "PUT terms.json", "PUT vectors.npy", "PUT complete.json"]


def test_without_a_prefix_the_keys_begin_with_the_source(where: Place, s3: Any, tmp_path: Path) -> None:
    save(replace(where, prefix=""), "1", tmp_path)
    assert s3.list_objects_v2(Bucket=where.bucket)["Contents"][0]["Key"] == "faq/1/complete.json"
    with closing(opened(replace(where, prefix=""))) as artefacts:
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_without_its_marker_there_is_no_artefact(saved: Place, s3: Any) -> None:
    s3.delete_object(Bucket=saved.bucket, Key=MARKER)
    assert_missing(saved)


@pytest.mark.parametrize(
    "content",
    [b"", FILES["vectors.npy"][:-1], FILES["vectors.npy"] + b"x", b"x" + FILES["vectors.npy"][1:]],
    ids=["empty", "truncated", "longer", "one byte changed"],
)
def test_a_damaged_file_is_a_missing_artefact(saved: Place, s3: Any, content: bytes) -> None:
    s3.put_object(Bucket=saved.bucket, Key=VECTORS, Body=content)
    assert_missing(saved)


def test_an_absent_file_is_a_missing_artefact(saved: Place, s3: Any) -> None:
    s3.delete_object(Bucket=saved.bucket, Key=VECTORS)
    assert_missing(saved)


@pytest.mark.parametrize(
    "marker",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 2, "files": {}}',
        b'{"format": 1, "files": {"vectors.npy": {"size": -1, "sha256": "00"}}}',
        json.dumps({"files": {"../../escaped": {"size": 1, "sha256": "0" * 64}}}).encode(),
        json.dumps({"files": {"/escaped": {"size": 1, "sha256": "0" * 64}}}).encode(),
        b" " * (1 << 20) + b'{"format": 1, "files": {}}',
    ],
)
def test_a_damaged_marker_is_a_missing_artefact(saved: Place, s3: Any, marker: bytes) -> None:
    s3.put_object(Bucket=saved.bucket, Key=MARKER, Body=marker)
    assert_missing(saved)


def test_what_was_mended_is_fetched_by_who_found_it_damaged(saved: Place, s3: Any) -> None:
    with closing(opened(saved)) as artefacts:
        s3.put_object(Bucket=saved.bucket, Key=VECTORS, Body=b"")
        with pytest.raises(ArtefactMissing):
            artefacts.fetch("faq", "1")
        s3.put_object(Bucket=saved.bucket, Key=VECTORS, Body=FILES["vectors.npy"])
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_many_threads_that_ask_at_once_download_once(saved: Place, way: Gateway) -> None:
    with closing(opened(replace(saved, endpoint_url=way.url))) as artefacts:
        assert together(30, lambda _: files_in(artefacts.fetch("faq", "1"))) == [FILES] * 30
    assert way.asked == ["GET complete.json", "GET terms.json", "GET vectors.npy"]


def test_many_processes_that_ask_at_once_download_once(saved: Place, way: Gateway) -> None:
    with ExitStack() as stack:
        seen = replace(saved, endpoint_url=way.url)
        processes = [stack.enter_context(process(seen, "fetch", "faq", "1")) for _ in range(4)]
        for running in processes:
            go(running)
        said = {running.communicate(timeout=60)[0].strip() for running in processes}
    assert said == {str(Path(saved.directory, "faq", "1"))}
    assert way.asked == ["GET complete.json", "GET terms.json", "GET vectors.npy"]


def test_a_process_that_is_killed_while_it_downloads_is_in_nobodys_way(saved: Place, way: Gateway) -> None:
    way.faults.extend(["none", "none", "stall"])
    with process(replace(saved, endpoint_url=way.url), "fetch", "faq", "1") as running:
        go(running)
        assert way.hanging.wait(60)
        running.kill()
        running.wait()
    assert len(list(Path(saved.directory, "faq").glob(".1.*"))) == 1
    with closing(opened(saved)) as artefacts:
        assert files_in(artefacts.fetch("faq", "1")) == FILES
    assert sorted(path.name for path in Path(saved.directory, "faq").iterdir()) == [".lock", "1"]


def test_what_is_in_the_cache_is_fetched_without_s3(saved: Place) -> None:
    with closing(opened(saved)) as artefacts:
        artefacts.fetch("faq", "1")
    away = replace(saved, endpoint_url=f"http://127.0.0.1:{servers.free_port()}")
    with closing(opened(away)) as artefacts:
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_the_cache_keeps_the_three_versions_of_a_source_that_were_fetched_last(where: Place, tmp_path: Path) -> None:
    for version in "12345":
        save(where, version, tmp_path)
    with closing(opened(where)) as artefacts:
        for at, version in enumerate("1234"):
            os.utime(artefacts.fetch("faq", version), (at, at))
        assert kept(where) == {"2", "3", "4"}
        artefacts.fetch("faq", "2")
        artefacts.fetch("faq", "5")
        assert kept(where) == {"2", "4", "5"}
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def kept(where: Place) -> set[str]:
    return {path.name for path in Path(where.directory, "faq").iterdir()} - {".lock"}


def test_a_connection_that_breaks_in_a_file_is_tried_once_more(saved: Place, way: Gateway) -> None:
    way.faults.extend(["none", "none", "cut"])
    with closing(opened(replace(saved, endpoint_url=way.url))) as artefacts:
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_a_connection_that_breaks_twice_is_an_unavailable_place(saved: Place, way: Gateway) -> None:
    way.faults.extend(["none", "none", "cut", "cut"])
    with closing(opened(replace(saved, endpoint_url=way.url))) as artefacts:
        with pytest.raises(ArtefactsUnavailable):
            artefacts.fetch("faq", "1")
        assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_a_file_that_stops_coming_is_given_up_in_time(saved: Place, way: Gateway) -> None:
    way.faults.extend(["none", "none", "stall", "stall"])
    with closing(opened(replace(saved, endpoint_url=way.url, timeout_seconds=SHORT_SECONDS))) as artefacts:
        began = time.monotonic()
        with pytest.raises(ArtefactsUnavailable):
            artefacts.fetch("faq", "1")
        assert time.monotonic() - began < 2 * SHORT_SECONDS + 30  # a busy machine is slow, a wait without end is longer
    assert kept(saved) == set()


VERBS: dict[str, Callable[[Artefacts, Path], object]] = {
    "save": lambda artefacts, folder: artefacts.save("faq", "2", folder),
    "fetch": lambda artefacts, _: artefacts.fetch("faq", "1"),
    "drop": lambda artefacts, _: artefacts.drop("faq", "1"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_what_s3_refuses_says_so_for_the_log(
    saved: Place, way: Gateway, tmp_path: Path, verb: Callable[[Artefacts, Path], object]
) -> None:
    way.faults.append("deny")
    with closing(opened(replace(saved, endpoint_url=way.url))) as artefacts:
        with pytest.raises(ArtefactsUnavailable) as raised:
            verb(artefacts, make(tmp_path / "folder", FILES))
    assert "AccessDenied" in raised.value.reason and f"s3://{saved.bucket}/some/prefix" in raised.value.reason
    assert raised.value.status == 503


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("dead", ["a closed port", "a server that takes connections and never answers"])
def test_an_s3_that_is_away_is_told_in_time(
    where: Place, tmp_path: Path, dead: str, verb: Callable[[Artefacts, Path], object]
) -> None:
    with ExitStack() as stack:
        port = servers.free_port() if dead == "a closed port" else stack.enter_context(servers.silent_server())
        away = replace(where, endpoint_url=f"http://127.0.0.1:{port}", timeout_seconds=SHORT_SECONDS)
        artefacts = stack.enter_context(closing(opened(away)))
        with pytest.raises(ArtefactsUnavailable):
            artefacts.fetch("faq", "0")  # the first time boto3 reads its model of S3, which is no waiting for a server
        began = time.monotonic()
        with pytest.raises(ArtefactsUnavailable):
            verb(artefacts, make(tmp_path / "folder", FILES))
        assert time.monotonic() - began < 2 * SHORT_SECONDS + 30  # a busy machine is slow, a wait without end is longer


def test_many_that_wait_for_an_s3_that_is_away_do_not_wait_in_turns(where: Place) -> None:
    with servers.silent_server() as port:
        away = replace(where, endpoint_url=f"http://127.0.0.1:{port}", timeout_seconds=SHORT_SECONDS)
        with closing(opened(away)) as artefacts:

            def seconds(_: int) -> float:
                began = time.monotonic()
                with pytest.raises(ArtefactsUnavailable):
                    artefacts.fetch("faq", "1")
                return time.monotonic() - began

            assert max(together(20, seconds)) < 11  # 2 s; in turns they would take over 12


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_without_credentials_for_aws_nothing_is_asked_and_it_is_said(
    tmp_path: Path, _environment: None, verb: Callable[[Artefacts, Path], object]
) -> None:
    with closing(S3Artefacts("some-bucket", "", REGION, None, tmp_path / "cache", SHORT_SECONDS)) as artefacts:
        with pytest.raises(ArtefactsUnavailable) as raised:
            verb(artefacts, make(tmp_path / "folder", FILES))
    assert "credentials" in raised.value.reason


@pytest.mark.parametrize("setting", [{"endpoint_url": "http://under_score:1"}, {"bucket": "No Bucket"}])
def test_what_boto3_itself_refuses_is_an_unavailable_place(where: Place, setting: dict[str, str]) -> None:
    with closing(opened(replace(where, **setting))) as artefacts, pytest.raises(AppError) as raised:  # type: ignore[arg-type]
        artefacts.fetch("faq", "1")
    assert isinstance(raised.value, ArtefactsUnavailable)


def test_a_cache_that_cannot_be_written_is_an_unavailable_place(saved: Place, tmp_path: Path) -> None:
    (blocked := tmp_path / "file").write_text("not a folder")
    with closing(opened(replace(saved, directory=str(blocked)))) as artefacts, pytest.raises(ArtefactsUnavailable):
        artefacts.fetch("faq", "1")


def test_making_and_closing_one_asks_nothing_of_the_server(tmp_path: Path) -> None:
    S3Artefacts("some-bucket", "", REGION, "http://nowhere.invalid:1", tmp_path / "cache", 1).close()
    assert list(tmp_path.iterdir()) == []
