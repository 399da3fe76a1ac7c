"""The contents that a question may be about, and the parts of their scores."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shared.bot import Weights
from shared.retrieval import candidates as candidates_module
from shared.retrieval.artefact import Artefact
from shared.retrieval.base import PARTS, IndexReader, Vector
from shared.retrieval.calibration import rank
from shared.retrieval.candidates import (
    NEAREST,
    VECTORS_ONLY,
    WITHOUT_SECOND,
    Candidates,
    Question,
    candidates,
    embed,
    matched_title,
    vector_candidates,
    weigh_readings,
)
from shared.retrieval.fusion import E5_SCALES, effective
from shared.retrieval.lexicon import Entry, Lexicon
from shared.retrieval.openings import opening_of
from shared.retrieval.readings import Readings, read
from shared.retrieval.search import subjects_of
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import SOURCE, content, contents
from tests.retrieval.indexes import Indexed

COUNT = 60
WEIGHTS = Weights()
LEXICON = Lexicon([Entry("할인권", "쿠폰")])
QUESTIONS = ["쿠폰4 하고 싶어요", "zbvhs 신청", "할인권 등록이요ㅠㅠ", "반품10 메뉴", "오늘 날씨 어때", "?", "👍"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    place = Indexed.new(tmp_path_factory.mktemp("candidates"))
    place.build(contents(COUNT))
    return place


@pytest.fixture(scope="module")
def artefact(place: Indexed) -> Artefact:
    return place.open_artefact(SOURCE, version_of(place))


def version_of(place: Indexed) -> str:
    return str((place.store.get("indexes", SOURCE, "current") or {})["version"])


def asked(text: str, with_second: bool = True) -> Question:
    encoder = FakeSentenceEncoder() if with_second else None
    return embed([read(text, LEXICON)], FakeEmbedder().embed_queries, encoder.encode if encoder else None)[0]


def no_reader() -> IndexReader:
    raise AssertionError("Chroma was asked")


def by_hand(rows: Sequence[Vector], question: Question, vectors: Vector) -> float:
    """The best row of each reading; typed and repaired compete, the formal one is weighed with the better."""
    best = [max(float(row @ vectors[column]) for row in rows) for column in question.columns]
    return (max(best[0], best[1]) + best[2]) / 2


@pytest.mark.parametrize("text", QUESTIONS)
def test_parts_are_those_of_comparing_every_row_by_hand(artefact: Artefact, text: str) -> None:
    question = asked(text)
    found = candidates(artefact, question, no_reader)
    second = artefact.second
    assert second is not None and question.second is not None
    legs = [
        (artefact.titles, question.vectors),
        (artefact.passages, question.vectors),
        (second.titles, question.second),
        (second.sentences, question.second),
    ]
    for faq_id, parts in zip(found.faq_ids, found.parts, strict=True):
        at = artefact.positions[faq_id]
        for n, (ragged, vectors) in enumerate(legs):
            rows = list(ragged.rows[ragged.starts[at] : ragged.starts[at + 1]].astype(np.float32))
            assert parts[n] == pytest.approx(by_hand(rows, question, vectors), abs=1e-3)
        rows_of = slice(artefact.titles.starts[at], artefact.titles.starts[at + 1])
        assert parts[4] == pytest.approx(
            max(artefact.title_ngrams.scores(one)[rows_of].max() for one in question.wordings)
        )
        assert parts[5] == pytest.approx(max(artefact.content_ngrams.scores(one)[at] for one in question.wordings))
        own = FakeEmbedder().embed_passages([opening_of(content(int(faq_id[1:])))])
        assert parts[6] == pytest.approx(by_hand(list(own), question, question.vectors), abs=1e-3)
    assert found.present == frozenset(PARTS)


def test_words_are_looked_for_as_typed_too_where_a_repair_changed_them() -> None:
    assert asked("today 배송").wordings == ["생묘 배송 생묘 배송", "today 배송 생묘 배송"]
    assert asked("배송").wordings == ["배송 배송"]


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_nearest_contents_of_every_leg_are_candidates(artefact: Artefact, text: str) -> None:
    question = asked(text)
    found = set(candidates(artefact, question, no_reader).faq_ids)
    for ragged in (artefact.titles, artefact.passages):
        scores = weigh_readings(ragged.best(question.vectors), question.columns)
        assert {artefact.faq_ids[at] for at in np.argsort(-scores, kind="stable")[: NEAREST // 2]} <= found


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("with_second", [True, False])
def test_chroma_finds_the_same_first_ones(
    place: Indexed, artefact: Artefact, monkeypatch: pytest.MonkeyPatch, text: str, with_second: bool
) -> None:
    question = asked(text, with_second)
    exact = best_of(candidates(artefact, question, no_reader))
    monkeypatch.setattr(candidates_module, "EXACT_ROWS", 0)
    near = best_of(candidates(artefact, question, lambda: place.open_reader(SOURCE, version_of(place))))
    assert near.keys() == exact.keys()
    for faq_id, parts in near.items():
        assert parts == pytest.approx(exact[faq_id], abs=1e-4)


def best_of(found: Candidates, count: int = 5) -> dict[str, Vector]:
    factors = effective(WEIGHTS, E5_SCALES, found.present)
    _, order = rank(found, factors)
    return {found.faq_ids[at]: found.parts[at] for at in order[:count]}


def test_chroma_alone_gives_the_same_titles_and_passages(place: Indexed, artefact: Artefact) -> None:
    question = asked("쿠폰4 하고 싶어요")
    exact = candidates(artefact, question, no_reader)
    alone = vector_candidates(place.open_reader(SOURCE, version_of(place)), question)
    assert (alone.present, exact.present) == (VECTORS_ONLY, frozenset(PARTS))
    both = set(alone.faq_ids) & set(exact.faq_ids)
    assert "c4" in both
    for faq_id in both:
        assert alone.parts[alone.faq_ids.index(faq_id)][:2] == pytest.approx(
            exact.parts[exact.faq_ids.index(faq_id)][:2], abs=1e-4
        )
    assert not alone.parts[:, 2:].any()


@pytest.mark.parametrize("absent", ["encoder", "of the artefact"])
def test_without_a_second_opinion_its_parts_are_absent(artefact: Artefact, absent: str) -> None:
    without = replace(artefact, second=None) if absent == "of the artefact" else artefact
    found = candidates(without, asked("쿠폰4", with_second=absent != "encoder"), no_reader)
    assert found.present == WITHOUT_SECOND
    assert not found.parts[:, [PARTS.index("sentence_title"), PARTS.index("sentence")]].any()


def test_an_index_without_openings_is_searched_by_all_else(artefact: Artefact) -> None:
    question = asked("쿠폰4 하고 싶어요")
    whole, without = (candidates(one, question, no_reader) for one in (artefact, replace(artefact, openings=None)))
    assert without.present == whole.present - {"opening"} and without.faq_ids == whole.faq_ids
    assert np.array_equal(without.parts[:, :6], whole.parts[:, :6]) and not without.parts[:, 6].any()


def test_readings_that_are_alike_are_one_vector() -> None:
    embedder = FakeEmbedder()
    [question] = embed([read("쿠폰 등록", LEXICON)], embedder.embed_queries, None)
    assert (embedder.queries, question.vectors.shape, question.columns) == (["쿠폰 등록"], (1, 64), (0, 0, 0))
    assert question.second is None


def test_readings_that_differ_are_embedded_once_for_all_questions() -> None:
    embedder, encoder = FakeEmbedder(), FakeSentenceEncoder()
    readings = [Readings("가", "나", "나"), Readings("나", "다", "가")]
    one, other = embed(readings, embedder.embed_queries, encoder.encode)
    assert embedder.queries == ["가", "나", "다"] == encoder.calls[0]
    assert (one.columns, other.columns) == ((0, 1, 1), (0, 1, 2))
    assert np.array_equal(other.vectors, FakeEmbedder().embed_queries(["나", "다", "가"]))


def test_what_was_typed_and_repaired_compete_and_the_formal_words_are_weighed_with_the_better() -> None:
    best = np.array([[0.2, 0.8, 0.4], [0.6, 0.1, 0.0]], np.float32)
    assert weigh_readings(best, (0, 1, 2)) == pytest.approx([0.6, 0.3])
    assert weigh_readings(best, (0, 0, 0)) == pytest.approx([0.2, 0.6])


def test_the_title_that_was_met_is_named(artefact: Artefact) -> None:
    for n in (0, 17, COUNT - 1):
        for which, title in enumerate(subjects_of(content(n))):
            assert matched_title(artefact, artefact.positions[f"c{n}"], asked(title)) == which


def test_a_content_that_chroma_has_and_the_artefact_has_not_is_no_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates_module, "EXACT_ROWS", 0)
    place = Indexed.new(tmp_path)
    small = place.open_artefact(SOURCE, place.build(contents(2)).version)
    larger = place.build(contents(6)).version
    found = candidates(small, asked("재고9 하고 싶어요"), lambda: place.open_reader(SOURCE, larger))
    assert set(found.faq_ids) <= {"c0", "c1"}
