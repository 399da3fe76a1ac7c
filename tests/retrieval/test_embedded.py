"""Vectors of questions as the history log keeps them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.models import Embedding
from shared.retrieval.base import Embedded
from shared.retrieval.embedded import packed, unpacked


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 384, 1_536]))
def test_a_vector_comes_back_nearly_as_it_was_with_its_engines_name(seed: int, dimensions: int) -> None:
    vector = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    vector /= np.linalg.norm(vector)
    found = unpacked(packed(Embedded("engine", vector)))
    assert found and found.engine == "engine"
    assert found.vector @ vector == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("damaged", ["", "AAA", "한글", "AAAA====", "AAAAAA==", "AHw="])
def test_what_is_no_vector_is_nothing(damaged: str) -> None:
    assert unpacked(Embedding(engine="engine", vector=damaged)) is None
