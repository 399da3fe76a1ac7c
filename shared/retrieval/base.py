"""The port to vectors of contents, and what retrieval gives."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from shared.models import Content, Decision

Kind: TypeAlias = Literal["title", "content"]
Vector: TypeAlias = npt.NDArray[np.float32]

KINDS: tuple[Kind, ...] = ("title", "content")

Part: TypeAlias = Literal["title", "content", "sentence_title", "sentence", "ngram_title", "ngram_content", "opening"]
PARTS: tuple[Part, ...] = ("title", "content", "sentence_title", "sentence", "ngram_title", "ngram_content", "opening")


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

    @property
    def text_hash(self) -> str:
        """Rows with the same one have the same vector, for titles and passages are embedded differently."""
        return hashlib.sha256(f"{self.kind}\0{self.text}".encode()).hexdigest()


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
class Ranked:
    """A content with its score and the parts of it, as far as the legs that give them are there.

    Parameters
    ----------
    near
        Whether one of its titles is near enough to the question to be suggested.
    related
        The ids of those of its related contents of which the same holds, in the operator's order.
    """

    content: Content
    score: float
    parts: Mapping[Part, float]
    matched_subject: str
    near: bool = False
    related: Sequence[str] = ()


@dataclass(frozen=True)
class Measured:
    """What a decision was made by: under `refuse_below` a bot refuses, from `answer_from` on it answers.

    Parameters
    ----------
    relevance
        How many standard deviations the question lies above those that are off topic.
    """

    relevance: float
    refuse_below: float
    answer_from: float


@dataclass(frozen=True)
class Embedded:
    """A text's vector, of unit length, and the engine that made it."""

    engine: str
    vector: Vector


@dataclass(frozen=True)
class Found:
    """What a search found.

    Parameters
    ----------
    ranked
        Best first; empty when the index is.
    decision
        Whether the first is the answer, the first ones are worth asking back, or the bot should refuse.
    asked
        The meaning of the question that was taken, as it was put to the search.
    confidence
        The probability that the first is right, if the question is on topic.
    measured
        What the decision was made by, where scores made it.
    embedded
        The first meaning that was asked, with the keyboard set right, as the search had to embed it.
    """

    ranked: Sequence[Ranked]
    decision: Decision
    asked: str
    confidence: float
    degraded: Sequence[str] = ()
    measured: Measured | None = None
    embedded: Embedded | None = field(default=None, compare=False)


class IndexReader(Protocol):
    """One finished version of an index. Raises `IndexUnavailable` when the vector server is away. Thread-safe."""

    def nearest(self, vectors: Vector, limit: int) -> set[str]:
        """The contents of the `limit` nearest rows of either kind to each of the vectors, `(n, dimensions)`."""

    def best(self, vectors: Vector, limit: int) -> dict[Kind, dict[str, Vector]]:
        """Of these contents the best row's cosine similarity to each vector, `(n,)`, for each kind.

        Both kinds have the same contents: the chunks of one content count as one, and so do its titles.
        """


class Search(Protocol):
    """What answering needs of retrieval. Blocking; thread-safe."""

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        """Contents for a question.

        Parameters
        ----------
        asked
            What the question may mean after what was said before it, the likeliest first. Another is taken only when
            it meets a title better by as much as titles' similarities spread.
        limit
            How many contents at most.
        leave_out
            Contents that are not wanted, by id.
        before
            The content that was found first for the question before. A meaning that leads back to it has found nothing
            new, so it is taken only when the question itself is clearly on topic.

        Raises
        ------
        IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
        """

    def warm_up(self) -> None:
        """Load all that `find` needs."""

    def contents(self, faq_ids: Sequence[str]) -> Sequence[Content]:
        """These contents, as far as they exist, in this order. Raises `StoreUnavailable`."""
