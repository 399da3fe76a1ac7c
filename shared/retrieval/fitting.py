"""Fitting a calibration to an index, never to a fixed figure.

Two questions are decided apart. *Is it on topic?* The similarity of the best title and the score of the first content
are compared with what questions that no content answers reach: a one-sided bound on the false alarms in the manner of
Neyman and Pearson (1933), for the questions that customers will ask are unknown when an index is built, those that no
company answers are not. *Is the first content the right one?* A logistic regression (Cox 1958) on the score, its lead
over the others and the agreement of the legs, fitted on questions that are made from the contents by rule.
"""

from collections.abc import Sequence

import numpy as np

from shared.bot import Thresholds, Weights
from shared.retrieval.base import PARTS, Part, Vector
from shared.retrieval.calibration import Calibration, Figures, Fit, Signals, logistic, name_of, rank, signals
from shared.retrieval.candidates import OPENING, Candidates
from shared.retrieval.fusion import effective

NEAR_QUANTILE = 0.8  # of the off-topic questions, whose titles come no nearer than what may be suggested
QUESTIONS = 300  # made from contents; half of them give the same figures within 2 %
_RIDGE = 1.0
_STEPS = 25


def fit(
    on_topic: Sequence[tuple[Candidates, frozenset[str]]],
    off_topic: Sequence[Candidates],
    weights: Weights,
    legs: Sequence[frozenset[Part]],
    thresholds: Thresholds,
) -> Calibration:
    """Thresholds for each set of legs.

    Parameters
    ----------
    on_topic
        What was found for questions made from contents, with the ids that are right.
    off_topic
        What was found for questions that no content answers. Without any, nothing is refused.
    """
    scales = spread([found for found, _ in on_topic])
    fits: dict[str, Fit] = {}
    for present in legs:
        factors = effective(weights, scales, present - OPENING)
        seen = [(_signals_of(found, factors, present), right) for found, right in on_topic if found.faq_ids]
        features = np.array([one.features for (one, _), _ in seen]).reshape(-1, 5)
        hits = np.array([first in right for (_, first), right in seen], dtype=np.float64)
        away = [_signals_of(found, factors, present)[0] for found in off_topic if found.faq_ids]
        fits[name_of(present)] = _bound(_regress(features, hits), away, thresholds)
    return Calibration(scales=scales, fits=fits)


def spread(found: Sequence[Candidates]) -> dict[Part, float]:
    """How far each part spreads over the candidates of a question, on average."""
    usable = [one.parts for one in found if len(one.faq_ids) > 1]
    deviations = np.mean([parts.std(axis=0) for parts in usable], axis=0) if usable else np.ones(len(PARTS))
    return {part: max(float(deviations[at]), 1e-4) for at, part in enumerate(PARTS)}


def _signals_of(found: Candidates, factors: Vector, present: frozenset[Part]) -> tuple[Signals, str]:
    scores, order = rank(found, factors)
    usable = Candidates(found.faq_ids, found.parts, found.present & present)
    return signals(usable, scores, order), found.faq_ids[order[0]]


def _bound(fitted: Fit, away: Sequence[Signals], thresholds: Thresholds) -> Fit:
    """The fit with the thresholds that these off-topic questions set."""
    fitted = fitted.model_copy(update={"answer_from": thresholds.answer_from})
    if not away:
        return fitted
    titles, scores = np.array([one.title for one in away]), np.array([one.score for one in away])
    spread_of = (titles.mean(), max(titles.std(), 1e-6), scores.mean(), max(scores.std(), 1e-6))
    based = fitted.model_copy(update={"off_topic": tuple(map(float, spread_of))})
    return based.model_copy(
        update={
            "refuse_below": float(np.quantile([based.relevance(one) for one in away], thresholds.off_topic_refused)),
            "suggest_from": float(np.quantile(titles, NEAR_QUANTILE)),
        }
    )


def _regress(features: Figures, hits: Figures) -> Fit:
    """Logistic regression by Newton's method, with a ridge on all but the intercept."""
    if not len(hits):
        return Fit()
    means, deviations = features.mean(axis=0), features.std(axis=0)
    deviations[deviations < 1e-9] = 1.0
    design = np.hstack([(features - means) / deviations, np.ones((len(hits), 1))])
    ridge = np.diag([_RIDGE] * features.shape[1] + [1e-2])  # of the intercept a trace: all may be hits
    coefficients = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = logistic(design @ coefficients)
        gradient = design.T @ (hits - chance) - ridge @ coefficients
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        coefficients += np.linalg.solve(curvature, gradient)
    return Fit(
        means=list(means),
        deviations=list(deviations),
        coefficients=list(coefficients[:-1]),
        intercept=float(coefficients[-1]),
    )
