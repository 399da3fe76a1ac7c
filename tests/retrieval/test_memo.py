"""Vectors that are remembered are those that were computed."""

import numpy as np
import pytest

from shared.errors import EmbeddingUnavailable
from shared.retrieval.memo import VectorMemo
from tests.fakes.embedder import FakeEmbedder


def test_a_text_is_computed_once_and_comes_in_its_place() -> None:
    engine = FakeEmbedder()
    memo = VectorMemo(engine.embed_queries)
    memo(["정산일", "배송비"])
    again = memo(["배송비", "반품", "정산일", "반품"])
    assert engine.queries == ["정산일", "배송비", "반품"]
    np.testing.assert_array_equal(again, FakeEmbedder().embed_queries(["배송비", "반품", "정산일", "반품"]))


def test_the_least_lately_asked_is_forgotten_first() -> None:
    engine = FakeEmbedder()
    memo = VectorMemo(engine.embed_queries, texts=2)
    for text in ("가", "나", "가", "다", "가", "나"):
        memo([text])
    assert engine.queries == ["가", "나", "다", "나"]


def test_a_failure_is_not_remembered() -> None:
    engine = FakeEmbedder(fail_after=0)
    memo = VectorMemo(engine.embed_queries)
    with pytest.raises(EmbeddingUnavailable):
        memo(["정산일"])
    engine.fail_after = None
    assert memo(["정산일"]).shape == (1, engine.dimensions)
