"""What a search reads in memory: made, written, read back, and damaged."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.indexing.build import rows_of
from shared.models import Content
from shared.retrieval.artefact import FORMAT, Artefact, Memory, Ragged, load, make
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.base import Vector
from shared.retrieval.sentences import SentenceEncoder
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import content, contents


def made(
    wanted: Sequence[Content], encoder: SentenceEncoder | None = None, earlier: Artefact | None = None
) -> Artefact:
    rows = [row for one in wanted for row in rows_of(one)]
    vectors = FakeEmbedder().embed_passages([row.text for row in rows])
    return make("01A", wanted, rows, vectors, encoder, earlier)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "artefact"
    made(contents(5), FakeSentenceEncoder()).save(folder)
    return folder


def copied(folder: Path, target: Path) -> Path:
    for path in folder.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return target


def test_each_content_has_the_vectors_of_its_titles_and_passages() -> None:
    wanted = contents(4)
    artefact = made(wanted)
    for at, one in enumerate(wanted):
        rows = rows_of(one)
        for kind, ragged in (("title", artefact.titles), ("content", artefact.passages)):
            texts = [row.text for row in rows if row.kind == kind]
            own = ragged.rows[ragged.starts[at] : ragged.starts[at + 1]]
            assert np.array_equal(own, FakeEmbedder().embed_passages(texts))
    assert artefact.positions == {one.faq_id: at for at, one in enumerate(wanted)}


@pytest.mark.parametrize("encoder", [FakeSentenceEncoder(), None], ids=["second opinion", "none"])
def test_what_was_saved_is_read_back(tmp_path: Path, encoder: SentenceEncoder | None) -> None:
    artefact = made(contents(5), encoder)
    artefact.save(tmp_path / "artefact")
    found = load(tmp_path / "artefact")

    assert (found.version, found.faq_ids) == (artefact.version, artefact.faq_ids)
    assert found._arrays().keys() == artefact._arrays().keys()
    for name, array in artefact._arrays().items():
        assert np.array_equal(found._arrays()[name], array)
        assert found._arrays()[name].dtype == array.dtype
    for question in ("반품0 신청", "메뉴에서", ""):
        assert np.array_equal(found.title_ngrams.scores(question), artefact.title_ngrams.scores(question))
        assert np.array_equal(found.content_ngrams.scores(question), artefact.content_ngrams.scores(question))
    assert (found.second and found.second.engine) == (encoder and encoder.name)


def test_what_was_asked_is_kept_with_it(tmp_path: Path) -> None:
    asked = Memory.of(["반품", "교환"], FakeEmbedder().embed_queries(["반품", "교환"]))
    replace(made(contents(2)), asked=asked).save(tmp_path / "artefact")
    recalled = load(tmp_path / "artefact").asked.recall(["교환", "반품"], refuse)
    assert np.array_equal(recalled, asked.vectors[::-1])


def file_names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.97])
def test_a_truncated_file_is_a_missing_artefact(saved: Path, tmp_path: Path, kept: float) -> None:
    for n, name in enumerate(file_names(saved)):
        folder = copied(saved, tmp_path / f"artefact{n}")
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: int(len(whole) * kept)])
        with pytest.raises(ArtefactMissing):
            load(folder)


def test_a_missing_file_is_a_missing_artefact(saved: Path, tmp_path: Path) -> None:
    for n, name in enumerate(file_names(saved)):
        folder = copied(saved, tmp_path / f"artefact{n}")
        (folder / name).unlink()
        with pytest.raises(ArtefactMissing):
            load(folder)
    with pytest.raises(ArtefactMissing):
        load(tmp_path / "nowhere")


def test_a_single_bit_that_changed_is_a_missing_artefact(saved: Path, tmp_path: Path) -> None:
    for n, name in enumerate(one for one in file_names(saved) if one != "about.json"):
        folder = copied(saved, tmp_path / f"artefact{n}")
        spoilt = bytearray((folder / name).read_bytes())
        spoilt[-1] ^= 1
        (folder / name).write_bytes(spoilt)
        with pytest.raises(ArtefactMissing) as told:
            load(folder)
        assert f"{name} is not as it was written" in told.value.reason


def without_checksums(folder: Path) -> Path:
    """As releases before them wrote it."""
    about = json.loads((folder / "about.json").read_text())
    del about["files"], about["itself"]
    (folder / "about.json").write_text(json.dumps(about))
    return folder


def test_an_artefact_without_checksums_is_read(saved: Path, tmp_path: Path) -> None:
    assert load(without_checksums(copied(saved, tmp_path / "artefact"))).faq_ids == load(saved).faq_ids


def test_an_artefact_of_before_spaces_were_put_in_is_read(saved: Path, tmp_path: Path) -> None:
    folder = without_checksums(copied(saved, tmp_path / "artefact"))
    for path in folder.glob("spacing_*.npy"):
        path.unlink()
    assert load(folder).spacing.spaced("신청은어떻게하나요") == "신청은어떻게하나요"
    assert load(saved).spacing.spaced("신청은어떻게하나요") == "신청은 어떻게 하나요"


@pytest.mark.parametrize("which", ["indptr", "indices", "data"])
@pytest.mark.parametrize("index", ["title_ngrams", "content_ngrams"])
def test_postings_that_do_not_belong_together_are_a_missing_artefact(
    saved: Path, tmp_path: Path, index: str, which: str
) -> None:
    folder = without_checksums(copied(saved, tmp_path / "artefact"))
    [path] = (folder / index).glob(f"{which}*.npy")
    array = np.load(path)
    np.save(path, array[::-1] if which == "indptr" else array[:-1])
    with pytest.raises(ArtefactMissing):
        load(folder)


@pytest.mark.parametrize("name", ["passages", "second_sentences"])
def test_vectors_of_another_width_are_a_missing_artefact(saved: Path, tmp_path: Path, name: str) -> None:
    folder = without_checksums(copied(saved, tmp_path / "artefact"))
    np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy")[:, :-1])
    with pytest.raises(ArtefactMissing):
        load(folder)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_missing_and_no_other_error(
    saved: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = copied(saved, tmp_path_factory.mktemp("damaged"))
    path = folder / data.draw(st.sampled_from(file_names(saved)))
    whole = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, min(len(whole) - 1, 200)))
    damage = data.draw(st.binary(min_size=1, max_size=20))
    whole[start : start + len(damage)] = damage
    path.write_bytes(bytes(whole))
    try:
        load(folder)
    except ArtefactMissing:
        pass


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_an_artefact_says_of_itself_is_not_believed_when_a_bit_of_it_changed(
    saved: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = copied(saved, tmp_path_factory.mktemp("flipped"))
    whole = bytearray((folder / "about.json").read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    (folder / "about.json").write_bytes(bytes(whole))
    with pytest.raises(ArtefactMissing):
        load(folder)


def test_a_bit_that_changes_the_checksums_own_name_is_found(saved: Path, tmp_path: Path) -> None:
    folder = copied(saved, tmp_path / "artefact")
    about = (folder / "about.json").read_text()
    (folder / "about.json").write_text(about.replace('"itself"', '"itselg"'))
    with pytest.raises(ArtefactMissing):
        load(folder)


@pytest.mark.parametrize("about", ["null", "[]", "{}", '"text"', "no JSON", json.dumps({"format": FORMAT + 1})])
def test_another_form_is_a_missing_artefact(saved: Path, tmp_path: Path, about: str) -> None:
    folder = copied(saved, tmp_path / "artefact")
    (folder / "about.json").write_text(about)
    with pytest.raises(ArtefactMissing):
        load(folder)


@pytest.mark.parametrize("name", ["titles", "passages", "second_sentences", "asked", "spacing_keys"])
@pytest.mark.parametrize("rows", [0, 1])
def test_arrays_that_do_not_belong_together_are_a_missing_artefact(
    saved: Path, tmp_path: Path, name: str, rows: int
) -> None:
    folder = copied(saved, tmp_path / "artefact")
    np.save(folder / f"{name}.npy", np.ones((rows + (name == "asked"), 8), np.float32))
    with pytest.raises(ArtefactMissing):
        load(folder)


def test_only_unknown_texts_are_computed_each_once() -> None:
    embedder = FakeEmbedder()
    known = Memory.of(["반품", "교환"], embedder.embed_queries(["반품", "교환"]))
    embedder.queries.clear()

    found = known.recall(["정산", "교환", "정산", "반품"], embedder.embed_queries)

    assert embedder.queries == ["정산"]
    assert np.array_equal(found, FakeEmbedder().embed_queries(["정산", "교환", "정산", "반품"]))


def test_an_empty_memory_computes_all_and_a_full_one_nothing() -> None:
    texts = ["반품", "교환"]
    found = Memory.empty().recall(texts, FakeEmbedder().embed_queries)
    assert np.array_equal(Memory.of(texts, found).recall(texts, refuse), found)


def test_an_edit_has_only_new_titles_and_sentences_encoded() -> None:
    first, encoder = made(contents(5), FakeSentenceEncoder()), FakeSentenceEncoder()
    edited = content(2).model_copy(update={"content": content(2).content + "\n이제는 전화로도 됩니다."})

    made([*contents(2), edited, *contents(2, first=3)], encoder, first)

    assert encoder.calls == [["이제는 전화로도 됩니다."]]


def test_an_incremental_artefact_equals_a_new_one() -> None:
    wanted = contents(6)
    whole = made(wanted, FakeSentenceEncoder())
    grown = made(wanted, FakeSentenceEncoder(), made(contents(4), FakeSentenceEncoder()))
    for name, array in whole._arrays().items():
        assert np.array_equal(grown._arrays()[name], array)


def test_vectors_of_another_sentence_encoder_are_not_taken_over() -> None:
    first, encoder = made(contents(3), FakeSentenceEncoder("old/1")), FakeSentenceEncoder("new/1")
    second = made(contents(3), encoder, first).second
    assert second and second.engine == "new/1"
    assert len(encoder.calls[0]) > 3


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.data())
def test_the_best_of_some_contents_is_that_of_all(lengths: list[int], data: st.DataObject) -> None:
    rng = np.random.default_rng(sum(lengths))
    rows, queries = rng.random((sum(lengths), 5), np.float32), rng.random((2, 5), np.float32)
    ragged = Ragged(rows, np.concatenate([[0], np.cumsum(lengths)]))
    picked = np.array(sorted(data.draw(st.sets(st.integers(0, len(lengths) - 1)))), dtype=np.int64)
    by_hand = [(rows[ragged.starts[at] : ragged.starts[at + 1]] @ queries.T).max(axis=0) for at in range(len(lengths))]
    assert np.allclose(ragged.best(queries), by_hand)
    assert np.allclose(ragged.best_of(picked, queries), np.array(by_hand)[picked])


def refuse(texts: Sequence[str]) -> Vector:
    raise AssertionError(f"asked for {texts}")
