"""The contents that a question may be about, and the parts of each one's score."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.retrieval.artefact import Artefact, Positions
from shared.retrieval.base import KINDS, PARTS, IndexReader, Part, Vector
from shared.retrieval.memo import VectorMemo
from shared.retrieval.ngrams import NgramIndex
from shared.retrieval.readings import Readings
from shared.retrieval.similarity import Head

NEAREST = 40  # contents of each leg; with 30 the development sets' figures are the same
EXACT_ROWS = 30_000  # up to here reading every vector is faster than Chroma (9,000: 1 ms against 6) and misses none
WITHOUT_SECOND = frozenset(PARTS) - {"sentence_title", "sentence"}
OPENING: frozenset[Part] = frozenset({"opening"})
_beside = ThreadPoolExecutor(40, "embedding")  # kept: to start a thread for each question takes a millisecond
VECTORS_ONLY: frozenset[Part] = frozenset(KINDS)


@dataclass(frozen=True)
class Question:
    """One reading of a question's sense, with its vectors.

    Parameters
    ----------
    vectors
        Of the readings that differ, `(1 to 3, dimensions)`.
    second
        The same by the sentence encoder.
    columns
        Which of them is the question as typed, repaired, in the help centre's words.
    """

    readings: Readings
    vectors: Vector
    second: Vector | None
    columns: tuple[int, ...]

    @property
    def repaired(self) -> Vector:
        """The vector of the question with the keyboard set right, `(dimensions,)`."""
        vector: Vector = self.vectors[self.columns[1]]
        return vector

    @property
    def wordings(self) -> list[str]:
        """What the lexical legs look for: the better of what was typed and what was repaired, with the formal words."""
        typed, repaired, formal = self.readings.texts
        return [f"{one} {formal}" for one in dict.fromkeys((repaired, typed))]


@dataclass(frozen=True)
class Candidates:
    """Contents with the parts of their scores, `(len(faq_ids), len(PARTS))`; 0 where a leg is absent."""

    faq_ids: Sequence[str]
    parts: Vector
    present: frozenset[Part]

    def without(self, faq_ids: Collection[str]) -> "Candidates":
        """The others."""
        if not faq_ids:
            return self
        kept = np.array([at for at, faq_id in enumerate(self.faq_ids) if faq_id not in faq_ids], dtype=np.int64)
        return Candidates([self.faq_ids[at] for at in kept], self.parts[kept], self.present)


def embed(
    readings: Sequence[Readings],
    embed_queries: Callable[[Sequence[str]], Vector],
    encode: Callable[[Sequence[str]], Vector] | None,
) -> list[Question]:
    """The questions with their vectors: every text is embedded once, by both engines at the same time."""
    texts = list(dict.fromkeys(text for one in readings for text in one.texts))
    if encode is None or (isinstance(embed_queries, VectorMemo) and embed_queries.knows(texts)):
        found, also = embed_queries(texts), encode(texts) if encode else ()
    else:
        embedded = _beside.submit(embed_queries, texts)
        try:
            also = encode(texts)
        finally:
            wait([embedded])
        found = embedded.result()
    vectors, second = dict(zip(texts, found, strict=True)), dict(zip(texts, also, strict=encode is not None))
    questions = []
    for one in readings:
        different = list(dict.fromkeys(one.texts))
        questions.append(
            Question(
                one,
                np.stack([vectors[text] for text in different]),
                np.stack([second[text] for text in different]) if encode else None,
                tuple(different.index(text) for text in one.texts),
            )
        )
    return questions


def weigh_readings(best: Vector, columns: Sequence[int]) -> Vector:
    """One figure of the readings' in each row: what was typed and what was repaired compete, the help centre's words
    are weighed with the better of them. Of maximum, mean and one reading alone this finds most: docs/retrieval.md."""
    typed, repaired, formal = (best[:, column] for column in columns)
    return ((np.maximum(typed, repaired) + formal) / 2).astype(np.float32)


def is_exact(artefact: Artefact) -> bool:
    """Whether every vector of it is compared, so that Chroma is not asked."""
    return len(artefact.titles.rows) + len(artefact.passages.rows) <= EXACT_ROWS


def candidates(artefact: Artefact, question: Question, open_reader: Callable[[], IndexReader]) -> Candidates:
    """The nearest contents by every leg, with all parts of their scores.

    Vectors are compared exactly. Only with more than `EXACT_ROWS` of them Chroma says which are worth comparing.
    """
    ngram_titles = np.maximum.reduceat(_lexical(artefact.title_ngrams, question), artefact.titles.starts[:-1])
    ngram_contents = _lexical(artefact.content_ngrams, question)
    lexical = [_top(ngram_titles), _top(ngram_contents)]
    if is_exact(artefact):
        titles = weigh_readings(artefact.titles.best(question.vectors), question.columns)
        passages = weigh_readings(artefact.passages.best(question.vectors), question.columns)
        picked = np.unique(np.concatenate([*lexical, _top(titles), _top(passages)]))
        parts = [titles[picked], passages[picked]]
    else:
        near = open_reader().nearest(question.vectors, NEAREST)
        at = [artefact.positions[one] for one in near if one in artefact.positions]
        picked = np.unique(np.concatenate([*lexical, np.array(at, dtype=np.int64)]))
        parts = [
            weigh_readings(one.best_of(picked, question.vectors), question.columns)
            for one in (artefact.titles, artefact.passages)
        ]
    present = frozenset(PARTS)
    if question.second is not None and artefact.second is not None:
        both = (artefact.second.titles, artefact.second.sentences)
        parts += [weigh_readings(one.best_of(picked, question.second), question.columns) for one in both]
    else:
        parts += [np.zeros(len(picked), np.float32)] * 2
        present = WITHOUT_SECOND
    parts += [ngram_titles[picked], ngram_contents[picked]]
    if artefact.opened is not None:
        parts.append(weigh_readings(artefact.opened.best_of(picked, question.vectors), question.columns))
    else:
        parts.append(np.zeros(len(picked), np.float32))
        present -= OPENING
    return Candidates([artefact.faq_ids[one] for one in picked], np.stack(parts, axis=1), present)


def turned(artefact: Artefact, question: Question, found: Candidates, head: Head) -> Candidates:
    """The same contents, with the mean of the similarities of titles and passages without the head and with it.

    A head only ranks: which contents come near, and whether any does, is for the vectors without it to say. By its
    similarities alone as much is found, and more is lost that was found before: docs/retrieval.md.
    """
    moved, parts = head.apply(question.vectors), found.parts.copy()
    at = np.array([artefact.positions[one] for one in found.faq_ids], dtype=np.int64)
    for column, rows in enumerate((artefact.titles, artefact.passages)):
        parts[:, column] += weigh_readings(rows.best_of(at, moved), question.columns)
    parts[:, :2] /= 2
    return Candidates(found.faq_ids, parts, found.present)


def vector_candidates(reader: IndexReader, question: Question) -> Candidates:
    """The same by Chroma alone: titles and contents only."""
    found = reader.best(question.vectors, NEAREST)
    faq_ids = sorted(found["title"].keys() & found["content"].keys())
    parts = np.zeros((len(faq_ids), len(PARTS)), np.float32)
    for column, kind in enumerate(KINDS if faq_ids else ()):
        parts[:, column] = weigh_readings(np.stack([found[kind][faq_id] for faq_id in faq_ids]), question.columns)
    return Candidates(faq_ids, parts, VECTORS_ONLY)


def title_similarities(artefact: Artefact, faq_ids: Sequence[str], question: Question) -> dict[str, float]:
    """How near the best title of each of these contents is to the question, as in `Candidates.parts`."""
    at = np.array([artefact.positions[one] for one in faq_ids], dtype=np.int64)
    found = weigh_readings(artefact.titles.best_of(at, question.vectors), question.columns)
    return dict(zip(faq_ids, found.tolist(), strict=True))


def matched_title(artefact: Artefact, position: int, question: Question) -> int:
    """Which of a content's titles the question met best, from 0."""
    rows = artefact.titles.rows[artefact.titles.starts[position] : artefact.titles.starts[position + 1]]
    return int(weigh_readings(rows @ question.vectors.T, question.columns).argmax())


def _lexical(index: NgramIndex, question: Question) -> Vector:
    """Each document's best score by any wording, `(n,)`."""
    scores: Vector = np.maximum.reduce([index.scores(one) for one in question.wordings])
    return scores


def _top(scores: Vector) -> Positions:
    """The positions of the `NEAREST` greatest scores above 0."""
    if len(scores) > NEAREST:
        found: npt.NDArray[np.int64] = np.argpartition(-scores, NEAREST - 1)[:NEAREST]
    else:
        found = np.arange(len(scores))
    return found[scores[found] > 0]
