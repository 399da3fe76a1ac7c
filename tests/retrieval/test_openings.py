"""Titles with the beginnings of their texts: made once, kept, and only ranked by."""

from pathlib import Path

import numpy as np
import pytest

from shared.bot import Weights
from shared.indexing.build import stored_contents
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Memory
from shared.retrieval.base import PARTS, Vector
from shared.retrieval.calibration import Calibration, Fit, name_of, rule
from shared.retrieval.candidates import EXACT_ROWS, OPENING, Candidates
from shared.retrieval.openings import known_openings, make_openings, opening_of
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import SOURCE, content, contents
from tests.retrieval.indexes import Indexed


def refuse(texts: object) -> Vector:
    raise AssertionError(f"embedded: {texts}")


def test_each_content_has_one_that_is_embedded_once(tmp_path: Path) -> None:
    place = Indexed.new(tmp_path)
    place.build(contents(3))
    place.build([*contents(3), content(7)])
    versions = manifests.versions(place.store, SOURCE)
    known = known_openings(versions, place.artefacts)
    stored = list(stored_contents(place.store, SOURCE))
    found = make_openings(stored, 20, refuse, known)
    assert found is not None
    expected = FakeEmbedder().embed_passages([opening_of(one) for one in stored])
    assert np.allclose(found.vectors, expected, atol=1e-3) and found.vectors.dtype == np.float16


def test_a_large_index_has_none() -> None:
    assert make_openings(contents(2), EXACT_ROWS + 1, refuse, Memory.empty()) is None


@pytest.mark.parametrize(("nearest", "decision"), [(0, "answer"), (1, "clarify")])
def test_what_comes_first_by_openings_alone_is_asked_back(nearest: int, decision: str) -> None:
    parts = np.full((2, len(PARTS)), 0.5, np.float32)
    parts[:, PARTS.index("title")] = 0.6, 0.55
    parts[nearest, PARTS.index("opening")] = 0.9
    near = Candidates(["a", "b"], parts, frozenset(PARTS))
    made = Calibration(scales=dict.fromkeys(PARTS, 0.1), fits={name_of(near.present): Fit(intercept=9.0)})
    with_openings = rule(near, None, made, Weights())
    without = rule(Candidates(near.faq_ids, parts, near.present - OPENING), None, made, Weights())
    assert (with_openings.order[0], with_openings.decision) == (nearest, decision)
    assert (without.order[0], without.decision) == (0, "answer")
    assert (with_openings.confidence, with_openings.measured) == (without.confidence, without.measured)
