"""PNGs: the sweeps, the best scores of each category, and what other thresholds would decide."""

import sys
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from scripts.evaluation.engine import Outcome
from scripts.evaluation.questions import OVERALL
from scripts.evaluation.report import Report, swept

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_BINS = 40
_THRESHOLDS = 200
_DPI = 120
_RIGHT, _WRONG, _SILENT = "tab:green", "tab:red", "tab:gray"


def plot(report: Report, folder: Path) -> list[Path]:
    """Write the plots that the report has figures for. Returns their paths."""
    from matplotlib import rc_context  # for developers only
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    folder.mkdir(parents=True, exist_ok=True)
    draw: dict[str, Callable[[Report, Canvas], None]] = {"scores": scores, "thresholds": thresholds}
    if report.sweep:
        draw["sweep"] = sweeps
    if all(one.top_score is None for one in report.outcomes):
        del draw["scores"]
    if all(one.measured is None for one in report.outcomes):
        del draw["thresholds"]
    paths = []
    for name in tqdm(draw, desc="plotting", file=sys.stderr, leave=False):
        # Names of categories are anybody's: no formulas. They may be Korean or long, and the figures few
        with rc_context({"text.parse_math": False}), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # glyphs are missing, a plot has no room
            canvas = Canvas(layout="constrained", dpi=_DPI)
            FigureCanvasAgg(canvas)
            draw[name](report, canvas)
            canvas.savefig(folder / f"{name}.png")
        paths.append(folder / f"{name}.png")
    return paths


def sweeps(report: Report, canvas: "Canvas") -> None:
    """Recall at 1 and at 3 against each swept weight: over all with its interval, and each category at 1, thin."""
    names = swept(report.sweep)
    canvas.set_size_inches(6 * len(names) + 2, 5)
    served = report.engine.weights
    share = served.title / (served.title + served.content or 1.0)
    at_served = {"title": share, "vectors": share, "lexical": served.lexical}
    labels = {"title": "title share of title + content", "vectors": "the same, these vectors alone"}
    for axes, name in zip(np.ravel(canvas.subplots(1, len(names), sharey=True)), names, strict=True):
        points = [point for point in report.sweep if point.weight == name]
        for figure, style in (("recall@1", "-"), ("recall@3", "--")):
            got = [(p.at, p.figures[OVERALL][figure]) for p in points if figure in p.figures[OVERALL]]
            at = [one for one, _ in got]
            axes.plot(at, [one.value for _, one in got], style, color="black", linewidth=2, label=f"all, {figure}")
            axes.fill_between(at, [one.low for _, one in got], [one.high for _, one in got], color="black", alpha=0.08)
        for category in points[0].figures:
            if category != OVERALL and "recall@1" in points[0].figures[category]:
                values = [point.figures[category]["recall@1"].value for point in points]
                axes.plot([point.at for point in points], values, linewidth=1, label=f"{category}, recall@1")
        axes.axvline(at_served[name], color="tab:blue", linestyle=":", label="served")
        axes.set(xlabel=labels.get(name, f"{name} weight"), ylim=(0, 1))
        axes.grid(alpha=0.3)
    canvas.axes[0].set_ylabel("recall (95 % interval shaded)")
    canvas.legend(*canvas.axes[0].get_legend_handles_labels(), loc="outside right upper", fontsize="small")


def scores(report: Report, canvas: "Canvas") -> None:
    """A histogram of each category's best scores: is the first content gold, is it not, or is nothing gold."""
    rows = list(dict.fromkeys(one.question.category for one in report.outcomes))
    canvas.set_size_inches(8, 1 + 1.3 * len(rows))
    tops = _tops(report.outcomes)
    bins = np.linspace(np.nanmin(tops), np.nanmax(tops) + 1e-9, _BINS + 1)
    groups = {"first is gold": _RIGHT, "first is not gold": _WRONG, "unanswerable": _SILENT}
    kind = np.array([_group(one) for one in report.outcomes])
    category = np.array([one.question.category for one in report.outcomes])
    for axes, name in zip(np.ravel(canvas.subplots(len(rows), 1, sharex=True)), rows, strict=True):
        chosen = [tops[(category == name) & (kind == group) & ~np.isnan(tops)] for group in groups]
        axes.hist(chosen, bins=bins, stacked=True, color=list(groups.values()), label=list(groups))
        axes.set_title(f"{name} ({np.sum(category == name)})", loc="left", fontsize="small")
    canvas.axes[-1].set_xlabel("score of the best content")
    canvas.axes[0].legend(fontsize="x-small")


def thresholds(report: Report, canvas: "Canvas") -> None:
    """What other thresholds of the decision would do, by the figures that it is made by; the served ones as lines.

    Left: of the questions that are on topic by the served threshold, which are answered from a confidence on. Right:
    which questions of each category are refused below a relevance. The rules beside the scores are left out.
    """
    canvas.set_size_inches(12, 5)
    left, right = canvas.subplots(1, 2, sharey=True)
    decided = [(one, one.measured) for one in report.outcomes if one.measured]
    passed = [one for one, by in decided if by.relevance >= by.refuse_below]
    at = np.linspace(0, 1, _THRESHOLDS)
    answerable = sum(one.question.answerable for one in report.outcomes)
    curves = (
        ("first is gold", "answered rightly", _RIGHT, answerable),
        ("first is not gold", "answered wrongly", _WRONG, answerable),
        ("unanswerable", "unanswerable, answered", _SILENT, len(report.outcomes) - answerable),
    )
    for group, label, color, questions in curves:
        confidences = np.array([one.confidence for one in passed if _group(one) == group])
        left.plot(at, _reached(confidences, at, questions), color=color, label=label)
    left.set(title="answered from", xlabel="confidence (`answer_from`)", ylabel="share of questions", ylim=(0, 1))
    relevances = np.array([by.relevance for _, by in decided])
    at = np.linspace(relevances.min(), relevances.max(), _THRESHOLDS)
    for name in dict.fromkeys(one.question.category for one in report.outcomes):
        chosen = relevances[[one.question.category == name for one, _ in decided]]
        right.plot(at, 1 - _reached(chosen, at, len(chosen)), label=name)
    right.set(title="refused below", xlabel="relevance, in deviations of off-topic questions (`refuse_below`)")
    _mark(left, {by.answer_from for _, by in decided}, (0, 1))
    _mark(right, {by.refuse_below for _, by in decided}, (at[0], at[-1]))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")


def _tops(outcomes: Sequence[Outcome]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if one.top_score is None else one.top_score for one in outcomes])


def _group(outcome: Outcome) -> str:
    if not outcome.question.answerable:
        return "unanswerable"
    return "first is gold" if outcome.rank == 1 else "first is not gold"


def _reached(values: npt.NDArray[np.float64], at: npt.NDArray[np.float64], questions: int) -> npt.NDArray[np.float64]:
    """The share of `questions` whose value reaches each threshold, `(len(at),)`."""
    reached: npt.NDArray[np.float64] = (values[None, :] >= at[:, None]).sum(axis=1) / max(questions, 1)
    return reached


def _mark(axes: "Axes", served: Collection[float], shown: tuple[float, float]) -> None:
    """Vertical lines at the served thresholds: several where indexes decide by their own. One out of sight is none."""
    for threshold in sorted(one for one in served if shown[0] <= one <= shown[1]):
        axes.axvline(threshold, color="black", linestyle=":", label=f"served: {threshold:.2f}")
