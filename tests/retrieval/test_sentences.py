"""The second opinion on meaning, and the sentences that it is asked about."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retrieval.sentences import DIMENSIONS, MAX_CHARACTERS, UniversalSentenceEncoder, sentences


@pytest.fixture(scope="module")
def encoder() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder()


def test_vectors_are_of_unit_length(encoder: UniversalSentenceEncoder) -> None:
    vectors = encoder.encode(
        ["반품은 어떻게 하나요?", "How do I return it?", "👍", "", "3", "<b>환불</b>", "'; DROP TABLE"]
    )
    assert (vectors.shape, vectors.dtype) == ((7, DIMENSIONS), np.dtype(np.float32))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(7), abs=1e-4)


def test_like_meanings_are_nearer_than_others(encoder: UniversalSentenceEncoder) -> None:
    asked, same, other = encoder.encode(["물건을 돌려보내고 싶어요", "반품 신청하는 방법", "대표 이미지 크기"])
    assert asked @ same > asked @ other


def test_nothing_is_encoded_as_no_rows(encoder: UniversalSentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_a_long_text_is_cut(encoder: UniversalSentenceEncoder) -> None:
    start = "배송비는 판매자가 정합니다. " * 20
    long, cut = encoder.encode([start + "끝", start[:MAX_CHARACTERS]])
    assert np.allclose(long, cut, atol=1e-5)


def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: UniversalSentenceEncoder) -> None:
    texts = [f"{n}번째 상품의 배송비" for n in range(300)]  # more than one batch
    assert np.allclose(encoder.encode(texts)[299], encoder.encode(texts[299:])[0], atol=1e-5)


def test_four_threads_may_ask_a_new_encoder_at_once() -> None:
    new = UniversalSentenceEncoder()
    texts = [[f"{thread}번 창고의 재고 {n}" for n in range(5)] for thread in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(new.encode, texts))
    for asked, vectors in zip(texts, found, strict=True):
        assert np.allclose(vectors, new.encode(asked), atol=1e-5)


def test_sentences_end_where_lines_and_sentences_do() -> None:
    text = "반품은 7일 안에 됩니다.교환도 같아요! 배송비는 얼마인가요?\n1.\n- 판매자 부담으로 처리"
    assert sentences(text) == [
        "반품은 7일 안에 됩니다.",
        "교환도 같아요!",
        "배송비는 얼마인가요?",
        "- 판매자 부담으로 처리",
    ]


@pytest.mark.parametrize(("text", "found"), [("네.", ["네."]), ("", [""]), (" \n ", [""]), ("1.\n2.\n", ["1.\n2."])])
def test_a_text_without_a_whole_sentence_is_one_itself(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text())
def test_every_text_has_a_sentence(text: str) -> None:
    assert sentences(text)
