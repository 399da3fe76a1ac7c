"""What becomes of the figures: tables, sweeps, plots, comparisons, the gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.evaluation.baseline import read_baseline, worse, write_baseline
from scripts.evaluation.bootstrap import Figure, by_category
from scripts.evaluation.compare import Asked, Result, compared, grade, read_result
from scripts.evaluation.engine import Outcome, ask_all
from scripts.evaluation.metrics import measure
from scripts.evaluation.plots import plot, thresholds
from scripts.evaluation.report import Report, as_json, tables
from scripts.evaluation.sweep import points, sweep
from scripts.steps import CannotRun
from shared.bot import Weights
from shared.models import Decision
from shared.retrieval.base import Measured, Part
from tests.fakes.evaluation import WEIGHTS, engine, outcome, question, ranked

pytest.importorskip("pytrec_eval", reason="pytrec_eval is not installed: it has no wheel for Linux on ARM")

TITLE_IS_RIGHT: Mapping[str, Mapping[Part, float]] = {
    "z": {"title": 0.9, "content": 0.1},
    "a": {"title": 0.5, "content": 0.7},
}
WORDS_ARE_RIGHT: Mapping[str, Mapping[Part, float]] = {
    "a": {"title": 0.9, "content": 0.9},
    "z": {"title": 0.8, "content": 0.8, "ngram_title": 1.0},
}


def report(outcomes: Sequence[Outcome], *, swept: bool = False) -> Report:
    asked = engine(outcomes)
    categories = [one.question.category for one in outcomes]
    figures = by_category(measure(outcomes, 10), categories, 100, 0)
    return Report({"depth": 10}, asked, outcomes, figures, sweep(asked, outcomes, 10, 100, 0) if swept else [])


def some() -> list[Outcome]:
    return [
        decided(outcome(question("t", gold=["z"]), TITLE_IS_RIGHT, "answer"), 0.9, 4.0),
        decided(outcome(question("w", "질문", gold=["z"]), WORDS_ARE_RIGHT, "clarify"), 0.4, 3.0),
        decided(ranked(question("o", "offtopic"), ["a"], "refuse"), 0.8, 1.0),
        ranked(question("n", "offtopic"), [], "refuse"),
    ]


def decided(one: Outcome, confidence: float, relevance: float) -> Outcome:
    """The same, decided by these figures."""
    return replace(one, confidence=confidence, measured=Measured(relevance, refuse_below=2.0, answer_from=0.6))


# Asking and sweeping


def test_every_question_is_asked_once_in_order() -> None:
    outcomes = some()
    assert ask_all(engine(outcomes), [one.question for one in outcomes]) == outcomes


def test_a_sweep_goes_from_content_alone_to_title_alone_and_keeps_their_sum() -> None:
    given = Weights(title=0.9, content=0.3, sentence=0.2, lexical=0.4)
    swept = [(at, weights) for name, at, weights in points(given) if name == "title"]
    assert [at for at, _ in swept] == pytest.approx([n / 10 for n in range(11)])
    assert all(weights.title + weights.content == pytest.approx(1.2) for _, weights in swept)
    assert (swept[0][1].title, swept[10][1].content) == (0, 0)
    assert {(weights.sentence, weights.lexical) for _, weights in swept} == {(0.2, 0.4)}
    assert [weights.lexical for name, _, weights in points(WEIGHTS) if name == "lexical"][::5] == [0, 0.5, 1]


def test_a_sweep_ranks_anew_what_was_found() -> None:
    swept = report(some(), swept=True).sweep
    titles = {round(one.at, 1): one.figures["plain"]["recall@1"].value for one in swept if one.weight == "title"}
    words = {round(one.at, 1): one.figures["질문"]["recall@1"].value for one in swept if one.weight == "lexical"}
    assert (titles[0.0], titles[0.6], titles[1.0]) == (0, 1, 1)  # title 0.9 : 0.5 against content 0.1 : 0.7
    assert (words[0.0], words[0.1], words[0.2]) == (0, 0, 1)  # the one with the words is 0.1 behind


# Tables and JSON


def test_tables_show_every_category_and_dashes_where_there_is_nothing_to_say() -> None:
    text = tables(report(some(), swept=True))
    lines = {line.split()[0]: line.split() for line in text.split("\n\n")[0].splitlines()}
    assert list(lines) == ["ranking", "plain", "질문", "offtopic", "all"]
    assert lines["plain"][1:5] == ["1", "1.00", "[1.00,", "1.00]"]
    assert lines["offtopic"][1:] == ["0", "-", "-", "-", "-", "-"]
    _, _, titles, vectors, words = text.split("\n\n")
    assert vectors.splitlines()[0].endswith("by title:content, these vectors alone")
    assert [line.split() for line in titles.splitlines()[1:3]] == [
        ["title:content", "plain", "질문", "all"],
        ["0:10", "0.00", "/", "1.00", "0.00", "/", "1.00", "0.00", "/", "1.00"],
    ]
    assert words.splitlines()[-1].split()[:4] == ["1.0", "1.00", "/", "1.00"]
    assert tables(report(some()[2:])).startswith("ranking: no question has gold")


def test_json_holds_ranks_and_decisions_and_can_be_written() -> None:
    written = json.loads(json.dumps(as_json(report(some(), swept=True))))
    assert [(one["id"], one["rank"], one["decision"]) for one in written["questions"]] == [
        ("t", 1, "answer"),
        ("w", 2, "clarify"),
        ("o", None, "refuse"),
        ("n", None, "refuse"),
    ]
    assert [one["confidence"] for one in written["questions"]] == [0.9, 0.4, 0.8, 0.0]
    assert written["questions"][0]["measured"] == {"relevance": 4.0, "refuse_below": 2.0, "answer_from": 0.6}
    assert written["questions"][3]["measured"] is None
    assert written["settings"]["weights"]["title"] == 0.6
    assert len(written["sweep"]) == 33
    assert written["sweep"][0]["weights"] == {"title": 0.0, "content": 1.0, "sentence": 0.0, "lexical": 0.0}


# Plots


@pytest.mark.parametrize("few", [slice(0, 4), slice(0, 1), slice(2, 3), slice(2, 4)])
def test_plots_are_images_however_few_questions_there_are(tmp_path: Path, few: slice) -> None:
    pytest.importorskip("matplotlib")
    paths = plot(report(some()[few], swept=True), tmp_path / "deep" / "plots")
    assert [path.name for path in paths] == ["scores.png", "thresholds.png", "sweep.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("category", [r"$\frac{$", "정산 " * 60])
def test_a_category_may_have_any_name_in_a_plot(tmp_path: Path, category: str) -> None:
    pytest.importorskip("matplotlib")
    named = [replace(one, question=replace(one.question, category=category)) for one in some()]
    assert len(plot(report(named, swept=True), tmp_path)) == 3


def test_only_what_there_is_gets_plotted(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert [path.name for path in plot(report(some()), tmp_path)] == ["scores.png", "thresholds.png"]
    assert plot(report(some()[3:]), tmp_path) == []
    unmeasured = [replace(one, measured=None) for one in some()]
    assert [path.name for path in plot(report(unmeasured), tmp_path)] == ["scores.png"]


def test_thresholds_are_drawn_over_the_figures_that_decide_with_the_served_ones_marked() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    thresholds(report(some()), figure)
    drawn = [{line.get_label(): line.get_xydata() for line in axes.lines} for axes in figure.axes]
    answered, refused = drawn
    assert answered.pop("served: 0.60")[0][0] == 0.6
    assert refused.pop("served: 2.00")[0][0] == 2.0
    assert list(answered) == ["answered rightly", "answered wrongly", "unanswerable, answered"]
    assert {share for at, share in answered["answered rightly"] if 0.41 < at < 0.89} == {0.5}
    assert not answered["unanswerable, answered"].any(axis=0)[1]  # it is refused, however sure the first is
    assert list(refused) == ["plain", "질문", "offtopic"]
    assert [one[-1][1] for one in refused.values()] == [0, 1, 1]  # below the greatest relevance all others are refused
    assert [one[0][1] for one in refused.values()] == [0, 0, 0]


# Comparing


def result(*questions: tuple[str, int | None, Decision], answerable: bool = True) -> Result:
    asked = [
        Asked(id=name, category="plain", question=f"질문 {name}?", answerable=answerable, decision=decision, rank=rank)
        for name, rank, decision in questions
    ]
    figures = {"all": {"recall@1": Figure(0.5, 0.25, 0.75, 4)}}
    return Result.model_validate({"settings": {"depth": 10}, "figures": figures, "questions": asked})


def test_a_comparison_lists_won_and_lost_questions_with_both_ranks() -> None:
    before = result(("up", 4, "refuse"), ("down", 1, "answer"), ("same", 2, "clarify"), ("far", 90, "refuse"))
    after = result(("up", 1, "answer"), ("down", None, "answer"), ("same", 2, "clarify"), ("far", 20, "refuse"))
    figures, rank, decision = compared(before, after).split("\n\n")
    assert "recall@1" in figures and "0.50 [0.25, 0.75] -> 0.50 [0.25, 0.75]" in figures
    for block, name in ((rank, "rank"), (decision, "decision")):
        head, won, lost = block.splitlines()
        assert head == f"{name}: 1 won, 1 lost, 2 neither"
        assert won.split()[:4] == ["won", "4", "->", "1"] and "refuse -> answer" in won and "질문 up?" in won
        assert lost.split()[:4] == ["lost", "1", "->", "-"] and "answer -> answer" in lost


def test_a_comparison_says_which_questions_only_one_has() -> None:
    text = compared(result(("a", 1, "answer"), ("b", 1, "answer")), result(("b", 1, "answer"), ("c", 1, "answer")))
    assert text.endswith("questions 1 only in the first, 1 only in the second")
    assert "rank: 0 won, 0 lost, 1 neither" in text


def test_a_comparison_of_different_questions_is_refused() -> None:
    with pytest.raises(CannotRun, match="nothing to compare"):
        compared(result(("a", 1, "answer")), result(("b", 1, "answer")))


def test_decisions_are_graded() -> None:
    answerable = result(
        ("0", 1, "answer"), ("1", 3, "clarify"), ("2", 4, "clarify"), ("3", 1, "refuse"), ("4", 2, "answer")
    )
    assert [grade(one) for one in answerable.questions] == [3, 2, 1, 1, 0]
    not_answerable = result(("0", None, "fixed"), ("1", None, "clarify"), ("2", None, "answer"), answerable=False)
    assert [grade(one) for one in not_answerable.questions] == [2, 1, 0]


def test_comparing_reads_what_was_written_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(as_json(report(some()))), encoding="utf-8")
    assert "rank: 0 won, 0 lost, 2 neither" in compared(read_result(path), read_result(path))
    path.write_text("[]")
    with pytest.raises(CannotRun, match="not what"):
        read_result(path)
    with pytest.raises(CannotRun, match="No such file"):
        read_result(tmp_path / "absent.json")


# The gate


def test_equal_figures_pass_and_the_file_holds_no_question(tmp_path: Path) -> None:
    made, path = report(some()), tmp_path / "deep" / "baseline.json"
    write_baseline(path, made)
    assert list(worse(made.figures, read_baseline(path))) == []
    assert "정산" not in path.read_text(encoding="utf-8")
    assert "answered" not in read_baseline(path)["plain"]  # more answers are neither better nor worse


def test_each_figure_that_leaves_the_interval_on_the_bad_side_fails() -> None:
    baseline = {"plain": {"recall@1": Figure(0.6, 0.5, 0.7, 20), "wrongly_answered": Figure(0.2, 0.1, 0.3, 20)}}

    def now(recall: float, wrong: float) -> list[str]:
        figures = {"recall@1": Figure(recall, 0, 1, 20), "wrongly_answered": Figure(wrong, 0, 1, 20)}
        return list(worse({"plain": figures}, baseline))

    assert now(0.6, 0.2) == now(0.5, 0.3) == now(1.0, 0.0) == []
    assert now(0.45, 0.2) == ["plain: recall@1 fell to 0.450, the baseline allows 0.500 (it was 0.600)"]
    assert now(0.6, 0.35) == ["plain: wrongly_answered rose to 0.350, the baseline allows 0.300 (it was 0.200)"]
    assert len(now(0.45, 0.35)) == 2


def test_figures_over_other_questions_fail_and_new_categories_pass() -> None:
    baseline = {"plain": {"recall@1": Figure(0.6, 0.5, 0.7, 20)}}
    assert "is not measured now" in next(worse({}, baseline))
    other = {"plain": {"recall@1": Figure(0.9, 0.8, 1, 19)}, "new": {"recall@1": Figure(0, 0, 0, 5)}}
    assert list(worse(other, baseline)) == ["plain: recall@1 is over 19 questions, in the baseline over 20"]


def test_a_baseline_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="--write-baseline makes it"):
        read_baseline(tmp_path / "absent.json")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(CannotRun, match="no baseline"):
        read_baseline(tmp_path / "other.json")
