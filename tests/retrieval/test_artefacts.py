"""The contract of `Artefacts`, in a directory and in S3."""

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import wiring
from shared.retrieval.artefacts import (
    ArtefactMissing,
    Artefacts,
    ArtefactsUnavailable,
    DirectoryArtefacts,
    InvalidArtefact,
    place,
)
from tests.retrieval.artefact_places import Place, files_in, go, make, process
from tests.retrieval.s3_gateway import gateway
from tests.storage.racing import together

FILES = {"bm25/terms.json": b'{"a": 1}', "empty": b"", "vectors.npy": bytes(range(256)) * 5_000}
BAD_NAMES = ["", ".", "..", "../x", "a/b", "/a", "a\\b", "a\0", "a\n", ".a", "a.b", "-a", "a-", "a b", "가", "a" * 65]
VERBS: dict[str, Callable[[Artefacts, str, str, Path], object]] = {
    "save": lambda artefacts, source, version, folder: artefacts.save(source, version, folder),
    "fetch": lambda artefacts, source, version, _: artefacts.fetch(source, version),
    "drop": lambda artefacts, source, version, _: artefacts.drop(source, version),
}


@pytest.fixture(params=["directory", "s3"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "directory":
        return Place(str(tmp_path / "place" / "root"))
    bucket, url = request.getfixturevalue("bucket"), request.getfixturevalue("s3_url")
    return Place(str(tmp_path / "place" / "cache"), bucket, url)


@pytest.fixture
def artefacts(where: Place) -> Iterator[Artefacts]:
    opened = where.open()
    yield opened
    close(opened)


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    return make(tmp_path / "finished", FILES)


def close(artefacts: Artefacts) -> None:
    if not isinstance(artefacts, DirectoryArtefacts):
        artefacts.close()  # type: ignore[attr-defined]


def test_what_was_saved_is_fetched_and_the_folder_was_taken_over(artefacts: Artefacts, finished: Path) -> None:
    artefacts.save("faq", "01V1", finished)
    assert files_in(artefacts.fetch("faq", "01V1")) == FILES
    assert not finished.exists()


def test_the_form_is_chosen_by_a_setting(configure: Callable[..., Path], where: Place, finished: Path) -> None:
    if where.bucket is None:
        data_dir = configure()
        made = data_dir / "artifacts" / "faq" / "1"
    else:
        assert where.endpoint_url is not None
        data_dir = configure(ARTIFACT_URL=f"s3://{where.bucket}/prefix", ARTIFACT_ENDPOINT_URL=where.endpoint_url)
        made = data_dir / "artifact-cache" / "faq" / "1"
    artefacts = wiring.get_artefacts()
    assert artefacts is wiring.get_artefacts()
    artefacts.save("faq", "1", finished)
    assert artefacts.fetch("faq", "1") == made
    assert files_in(made) == FILES


def test_another_machine_fetches_it_too(where: Place, artefacts: Artefacts, finished: Path, tmp_path: Path) -> None:
    artefacts.save("faq", "01V1", finished)
    elsewhere = where if where.bucket is None else Place(str(tmp_path / "other"), where.bucket, where.endpoint_url)
    other = elsewhere.open()
    assert files_in(other.fetch("faq", "01V1")) == FILES
    close(other)


def test_each_source_and_version_has_its_own(artefacts: Artefacts, tmp_path: Path) -> None:
    names = [("a", "1"), ("a", "2"), ("a-1", "1"), ("a_1", "12"), ("A" * 64, "Z" * 64)]
    for number, (source, version) in enumerate(names):
        artefacts.save(source, version, make(tmp_path / "next", {"number": b"%d" % number}))
    artefacts.drop("a", "1")
    read = [files_in(artefacts.fetch(source, version)) for source, version in names[1:]]
    assert read == [{"number": b"%d" % number} for number in range(1, len(names))]


def test_an_artefact_without_files_is_one(artefacts: Artefacts, tmp_path: Path) -> None:
    artefacts.save("faq", "1", make(tmp_path / "none", {}))
    assert list(artefacts.fetch("faq", "1").iterdir()) == []


def test_of_an_empty_folder_nothing_is_kept(artefacts: Artefacts, finished: Path) -> None:
    (finished / "nothing").mkdir()
    artefacts.save("faq", "1", finished)
    assert not (artefacts.fetch("faq", "1") / "nothing").exists()


def test_what_was_never_saved_is_missing(artefacts: Artefacts) -> None:
    with pytest.raises(ArtefactMissing) as raised:
        artefacts.fetch("faq", "1")
    assert (raised.value.status, raised.value.code) == (503, "artefact_missing")
    assert "faq" in raised.value.reason


def test_a_dropped_artefact_is_missing_and_dropping_an_absent_one_is_no_error(
    artefacts: Artefacts, finished: Path
) -> None:
    artefacts.drop("faq", "1")
    artefacts.save("faq", "1", finished)
    artefacts.fetch("faq", "1")
    artefacts.drop("faq", "1")
    artefacts.drop("faq", "1")
    with pytest.raises(ArtefactMissing):
        artefacts.fetch("faq", "1")


def test_an_array_that_is_mapped_is_read_on_after_its_artefact_was_dropped(
    artefacts: Artefacts, tmp_path: Path
) -> None:
    made = make(tmp_path / "made", {})
    np.save(made / "vectors.npy", np.arange(100_000, dtype=np.float32))
    artefacts.save("faq", "1", made)
    mapped = np.load(artefacts.fetch("faq", "1") / "vectors.npy", mmap_mode="r")
    artefacts.drop("faq", "1")
    assert mapped.sum(dtype=np.float64) == 99_999 * 50_000


def test_a_version_is_saved_once(artefacts: Artefacts, finished: Path, tmp_path: Path) -> None:
    artefacts.save("faq", "1", finished)
    with pytest.raises(InvalidArtefact):
        artefacts.save("faq", "1", make(tmp_path / "again", {"vectors.npy": b"other"}))
    assert files_in(artefacts.fetch("faq", "1")) == FILES


def test_a_dropped_version_can_be_saved_anew(artefacts: Artefacts, finished: Path, tmp_path: Path) -> None:
    artefacts.save("faq", "1", finished)
    artefacts.fetch("faq", "1")
    artefacts.drop("faq", "1")
    artefacts.save("faq", "1", make(tmp_path / "again", {"vectors.npy": b"other"}))
    assert files_in(artefacts.fetch("faq", "1")) == {"vectors.npy": b"other"}


def test_many_threads_that_fetch_at_once_get_all_of_it(artefacts: Artefacts, finished: Path) -> None:
    artefacts.save("faq", "1", finished)
    assert together(20, lambda _: files_in(artefacts.fetch("faq", "1"))) == [FILES] * 20


def test_a_temporary_folder_that_is_closed_to_others_becomes_readable(artefacts: Artefacts, tmp_path: Path) -> None:
    closed = Path(tempfile.mkdtemp(dir=tmp_path))
    artefacts.save("faq", "1", make(closed, {"a": b"a"}))
    (opened := tmp_path / "opened").mkdir()
    assert stat.S_IMODE(artefacts.fetch("faq", "1").stat().st_mode) == stat.S_IMODE(opened.stat().st_mode)


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_names_that_could_lead_elsewhere_are_refused_and_touch_nothing(
    artefacts: Artefacts,
    finished: Path,
    tmp_path: Path,
    name: str,
    verb: Callable[[Artefacts, str, str, Path], object],
) -> None:
    artefacts.save("b", "b", make(tmp_path / "other", {"kept": b"kept"}))
    artefacts.fetch("b", "b")
    before = sorted(tmp_path.rglob("*"))
    for source, version in ((name, "b"), ("b", name), (name, name)):
        with pytest.raises(InvalidArtefact):
            verb(artefacts, source, version, finished)
    assert sorted(tmp_path.rglob("*")) == before


@given(st.text(max_size=70), st.text(max_size=70))
def test_a_place_is_two_below_the_root_or_refused(source: str, version: str) -> None:
    try:
        found = place(Path("/here"), source, version)
    except InvalidArtefact:
        return
    assert Path(os.path.normpath(found)).parts == ("/", "here", source, version)


@given(st.from_regex(re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?", re.ASCII), fullmatch=True))
def test_plain_names_are_taken(name: str) -> None:
    assert place(Path("/here"), name, name) == Path("/here", name, name)


@pytest.mark.parametrize("spoil", ["absent", "file", "link", "linked file", "pipe", "hidden", "korean", "backslash"])
def test_a_folder_that_not_every_form_can_keep_is_refused_whole(
    artefacts: Artefacts, finished: Path, tmp_path: Path, spoil: str
) -> None:
    folder = finished
    match spoil:
        case "absent":
            folder = tmp_path / "absent"
        case "file":
            folder = finished / "empty"
        case "link":
            folder = tmp_path / "link"
            folder.symlink_to(finished)
        case "linked file":
            (finished / "linked").symlink_to(finished / "empty")
        case "pipe":
            os.mkfifo(finished / "pipe")
        case other:
            name = {"hidden": ".hidden", "korean": "벡터.npy", "backslash": "a\\b"}[other]
            (finished / name).write_bytes(b"")
    with pytest.raises(InvalidArtefact):
        artefacts.save("faq", "1", folder)
    with pytest.raises(ArtefactMissing):
        artefacts.fetch("faq", "1")
    assert files_in(finished).items() >= FILES.items()


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_place_that_cannot_be_used_is_unavailable(
    where: Place, tmp_path: Path, finished: Path, verb: Callable[[Artefacts, str, str, Path], object]
) -> None:
    if where.bucket is None:
        (blocked := tmp_path / "file").write_text("not a folder")
        (blocked_source := tmp_path / "root").mkdir()
        (blocked_source / "faq").symlink_to("faq")  # a loop
        places = [Place(str(blocked / "below")), Place(str(blocked_source))]
    else:
        places = [Place(where.directory, "nobody-made-this", where.endpoint_url)]
    for one in places:
        artefacts = one.open()
        try:
            verb(artefacts, "faq", "1", finished)
        except (ArtefactsUnavailable, ArtefactMissing) as error:
            assert error.status == 503
            assert where.bucket is None or isinstance(error, ArtefactsUnavailable)
        else:
            assert verb is VERBS["drop"] and where.bucket is None, "what cannot be there need not be removed"
        close(artefacts)


def test_a_save_that_is_killed_in_the_middle_leaves_nothing_to_fetch_and_is_dropped(
    where: Place, artefacts: Artefacts, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    many = {f"{number:04}.npy": bytes(20_000) for number in range(500)}
    folder = make(tmp_path / "many", many)
    if where.bucket is None:
        with process(where, "save", "faq", "1", str(folder)) as running:
            root = Path(where.directory)
            go(running)
            while not list(root.glob("faq/.1.*/0010.npy")):
                assert running.poll() is None
            running.kill()
            running.wait()
        assert [path.name[:3] for path in (root / "faq").iterdir()] == [".1."]
    else:
        with gateway(request.getfixturevalue("s3_url")) as way:
            way.faults.extend(["none", "none", "none", "none", "hang"])  # the marker is asked for, three files are put
            killed = Place(str(tmp_path / "killed"), where.bucket, way.url)
            with process(killed, "save", "faq", "1", str(folder)) as running:
                go(running)
                assert way.hanging.wait(60)
                running.kill()
                running.wait()
        kept = request.getfixturevalue("s3").list_objects_v2(Bucket=where.bucket)
        assert kept["KeyCount"] == 3

    with pytest.raises(ArtefactMissing):
        artefacts.fetch("faq", "1")
    artefacts.drop("faq", "1")
    if where.bucket is None:
        assert list((root / "faq").iterdir()) == []
    else:
        assert request.getfixturevalue("s3").list_objects_v2(Bucket=where.bucket)["KeyCount"] == 0


def test_a_save_from_another_file_system_is_whole(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=memory) as elsewhere:
        artefacts = DirectoryArtefacts(tmp_path / "root")
        artefacts.save("faq", "1", make(Path(elsewhere) / "finished", FILES))
        assert files_in(artefacts.fetch("faq", "1")) == FILES
        assert list(Path(elsewhere).iterdir()) == []


def test_of_many_that_save_one_version_into_a_directory_one_succeeds(tmp_path: Path) -> None:
    artefacts = DirectoryArtefacts(tmp_path / "root")
    folders = [make(tmp_path / f"{n}", {"a": b"%d" % n, "b": b"%d" % n}) for n in range(10)]

    def save(n: int) -> bool:
        try:
            artefacts.save("faq", "1", folders[n])
        except InvalidArtefact:
            return False
        return True

    winners = [n for n, saved in enumerate(together(10, save)) if saved]
    assert len(winners) == 1
    assert files_in(artefacts.fetch("faq", "1")) == {"a": b"%d" % winners[0], "b": b"%d" % winners[0]}
    assert [path.name for path in (tmp_path / "root" / "faq").iterdir()] == ["1"]


def test_many_that_drop_one_at_once_leave_nothing_and_raise_nothing(artefacts: Artefacts, tmp_path: Path) -> None:
    artefacts.save("faq", "1", make(tmp_path / "many", {f"{n:03}": b"x" for n in range(50)}))
    kept = artefacts.fetch("faq", "1").parent
    together(5, lambda _: artefacts.drop("faq", "1"))
    assert [path.name for path in kept.iterdir() if path.name != ".lock"] == []
