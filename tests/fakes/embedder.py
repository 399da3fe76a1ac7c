"""An embedding engine that needs no model: hashed character bigrams and trigrams, so that like texts are near."""

import hashlib
import threading
import time
from collections.abc import Sequence
from functools import cache

import numpy as np

from shared.errors import EmbeddingUnavailable
from shared.llm.base import Vectors


class FakeEmbedder:
    """A deterministic `Embedder` that counts what it is asked for.

    Parameters
    ----------
    fail_after
        Texts after which every call raises `EmbeddingUnavailable`.
    seconds_per_text
        How slow it is.
    """

    def __init__(
        self,
        name: str = "fake/1",
        dimensions: int = 64,
        *,
        batch_size: int = 16,
        concurrency: int = 1,
        fail_after: int | None = None,
        seconds_per_text: float = 0,
    ) -> None:
        self.name, self.dimensions = name, dimensions
        self.batch_size, self.concurrency = batch_size, concurrency
        self.fail_after, self.seconds_per_text = fail_after, seconds_per_text
        self.calls = 0
        self.queries: list[str] = []
        self.passages: list[str] = []
        self._lock = threading.Lock()

    @property
    def texts(self) -> int:
        """How many texts were embedded."""
        return len(self.queries) + len(self.passages)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._embed(texts, self.queries)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_passages`; for this engine the same as queries."""
        return self._embed(texts, self.passages)

    def _embed(self, texts: Sequence[str], asked: list[str]) -> Vectors:
        with self._lock:
            self.calls += 1
            if self.fail_after is not None and self.texts + len(texts) > self.fail_after:
                raise EmbeddingUnavailable(detail="told to fail")
            asked.extend(texts)
        time.sleep(self.seconds_per_text * len(texts))
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[0] = 0.1  # no vector is zero, and all have something in common, as real ones do
            for size in (2, 3):
                for start in range(len(text) - size + 1):
                    vector[_place(text[start : start + size]) % self.dimensions] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@cache
def _place(piece: str) -> int:
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=4).digest())
