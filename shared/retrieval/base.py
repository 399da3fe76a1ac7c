"""The port to vectors of contents, and what retrieval gives."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from shared.models import Content

Kind: TypeAlias = Literal["title", "content"]
Vector: TypeAlias = npt.NDArray[np.float32]

KINDS: tuple[Kind, ...] = ("title", "content")


@dataclass(frozen=True)
class Row:
    """One vector's place in an index: a title of a content, or a chunk of its text.

    `counts` says how many rows of each kind the content has.
    """

    kind: Kind
    faq_id: str
    n: int
    text: str
    counts: dict[Kind, int]

    @property
    def row_id(self) -> str:
        """Unique within a kind."""
        return row_id(self.faq_id, self.n, self.counts)


def row_id(faq_id: str, n: int, counts: dict[Kind, int]) -> str:
    """The id of a content's `n`-th row, from 0. It holds the counts, so that from one row's id follow all the others'.

    >>> row_id("join-001", 0, {"title": 3, "content": 2})
    'join-001#0#3#2'
    """
    return "#".join([faq_id, str(n), *(str(counts[kind]) for kind in KINDS)])


def parse_row_id(text: str) -> tuple[str, int, dict[Kind, int]]:
    """Content, number and counts of an id made by `row_id`."""
    faq_id, n, *counts = text.split("#")
    return faq_id, int(n), dict(zip(KINDS, map(int, counts), strict=True))


@dataclass(frozen=True)
class Hit:
    """The best row of a content. `score` is the cosine similarity, -1 to 1."""

    faq_id: str
    n: int
    score: float


@dataclass(frozen=True)
class Ranked:
    """A content with its score, the score's parts, and the title of it that the question met best."""

    content: Content
    score: float
    title_score: float
    content_score: float
    matched_subject: str


class IndexReader(Protocol):
    """One finished version of an index. Raises `IndexUnavailable` when the vector server is away. Thread-safe."""

    def best(self, vector: Vector, limit: int) -> dict[Kind, dict[str, Hit]]:
        """For each kind the best row of every content that is among the `limit` nearest rows of either kind.

        Both kinds have the same contents: the chunks of one content count as one hit, and so do its titles.
        """


class Search(Protocol):
    """What answering needs of retrieval. Blocking; thread-safe."""

    @property
    def answer_threshold(self) -> float:
        """The score from which on the best content is an answer, fitted when the index was built."""

    @property
    def near_threshold(self) -> float:
        """The score from which on a content is worth suggesting to somebody who was refused."""

    def search(self, question: str, limit: int, leave_out: Collection[str] = ()) -> Sequence[Ranked]:
        """Contents for a question, best first; empty when the index is.

        Raises
        ------
        IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
        """
