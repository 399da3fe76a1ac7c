"""The score from which on a content is an answer, fitted on questions that nobody can answer."""

import numpy as np
import pytest

from shared.retrieval.base import Kind, Row, Vector
from shared.retrieval.calibration import ANSWER_QUANTILE, NEAR_QUANTILE, best_scores, fit_thresholds

COUNTS: dict[Kind, int] = {"title": 2, "content": 1}
ROWS = [
    Row("title", "a", 0, "", COUNTS),
    Row("title", "a", 1, "", COUNTS),
    Row("content", "a", 0, "", COUNTS),
    Row("title", "b", 0, "", {"title": 1, "content": 1}),
    Row("content", "b", 0, "", {"title": 1, "content": 1}),
]


def test_a_query_scores_its_best_content_by_its_best_title_and_passage() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0], [0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
    queries = np.array([[1, 0], [0, 1]], dtype=np.float32)
    # for the first query a: 0.75 x 1 + 0.25 x 1; for the second a: 0.75 x 1 + 0, b: 0.8
    assert best_scores(ROWS, vectors, queries, title_weight=0.75) == pytest.approx([1.0, 0.8])


def test_five_of_a_hundred_off_topic_questions_are_answered_and_twenty_come_near() -> None:
    rng = np.random.default_rng(2)
    vectors, off_topic = unit(rng.standard_normal((5, 8))), unit(rng.standard_normal((1_000, 8)))
    scores = best_scores(ROWS, vectors, off_topic, title_weight=0.5)
    passing = [
        float(np.mean(scores >= threshold)) for threshold in fit_thresholds(ROWS, vectors, off_topic, title_weight=0.5)
    ]
    assert passing == pytest.approx([1 - ANSWER_QUANTILE, 1 - NEAR_QUANTILE], abs=0.002)


def test_without_off_topic_questions_all_is_answered_and_without_contents_nothing_scores() -> None:
    nothing = np.zeros((0, 8), dtype=np.float32)
    assert fit_thresholds(ROWS, unit(np.ones((5, 8))), nothing, 0.5) == (0.0, 0.0)
    assert best_scores([], nothing, unit(np.ones((3, 8))), 0.5).tolist() == [0, 0, 0]


def unit(vectors: object) -> Vector:
    array = np.asarray(vectors, dtype=np.float32)
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    return array
