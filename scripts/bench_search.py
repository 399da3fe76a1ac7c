"""How fast a search is without embedding, what it holds in memory, what Chroma misses. Prints figures; tests nothing.

    python scripts/bench_search.py [--contents 100000] [--questions 200] [--folder FOLDER]

Makes that many contents of one title, one passage and three sentences each: vectors scattered around 2,000 centres,
texts of invented words whose frequencies follow Zipf's law, 340 characters long. Indexes them once (`--folder` keeps
the index), then asks in a fresh process that may use one core.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from scripts.bench.invoke import megabytes
from scripts.steps import guarded
from shared.bot import Weights
from shared.models import Content
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact, Memory, Ragged, SecondOpinion, load
from shared.retrieval.base import KINDS, PARTS, Row, Vector
from shared.retrieval.calibration import Calibration, Fit, Learned
from shared.retrieval.candidates import EXACT_ROWS, NEAREST, VECTORS_ONLY, WITHOUT_SECOND
from shared.retrieval.chroma import ChromaReader, ChromaWriter, embedded_client
from shared.retrieval.fusion import E5_SCALES
from shared.retrieval.lexicon import Lexicon, shipped
from shared.retrieval.ngrams import NgramIndex
from shared.retrieval.search import Engines, Profile, SourceSearch
from shared.retrieval.similarity import Head, Recipe
from shared.retrieval.spacing import Spacing
from shared.storage.sqlite import SqliteStore

DIMENSIONS, SECOND_DIMENSIONS, CENTRES, SENTENCES = 384, 512, 2_000, 3
Numbers: TypeAlias = npt.NDArray[np.int64]
SOURCE, VERSION, ENGINE = "bench", "v1", "synthetic"
RANK = Recipe().rank  # of the learned similarity
_CHARACTERS, _WORDS, _SPREAD = 340, 30_000, 0.6


class Scattered:
    """Texts to vectors around centres, by the text's own number: what is asked lies near what is indexed."""

    name, dimensions, batch_size, concurrency = ENGINE, DIMENSIONS, 1_000, 1

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self._dimensions = dimensions
        self._centres = _unit(np.random.default_rng(0).standard_normal((CENTRES, dimensions)))

    def at(self, numbers: Sequence[int] | Numbers, seed: int) -> Vector:
        """Vectors for contents of these numbers; another seed gives others nearby."""
        noise = _unit(np.random.default_rng((seed, numbers[0])).standard_normal((len(numbers), self._dimensions)))
        return _unit(self._centres[np.array(numbers) % CENTRES] + _SPREAD * noise)

    def embed_queries(self, texts: Sequence[str]) -> Vector:
        """See `Embedder.embed_queries`. The number stands at the text's end."""
        return np.concatenate([self.at([int(text.split()[-1])], seed=len(text)) for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """See `Embedder.embed_passages`."""
        return self.embed_queries(texts)

    def encode(self, texts: Sequence[str]) -> Vector:
        """See `SentenceEncoder.encode`."""
        return self.embed_queries(texts)


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contents", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--head", action="store_true", help="with a learned similarity")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.ask:
        _ask(chosen.folder, chosen.contents, chosen.questions)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary) / "index"
        if not folder.exists():
            _index(folder, chosen.contents, chosen.head)
        one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
        command = [sys.executable, __file__, "--ask", "--folder", str(folder)]
        command += ["--contents", str(chosen.contents), "--questions", str(chosen.questions)]
        return subprocess.run(command, env={**os.environ, **one_core}, check=False).returncode


def _head() -> Head:
    """A learned similarity of the usual size, that learned nothing."""
    rng = np.random.default_rng(3)
    down, up = (rng.normal(0, 0.05, shape).astype(np.float32) for shape in ((DIMENSIONS, RANK), (RANK, DIMENSIONS)))
    return Head(VERSION, down, up)


def _index(folder: Path, count: int, with_head: bool) -> None:
    folder.mkdir(parents=True)
    started = time.perf_counter()
    rng, words = np.random.default_rng(1), _words()
    texts = [_text(rng, words, _CHARACTERS) for _ in tqdm(range(count), desc="texts", file=sys.stderr)]
    first, second, every = Scattered(), Scattered(SECOND_DIMENSIONS), np.arange(count)
    titles, passages = first.at(every, 1), first.at(every, 2)
    writer = ChromaWriter(embedded_client(folder / "chroma"), SOURCE, VERSION)
    for start in tqdm(range(0, count, 500), desc="Chroma", file=sys.stderr):
        for kind, vectors in zip(KINDS, (titles, passages), strict=True):
            rows = [
                Row(kind, f"c{n}", 0, "", {"title": 1, "content": 1}) for n in range(start, min(start + 500, count))
            ]
            writer.write(rows, vectors[start : start + 500])
    store = SqliteStore(folder / "store.sqlite3")
    store.prepare()
    for start in range(0, count, 1_000):
        contents = [
            Content(faq_id=f"c{n}", source_id=SOURCE, title=texts[n][:30], content=texts[n])
            for n in range(start, min(start + 1_000, count))
        ]
        store.batch_put(
            "contents", [{"pk": SOURCE, "sk": one.faq_id, **one.model_dump(mode="json")} for one in contents]
        )
    legs = {calibrations.name_of(one): Fit() for one in (frozenset(PARTS), WITHOUT_SECOND, VECTORS_ONLY)}
    learned = Learned(head=_head().digest, scales=dict(E5_SCALES), fits=legs) if with_head else None
    fitted = Calibration(scales=dict(E5_SCALES), fits=legs, learned=learned)
    calibrations.save(store, "default", SOURCE, VERSION, fitted)
    manifests.switch(
        store,
        manifests.Manifest(
            source_id=SOURCE, version=VERSION, engine=ENGINE, dimensions=DIMENSIONS, created_at=datetime.now(UTC)
        ),
    )
    sentences = np.concatenate([second.at(every, 10 + n) for n in range(SENTENCES)]).astype(np.float16)
    of_contents = Memory(np.zeros(count, np.uint64), first.at(every, 3).astype(np.float16))
    openings = of_contents if count * 2 <= EXACT_ROWS else None
    Artefact(
        version=VERSION,
        faq_ids=[f"c{n}" for n in range(count)],
        titles=Ragged(titles, np.arange(count + 1)),
        passages=Ragged(passages, np.arange(count + 1)),
        title_ngrams=NgramIndex.build([text[:30] for text in texts]),
        content_ngrams=NgramIndex.build(texts),
        second=SecondOpinion(
            ENGINE,
            Ragged(second.at(every, 1).astype(np.float16), np.arange(count + 1)),
            Ragged(sentences, np.arange(count + 1) * SENTENCES),
            np.zeros(count, np.uint64),
            np.zeros(count * SENTENCES, np.uint64),
        ),
        asked=Memory.empty(),
        spacing=Spacing.of(texts),
        openings=openings,
    ).save(folder / "artefact")
    print(f"indexed {count} contents in {time.perf_counter() - started:.0f} s")


def _ask(folder: Path, count: int, questions: int) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = time.perf_counter()
    client, artefact = embedded_client(folder / "chroma"), load(folder / "artefact")
    reader = ChromaReader(client, SOURCE, VERSION)
    head = _head()
    engines = Engines(
        Scattered(), Scattered(SECOND_DIMENSIONS), lambda *_: reader, lambda *_: artefact, lambda *_: head
    )
    profile = Profile("default", Weights(), Lexicon(shipped("commerce")))
    search = SourceSearch(SOURCE, SqliteStore(folder / "store.sqlite3"), engines, profile)
    rng, words = np.random.default_rng(2), _words()
    asked = [f"{_text(rng, words, int(rng.integers(12, 60)))} {rng.integers(count)}" for _ in range(questions)]
    search.find([asked[0]], limit=8)
    print(f"opened in {time.perf_counter() - started:.1f} s")
    took: list[float] = []
    worked: list[float] = []  # the processor's time, which other programs lengthen less
    for question in asked:
        started, before = time.perf_counter(), time.process_time()
        search.find([question], limit=8)
        took.append((time.perf_counter() - started) * 1_000)
        worked.append((time.process_time() - before) * 1_000)
    is_exact = count * 2 <= EXACT_ROWS
    way = "exact" if is_exact else "Chroma"
    print(f"{count} contents ({way}), one core: p50 {np.median(took):.1f} ms, p95 {np.percentile(took, 95):.1f} ms")
    print(f"processor time: p50 {np.median(worked):.1f} ms, p95 {np.percentile(worked, 95):.1f} ms")
    print(f"most memory: {megabytes('self'):.0f} MB")
    vectors = engines.embedder.embed_queries(asked)
    found = 0.0
    for vector in vectors:
        exact = {f"c{n}" for rows in (artefact.titles.rows, artefact.passages.rows) for n in _top(rows @ vector)}
        found += len(exact & reader.nearest(vector[None, :], NEAREST)) / len(exact)
    recall = f"{found / len(vectors):.4f}"
    told = f"1: all are compared (Chroma, which is asked only without the artefact: {recall})" if is_exact else recall
    print(f"recall of the {NEAREST} nearest rows of each kind: {told}")


def _top(scores: Vector) -> Numbers:
    best: Numbers = np.argpartition(-scores, NEAREST - 1)[:NEAREST]
    return best


def _words() -> list[str]:
    rng = np.random.default_rng(3)
    syllables = [chr(0xAC00 + int(one)) for one in rng.choice(11_172, 600, replace=False)]
    return ["".join(rng.choice(syllables, int(rng.integers(2, 5)))) for _ in range(_WORDS)]


def _text(rng: np.random.Generator, words: Sequence[str], characters: int) -> str:
    numbers = np.minimum(rng.zipf(1.3, characters // 3), _WORDS) - 1
    return " ".join(words[n] for n in numbers)[:characters]


def _unit(vectors: npt.NDArray[np.floating[Any]]) -> Vector:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


if __name__ == "__main__":
    sys.exit(main())
