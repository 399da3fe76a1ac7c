"""Asking a version the questions that calibration is fitted on: a new one before anybody is served from it, the served
one when a bot is published."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from shared.models import Content
from shared.retrieval.artefact import Artefact, Memory
from shared.retrieval.base import IndexReader, Part, Vector
from shared.retrieval.calibration import Calibration, Learned, legs_of
from shared.retrieval.candidates import VECTORS_ONLY, candidates, embed, turned
from shared.retrieval.fitting import QUESTIONS, fit
from shared.retrieval.generated import Generated, Speaker, generate
from shared.retrieval.readings import read
from shared.retrieval.search import Profile
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head

_OFF_TOPIC = Path(__file__).parent / "words" / "off_topic.txt"  # where functions find it that are packed


def off_topic_questions(path: Path = _OFF_TOPIC) -> list[str]:
    """Questions that no content answers, a line each: those of haedap, or a file's. `#` begins a heading.

    Raises
    ------
    OSError, UnicodeDecodeError
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line.strip() and not line.startswith("#")]


class Asking:
    """Asks as customers do, and remembers the vectors, so that the next version's build need not embed them again.

    Parameters
    ----------
    earlier
        What the build before remembered, with the same engine.
    """

    def __init__(
        self,
        embed_queries: Callable[[Sequence[str]], Vector],
        encoder: SentenceEncoder | None,
        earlier: Memory,
        open_reader: Callable[[], IndexReader],
    ) -> None:
        self._embed, self._open_reader = embed_queries, open_reader
        self._encode = encoder.encode if encoder else None
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
        texts = [*(one.text for one in asked), *off_topic]
        readings = [read(one, profile.lexicon, made.spacing) for one in texts]
        found = [candidates(made, one, self._open_reader) for one in embed(readings, self._embed_queries, self._encode)]
        right = _right(asked, contents)
        return fit(
            list(zip(found, right, strict=False)),
            found[len(asked) :],
            profile.weights,
            _legs(made),
            profile.thresholds,
        )

    def learned(
        self, profile: Profile, contents: Sequence[Content], unseen: Collection[str], made: Artefact, head: Head
    ) -> Learned:
        """How a bot searches with a head: asked is for `unseen` contents alone, those it was not trained on.

        Raises
        ------
        EmbeddingUnavailable, IndexUnavailable
        """
        picked = [one for one in contents if one.faq_id in unseen]
        asked = generate(picked, Speaker(profile.lexicon.entries), QUESTIONS)
        readings = [read(one.text, profile.lexicon, made.spacing) for one in asked]
        found = [
            turned(made, one, candidates(made, one, self._open_reader), head)
            for one in embed(readings, self._embed_queries, self._encode)
        ]
        legs = [one for one in _legs(made) if one != VECTORS_ONLY]  # without an artefact no head is used
        fitted = fit(
            list(zip(found, _right(asked, contents), strict=True)), [], profile.weights, legs, profile.thresholds
        )
        return Learned(head=head.digest, scales=fitted.scales, fits=fitted.fits)

    def _embed_queries(self, texts: Sequence[str]) -> Vector:
        unseen = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if unseen:
            self._vectors.update(zip(unseen, self._earlier.recall(unseen, self._embed), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def _right(asked: Sequence[Generated], contents: Sequence[Content]) -> list[frozenset[str]]:
    """The contents that answer each question: of those with one title any does."""
    titled: defaultdict[str, set[str]] = defaultdict(set)
    for content in contents:
        titled[content.title].add(content.faq_id)
    return [frozenset(titled[one.title]) for one in asked]


def _legs(made: Artefact) -> list[frozenset[Part]]:
    return legs_of(second=made.second is not None)
