"""The gate: no figure may be worse than the committed one by more than that one's interval.

A baseline holds figures and how they were made, and no question.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from scripts.evaluation.bootstrap import Figure, Figures
from scripts.evaluation.report import RANKING, Report, shown
from scripts.steps import CannotRun

BETTER_HIGHER = (*RANKING, "right_when_answered", "reached")
BETTER_LOWER = ("wrongly_answered",)
_DIGITS = 6
_ROUNDING = 10.0**-_DIGITS


class _Baseline(BaseModel):
    figures: dict[str, dict[str, Figure]]


def write_baseline(path: Path, report: Report) -> None:
    """Write the figures that have a better and a worse, per category and over all, as readable diffs."""
    figures = {
        category: {
            name: _rounded(figure) for name, figure in row.items() if name.startswith(BETTER_HIGHER + BETTER_LOWER)
        }
        for category, row in report.figures.items()
    }
    made = {"engine": report.engine.name, "weights": report.engine.weights.model_dump(), **report.settings}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"settings": made, "figures": figures}, ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def read_baseline(path: Path) -> Figures:
    """The figures that `write_baseline` wrote.

    Raises
    ------
    CannotRun
        When the file is absent or holds something else.
    """
    try:
        return _Baseline.model_validate_json(path.read_bytes()).figures
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}; --write-baseline makes it") from error
    except ValidationError as error:
        raise CannotRun(f"{path}: no baseline; --write-baseline makes one") from error


def worse(figures: Figures, baseline: Figures) -> Iterator[str]:
    """One line for each figure of the baseline that is now worse than its interval, or cannot be compared."""
    for category, row in baseline.items():
        for name, before in row.items():
            now = figures.get(category, {}).get(name)
            if now is None:
                yield f"{category}: {name} was {shown(before)} and is not measured now"
            elif name != "right_when_answered" and now.n != before.n:
                yield f"{category}: {name} is over {now.n} questions, in the baseline over {before.n}"
            elif name.startswith(BETTER_LOWER) and now.value > before.high + _ROUNDING:
                yield f"{category}: {name} rose to {now.value:.3f}, the baseline allows {_allowed(before, before.high)}"
            elif name.startswith(BETTER_HIGHER) and now.value < before.low - _ROUNDING:
                yield f"{category}: {name} fell to {now.value:.3f}, the baseline allows {_allowed(before, before.low)}"


def _allowed(before: Figure, bound: float) -> str:
    return f"{bound:.3f} (it was {before.value:.3f})"


def _rounded(figure: Figure) -> dict[str, Any]:
    return {name: round(value, _DIGITS) for name, value in asdict(figure).items()}
