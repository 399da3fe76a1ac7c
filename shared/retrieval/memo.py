"""Vectors of the texts that were asked lately: customers ask the same, and taps on suggestions are titles."""

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from cachetools import LRUCache

from shared.retrieval.base import Vector

TEXTS = 4_096  # of two engines about 15 MB


class VectorMemo:
    """An engine that remembers. Thread-safe; two threads that ask the same at once may both compute it.

    Parameters
    ----------
    compute
        Texts to vectors, `(len(texts), dimensions)`; what it raises is raised, and not remembered.
    """

    def __init__(self, compute: Callable[[Sequence[str]], Vector], texts: int = TEXTS) -> None:
        self._compute = compute
        self._known: LRUCache[str, Vector] = LRUCache(texts)
        self._lock = Lock()

    def knows(self, texts: Sequence[str]) -> bool:
        """Whether it remembers all of them."""
        with self._lock:
            return all(text in self._known for text in texts)

    def __call__(self, texts: Sequence[str]) -> Vector:
        """The vectors of texts, one a row."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            computed = dict(zip(new, self._compute(new), strict=True))
            with self._lock:
                self._known.update(computed)
            found |= computed
        return np.stack([found[text] for text in texts])
