"""Questions in groups: near by meaning and by what was found for them, however many groups that makes."""

import numpy as np
import pytest

from shared.desk_clusters import CUT, MOST, OVERLAP, Place, grouped
from shared.retrieval.base import Vector

UNIT = 0.1
A: list[Place] = [("s", "a"), ("s", "b")]
B: list[Place] = [("s", "c"), ("s", "d")]


def at(*degrees: float) -> Vector:
    """Vectors in a plane, at these angles."""
    angles = np.radians(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_near_vectors_are_a_group_and_a_far_one_is_its_own() -> None:
    assert grouped(at(0, 5, 90, 3), [A, A, A, A], UNIT) == [[0, 1, 3], [2]]


def test_what_finds_other_contents_is_apart_where_the_vectors_leave_it_open() -> None:
    between = at(0, 25)  # a cosine distance of 0.094
    assert grouped(between, [A, A], UNIT) == [[0, 1]]
    assert sorted(grouped(between, [A, B], UNIT)) == [[0], [1]]
    assert grouped(at(0, 5), [A, B], UNIT) == [[0, 1]]


def test_no_chain_of_neighbours_makes_a_group() -> None:
    groups = grouped(at(0, 20, 40, 60, 80), [A] * 5, UNIT)
    assert len(groups) > 1 and max(map(len, groups)) < 4


@pytest.mark.parametrize("unit", [0.05, 0.1, 0.4])
def test_near_is_what_the_engine_makes_of_it(unit: float) -> None:
    angle = float(np.degrees(np.arccos(1 - 1.3 * unit)))
    assert grouped(at(0, angle), [A, A], unit) == [[0, 1]]
    assert len(grouped(at(0, angle * 1.2), [A, A], unit)) == 2


def test_few_questions_and_none_and_those_for_which_nothing_was_found() -> None:
    assert grouped(np.zeros((0, 1), np.float32), [], UNIT) == []
    assert grouped(at(0), [[]], UNIT) == [[0]]
    assert grouped(at(0, 1), [[], []], UNIT) == [[0, 1]]


def test_the_most_there_may_be_takes_seconds_at_most() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(MOST, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = grouped(vectors, [[("s", str(n))] for n in range(MOST)], UNIT)
    assert sorted(at for group in groups for at in group) == list(range(MOST))


def test_groups_are_those_that_joining_the_nearest_two_again_and_again_makes() -> None:
    rng = np.random.default_rng(7)
    for size in (12, 40):
        centres = rng.normal(size=(size // 4, 6))
        vectors = centres[rng.integers(0, len(centres), size)] + rng.normal(0, 0.2, (size, 6))
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        apart = (1 - vectors @ vectors.T) / UNIT  # and nothing was found for any of them: half a distance more
        groups = [[one] for one in range(size)]
        while len(groups) > 1:
            far, a, b = min(
                (float(apart[np.ix_(groups[a], groups[b])].max()) + OVERLAP, a, b)
                for a in range(len(groups))
                for b in range(a)
            )
            if far > CUT:
                break
            groups[b] += groups.pop(a)
        assert sorted(grouped(vectors, [[]] * size, UNIT)) == sorted(map(sorted, groups))
        assert 1 < len(groups) < size
