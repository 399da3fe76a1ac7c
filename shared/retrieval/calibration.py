"""When the best content is the answer, when to ask back, when to refuse: fitted on each index (`fitting.py`)."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, Field, FiniteFloat

from shared.bot import Thresholds, Weights
from shared.errors import IndexUnavailable
from shared.models import Decision
from shared.retrieval.base import PARTS, Measured, Part, Vector
from shared.retrieval.candidates import OPENING, VECTORS_ONLY, WITHOUT_SECOND, Candidates
from shared.retrieval.fusion import E5_SCALES, effective
from shared.storage.base import Store

_SAME = 1e-5  # two fits on the same texts differ by 1e-8, for vectors are made in batches of another order
SCORE_SHARE = 0.5  # of the score beside the title's similarity; of 0, 0.5 and 1 this refuses most, and fewest in vain


Figures: TypeAlias = npt.NDArray[np.float64]
# What any fit gives lies far within; beyond, figures overflow when they are divided and summed
_Figure: TypeAlias = Annotated[FiniteFloat, Field(ge=-1e9, le=1e9)]
_Spread: TypeAlias = Annotated[FiniteFloat, Field(ge=1e-9, le=1e9)]


def _of_all_parts(scales: dict[Part, float]) -> dict[Part, float]:
    if lacking := [part for part in PARTS if part not in scales and part not in OPENING]:
        raise ValueError(f"no scale of {', '.join(lacking)}")
    return {"opening": E5_SCALES["opening"], **scales}  # earlier releases measured none, for their indexes have none


_Scales: TypeAlias = Annotated[dict[Part, _Spread], AfterValidator(_of_all_parts)]
_OfFeatures = Field(min_length=5, max_length=5)  # one figure for each of `Signals.features`


class CalibrationDamaged(IndexUnavailable):
    """What is stored of a calibration cannot decide anything."""

    code = "calibration_damaged"


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

    refuse_below: _Figure = -1e9
    suggest_from: _Figure = 0.0
    off_topic: tuple[_Figure, _Spread, _Figure, _Spread] = (0.0, 1.0, 0.0, 1.0)
    means: Annotated[list[_Figure], _OfFeatures] = [0.0] * 5
    deviations: Annotated[list[_Spread], _OfFeatures] = [1.0] * 5
    coefficients: Annotated[list[_Figure], _OfFeatures] = [0.0] * 5
    intercept: _Figure = 0.0
    answer_from: _Figure = Thresholds().answer_from

    def relevance(self, signals: Signals) -> float:
        """How far a question lies above those that are off topic."""
        title_mean, title_deviation, score_mean, score_deviation = self.off_topic
        title = (signals.title - title_mean) / title_deviation
        return title + SCORE_SHARE * (signals.score - score_mean) / score_deviation

    def confidence(self, signals: Signals) -> float:
        """The probability that the first content is the right one, for a question that is on topic."""
        scaled = (signals.features - np.array(self.means)) / np.array(self.deviations)
        return float(logistic(scaled @ np.array(self.coefficients) + self.intercept))

    def decide(self, signals: Signals) -> Decision:
        """`answer`, `clarify` or `refuse`."""
        if self.relevance(signals) < self.refuse_below:
            return "refuse"
        return "answer" if self.confidence(signals) >= self.answer_from else "clarify"


_UNFITTED = Fit()


class Learned(BaseModel):
    """How a bot ranks, and when it trusts the first content, with the similarity head that has this digest.

    Its fits refuse nothing: a head draws off-topic questions nearer, too, so that what is off topic is decided without.
    """

    head: str
    scales: _Scales
    fits: dict[str, Fit]

    def fit_for(self, present: frozenset[Part]) -> Fit:
        """The regression for these legs; of legs that it was not fitted for one that trusts nothing."""
        return self.fits.get(name_of(present), _UNFITTED)


class Calibration(BaseModel):
    """Of one bot and one version of a source's index."""

    scales: _Scales
    fits: dict[str, Fit]
    learned: Learned | None = None

    def fit_for(self, present: frozenset[Part]) -> Fit:
        """The thresholds for these legs; of legs that it was not fitted for those that always ask back."""
        return self.fits.get(name_of(present), _UNFITTED)

    def covers(self, legs: Collection[frozenset[Part]]) -> bool:
        """Whether it was fitted for these legs, with its head too; the vectors alone are searched without one."""
        names = {name_of(one) for one in legs}
        learned = self.learned is None or names - {name_of(VECTORS_ONLY)} <= self.learned.fits.keys()
        return learned and names <= self.fits.keys()


def alike(one: Calibration, other: Calibration) -> bool:
    """Whether two decide alike: the same but for what the order of sums in vectors makes."""
    return _alike(one.model_dump(), other.model_dump())


def _alike(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
    return one == other


@dataclass(frozen=True)
class Ruling:
    """Scores of the candidates, `(n,)`, their positions, best first, and what to do.

    `confidence` is the probability that the first is right, if the question is on topic.
    """

    scores: Vector
    order: list[int]
    decision: Decision
    confidence: float
    measured: Measured


def rule(near: Candidates, moved: Candidates | None, calibration: Calibration | None, weights: Weights) -> Ruling:
    """Rank candidates, one at least, and decide.

    Openings only rank: it is decided as if there were none, and where another content came first without them it is
    asked back instead of answered. Each opening holds a title, as do the questions that a calibration is fitted on,
    which would trust them too much: docs/retrieval.md.

    Parameters
    ----------
    near
        By the vectors of the engines.
    moved
        The same contents with the similarity head that the calibration was fitted with. They are ranked by it, and
        trusted by it; what is off topic is decided by `near` alone, as if there were no head.
    """
    scales = calibration.scales if calibration else E5_SCALES
    scores, order = rank(near, effective(weights, scales, near.present))
    fit = calibration.fit_for(near.present) if calibration else Fit()
    decision, seen = _decided(fit, near, order, weights, scales)
    confidence = fit.confidence(seen)
    measured = Measured(fit.relevance(seen), fit.refuse_below, fit.answer_from)
    if moved is not None and calibration is not None and (learned := calibration.learned) is not None:
        scores, order = rank(moved, effective(weights, learned.scales, moved.present))
        fit = learned.fit_for(moved.present)
        trusted, seen = _decided(fit, moved, order, weights, learned.scales)
        confidence, measured = fit.confidence(seen), replace(measured, answer_from=fit.answer_from)
        decision = "refuse" if decision == "refuse" else trusted
    return Ruling(scores, order, decision, confidence, measured)


def _decided(
    fit: Fit, found: Candidates, order: Sequence[int], weights: Weights, scales: Mapping[Part, float]
) -> tuple[Decision, Signals]:
    """What to do about candidates that are ranked so, and why, without openings."""
    scores, without = rank(found, effective(weights, scales, found.present - OPENING))
    seen = signals(found, scores, without)
    decision = fit.decide(seen)
    return "clarify" if decision == "answer" and without[0] != order[0] else decision, seen


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
    columns = [at for at, part in enumerate(PARTS) if part in found.present - OPENING and part != "sentence"]
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


def save(store: Store, bot_id: str, source_id: str, version: str, made: Calibration) -> None:
    """Keep it. Raises `StoreUnavailable`."""
    store.put("calibrations", {"pk": bot_id, "sk": f"{source_id}#{version}", **made.model_dump(mode="json")})


def read(
    store: Store, bot_id: str, source_id: str, version: str, legs: Collection[frozenset[Part]] = ()
) -> Calibration | None:
    """What was fitted for this bot and version, if anything was.

    Parameters
    ----------
    legs
        Those that are to be decided by.

    Raises
    ------
    StoreUnavailable
    CalibrationDamaged
        When it lacks something, or these legs.
    """
    try:
        item = store.get("calibrations", bot_id, f"{source_id}#{version}")
        made = Calibration.model_validate(item) if item is not None else None
    except ValueError as error:  # no calibration, or no JSON
        raise CalibrationDamaged(detail=f"the calibration of bot {bot_id!r} is damaged") from error
    if made is not None and not made.covers(legs):
        raise CalibrationDamaged(detail=f"the calibration of bot {bot_id!r} is damaged: it lacks legs")
    return made


def legs_of(second: bool) -> list[frozenset[Part]]:
    """The sets of legs that are fitted: with the second opinion, where an index has one, and without."""
    return [WITHOUT_SECOND, VECTORS_ONLY] + ([frozenset(PARTS)] if second else [])


def forget(store: Store, bot_id: str, source_id: str, version: str) -> None:
    """Remove it. Raises `StoreUnavailable`."""
    store.delete("calibrations", bot_id, f"{source_id}#{version}")


def logistic(value: Figures) -> Figures:
    """1 / (1 + e^-value), finite for all finite values."""
    clipped = np.clip(value, -30, 30)
    result: Figures = 1 / (1 + np.exp(-clipped))
    return result


def name_of(present: frozenset[Part]) -> str:
    """What a set of legs is called in `fits`, where openings decide nothing."""
    return "+".join(part for part in PARTS if part in present - OPENING)
