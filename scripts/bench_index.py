"""How fast the index that is served loads and is searched, on one core. Prints figures; tests nothing.

    python scripts/bench_index.py QUESTIONS.jsonl [--source SOURCE]

In a process of its own: the artefact loaded (its checksums compared) and, as from `ARTIFACT_URL=s3://…`, fetched from
an S3 server on this machine (moto) into an empty folder; the n-grams of the corpus indexed; then each question of the
file searched with its vectors remembered, alone and led by the question before it, as a follow-up is.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import boto3
import numpy as np

from scripts.evaluation.questions import read_questions
from scripts.steps import guarded
from shared import assembly, wiring
from shared.models import Content
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import load
from shared.retrieval.ngrams import NgramIndex
from shared.retrieval.s3_artefacts import S3Artefacts
from shared.storage.base import MAX_MANY
from tests.servers import s3

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
_BUCKET, _FOUND = "bench", 8


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--source", default="default")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if not chosen.measure:  # NumPy reads how many threads it may use when it is imported
        command = [sys.executable, __file__, str(chosen.questions), "--source", chosen.source, "--measure"]
        return subprocess.run(command, env={**os.environ, **ONE_CORE}, check=False).returncode
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    served = manifests.current(wiring.get_store(), chosen.source)
    if served is None:
        raise SystemExit(f"source {chosen.source!r} has no index")
    folder = wiring.get_artefacts().fetch(chosen.source, served.version)
    _told("loaded, its checksums compared", lambda: load(folder))
    _fetched(folder, chosen.source, served.version)
    _indexed(load(folder).faq_ids, chosen.source)
    _searched([one.text for one in read_questions([chosen.questions], chosen.source)], chosen.source)
    return 0


def _told(what: str, run: Callable[[], object]) -> None:
    started, before = time.perf_counter(), _resident_mb()
    kept = run()
    took, more = time.perf_counter() - started, _resident_mb() - before
    print(f"{what}: {took:.2f} s, {more:.0f} MB more in memory")
    del kept


def _fetched(folder: Path, source: str, version: str) -> None:
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    with s3() as url, tempfile.TemporaryDirectory() as empty:
        session = boto3.Session("local", "local", region_name="us-east-1")
        session.client("s3", endpoint_url=url).create_bucket(Bucket=_BUCKET)
        artefacts = S3Artefacts(_BUCKET, "", "us-east-1", url, Path(empty), 60)
        artefacts.save(source, version, Path(shutil.copytree(folder, Path(empty) / "copy")))  # which it takes away
        _told(f"fetched from S3 ({megabytes:.0f} MB) and loaded", lambda: load(artefacts.fetch(source, version)))


def _indexed(faq_ids: Sequence[str], source: str) -> None:
    found: dict[str, Content] = {}
    for start in range(0, len(faq_ids), MAX_MANY):
        page = wiring.get_store().get_many("contents", source, faq_ids[start : start + MAX_MANY])
        found |= {faq_id: Content.model_validate(item) for faq_id, item in page.items()}
    texts = [f"{one.title}\n{one.content}" for one in found.values()]
    _told(f"n-grams of {len(texts)} contents indexed", lambda: NgramIndex.build(texts))


def _searched(questions: Sequence[str], source: str) -> None:
    search = assembly.get_search(wiring.get_bot("default"), source)
    led = [[question, f"{before} {question}"] for before, question in pairwise(questions)]
    for what, asked in (("alone", [[one] for one in questions]), ("led by the one before", led)):
        for one in asked:
            search.find(one, limit=_FOUND)  # the engines remember its vectors
        took = []
        for one in asked:
            started = time.perf_counter()
            search.find(one, limit=_FOUND)
            took.append((time.perf_counter() - started) * 1_000)
        print(f"{len(took)} questions {what}: p50 {np.median(took):.1f} ms, p95 {np.percentile(took, 95):.1f} ms")


def _resident_mb() -> float:
    """What of this process is in memory now (proc(5), `statm`)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
