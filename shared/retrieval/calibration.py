"""From which score on the best content is an answer: fitted on each index, for each engine has its own scale."""

from collections.abc import Sequence

import numpy as np

from shared.retrieval.base import KINDS, Kind, Row, Vector

ANSWER_QUANTILE = 0.95  # of the off-topic questions this share is refused; a third of the shipped ones come close
NEAR_QUANTILE = 0.8  # and to this share nothing is even suggested


def best_scores(rows: Sequence[Row], vectors: Vector, queries: Vector, title_weight: float) -> Vector:
    """The best content's score for each query, `(len(queries),)`: exact, as retrieval weighs it."""
    if not rows or not len(queries):
        return np.zeros(len(queries), dtype=np.float32)
    order = {faq_id: n for n, faq_id in enumerate(dict.fromkeys(row.faq_id for row in rows))}
    weights: dict[Kind, float] = {"title": title_weight, "content": 1 - title_weight}
    total = np.zeros((len(order), len(queries)), dtype=np.float32)
    for kind in KINDS:
        picked = [n for n, row in enumerate(rows) if row.kind == kind]
        owner = np.array([order[rows[n].faq_id] for n in picked])
        best = np.full((len(order), len(queries)), -1.0, dtype=np.float32)
        np.maximum.at(best, owner, vectors[picked] @ queries.T)
        total += weights[kind] * best
    return np.asarray(total.max(axis=0), dtype=np.float32)


def fit_thresholds(rows: Sequence[Row], vectors: Vector, off_topic: Vector, title_weight: float) -> tuple[float, float]:
    """From which score on the best content is the answer, and from which on it is worth a suggestion.

    They are the scores that only 5 % and 20 % of the off-topic questions reach.

    A one-sided bound on the false alarms, in the manner of Neyman and Pearson (1933): the questions that a company's
    customers will ask are unknown when its index is built, the ones that no company answers are not.

    Parameters
    ----------
    off_topic
        Vectors of off-topic questions, `(n, dimensions)`. Without any, both are 0: all is answered.
    """
    if not len(off_topic):
        return 0.0, 0.0
    answer, near = np.quantile(best_scores(rows, vectors, off_topic, title_weight), [ANSWER_QUANTILE, NEAR_QUANTILE])
    return float(answer), float(near)
