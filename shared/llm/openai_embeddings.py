"""Embeddings of OpenAI, or of any server that speaks its API."""

from collections.abc import Iterator, Sequence

import numpy as np
from openai import OpenAI, omit
from openai.types import Embedding

from shared.errors import EmbeddingUnavailable
from shared.llm.base import Vectors
from shared.llm.openai_failures import NO_KEY, OPENAI_BASE_URL, ModelServerError, describe, encodable

KNOWN_DIMENSIONS = {
    "text-embedding-3-small": 1_536,
    "text-embedding-3-large": 3_072,
    "text-embedding-ada-002": 1_536,
}
# OpenAI takes 2,048 texts and 300,000 tokens a request, 8,192 tokens a text, and its tokenizer makes up to 2 tokens
# of a Hangul syllable. 2,717 contents of 700 characters and their 6,300 titles so go in 20 requests
MAX_REQUEST_TEXTS = 2_048
MAX_REQUEST_CHARACTERS = 120_000
MAX_TEXT_CHARACTERS = 4_000  # the rest of a longer text is not embedded

QUERY_TEXTS = 16  # no more than so many: a customer is waiting. Titles come by the hundred
QUERY_TIMEOUT_SECONDS = 5
BATCH_RETRIES = 5  # about 15 s in all, and up to 2 minutes for each `Retry-After`


class OpenAIEmbedder:
    """An `Embedder` over HTTP.

    A few queries get one attempt of at most 5 s. Passages, and queries in bulk, are asked for patiently, with the
    SDK's own retries.

    Parameters
    ----------
    api_key, base_url
        Without a base URL, OpenAI's own; without a key, a server that asks for none.
    dimensions
        Asked of the server, which must be able to shorten its vectors; without it, the model's own length.
    timeout_seconds
        For one attempt of one request.
    """

    batch_size = 2_048  # the most inputs that a request takes
    concurrency = 4

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        dimensions: int | None,
        timeout_seconds: float,
    ) -> None:
        self._model = model
        self._asked_dimensions = dimensions
        self._dimensions = dimensions or KNOWN_DIMENSIONS.get(model)
        self._patient = OpenAI(
            api_key=api_key or NO_KEY,
            base_url=base_url or OPENAI_BASE_URL,
            timeout=timeout_seconds,
            max_retries=BATCH_RETRIES,
        )
        self._quick = self._patient.with_options(timeout=min(timeout_seconds, QUERY_TIMEOUT_SECONDS), max_retries=0)

    @property
    def name(self) -> str:
        """For example `openai/text-embedding-3-small/1536`."""
        return f"openai/{self._model}/{self.dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of a vector. Of a model that is not known it is found by embedding something, once.

        Raises
        ------
        EmbeddingUnavailable
            When that fails.
        """
        if self._dimensions is None:
            self._dimensions = self._request(self._quick, ["haedap"]).shape[1]
        return self._dimensions

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._embed(self._quick if len(texts) <= QUERY_TEXTS else self._patient, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_passages`; for these models the same as queries."""
        return self._embed(self._patient, texts)

    def _embed(self, client: OpenAI, texts: Sequence[str]) -> Vectors:
        parts = [self._request(client, batch) for batch in _batches([_prepare(text) for text in texts])]
        return np.concatenate(parts) if parts else np.empty((0, self.dimensions), np.float32)

    def _request(self, client: OpenAI, texts: list[str]) -> Vectors:
        try:
            response = client.embeddings.create(
                input=texts, model=self._model, dimensions=self._asked_dimensions or omit
            )
            vectors = _to_array(response.data)
        except Exception as error:  # the SDK validates nothing: what a bad answer makes it raise is unbounded
            raise EmbeddingUnavailable() from self._cause(describe(error))
        expected = (len(texts), self._dimensions or vectors.shape[-1])
        if vectors.shape != expected:
            raise EmbeddingUnavailable() from self._cause(f"vectors of shape {vectors.shape} instead of {expected}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths) & (lengths > 0)):
            raise EmbeddingUnavailable() from self._cause("a vector is zero or not finite")
        unit: Vectors = vectors / lengths
        return unit

    def _cause(self, reason: str) -> ModelServerError:
        return ModelServerError(f"{self._model}: {reason}")


def _prepare(text: str) -> str:
    return encodable(text[:MAX_TEXT_CHARACTERS]) or " "  # the API refuses an empty text


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in pieces that a request may hold."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == MAX_REQUEST_TEXTS or characters + len(text) > MAX_REQUEST_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _to_array(data: Sequence[Embedding]) -> Vectors:
    """The vectors in the order of the texts, which an answer states but need not follow.

    Raises
    ------
    ValueError
        When the indexes are not 0, 1, 2 … or the vectors differ in length.
    """
    ordered = sorted(data, key=lambda item: item.index)
    if [item.index for item in ordered] != list(range(len(ordered))):
        raise ValueError("indexes are missing or repeated")
    vectors = np.array([item.embedding for item in ordered], dtype=np.float32)
    if vectors.ndim != 2:
        raise ValueError("no list of vectors")
    return vectors
