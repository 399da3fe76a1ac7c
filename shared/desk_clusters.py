"""Questions that one answer would serve, grouped by meaning, however many groups that makes. No I/O.

Hierarchical clustering with complete linkage, cut at a distance: any two questions of a group are that near to each
other, so that no chain of neighbours leads from one topic to the next. How far two questions are apart is the cosine
distance of their vectors, plus what the contents that were found for them do not have in common: paraphrases find the
same contents, be they right or not. Both constants, and what else was tried: docs/desk.md.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from shared.retrieval.base import Vector

MOST = 2_000  # questions: their distances are 32 MB, and take a second
OVERLAP = 0.5  # of a distance: two questions without a content in common
CUT = 1.4

Place: TypeAlias = tuple[str, str]


def grouped(vectors: Vector, contents: Sequence[Sequence[Place]], unit: float) -> list[list[int]]:
    """The questions' positions by group, each once.

    Parameters
    ----------
    vectors
        Of the questions, `(n, dimensions)`, each of unit length, with n up to `MOST`.
    contents
        What was found for each, best first.
    unit
        The cosine distance from a title within which a question comes near it, as the index was calibrated: what near
        is for the engine.
    """
    if len(vectors) < 2:
        return [[at] for at in range(len(vectors))]
    apart = np.maximum((1 - vectors @ vectors.T) / unit + OVERLAP * (1 - _in_common(contents)), 0)
    groups: dict[int, list[int]] = {}
    for at, label in enumerate(_labels(apart)):
        groups.setdefault(label, []).append(at)
    return list(groups.values())


def _labels(apart: Vector) -> Sequence[int]:
    """The group of each, by distances `(n, n)`."""
    import fastcluster  # which only those who group are to load

    labels = np.arange(len(apart))
    made = list(labels)  # of each cluster that the tree names one member: first the points, then what was merged
    pairs = apart[np.triu_indices(len(apart), 1)]
    for one, other, distance, _ in fastcluster.linkage(pairs, "complete", preserve_input=False):
        if distance > CUT:  # and so is all that follows
            break
        made.append(made[int(one)])
        labels[labels == labels[made[int(other)]]] = labels[made[int(one)]]
    found: Sequence[int] = labels.tolist()
    return found


def _in_common(contents: Sequence[Sequence[Place]]) -> Vector:
    """For each two lists the cosine of their contents, the n-th weighing 1/n: 1 for the same, 0 for none, `(n, n)`."""
    found: dict[Place, tuple[list[int], list[float]]] = {}
    for row, places in enumerate(contents):
        length = sum(1 / n**2 for n in range(1, len(places) + 1)) ** 0.5
        for n, place in enumerate(places, 1):
            rows, weights = found.setdefault(place, ([], []))
            rows.append(row)
            weights.append(1 / n / length)
    common: Vector = np.zeros((len(contents), len(contents)), dtype=np.float32)
    for rows, weights in found.values():
        common[np.ix_(rows, rows)] += np.outer(weights, weights)
    return common
