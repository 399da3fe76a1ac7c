"""The lexical leg: BM25 over character n-grams, which bear Korean particles, spacing and typos without a dictionary."""

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from shared.retrieval.base import Vector

K1, B = 1.2, 0.75  # the usual values (Robertson and Zaragoza 2009); of 0.9–2.0 and 0.3–0.9 none was better
COMMON = 1 / 8  # of the documents: adding a whole column takes 20 µs over 100,000, a tenth of adding so many postings
_COLUMNS = 128  # of these are kept, 4 bytes a document each
_WORD = re.compile(r"[0-9a-z]+|[가-힣]+")


def ngrams(text: str) -> Iterator[str]:
    """Pairs and triples of syllables inside each Korean word; words of one syllable, codes and numbers whole.

    >>> list(ngrams("반품 BSB 3만원"))
    ['반품', 'bsb', '3', '만원']
    """
    for word in _WORD.findall(text.lower()):
        if len(word) == 1 or word[0] < "가":
            yield word
            continue
        for size in (2, 3):
            for start in range(len(word) - size + 1):
                yield word[start : start + size]


@dataclass(frozen=True)
class Rarity:
    """How rare each n-gram is among some documents (BM25's inverse document frequency)."""

    numbers: Mapping[str, int]
    weights: npt.NDArray[np.float64]
    unknown: float

    @classmethod
    def of(cls, index: bm25s.BM25) -> "Rarity":
        """In the documents of this index."""
        frequencies, documents = np.diff(index.scores["indptr"]), int(index.scores["num_docs"])
        weights = np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5))
        return cls(index.vocab_dict, weights, float(np.log1p((documents + 0.5) / 0.5)))

    def each(self, found: Sequence[str]) -> npt.NDArray[np.float64]:
        """The weights of these n-grams, `(len(found),)`."""
        numbers = [self.numbers.get(one) for one in found]
        return np.array([self.unknown if n is None else self.weights[n] for n in numbers])

    def sum(self, asked: Collection[str]) -> float:
        """The weights of these n-grams together."""
        known = [self.numbers[one] for one in asked if one in self.numbers]
        return float(self.weights[known].sum()) + self.unknown * (len(asked) - len(known))


class NgramIndex:
    """BM25 of Lucene's kind (bm25s: every score is computed when the index is built, a search only adds them up).

    Parameters
    ----------
    rarity
        Of n-grams; by default that of the index's own documents.
    """

    def __init__(self, index: bm25s.BM25, rarity: Rarity | None = None) -> None:
        self._index = index
        self._vocabulary: dict[str, int] = index.vocab_dict
        self._documents = int(index.scores["num_docs"])
        self._rarity = rarity or Rarity.of(index)
        postings = np.diff(index.scores["indptr"])
        self._common = frozenset(np.flatnonzero(postings > self._documents * COMMON).tolist())
        self._column = lru_cache(_COLUMNS)(self._spread_out)

    @classmethod
    def build(cls, texts: Sequence[str]) -> "NgramIndex":
        """An index of these documents; one of them at least."""
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(one, len(vocabulary)) for one in ngrams(text)] for text in texts]
        vocabulary.setdefault("", len(vocabulary))  # bm25s can't hold an empty vocabulary
        if not any(ids):
            ids[0] = [vocabulary[""]]  # nor documents of no length at all
        index = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="numpy")  # the same with SciPy and without
        index.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> "NgramIndex":
        """What `save` wrote, mapped into memory. Raises `ValueError` when its parts do not belong together."""
        index = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        for name in ("data", "indices", "indptr"):  # as in `artefact.load`: without the class, which costs 2 µs a use
            index.scores[name] = np.asarray(index.scores[name])
        starts, postings = index.scores["indptr"], len(index.scores["indices"])
        ends, scores = (int(starts[0]), int(starts[-1])), len(index.scores["data"])
        if ends != (0, postings) or scores != postings or np.diff(starts).min() < 0:
            raise ValueError(f"the postings of {folder.name} do not belong together")
        if max(index.vocab_dict.values()) >= len(starts) - 1:
            raise ValueError(f"the vocabulary of {folder.name} is not that of its postings")
        return cls(index)

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        self._index.save(folder, show_progress=False)

    def __len__(self) -> int:
        return self._documents

    def scores(self, text: str) -> Vector:
        """Each document's BM25 score as a share of what one with all the question's n-grams would have, `(n,)`.

        So questions of all lengths compare: 0 has none of them, 1 has each about once.
        """
        asked = set(ngrams(text))
        known = [self._vocabulary[one] for one in asked if one in self._vocabulary]
        if not known:
            return np.zeros(len(self), dtype=np.float32)
        scores: Vector = self._index.get_scores_from_ids([one for one in known if one not in self._common])
        for one in self._common.intersection(known):
            scores += self._column(one)
        return scores * np.float32((K1 + 1) / self._rarity.sum(asked))

    def _spread_out(self, ngram: int) -> Vector:
        """What an n-gram gives each document, `(n,)`."""
        starts, found = self._index.scores["indptr"], np.zeros(self._documents, np.float32)
        postings = slice(starts[ngram], starts[ngram + 1])
        found[self._index.scores["indices"][postings]] = self._index.scores["data"][postings]
        return found

    def beside(self, others: "NgramIndex") -> "NgramIndex":
        """The same documents, scored as if they were among `others`, so that the scores of both compare.

        An n-gram is as rare as it is there. How long a document is stays compared with the documents of this index.
        """
        names = sorted(self._vocabulary, key=self._vocabulary.__getitem__)
        factors = others._rarity.each(names) / Rarity.of(self._index).weights
        index = copy.copy(self._index)
        data = self._index.scores["data"] * np.repeat(factors, np.diff(self._index.scores["indptr"])).astype(np.float32)
        index.scores = {**self._index.scores, "data": data}
        return NgramIndex(index, others._rarity)
