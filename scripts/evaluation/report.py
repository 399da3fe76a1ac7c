"""The figures for people, as tables, and for programs, as JSON."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scripts.evaluation.bootstrap import Figure, Figures
from scripts.evaluation.engine import Engine, Outcome
from scripts.evaluation.metrics import DECISIONS, confusion
from scripts.evaluation.questions import OVERALL
from scripts.evaluation.sweep import Point

RANKING = ("recall@", "mrr@", "ndcg@")
DECIDING = ("right_when_answered", "wrongly_answered", "reached")
_GAP = "  "


@dataclass(frozen=True)
class Report:
    """One evaluation: how it was made and what came out."""

    settings: Mapping[str, Any]
    engine: Engine
    outcomes: Sequence[Outcome]
    figures: Figures
    sweep: Sequence[Point] = ()


def as_json(report: Report) -> dict[str, Any]:
    """Everything, questions included: what `--compare` reads. `rank` is that of the first gold content."""
    return {
        "settings": {
            **report.settings,
            "engine": report.engine.name,
            "weights": report.engine.weights.model_dump(),
        },
        "figures": {name: {key: asdict(one) for key, one in row.items()} for name, row in report.figures.items()},
        "confusion": confusion(report.outcomes),
        "questions": [
            {
                "id": one.question.id,
                "category": one.question.category,
                "question": one.question.text,
                "answerable": one.question.answerable,
                "decision": one.decision,
                "rank": one.rank,
                "top_score": one.top_score,
                "confidence": one.confidence,
                "measured": asdict(one.measured) if one.measured else None,
            }
            for one in report.outcomes
        ],
        "sweep": [asdict(point) | {"weights": point.weights.model_dump()} for point in report.sweep],
    }


def tables(report: Report) -> str:
    """Ranking, decisions and sweeps as plain text; intervals in brackets."""
    parts = [_ranking(report.figures), _decisions(report)]
    parts += [_sweep([one for one in report.sweep if one.weight == name], name) for name in swept(report.sweep)]
    return "\n\n".join(parts)


def swept(points: Sequence[Point]) -> list[str]:
    """The weights that were swept."""
    return list(dict.fromkeys(point.weight for point in points))


def shown(figure: Figure | None) -> str:
    """A figure with its interval, or a dash."""
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]" if figure else "-"


def _ranking(figures: Figures) -> str:
    names = [name for name in figures[OVERALL] if name.startswith(RANKING)]
    if not names:
        return "ranking: no question has gold"
    rows = [
        [category, str(row[names[0]].n if names[0] in row else 0), *(shown(row.get(name)) for name in names)]
        for category, row in _last(figures)
    ]
    return _table(["ranking", "answerable", *names], rows)


def _decisions(report: Report) -> str:
    counts = confusion(report.outcomes)
    rows = [
        [
            category,
            *(str(counts[category][decision]) for decision in DECISIONS),
            *(shown(row.get(name)) for name in DECIDING),
        ]
        for category, row in _last(report.figures)
    ]
    return _table(["decisions", *DECISIONS, *(name.replace("_", " ") for name in DECIDING)], rows)


def _sweep(points: Sequence[Point], name: str) -> str:
    """Recall at the first two cutoffs for each category and each weight."""
    recalls = [one for one in points[0].figures[OVERALL] if one.startswith("recall@")][:2]
    categories = [category for category, row in _last(points[0].figures) if recalls and recalls[0] in row]
    rows = []
    for point in points:
        at = f"{point.at:.1f}" if name == "lexical" else f"{10 * point.at:.0f}:{10 - 10 * point.at:.0f}"
        values = ([point.figures[category][recall].value for recall in recalls] for category in categories)
        rows.append([at, *(" / ".join(f"{value:.2f}" for value in pair) for pair in values)])
    head = "lexical weight" if name == "lexical" else "title:content"
    alone = ", these vectors alone" if name == "vectors" else ""
    return f"{' / '.join(recalls)} by {head}{alone}\n" + _table([head, *categories], rows)


def _last(figures: Figures) -> list[tuple[str, dict[str, Figure]]]:
    """The categories, the sum at the end."""
    return [*((name, row) for name, row in figures.items() if name != OVERALL), (OVERALL, figures[OVERALL])]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in (head, *rows):
        first, *others = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append(_GAP.join([row[0] + first, *(pad + cell for cell, pad in zip(row[1:], others, strict=True))]))
    return "\n".join(lines)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: a Hangul syllable takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
