"""Other weights: what one search found, ranked anew under each."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from scripts.evaluation.bootstrap import Figures, by_category
from scripts.evaluation.engine import Engine, Outcome
from scripts.evaluation.metrics import ranking
from shared.bot import Weights

STEPS = 10  # from 0:10 to 10:0


@dataclass(frozen=True)
class Point:
    """The figures of ranking under one set of weights.

    `weight` says which is swept: `title` (a share), the same without the other legs (`vectors`), or `lexical`.
    """

    weight: str
    at: float
    weights: Weights
    figures: Figures


def points(weights: Weights) -> Iterator[tuple[str, float, Weights]]:
    """The title's share of what title and content have together, with all legs and with these vectors alone, and the
    lexical weight as a share of that, 0 to 1."""
    both = weights.title + weights.content or 1.0
    for step in range(STEPS + 1):
        share = step / STEPS
        yield "title", share, weights.model_copy(update={"title": both * share, "content": both * (1 - share)})
    for step in range(STEPS + 1):
        yield "vectors", step / STEPS, Weights(title=step, content=STEPS - step, sentence=0, lexical=0)
    for step in range(STEPS + 1):
        yield "lexical", step / STEPS, weights.model_copy(update={"lexical": both * step / STEPS})


def sweep(engine: Engine, outcomes: Sequence[Outcome], depth: int, resamples: int, seed: int) -> list[Point]:
    """Rank the candidates anew under each set of weights. Decisions are left out: thresholds are fitted for one."""
    golds, categories = [one.question.gold for one in outcomes], [one.question.category for one in outcomes]
    swept = []
    for name, at, weights in tqdm([*points(engine.weights)], desc="sweeping", file=sys.stderr, leave=False):
        columns = ranking([reranked(engine, one, weights) for one in outcomes], golds, depth)
        swept.append(Point(name, at, weights, by_category(columns, categories, resamples, seed)))
    return swept


def reranked(engine: Engine, outcome: Outcome, weights: Weights) -> list[str]:
    """The ids of the candidates under other weights, best first; equal ones by id."""
    scores = {one.faq_id: engine.combine(one.parts, weights) for one in outcome.candidates}
    return sorted(scores, key=lambda faq_id: (-scores[faq_id], faq_id))
