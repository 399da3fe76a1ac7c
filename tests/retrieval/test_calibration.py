"""When the first content is the answer, when to ask back, when to refuse."""

import sqlite3
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.bot import Thresholds, Weights
from shared.retrieval import calibration as calibrations
from shared.retrieval.base import PARTS
from shared.retrieval.calibration import Calibration, CalibrationDamaged, Fit, Signals, legs_of, rank, signals
from shared.retrieval.candidates import VECTORS_ONLY, WITHOUT_SECOND, Candidates
from shared.retrieval.fitting import NEAR_QUANTILE, fit, spread
from shared.retrieval.fusion import effective
from shared.storage.sqlite import SqliteStore

LEGS = [frozenset(PARTS), WITHOUT_SECOND, VECTORS_ONLY]
RNG = np.random.default_rng(3)


def question(first: float, others: float = 0.3, count: int = 6) -> Candidates:
    """Candidates of which the first meets all legs so well."""
    parts = (others + RNG.normal(0, 0.02, (count, len(PARTS)))).astype(np.float32)
    parts[0] = first
    return Candidates([f"c{n}" for n in range(count)], parts, frozenset(PARTS))


NOTHING = Candidates([], np.empty((0, len(PARTS)), np.float32), frozenset(PARTS))
CLEAR = [(question(0.9), frozenset({"c0"})) for _ in range(60)]
DOUBTFUL = [(question(0.36), frozenset({"c0"} if n % 5 == 0 else {"c1"})) for n in range(60)]


def seen(found: Candidates, made: Calibration) -> Signals:
    scores, order = rank(found, effective(Weights(), made.scales, found.present))
    return signals(found, scores, order)


def test_signals_are_the_lead_and_the_agreement_of_the_first() -> None:
    parts = np.zeros((3, len(PARTS)), np.float32)
    parts[:, 0] = [0.9, 0.8, 0.7]
    parts[:, 1] = [0.1, 0.5, 0.2]
    parts[:, 4] = [0.4, 0.0, 0.0]
    scores = np.array([0.6, 0.5, 0.2], np.float32)
    found = signals(Candidates(["a", "b", "c"], parts, WITHOUT_SECOND), scores, [0, 1, 2])
    assert found.title == pytest.approx(0.9)
    assert (found.score, found.lead, found.lead_of_five) == pytest.approx((0.6, 0.1, 0.4))
    assert found.agreement == pytest.approx(2 / 4)  # titles and their n-grams; no n-gram of a content was met
    assert found.support == pytest.approx(0.4)


def test_a_single_content_leads_nobody() -> None:
    one = Candidates(["a"], np.full((1, len(PARTS)), 0.5, np.float32), frozenset(PARTS))
    found = signals(one, np.array([0.5], np.float32), [0])
    assert (found.lead, found.lead_of_five, found.agreement) == (0, 0, 1)


def test_equal_scores_are_ranked_by_id() -> None:
    found = Candidates(["b", "c", "a"], np.ones((3, len(PARTS)), np.float32), frozenset(PARTS))
    _, order = rank(found, np.full(len(PARTS), 1 / 6, np.float32))
    assert [found.faq_ids[at] for at in order] == ["a", "b", "c"]


@pytest.mark.parametrize("share", [0.97, 0.8])
def test_the_shares_of_off_topic_questions_that_pass_are_the_quantiles(share: float) -> None:
    off_topic = [question(float(first)) for first in np.linspace(0.4, 0.9, 1_000)]
    made = fit(CLEAR, off_topic, Weights(), LEGS, Thresholds(off_topic_refused=share))
    found = made.fit_for(VECTORS_ONLY)
    relevance = np.array([found.relevance(seen(restricted(one, VECTORS_ONLY), made)) for one in off_topic])
    titles = np.array([one.parts[:, 0].max() for one in off_topic])
    assert np.mean(relevance >= found.refuse_below) == pytest.approx(1 - share, abs=0.002)
    assert np.mean(titles >= found.suggest_from) == pytest.approx(1 - NEAR_QUANTILE, abs=0.002)


def test_a_clear_question_is_answered_a_doubtful_one_asked_back_and_an_off_topic_one_refused() -> None:
    made = fit([*CLEAR, *DOUBTFUL], [question(0.31) for _ in range(100)], Weights(), LEGS, Thresholds())
    for legs in LEGS:
        one = made.fit_for(legs)
        clear, doubtful = seen(restricted(question(0.9), legs), made), seen(restricted(question(0.37), legs), made)
        assert one.confidence(clear) > Thresholds().answer_from > one.confidence(doubtful)
        assert one.decide(clear) == "answer"
        assert one.decide(seen(restricted(question(0.2, others=0.1), legs), made)) == "refuse"


def test_a_bot_that_answers_only_what_is_sure_asks_back_instead() -> None:
    bold, careful = (fit([*CLEAR, *DOUBTFUL], [], Weights(), LEGS, Thresholds(answer_from=one)) for one in (0.0, 1.0))
    asked = seen(question(0.9), bold)
    assert bold.fit_for(frozenset(PARTS)).decide(asked) == "answer"
    assert careful.fit_for(frozenset(PARTS)).decide(asked) == "clarify"


def restricted(found: Candidates, present: frozenset[str]) -> Candidates:
    legs = frozenset(part for part in PARTS if part in present)
    parts = found.parts * np.array([part in legs for part in PARTS], np.float32)
    return Candidates(found.faq_ids, parts, legs)


def test_without_off_topic_questions_nothing_is_refused() -> None:
    found = fit(CLEAR, [], Weights(), LEGS, Thresholds()).fit_for(VECTORS_ONLY)
    assert found.refuse_below < -1e6
    assert found.suggest_from == 0
    made = fit(CLEAR, [], Weights(), LEGS, Thresholds())
    assert found.decide(seen(question(0.01, others=0.0), made)) in ("answer", "clarify")


def test_without_a_calibration_the_bot_asks_back() -> None:
    assert Fit().decide(Signals(0.9, 0.9, 0.5, 0.5, 1.0, 1.0)) == "clarify"


@pytest.mark.parametrize("on_topic", [[], [(NOTHING, frozenset({"a"}))], CLEAR[:1], CLEAR, DOUBTFUL[1:5]])
def test_a_fit_on_little_or_on_hits_alone_is_finite(on_topic: list[tuple[Candidates, frozenset[str]]]) -> None:
    made = fit(on_topic, [NOTHING, question(0.3)], Weights(), LEGS, Thresholds())
    for legs in LEGS:
        one = made.fit_for(legs)
        assert np.isfinite([*one.coefficients, one.intercept, *one.means, *one.deviations]).all()
        assert 0 <= one.confidence(seen(question(0.5), made)) <= 1


def test_scales_are_how_far_each_part_spreads() -> None:
    parts = np.zeros((2, len(PARTS)), np.float32)
    parts[1, 0] = 0.4
    scales = spread([Candidates(["a", "b"], parts, frozenset(PARTS)), NOTHING])
    assert scales["title"] == pytest.approx(0.2)
    assert scales["content"] > 0  # nothing is divided by nothing


def test_a_calibration_is_kept_for_one_bot_and_version(tmp_path: Path) -> None:
    store, made = SqliteStore(tmp_path / "store.sqlite3"), fit(CLEAR, [question(0.3)], Weights(), LEGS, Thresholds())
    calibrations.save(store, "bot", "shop", "01A", made)
    assert calibrations.read(store, "bot", "shop", "01A") == made
    assert calibrations.read(store, "other", "shop", "01A") is None
    assert calibrations.read(store, "bot", "shop", "01B") is None
    calibrations.forget(store, "bot", "shop", "01A")
    assert calibrations.read(store, "bot", "shop", "01A") is None


def spoilt(*path: object, to: object = None) -> Any:
    """A change of what is stored: one thing taken out of it, or made another."""

    def change(item: dict[str, Any]) -> None:
        at: Any = item
        for key in path[:-1]:
            at = at[key]
        if to is None:
            del at[path[-1]]
        else:
            at[path[-1]] = to

    return change


DAMAGES = {
    "no scales": spoilt("scales"),
    "a scale missing": spoilt("scales", "sentence"),
    "a scale of nothing": spoilt("scales", "title", to=0.0),
    "no fits": spoilt("fits", to={}),
    "a set of legs missing": spoilt("fits", "title+content"),
    "too few coefficients": spoilt("fits", "title+content", "coefficients", to=[0.1]),
    "too many means": spoilt("fits", "title+content", "means", to=[0.1] * 6),
    "a deviation of nothing": spoilt("fits", "title+content", "deviations", to=[1, 1, 0, 1, 1]),
    "off-topic questions of one similarity": spoilt("fits", "title+content", "off_topic", to=[0.5, 0.0, 0.5, 0.1]),
    "a figure that overflows": spoilt("fits", "title+content", "means", to=[-1.7e308] * 5),
    "a deviation of next to nothing": spoilt("fits", "title+content", "deviations", to=[1e-300] * 5),
    "a word for a figure": spoilt("fits", "title+content", "refuse_below", to="high"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_calibration_is_told_from_a_missing_one(tmp_path: Path, damage: Any) -> None:
    store, made = SqliteStore(tmp_path / "store.sqlite3"), fit(CLEAR, [question(0.3)], Weights(), LEGS, Thresholds())
    calibrations.save(store, "bot", "shop", "01A", made)
    item = deepcopy(store.get("calibrations", "bot", "shop#01A"))
    assert item and calibrations.read(store, "bot", "shop", "01A", LEGS) == made
    damage(item)
    store.put("calibrations", item)
    with pytest.raises(CalibrationDamaged) as told:
        calibrations.read(store, "bot", "shop", "01A", LEGS)
    assert "of bot 'bot'" in told.value.reason


def test_a_calibration_that_is_no_item_at_all_is_damaged(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    made = fit(CLEAR, [question(0.3)], Weights(), LEGS, Thresholds())
    calibrations.save(store, "bot", "shop", "01A", made)
    store.close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection, connection:
        connection.execute("UPDATE calibrations SET body = '[]'")
    with pytest.raises(CalibrationDamaged):
        calibrations.read(store, "bot", "shop", "01A", LEGS)


def test_legs_that_were_not_fitted_are_decided_by_asking_back() -> None:
    made = fit(CLEAR, [question(0.3)], Weights(), legs_of(second=False), Thresholds())
    assert made.fit_for(frozenset(PARTS)) == Fit()
    assert made.covers(legs_of(second=False)) and not made.covers(legs_of(second=True))
