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


def _labels(apart: Vector) -> list[int]:
    """The group of each, by distances `(n, n)`, which are overwritten.

    Complete linkage by chains of nearest neighbours (Murtagh 1983): where two are each other's nearest they are one
    from then on, as far from a third as the farther of them. What is over `CUT` apart stays so, and is never asked for.
    """
    apart[apart > CUT] = np.inf
    np.fill_diagonal(apart, np.inf)
    labels, members, chain = list(range(len(apart))), {at: [at] for at in range(len(apart))}, list[int]()
    waiting = list(reversed(range(len(apart))))
    while chain or waiting:
        if not chain:
            chain.append(waiting.pop())
        last = chain[-1]
        nearest = int(apart[last].argmin())
        if len(chain) > 1 and apart[last, chain[-2]] <= apart[last, nearest]:
            nearest = chain[-2]  # of several as near, the one that it came from: else a chain could go in circles
        if last not in members or np.isinf(apart[last, nearest]):
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            apart[nearest] = apart[:, nearest] = np.maximum(apart[last], apart[nearest])
            apart[last] = apart[:, last] = np.inf
            members[nearest] += members.pop(last)
            waiting.append(nearest)
        else:
            chain.append(nearest)
    for label, group in members.items():
        for at in group:
            labels[at] = label
    return labels


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
