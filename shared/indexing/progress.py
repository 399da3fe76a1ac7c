"""How a build tells how it goes on."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

import numpy as np

from shared.retrieval.base import Vector
from shared.retrieval.sentences import SentenceEncoder

PIECE = 64  # texts between two steps of a progress bar: a second or two

Stage: TypeAlias = Literal["embedding", "openings", "second opinion", "calibrating"]


class Progress(Protocol):
    """Told how a build goes on."""

    def wait(self) -> None:
        """Another build holds the source; this one waits a little for it."""

    def start(self, stage: Stage, total: int, known: int = 0) -> None:
        """A stage begins, with `total` texts to encode; what `known` ones need stands already."""

    def advance(self, texts: int) -> None:
        """So many more are done."""


class Unheard:
    """A `Progress` of which nobody is told."""

    def wait(self) -> None:
        """See `Progress.wait`."""

    def start(self, stage: Stage, total: int, known: int = 0) -> None:
        """See `Progress.start`."""

    def advance(self, texts: int) -> None:
        """See `Progress.advance`."""


class Telling:
    """A sentence encoder that tells how it goes on."""

    def __init__(self, encoder: SentenceEncoder, progress: Progress) -> None:
        self.name, self._encoder, self._progress = encoder.name, encoder, progress

    def encode(self, texts: Sequence[str]) -> Vector:
        return told(self._encoder.encode, self._progress, "second opinion", PIECE, texts)


def told(
    encode: Callable[[Sequence[str]], Vector], progress: Progress, stage: Stage, size: int, texts: Sequence[str]
) -> Vector:
    """The texts' vectors, encoded `size` at a time, of which progress is told. One text at least."""
    progress.start(stage, len(texts))
    pieces = []
    for start in range(0, len(texts), size):
        pieces.append(encode(texts[start : start + size]))
        progress.advance(len(pieces[-1]))
    return np.concatenate(pieces)
