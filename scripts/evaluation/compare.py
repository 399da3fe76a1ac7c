"""Two evaluations, question by question: which ones a change wins and which ones it loses."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from scripts.evaluation.bootstrap import Figure
from scripts.evaluation.metrics import REACHED
from scripts.evaluation.questions import OVERALL
from scripts.evaluation.report import shown
from scripts.steps import CannotRun
from shared.models import Decision
from shared.retrieval.text import one_line

_CHARACTERS = 48  # of a question


class Asked(BaseModel):
    """One question in a result file."""

    id: str
    category: str
    question: str
    answerable: bool
    decision: Decision
    rank: int | None = Field(ge=1)


class _Settings(BaseModel):
    depth: int


class Result(BaseModel):
    """What comparing reads of a file that `--json` wrote."""

    settings: _Settings
    figures: dict[str, dict[str, Figure]]
    questions: list[Asked]


def read_result(path: Path) -> Result:
    """A file that `--json` wrote.

    Raises
    ------
    CannotRun
        When the file is absent or holds something else.
    """
    try:
        return Result.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise CannotRun(f"{path}: not what scripts/evaluate.py --json writes") from error


def grade(asked: Asked) -> int:
    """How good a decision was, the higher the better.

    Answerable: 3 answered rightly, 2 clarified with gold among what is offered, 1 refused or clarified in vain,
    0 answered wrongly. Unanswerable: 2 refused, 1 clarified, 0 answered.
    """
    if not asked.answerable:
        return {"answer": 0, "clarify": 1, "refuse": 2, "fixed": 2}[asked.decision]
    if asked.decision == "answer":
        return 3 if asked.rank == 1 else 0
    return 2 if asked.decision == "clarify" and asked.rank is not None and asked.rank <= REACHED else 1


def compared(before: Result, after: Result) -> str:
    """The figures over all, then won and lost questions in rank and in decision, with both ranks.

    A rank counts down to the smaller depth of the two; a move beyond it wins nothing.

    Raises
    ------
    CannotRun
        When they have no question in common.
    """
    depth = min(before.settings.depth, after.settings.depth)
    old, new = ({one.id: one for one in result.questions} for result in (before, after))
    pairs = [(old[name], new[name]) for name in old if name in new]
    if not pairs:
        raise CannotRun(f"nothing to compare: no question of the first ({len(old)}) is in the second ({len(new)})")

    def nearness(asked: Asked) -> int:
        return -min(asked.rank or depth + 1, depth + 1)

    ranked = [pair for pair in pairs if pair[0].answerable and pair[1].answerable]
    parts = [_figures(before, after), _changes("rank", ranked, nearness), _changes("decision", pairs, grade)]
    if alone := [
        f"{len(a.keys() - b.keys())} only in the {name}" for a, b, name in _sides(old, new) if a.keys() - b.keys()
    ]:
        parts.append("questions " + ", ".join(alone))
    return "\n\n".join(parts)


def _sides(old: dict[str, Asked], new: dict[str, Asked]) -> list[tuple[dict[str, Asked], dict[str, Asked], str]]:
    return [(old, new, "first"), (new, old, "second")]


def _figures(before: Result, after: Result) -> str:
    old, new = before.figures.get(OVERALL, {}), after.figures.get(OVERALL, {})
    lines = [f"  {name:22}{shown(old[name])} -> {shown(new[name])}" for name in old if name in new]
    return "\n".join(["over all questions", *lines])


def _changes(what: str, pairs: Sequence[tuple[Asked, Asked]], goodness: Callable[[Asked], int]) -> str:
    won = [pair for pair in pairs if goodness(pair[1]) > goodness(pair[0])]
    lost = [pair for pair in pairs if goodness(pair[1]) < goodness(pair[0])]
    head = f"{what}: {len(won)} won, {len(lost)} lost, {len(pairs) - len(won) - len(lost)} neither"
    return "\n".join([head, *(_line("won", *pair) for pair in won), *(_line("lost", *pair) for pair in lost)])


def _line(verdict: str, old: Asked, new: Asked) -> str:
    ranks = f"{old.rank or '-'} -> {new.rank or '-'}"
    decisions = f"{old.decision} -> {new.decision}"
    text = one_line(new.question)
    short = text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
    return f"  {verdict:5}{ranks:12}{decisions:20}{new.category:14}{new.id:14} {short}"
