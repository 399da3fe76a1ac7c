"""Intervals: how much a figure would change had other questions of the same kind been asked.

The percentile bootstrap of Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979):
the questions are drawn anew, with replacement, as many as there are; of the figures of all draws the middle 95 % are
the interval. Where all questions agree it has no width: 20 hits of 20 give [1, 1].
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from scripts.evaluation.metrics import Columns
from scripts.evaluation.questions import OVERALL

LEVEL = 0.95


@dataclass(frozen=True)
class Figure:
    """A mean over `n` questions and its interval."""

    value: float
    low: float
    high: float
    n: int


Figures: TypeAlias = dict[str, dict[str, Figure]]  # category → figure → its value


def intervals(columns: Columns, resamples: int, seed: int | Sequence[int]) -> dict[str, Figure]:
    """The mean of each column with its interval. A column without a value is left out.

    Parameters
    ----------
    columns
        One value a question, `(questions,)`; NaN where a question says nothing: it is drawn, but not counted.
    resamples
        How many times the questions are drawn. All columns share the draws.
    """
    questions = len(next(iter(columns.values()), ()))
    if not questions:
        return {}
    times = np.random.default_rng(seed).multinomial(questions, np.full(questions, 1 / questions), size=resamples)
    figures = {}
    for name, values in columns.items():
        counted = ~np.isnan(values)
        if not counted.any():
            continue
        sums, sizes = times @ np.where(counted, values, 0.0), times @ counted
        drawn = sums[sizes > 0] / sizes[sizes > 0]
        value = float(values[counted].mean())
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(drawn) else (value, value)
        figures[name] = Figure(value, float(low), float(high), int(counted.sum()))
    return figures


def by_category(columns: Columns, categories: Sequence[str], resamples: int, seed: int) -> Figures:
    """The figures over all questions and of each category, which do not depend on what other categories there are."""
    names = np.array(categories)
    masks = {OVERALL: np.ones(len(names), dtype=bool), **{name: names == name for name in dict.fromkeys(categories)}}
    return {
        name: intervals(
            {key: values[mask] for key, values in columns.items()}, resamples, [seed, zlib.crc32(name.encode())]
        )
        for name, mask in masks.items()
    }
