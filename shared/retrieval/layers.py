"""What is searched of a source: the artefact of a version, and over it what was published since it was built."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shared.models import Content
from shared.retrieval.artefact import Artefact
from shared.retrieval.base import IndexReader
from shared.retrieval.candidates import (
    Candidates,
    Question,
    candidates,
    matched_title,
    title_similarities,
    turned,
)
from shared.retrieval.similarity import Head


@dataclass(frozen=True)
class Proposal:
    """Edits that a search can take for published.

    Parameters
    ----------
    edits
        The artefact of all edits since the build, these among them; `None` without any.
    """

    changed: Mapping[str, Content]
    removed: frozenset[str]
    edits: Artefact | None


@dataclass(frozen=True)
class Layers:
    """A version, and over it the few contents that were edited or added since.

    Parameters
    ----------
    edits
        Their own small artefact. What it has, the version's has no more.
    """

    base: Artefact
    edits: Artefact | None = None

    @classmethod
    def of(cls, base: Artefact, edits: Artefact | None) -> "Layers":
        """The two together. An edited content's n-grams count for as much as they do in the version."""
        if edits is None:
            return cls(base)
        if base.second is None or edits.second is None or base.second.engine != edits.second.engine:
            edits = replace(edits, second=None)
        title_ngrams = edits.title_ngrams.beside(base.title_ngrams)
        content_ngrams = edits.content_ngrams.beside(base.content_ngrams)
        return cls(base, replace(edits, title_ngrams=title_ngrams, content_ngrams=content_ngrams))

    def candidates(self, question: Question, open_reader: Callable[[], IndexReader]) -> Candidates:
        """As `candidates` of one artefact."""
        found = candidates(self.base, question, open_reader)
        if self.edits is None:
            return found
        own = candidates(self.edits, question, open_reader)
        kept = found.without(self.edits.positions.keys())
        return Candidates(
            [*kept.faq_ids, *own.faq_ids], np.concatenate([kept.parts, own.parts]), kept.present & own.present
        )

    def turned(self, question: Question, found: Candidates, head: Head) -> Candidates:
        """As `turned` of one artefact."""
        parts = found.parts.copy()
        for artefact, at in self._split(found.faq_ids):
            some = Candidates([found.faq_ids[n] for n in at], found.parts[at], found.present)
            parts[at] = turned(artefact, question, some, head).parts
        return Candidates(found.faq_ids, parts, found.present)

    def title_similarities(self, faq_ids: Collection[str], question: Question) -> dict[str, float]:
        """As `title_similarities` of one artefact; of those that it has."""
        wanted = sorted(faq_ids)
        met: dict[str, float] = {}
        for artefact, at in self._split(wanted):
            met |= title_similarities(artefact, [wanted[n] for n in at], question)
        return met

    def matched_title(self, faq_id: str, question: Question) -> int | None:
        """Which of a content's titles the question met best, from 0; `None` for a content that is in no layer."""
        artefact = self._holding(faq_id)
        return None if artefact is None else matched_title(artefact, artefact.positions[faq_id], question)

    def _holding(self, faq_id: str) -> Artefact | None:
        if self.edits is not None and faq_id in self.edits.positions:
            return self.edits
        return self.base if faq_id in self.base.positions else None

    def _split(self, faq_ids: Sequence[str]) -> list[tuple[Artefact, list[int]]]:
        """Each layer with the places of the contents that are taken from it."""
        layers = [self.base] if self.edits is None else [self.base, self.edits]
        held = [self._holding(one) for one in faq_ids]
        split = [(layer, [at for at, one in enumerate(held) if one is layer]) for layer in layers]
        return [(layer, at) for layer, at in split if at]
