"""How much of the embedding engine's own speed the whole indexing step keeps. Prints figures; tests nothing.

    python scripts/bench_vectorize.py [CORPUS] [--contents 60] [--rounds 3]

Embeds the same texts twice in turn, with the engine alone and through the whole build (vectors written, contents
stored, pointer switched) into a temporary folder, and prints the ratio of each round.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from scripts.steps import guarded
from shared.indexing.build import build_index, rows_of
from shared.indexing.preprocess import Report, preprocess
from shared.indexing.readers import read
from shared.indexing.structure import StructureReport, structure
from shared.llm.base import Embedder
from shared.llm.local_embeddings import LocalEmbedder
from shared.models import Content
from shared.retrieval.artefacts import DirectoryArtefacts
from shared.retrieval.chroma import embedded_client
from shared.retrieval.sentences import UniversalSentenceEncoder
from shared.storage.sqlite import SqliteStore


class Silent:
    """A progress that shows nothing."""

    def start(self, stage: str, total: int, known: int = 0) -> None:
        """Show nothing."""

    def wait(self) -> None:
        """Show nothing."""

    def advance(self, rows: int) -> None:
        """Show nothing."""


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("data/sample_faq.jsonl"))
    parser.add_argument("--contents", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    contents = structure(preprocess(read(chosen.corpus), Report()), "bench", StructureReport())[: chosen.contents]
    rows = [row for content in contents for row in rows_of(content)]
    embedder = LocalEmbedder(None)
    embedder.embed_queries(["warm up"])
    print(f"{len(contents)} contents, {len(rows)} texts, {sum(len(row.text) for row in rows)} characters")
    ratios = []
    for number in range(1, chosen.rounds + 1):
        alone, whole = _engine_alone(contents, embedder), _whole_step(contents, embedder)
        ratios.append(alone / whole)
        print(
            f"round {number}: engine {len(rows) / alone:.1f} texts/s, step {len(rows) / whole:.1f} texts/s,"
            f" ratio {alone / whole:.3f}"
        )
    print(f"median ratio {statistics.median(ratios):.3f}")
    return 0


def _engine_alone(contents: list[Content], embedder: Embedder) -> float:
    rows = [row for content in contents for row in rows_of(content)]
    started = time.perf_counter()
    embedder.embed_queries([row.text for row in rows if row.kind == "title"])
    embedder.embed_passages([row.text for row in rows if row.kind == "content"])
    return time.perf_counter() - started


def _whole_step(contents: list[Content], embedder: Embedder) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store, client = SqliteStore(Path(folder) / "store.sqlite3"), embedded_client(Path(folder) / "chroma")
        started = time.perf_counter()
        build_index(
            contents,
            "bench",
            store=store,
            client=client,
            embedder=embedder,
            encoder=UniversalSentenceEncoder(),
            artefacts=DirectoryArtefacts(Path(folder) / "artefacts"),
            profiles=[],  # calibration asks 600 questions, whatever the size of the corpus
            off_topic=[],
            progress=Silent(),
        )
        took = time.perf_counter() - started
        store.close()
    return took


if __name__ == "__main__":
    sys.exit(main())
