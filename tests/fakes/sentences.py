"""A second opinion that needs no model: hashed characters, so that like texts are near."""

from collections.abc import Sequence

import numpy as np

from shared.retrieval.base import Vector
from shared.retrieval.sentences import DIMENSIONS, MAX_CHARACTERS


class FakeSentenceEncoder:
    """A deterministic `SentenceEncoder` that remembers what it was asked for."""

    def __init__(self, name: str = "fake-sentences/1") -> None:
        self.name = name
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vector:
        """See `SentenceEncoder.encode`."""
        self.calls.append(list(texts))
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[0] = 0.1  # no vector is zero
            for character in text[:MAX_CHARACTERS]:
                vector[ord(character) % DIMENSIONS] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
