"""From the parts of a score to one figure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bot import Weights
from shared.retrieval.base import KINDS, PARTS, Part
from shared.retrieval.fusion import E5_SCALES, combine, effective

ALIKE: dict[Part, float] = dict.fromkeys(PARTS, 0.1)
EACH = st.floats(0, 10)


def factors_of(weights: Weights, *present: Part) -> dict[Part, float]:
    found = effective(weights, ALIKE, frozenset(present or PARTS))
    return {part: float(factor) for part, factor in zip(PARTS, found, strict=True) if factor}


WITHOUT_OPENINGS = [part for part in PARTS if part != "opening"]
ALL_ALIKE = Weights(title=1, content=1, sentence=1, lexical=1)


def test_weights_are_shared_among_a_legs_halves() -> None:
    assert factors_of(ALL_ALIKE, *WITHOUT_OPENINGS) == pytest.approx(
        {
            "title": 0.25,
            "content": 0.25,
            "sentence_title": 0.15,
            "sentence": 0.1,
            "ngram_title": 0.175,
            "ngram_content": 0.075,
        }
    )


def test_openings_take_from_titles_and_both_weigh_a_fifth_more() -> None:
    found = factors_of(ALL_ALIKE)
    assert found["title"] == found["opening"] == pytest.approx(0.6 / 4.2)
    assert found["content"] == pytest.approx(1 / 4.2)
    assert factors_of(ALL_ALIKE, "title", "content") == pytest.approx({"title": 0.5, "content": 0.5})


def test_the_legs_that_are_there_share_the_weight_of_those_that_are_not() -> None:
    assert factors_of(Weights(title=3, content=1), *KINDS) == pytest.approx({"title": 0.75, "content": 0.25})


def test_a_weight_counts_in_units_of_the_spread() -> None:
    scales: dict[Part, float] = {**ALIKE, "title": 0.05}
    factors = effective(Weights(title=1, content=1, sentence=0, lexical=0), scales, frozenset(WITHOUT_OPENINGS))
    assert factors[0] == pytest.approx(2 * factors[1])


@pytest.mark.parametrize("weights", [Weights(title=0, content=0, sentence=0, lexical=0), Weights(title=0, content=0)])
def test_where_no_weight_is_left_titles_decide(weights: Weights) -> None:
    assert factors_of(weights, *KINDS) == {"title": 1.0}


@given(EACH, EACH, EACH, EACH, st.sets(st.sampled_from(PARTS)))
def test_factors_sum_to_one_and_absent_parts_have_none(
    title: float, content: float, sentence: float, lexical: float, others: set[Part]
) -> None:
    present = frozenset({"title", *others})
    factors = effective(Weights(title=title, content=content, sentence=sentence, lexical=lexical), E5_SCALES, present)
    assert factors.sum() == pytest.approx(1, abs=1e-5)
    assert all(factors[at] == 0 for at, part in enumerate(PARTS) if part not in present)


def test_a_part_without_any_spread_is_no_division_by_nothing() -> None:
    assert np.isfinite(effective(Weights(), dict.fromkeys(PARTS, 0.0))).all()


def test_parts_are_combined_as_the_search_does() -> None:
    parts: dict[Part, float] = {"title": 0.9, "content": 0.8, "ngram_title": 0.5, "ngram_content": 0.1}
    factors = effective(Weights(), E5_SCALES, frozenset(parts))
    assert combine(parts, Weights(), E5_SCALES) == pytest.approx(
        float(factors @ np.array([parts.get(part, 0.0) for part in PARTS], dtype=np.float32))
    )
