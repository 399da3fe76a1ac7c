"""When the best content is the answer, when to ask back, when to refuse: fitted on each index, never a fixed figure.

Two questions are decided apart. *Is it on topic?* The similarity of the best title and the score of the first content
are compared with what questions that no content answers reach: a one-sided bound on the false alarms in the manner of
Neyman and Pearson (1933), for the questions that customers will ask are unknown when an index is built, those that no
company answers are not. *Is the first content the right one?* A logistic regression (Cox 1958) on the score, its lead
over the others and the agreement of the legs, fitted on questions that are made from the contents by rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from shared.bot import Thresholds, Weights
from shared.models import Decision
from shared.retrieval.base import PARTS, Part, Vector
from shared.retrieval.candidates import Candidates
from shared.retrieval.fusion import E5_SCALES, effective
from shared.storage.base import Store

NEAR_QUANTILE = 0.8  # and to this share nothing is even suggested
QUESTIONS = 300  # made from contents; half of them give the same figures within 2 %
SCORE_SHARE = 0.5  # of the score beside the title's similarity; of 0, 0.5 and 1 this refuses most, and fewest in vain
_RIDGE = 1.0
_STEPS = 25


Figures: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Signals:
    """What the decision is made from.

    Parameters
    ----------
    title
        The best title similarity of all candidates.
    score, lead, lead_of_five
        Of the first content; over the second; over the fifth.
    agreement
        Share of the legs whose own first it is.
    support
        The n-gram score of its title.
    """

    title: float
    score: float
    lead: float
    lead_of_five: float
    agreement: float
    support: float

    @property
    def features(self) -> Figures:
        """Those that tell whether the first content is the right one, `(5,)`."""
        return np.array([self.score, self.lead, self.lead_of_five, self.agreement, self.support], dtype=np.float64)


class Fit(BaseModel):
    """One set of legs' thresholds.

    Parameters
    ----------
    refuse_below
        A relevance: how many standard deviations above the off-topic questions' mean, title and score together.
    suggest_from
        A title's similarity.
    off_topic
        Mean and deviation of the off-topic questions' title similarity, then of their score.
    means, deviations, coefficients
        Of `Signals.features`, in order.
    """

    refuse_below: float = -1e9
    suggest_from: float = 0.0
    off_topic: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
    means: list[float] = [0.0] * 5
    deviations: list[float] = [1.0] * 5
    coefficients: list[float] = [0.0] * 5
    intercept: float = 0.0
    answer_from: float = Thresholds().answer_from

    def relevance(self, signals: Signals) -> float:
        """How far a question lies above those that are off topic."""
        title_mean, title_deviation, score_mean, score_deviation = self.off_topic
        title = (signals.title - title_mean) / title_deviation
        return title + SCORE_SHARE * (signals.score - score_mean) / score_deviation

    def confidence(self, signals: Signals) -> float:
        """The probability that the first content is the right one, for a question that is on topic."""
        scaled = (signals.features - np.array(self.means)) / np.array(self.deviations)
        return float(_logistic(scaled @ np.array(self.coefficients) + self.intercept))

    def decide(self, signals: Signals) -> Decision:
        """`answer`, `clarify` or `refuse`."""
        if self.relevance(signals) < self.refuse_below:
            return "refuse"
        return "answer" if self.confidence(signals) >= self.answer_from else "clarify"


class Learned(BaseModel):
    """How a bot ranks, and when it trusts the first content, with the similarity head that has this digest.

    Its fits refuse nothing: a head draws off-topic questions nearer, too, so that what is off topic is decided without.
    """

    head: str
    scales: dict[Part, float]
    fits: dict[str, Fit]

    def fit_for(self, present: frozenset[Part]) -> Fit:
        """The regression for these legs."""
        return self.fits[_name(present)]


class Calibration(BaseModel):
    """Of one bot and one version of a source's index."""

    scales: dict[Part, float]
    fits: dict[str, Fit]
    learned: Learned | None = None

    def fit_for(self, present: frozenset[Part]) -> Fit:
        """The thresholds for these legs."""
        return self.fits[_name(present)]


@dataclass(frozen=True)
class Ruling:
    """Scores of the candidates, `(n,)`, their positions, best first, and what to do.

    `confidence` is the probability that the first is right, if the question is on topic.
    """

    scores: Vector
    order: list[int]
    decision: Decision
    confidence: float


def rule(near: Candidates, moved: Candidates | None, calibration: Calibration | None, weights: Weights) -> Ruling:
    """Rank candidates, one at least, and decide.

    Parameters
    ----------
    near
        By the vectors of the engines.
    moved
        The same contents with the similarity head that the calibration was fitted with. They are ranked by it, and
        trusted by it; what is off topic is decided by `near` alone, as if there were no head.
    """
    scores, order = rank(near, effective(weights, calibration.scales if calibration else E5_SCALES, near.present))
    fit, seen = calibration.fit_for(near.present) if calibration else Fit(), signals(near, scores, order)
    decision, confidence = fit.decide(seen), fit.confidence(seen)
    if moved is not None and calibration is not None and (learned := calibration.learned) is not None:
        scores, order = rank(moved, effective(weights, learned.scales, moved.present))
        fit, seen = learned.fit_for(moved.present), signals(moved, scores, order)
        confidence = fit.confidence(seen)
        decision = "refuse" if decision == "refuse" else fit.decide(seen)
    return Ruling(scores, order, decision, confidence)


def signals(found: Candidates, scores: Vector, order: Sequence[int]) -> Signals:
    """The signals of ranked candidates, one at least.

    Parameters
    ----------
    scores
        `(len(found.faq_ids),)`
    order
        Their positions, best first.
    """
    first = order[0]
    ranked = [float(scores[one]) for one in order[:5]]
    columns = [at for at, part in enumerate(PARTS) if part in found.present and part != "sentence"]
    return Signals(
        title=float(found.parts[:, 0].max()),
        score=ranked[0],
        lead=ranked[0] - ranked[min(1, len(ranked) - 1)],
        lead_of_five=ranked[0] - ranked[-1],
        agreement=float(np.mean([found.parts[first, at] >= found.parts[:, at].max() > 0 for at in columns])),
        support=float(found.parts[first, PARTS.index("ngram_title")]),
    )


def rank(found: Candidates, factors: Vector) -> tuple[Vector, list[int]]:
    """Scores of the candidates, and their positions, best first; equal ones by id."""
    scores: Vector = found.parts @ factors
    return scores, sorted(range(len(scores)), key=lambda one: (-scores[one], found.faq_ids[one]))


def spread(found: Sequence[Candidates]) -> dict[Part, float]:
    """How far each part spreads over the candidates of a question, on average."""
    usable = [one.parts for one in found if len(one.faq_ids) > 1]
    deviations = np.mean([parts.std(axis=0) for parts in usable], axis=0) if usable else np.ones(len(PARTS))
    return {part: max(float(deviations[at]), 1e-4) for at, part in enumerate(PARTS)}


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
        factors = effective(weights, scales, present)
        seen = [(_signals_of(found, factors, present), right) for found, right in on_topic if found.faq_ids]
        features = np.array([one.features for (one, _), _ in seen]).reshape(-1, 5)
        hits = np.array([first in right for (_, first), right in seen], dtype=np.float64)
        away = [_signals_of(found, factors, present)[0] for found in off_topic if found.faq_ids]
        fits[_name(present)] = _bound(_regress(features, hits), away, thresholds)
    return Calibration(scales=scales, fits=fits)


def save(store: Store, bot_id: str, source_id: str, version: str, made: Calibration) -> None:
    """Keep it. Raises `StoreUnavailable`."""
    store.put("calibrations", {"pk": bot_id, "sk": f"{source_id}#{version}", **made.model_dump(mode="json")})


def read(store: Store, bot_id: str, source_id: str, version: str) -> Calibration | None:
    """What was fitted for this bot and version, if anything was. Raises `StoreUnavailable`."""
    item = store.get("calibrations", bot_id, f"{source_id}#{version}")
    return Calibration.model_validate(item) if item else None


def forget(store: Store, bot_id: str, source_id: str, version: str) -> None:
    """Remove it. Raises `StoreUnavailable`."""
    store.delete("calibrations", bot_id, f"{source_id}#{version}")


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
        chance = _logistic(design @ coefficients)
        gradient = design.T @ (hits - chance) - ridge @ coefficients
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        coefficients += np.linalg.solve(curvature, gradient)
    return Fit(
        means=list(means),
        deviations=list(deviations),
        coefficients=list(coefficients[:-1]),
        intercept=float(coefficients[-1]),
    )


def _logistic(value: Figures) -> Figures:
    clipped = np.clip(value, -30, 30)
    result: Figures = 1 / (1 + np.exp(-clipped))
    return result


def _name(present: frozenset[Part]) -> str:
    return "+".join(part for part in PARTS if part in present)
