"""Figures of ranking and of decisions against figures computed by hand, and their intervals."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.evaluation.bootstrap import by_category, intervals
from scripts.evaluation.metrics import confusion, deciding, measure, ranking
from tests.fakes.evaluation import question, ranked

pytest.importorskip("pytrec_eval", reason="pytrec_eval is not installed: it has no wheel for Linux on ARM")


# Ranking


def test_ranking_is_what_it_is_by_hand() -> None:
    columns = ranking(
        [["w", "x", "y"], ["z", "a"], ["a", "b", "c", "d", "z"]], [frozenset("xy"), *[frozenset("z")] * 2], 10
    )
    both = (1 / log2(3) + 1 / log2(4)) / (1 / log2(2) + 1 / log2(3))
    assert columns["recall@1"].tolist() == [0, 1, 0]
    assert columns["recall@3"].tolist() == [1, 1, 0]
    assert columns["recall@10"].tolist() == [1, 1, 1]
    assert columns["mrr@10"] == pytest.approx([1 / 2, 1, 1 / 5])
    assert columns["ndcg@10"] == pytest.approx([both, 1, 1 / log2(6)])


def test_what_comes_after_the_depth_is_not_found() -> None:
    columns = ranking([["a", "b", "z"]], [frozenset("z")], 2)
    assert {name: values.tolist() for name, values in columns.items()} == {
        "recall@1": [0],
        "recall@2": [0],
        "mrr@2": [0],
        "ndcg@2": [0],
    }


def test_a_question_that_finds_nothing_counts_and_one_without_gold_says_nothing() -> None:
    columns = ranking([[], ["a"]], [frozenset("z"), frozenset()], 10)
    assert all(values[0] == 0 and np.isnan(values[1]) for values in columns.values())
    assert all(np.isnan(values).all() for values in ranking([["a"]], [frozenset()], 10).values())


@given(st.permutations("abcdefghijkl"), st.sets(st.sampled_from("abcdefghijkl"), min_size=1))
def test_recall_and_reciprocal_rank_follow_the_first_gold_content(ids: list[str], gold: set[str]) -> None:
    columns = ranking([ids], [frozenset(gold)], 10)
    rank = next(n for n, one in enumerate(ids, 1) if one in gold)
    assert columns["mrr@10"][0] == pytest.approx(1 / rank if rank <= 10 else 0)
    assert [columns[f"recall@{k}"][0] for k in (1, 3, 10)] == [rank <= k for k in (1, 3, 10)]


# Decisions


def test_decisions_are_judged_by_what_stands_first_or_is_offered() -> None:
    sure, none = question("1", gold=["z"]), question("2", "offtopic")
    columns = deciding(
        [
            ranked(sure, ["z", "a"]),
            ranked(sure, ["a", "z"]),
            ranked(sure, ["a", "b", "z"], "clarify"),
            ranked(sure, ["a", "b", "c", "z"], "clarify"),
            ranked(sure, ["z"], "refuse"),
            ranked(none, ["a"]),
            ranked(none, [], "fixed"),
        ]
    )
    shown = {name: [None if np.isnan(one) else int(one) for one in values] for name, values in columns.items()}
    assert shown == {
        "answered": [1, 1, 0, 0, 0, 1, 0],
        "clarified": [0, 0, 1, 1, 0, 0, 0],
        "refused": [0, 0, 0, 0, 1, 0, 1],
        "right_when_answered": [1, 0, None, None, None, None, None],
        "wrongly_answered": [0, 1, 0, 0, 0, 1, 0],
        "reached": [1, 1, 1, 0, 0, None, None],
    }


def test_the_confusion_counts_every_decision_of_every_category() -> None:
    counts = confusion([ranked(question("1"), ["a"]), ranked(question("2", "offtopic"), [], "refuse")])
    assert counts == {
        "all": {"answer": 1, "clarify": 0, "refuse": 1, "fixed": 0},
        "plain": {"answer": 1, "clarify": 0, "refuse": 0, "fixed": 0},
        "offtopic": {"answer": 0, "clarify": 0, "refuse": 1, "fixed": 0},
    }


# Intervals


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    columns = [{"hit": (chance.random(120) < 0.3).astype(float)} for _ in range(200)]
    figures = [intervals(one, 400, 0)["hit"] for one in columns]
    assert 0.9 <= np.mean([one.low <= 0.3 <= one.high for one in figures]) <= 0.99
    assert all(one.low <= one.value <= one.high for one in figures)


def test_an_interval_is_as_wide_as_the_normal_one_where_that_is_right() -> None:
    figure = intervals({"hit": np.repeat([0.0, 1.0], 200)}, 4000, 0)["hit"]
    assert (figure.low, figure.high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.005)


def test_intervals_come_from_the_seed_alone() -> None:
    columns = {"hit": np.random.default_rng(2).random(50)}
    assert intervals(columns, 200, 7) == intervals(columns, 200, 7) != intervals(columns, 200, 8)


def test_unanimous_questions_have_no_interval_and_silent_ones_no_figure() -> None:
    figures = intervals({"hit": np.ones(20), "silent": np.full(20, np.nan)}, 100, 0)
    assert set(figures) == {"hit"}
    assert (figures["hit"].value, figures["hit"].low, figures["hit"].high, figures["hit"].n) == (1, 1, 1, 20)
    assert intervals({"hit": np.array([])}, 100, 0) == {}


def test_a_mean_counts_only_the_questions_that_say_something() -> None:
    figure = intervals({"hit": np.array([1.0, 0.0, np.nan, np.nan])}, 500, 0)["hit"]
    assert (figure.value, figure.n, figure.low, figure.high) == (0.5, 2, 0, 1)


def test_a_category_has_the_same_interval_whatever_else_is_asked() -> None:
    some, more = np.random.default_rng(3).random(30), np.random.default_rng(4).random(9)
    alone = by_category({"hit": some}, ["plain"] * 30, 200, 0)
    beside = by_category({"hit": np.concatenate([more, some])}, ["noisy"] * 9 + ["plain"] * 30, 200, 0)
    assert alone["plain"] == beside["plain"]
    assert list(beside) == ["all", "noisy", "plain"]
    assert beside["all"]["hit"].n == 39


def test_a_category_that_nothing_answers_has_decisions_and_no_ranking() -> None:
    outcomes = [ranked(question("1", gold=["a"]), ["a"]), ranked(question("2", "offtopic"), ["a"], "refuse")]
    figures = by_category(measure(outcomes, 10), ["plain", "offtopic"], 50, 0)
    assert set(figures["offtopic"]) == {"answered", "clarified", "refused", "wrongly_answered"}
    assert figures["offtopic"]["refused"].value == 1
