"""Learned similarity: a small head that moves questions nearer to what answers them. The index stays as it is.

`q' = (q + q A B) / |q + q A B|`, with `A` and `B` of low rank (a linear adapter of the query side alone), trained with
InfoNCE (van den Oord, Li, Vinyals, "Representation learning with contrastive predictive coding", 2018) over the other
contents of a batch and over near neighbours. In NumPy: a minute on a CPU. Where questions and positives come from, and
whether a head is worth serving, is told in `shared/indexing/learn.py`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from shared.retrieval.artefact import Positions, Ragged
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.base import Vector

FORMAT = 1
_CHUNK = 256  # questions that are compared with all rows at once: with 30,000 rows 30 MB
Mask: TypeAlias = npt.NDArray[np.bool_]


def head_version(version: str) -> str:
    """The name under which the head of an index version is kept among the artefacts."""
    return f"{version}-head"


@dataclass(frozen=True)
class Head:
    """One version's.

    Parameters
    ----------
    version
        Of the index whose vectors it was trained on.
    down, up
        `(dimensions, rank)` and `(rank, dimensions)`.
    """

    version: str
    down: Vector
    up: Vector

    @cached_property
    def digest(self) -> str:
        """Another one for every other head: a calibration names the head that it was fitted with."""
        return hashlib.sha256(self.version.encode() + self.down.tobytes() + self.up.tobytes()).hexdigest()[:16]

    def apply(self, vectors: Vector) -> Vector:
        """Moved vectors of length 1, `(n, dimensions)`. What is zero stays zero."""
        return unit((vectors + vectors @ self.down @ self.up).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir()
        np.savez(folder / "head.npz", down=self.down, up=self.up)
        about = {"format": FORMAT, "version": self.version, "digest": self.digest}
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Head":
        """What `save` wrote.

        Raises
        ------
        ArtefactMissing
            When it is damaged, or of another release's form.
        """
        try:
            about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
            if about["format"] != FORMAT:
                raise ValueError(f"its form is {about['format']}, not {FORMAT}")
            with (folder / "head.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                head = cls(about["version"], arrays["down"], arrays["up"])
            if head.digest != about["digest"] or not isinstance(head.version, str):
                raise ValueError("its weights are not those that were saved")
            return head
        except Exception as error:  # damaged files make NumPy, zipfile and json raise nearly anything
            raise ArtefactMissing(detail=f"{folder} cannot be read: {error}") from error


def unit(vectors: Vector) -> Vector:
    """Each row divided by its length, unless that is 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vector = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


@dataclass(frozen=True)
class Keys:
    """The contents that questions are compared with, as the index has them.

    Parameters
    ----------
    titles, passages
        Of the same contents in the same order; the best of a content's rows counts.
    factors
        What titles and passages weigh in a content's score, `(2,)`.
    alike
        `(contents,)`: contents with one number are not told apart, e.g. those that share a title.
    """

    titles: Ragged
    passages: Ragged
    factors: Vector
    alike: Positions

    @property
    def passages_from(self) -> int:
        """Where the passages begin among titles and passages."""
        return len(self.titles.rows)


@dataclass(frozen=True)
class Pairs:
    """Questions with the contents that are right for them.

    Parameters
    ----------
    queries
        `(n, dimensions)`
    contents
        Positions among the keys, `(n,)`.
    weights
        How much each counts, `(n,)`.
    own
        The row that the question itself is, and must not meet, among all titles and then all passages, `(n,)`; -1 when
        it is none.
    """

    queries: Vector
    contents: Positions
    weights: Vector
    own: Positions

    def __len__(self) -> int:
        return len(self.contents)

    def pick(self, at: Positions) -> "Pairs":
        """Some of them."""
        return Pairs(self.queries[at], self.contents[at], self.weights[at], self.own[at])


@dataclass(frozen=True)
class Recipe:
    """How a head is trained.

    The table of docs/retrieval.md: ranks, rates, pulls, positives and numbers of neighbours make no difference beyond
    chance; low temperatures are a little better, for at this one the loss without a head is as good as it gets.

    Parameters
    ----------
    rank
        Of the change.
    temperature
        In units of the scores, which `Keys.factors` make.
    pull
        Towards identity: the weight of half the squared size of `A B`.
    hard, nearest
        So many near neighbours, drawn anew for each batch from so many nearest ones, are added for each question.
    patience
        Epochs without a better loss on the stopping split after which training ends.
    """

    rank: int = 64
    temperature: float = 0.3
    pull: float = 1e-3
    hard: int = 4
    nearest: int = 20
    batch: int = 128
    rate: float = 1e-3
    epochs: int = 30
    patience: int = 3
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """A head, and what came of each epoch: the loss on the stopping split, without the head first."""

    head: Head
    losses: list[float]


def train(
    version: str,
    keys: Keys,
    pairs: Pairs,
    stopping: Pairs,
    allowed: Positions,
    recipe: Recipe,
    advance: Callable[[], object] = lambda: None,
) -> Trained:
    """Train a head; the same whenever the arguments are the same.

    Parameters
    ----------
    pairs, stopping
        Trained on; decides when to stop. One at least each.
    allowed
        The contents that may be seen at all, as positions: neither batches nor losses hold any other.
    advance
        Called after each epoch.
    """
    rng = np.random.default_rng(recipe.seed)
    dimensions = pairs.queries.shape[1]
    down = (rng.standard_normal((dimensions, recipe.rank)) / np.sqrt(dimensions)).astype(np.float32)
    best = head = Head(version, down, np.zeros((recipe.rank, dimensions), np.float32))
    neighbours = near(keys, pairs, allowed, recipe.nearest)
    losses, lowest = [_loss(head, keys, stopping, allowed, recipe.temperature)], 0
    adam = (_Adam(head.down, recipe.rate), _Adam(head.up, recipe.rate))
    for _ in range(recipe.epochs):
        for batch in _batches(len(pairs), recipe.batch, rng):
            drawn = neighbours[batch][:, rng.permutation(neighbours.shape[1])[: recipe.hard]]
            picked = pairs.pick(batch)
            among = np.unique(np.concatenate([picked.contents, drawn.ravel()]))
            slopes = _slopes(head, keys, picked, among, recipe)
            head = Head(version, adam[0].step(head.down, slopes[0]), adam[1].step(head.up, slopes[1]))
        losses.append(_loss(head, keys, stopping, allowed, recipe.temperature))
        advance()
        if losses[-1] < losses[lowest]:
            best, lowest = head, len(losses) - 1
        elif len(losses) - 1 - lowest >= recipe.patience:
            break
    return Trained(best, losses)


def near(keys: Keys, pairs: Pairs, allowed: Positions, count: int) -> Positions:
    """The contents nearest to each question that are wrong for it, `(len(pairs), count)`, or fewer if there are."""
    found = []
    for start in range(0, len(pairs), _CHUNK):
        picked = pairs.pick(np.arange(start, min(start + _CHUNK, len(pairs))))
        scores, _ = _met(keys, picked.queries, picked.own, allowed)
        scores[_alike(keys, picked, allowed)] = -np.inf
        found.append(allowed[np.argsort(-scores, axis=1, kind="stable")[:, :count]])
    return np.concatenate(found)


def _batches(count: int, size: int, rng: np.random.Generator) -> Iterator[Positions]:
    order = rng.permutation(count)
    return (order[start : start + size] for start in range(0, count, size))


def _alike(keys: Keys, pairs: Pairs, among: Positions) -> Mask:
    """Which of the contents are as right as the right one, itself too, `(len(pairs), len(among))`."""
    same: Mask = keys.alike[pairs.contents][:, None] == keys.alike[among][None, :]
    return same


def _met(keys: Keys, queries: Vector, own: Positions, among: Positions) -> tuple[Vector, Callable[[Vector], Vector]]:
    """Scores of the contents, `(len(queries), len(among))`, and what takes their slopes to those of the queries."""
    scores = np.zeros((len(queries), len(among)), np.float32)
    legs = []
    for rows, factor, first in (
        (keys.titles, keys.factors[0], 0),
        (keys.passages, keys.factors[1], keys.passages_from),
    ):
        at = rows.rows_of(among)
        lengths = rows.starts[among + 1] - rows.starts[among]
        vectors = rows.rows[at].astype(np.float32)
        similar = queries @ vectors.T
        _hide(similar, own[:, None] == first + at[None, :])
        best = np.maximum.reduceat(similar, np.cumsum(lengths) - lengths, axis=1)
        scores += factor * best
        legs.append((factor, lengths, vectors, similar, best))

    def back(slopes: Vector) -> Vector:
        total = np.zeros_like(queries)
        for factor, lengths, vectors, similar, best in legs:
            won = similar == np.repeat(best, lengths, axis=1)
            total += factor * ((np.repeat(slopes, lengths, axis=1) * won) @ vectors)
        return total

    return scores, back


def _hide(similar: Vector, own: Mask) -> None:
    """Put the mean of the others in the place of what a question must not meet: neither near nor far."""
    asked = own.any(axis=1)
    if asked.any() and own.shape[1] > 1:
        others = np.where(own[asked], 0, similar[asked]).sum(axis=1) / (~own[asked]).sum(axis=1)
        similar[own] = np.repeat(others, own[asked].sum(axis=1))


def _cross_entropy(
    scores: Vector, keys: Keys, pairs: Pairs, among: Positions, temperature: float
) -> tuple[float, Vector]:
    """InfoNCE, a weighted mean over the pairs, and its slope in the scores."""
    logits = scores / np.float32(temperature)
    right = among[None, :] == pairs.contents[:, None]
    logits[_alike(keys, pairs, among) & ~right] = -np.inf  # neither right nor wrong
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    chances /= chances.sum(axis=1, keepdims=True)
    shares = pairs.weights / pairs.weights.sum()
    loss = -float(shares @ np.log(np.maximum(chances[right], 1e-12)))
    slopes: Vector = (shares[:, None] * (chances - right) / temperature).astype(np.float32)
    return loss, slopes


def _loss(head: Head, keys: Keys, pairs: Pairs, among: Positions, temperature: float) -> float:
    total = 0.0
    for start in range(0, len(pairs), _CHUNK):
        picked = pairs.pick(np.arange(start, min(start + _CHUNK, len(pairs))))
        scores, _ = _met(keys, head.apply(picked.queries), picked.own, among)
        total += float(picked.weights.sum()) * _cross_entropy(scores, keys, picked, among, temperature)[0]
    return total / float(pairs.weights.sum())


def _slopes(head: Head, keys: Keys, pairs: Pairs, among: Positions, recipe: Recipe) -> tuple[Vector, Vector]:
    """The slopes of the loss in `down` and `up`."""
    inner = pairs.queries @ head.down
    moved = pairs.queries + inner @ head.up
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
    queries = moved / lengths
    scores, back = _met(keys, queries, pairs.own, among)
    _, slopes = _cross_entropy(scores, keys, pairs, among, recipe.temperature)
    inward = back(slopes)
    inward = (inward - queries * (queries * inward).sum(axis=1, keepdims=True)) / lengths
    change = head.down @ head.up
    return (
        pairs.queries.T @ (inward @ head.up.T) + np.float32(recipe.pull) * change @ head.up.T,
        inner.T @ inward + np.float32(recipe.pull) * head.down.T @ change,
    )


class _Adam:
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2015), with their figures."""

    def __init__(self, like: Vector, rate: float) -> None:
        self._mean, self._square = np.zeros_like(like), np.zeros_like(like)
        self._rate, self._steps = rate, 0

    def step(self, values: Vector, slopes: Vector) -> Vector:
        """The values after one step."""
        self._steps += 1
        self._mean = 0.9 * self._mean + 0.1 * slopes
        self._square = 0.999 * self._square + 0.001 * slopes**2
        mean, square = self._mean / (1 - 0.9**self._steps), self._square / (1 - 0.999**self._steps)
        stepped: Vector = (values - self._rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)
        return stepped
