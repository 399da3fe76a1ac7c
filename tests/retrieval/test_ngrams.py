"""BM25 over character n-grams."""

from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retrieval.ngrams import K1, B, NgramIndex, ngrams

DOCUMENTS = ["반품 신청", "교환 신청 반품", "정산"]
WORDS = st.lists(st.sampled_from(["반품", "교환", "배송비", "정산", "API", "3", "손", "★", ""]), max_size=8).map(
    " ".join
)


def test_words_fall_into_pairs_and_triples_and_codes_stay_whole() -> None:
    assert list(ngrams("배송비는 BSB-1, 손 3만원!")) == [
        *["배송", "송비", "비는", "배송비", "송비는"],
        *["bsb", "1", "손", "3", "만원"],
    ]


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("가각힣a1 \ud800"), max_size=40))
def test_any_text_falls_into_n_grams_of_its_own_letters(text: str) -> None:
    found = list(ngrams(text))
    assert all(one and one in text.lower() for one in found)
    assert list(ngrams(text.upper().lower())) == list(ngrams(text.upper()))
    assert list(ngrams(f"{text} 반품")) == [*found, "반품"]


def test_scores_are_bm25_of_what_the_question_asks_by_what_is_greatest() -> None:
    lengths = np.array([2, 3, 1])

    def rarity(frequency: int) -> float:
        return log(1 + (3 - frequency + 0.5) / (frequency + 0.5))

    share = (K1 + 1) / (1 + K1 * (1 - B + B * lengths / 2))  # of one n-gram that a document has once
    greatest = rarity(2) + rarity(1) + rarity(0)  # 반품 in two documents, 정산 in one, 배송 in none
    expected = share * np.array([rarity(2), rarity(2), rarity(1)]) / greatest
    assert NgramIndex.build(DOCUMENTS).scores("반품 정산 배송") == pytest.approx(expected, abs=1e-6)


def test_a_document_of_usual_length_with_all_that_is_asked_scores_one() -> None:
    assert NgramIndex.build(["반품 신청", "교환 신청", "정산 확인"]).scores("반품 신청")[0] == pytest.approx(
        1, abs=1e-6
    )


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_scores_lie_between_nothing_and_the_greatest_share(documents: list[str], question: str) -> None:
    scores = NgramIndex.build(documents).scores(question)
    assert scores.shape == (len(documents),)
    assert np.all((scores >= 0) & (scores <= K1 + 1))
    for document, score in zip(documents, scores, strict=True):
        assert (score > 0) == bool(set(ngrams(document)) & set(ngrams(question)))


@pytest.mark.parametrize("question", ["", "배송", "★ 👍", "SELECT * FROM contents", "返品"])
def test_a_question_of_unknown_words_scores_nothing(question: str) -> None:
    assert NgramIndex.build(DOCUMENTS).scores(question).tolist() == [0, 0, 0]


def test_unknown_words_lower_the_share() -> None:
    index = NgramIndex.build(DOCUMENTS)
    assert 0 < index.scores("반품 배송")[0] < index.scores("반품")[0]


def test_case_does_not_matter() -> None:
    index = NgramIndex.build(["API 연동", "정산"])
    assert index.scores("api").tolist() == index.scores("API").tolist() != [0, 0]


@pytest.mark.parametrize("documents", [[""], ["", ""], ["★", "👍"], ["", "반품"]])
def test_documents_without_words_score_nothing(documents: list[str], tmp_path: Path) -> None:
    index = NgramIndex.build(documents)
    index.save(tmp_path / "index")
    for one in (index, NgramIndex.load(tmp_path / "index")):
        scores = one.scores("반품 신청")
        assert [score > 0 for score in scores] == ["반품" in document for document in documents]
        assert not one.scores("").any()


def test_what_was_saved_scores_the_same(tmp_path: Path) -> None:
    index = NgramIndex.build(DOCUMENTS)
    index.save(tmp_path / "index")
    loaded = NgramIndex.load(tmp_path / "index")
    for question in ["반품", "교환 신청", "정산은 언제", "배송", ""]:
        assert loaded.scores(question).tolist() == index.scores(question).tolist()
