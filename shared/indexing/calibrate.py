"""Asking a new version the questions that calibration is fitted on, before anybody is served from it."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval.artefact import Artefact, Memory
from shared.retrieval.base import PARTS, IndexReader, Vector
from shared.retrieval.calibration import QUESTIONS, Calibration, fit
from shared.retrieval.candidates import VECTORS_ONLY, WITHOUT_SECOND, candidates, embed
from shared.retrieval.generated import Speaker, generate
from shared.retrieval.readings import read
from shared.retrieval.search import Profile
from shared.retrieval.sentences import SentenceEncoder


class Asking:
    """Asks as customers do, and remembers the vectors, so that the next version's build need not embed them again.

    Parameters
    ----------
    earlier
        What the build before remembered, with the same engine.
    """

    def __init__(
        self,
        embedder: Embedder,
        encoder: SentenceEncoder | None,
        earlier: Memory,
        open_reader: Callable[[], IndexReader],
    ) -> None:
        self._embedder, self._encoder, self._open_reader = embedder, encoder, open_reader
        self._earlier = earlier
        self._vectors: dict[str, Vector] = {}

    @property
    def memory(self) -> Memory:
        """The vectors of all that was asked."""
        if not self._vectors:
            return Memory.empty()
        return Memory.of(list(self._vectors), np.stack(list(self._vectors.values())))

    def calibrate(
        self, profile: Profile, contents: Sequence[Content], made: Artefact, off_topic: Sequence[str]
    ) -> Calibration:
        """A bot's calibration.

        Raises
        ------
        EmbeddingUnavailable, IndexUnavailable
        """
        asked = generate(contents, Speaker(profile.lexicon.entries), QUESTIONS)
        readings = [read(one, profile.lexicon) for one in [*(one.text for one in asked), *off_topic]]
        found = [
            candidates(made, one, self._open_reader) for one in embed(readings, self._embed_queries, self._encoder)
        ]
        titled: defaultdict[str, set[str]] = defaultdict(set)  # of contents with one title any is right
        for content in contents:
            titled[content.title].add(content.faq_id)
        on_topic = [(one, frozenset(titled[question.title])) for one, question in zip(found, asked, strict=False)]
        legs = [WITHOUT_SECOND, VECTORS_ONLY] + ([frozenset(PARTS)] if made.second else [])
        return fit(on_topic, found[len(asked) :], profile.weights, legs)

    def _embed_queries(self, texts: Sequence[str]) -> Vector:
        vectors = self._earlier.recall(texts, self._embedder.embed_queries)
        self._vectors.update(zip(texts, vectors, strict=True))
        return vectors
