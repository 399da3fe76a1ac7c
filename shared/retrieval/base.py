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

    `counts` says how many rows of each kind the content has, so that a reader can name them all.
    """

    kind: Kind
    faq_id: str
    n: int
    text: str
    counts: dict[Kind, int]

    @property
    def row_id(self) -> str:
        """Unique within a kind."""
        return row_id(self.faq_id, self.n)


def row_id(faq_id: str, n: int) -> str:
    """The id of a content's `n`-th row, from 0."""
    return f"{faq_id}#{n}"


@dataclass(frozen=True)
class Hit:
    """The best row of a content. `score` is the cosine similarity, -1 to 1."""

    faq_id: str
    n: int
    score: float


@dataclass(frozen=True)
class Ranked:
    """A content with its score, the score's parts, and the title or the passage that the question met."""

    content: Content
    score: float
    title_score: float
    content_score: float
    matched_subject: str


class IndexReader(Protocol):
    """One finished version of an index. Raises `IndexUnavailable` when the vector server is away. Thread-safe."""

    def best(self, vector: Vector, limit: int) -> dict[Kind, dict[str, Hit]]:
        """For each kind the best row of every content that is among the `limit` nearest rows of either kind."""


class Search(Protocol):
    """What answering needs of retrieval. Blocking; thread-safe."""

    @property
    def answer_threshold(self) -> float:
        """The score from which on the best content is an answer, fitted when the index was built."""

    def search(self, question: str, limit: int, leave_out: Collection[str] = ()) -> Sequence[Ranked]:
        """Contents for a question, best first; empty when the index is.

        Raises
        ------
        IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
        """
