"""How long the gate takes that contents pass to be published. Prints figures; tests nothing.

    python scripts/vectorize.py data/sample_faq.jsonl
    python scripts/bench_gate.py [--golden 1000] [--frequent 300]

Asks so many different questions, made of the titles of the contents of the default bot, of what serves and of the same
with ten contents edited: in a first process, where no vector is kept of golden ones, and in a second one, where all
are. Frequent ones come with vectors, as the history log has them. What is kept meanwhile is thrown away at the end.
"""

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from scripts.steps import CannotRun, guarded
from shared import assembly, wiring
from shared.frequent import FrequentQuestion
from shared.golden import GoldenQuestion
from shared.indexing.build import stored_contents
from shared.indexing.edits import propose
from shared.models import Content
from shared.rehearsal import Side, logged_vectors, rehearse, to_be_asked
from shared.retrieval.base import Embedded
from shared.retrieval.embedded import packed
from shared.retrieval.lexicon import Lexicon
from shared.retrieval.readings import read
from shared.storage import keys

_BOT, _SOURCE = "bench-gate", "default"
_EDITED = 10
_ENDS = (
    "",
    " 알려 주세요",
    " 궁금해요",
    " 어디서 봐요",
    " 문의드려요",
    " 도와주세요",
    " 확인하고 싶어요",
    " 왜 그런가요",
)


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", type=int, default=1_000)
    parser.add_argument("--frequent", type=int, default=300)
    parser.add_argument("--step", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step:
        _rehearse(chosen.golden, chosen.frequent)
        return 0
    asked = ["--golden", str(chosen.golden), "--frequent", str(chosen.frequent)]
    try:
        for when in ("first", "again"):
            print(f"{when}:", flush=True)
            subprocess.run([sys.executable, __file__, "--step", *asked], check=True)
    except subprocess.CalledProcessError as error:
        raise CannotRun("it ended early") from error
    finally:
        _forget()
    return 0


def _rehearse(golden: int, frequent: int) -> None:
    contents = list(stored_contents(wiring.get_store(), _SOURCE))
    questions = _questions(contents, golden + frequent)
    embedder = wiring.get_embedder()
    known = _golden(questions[:golden])
    often = _frequent(questions[golden:])
    edited = [one.model_copy(update={"content": f"{one.content}\n\n고친 내용입니다."}) for one in contents[:_EDITED]]
    bot = wiring.get_bot("default").model_copy(update={"bot_id": _BOT})
    with _timed("ten edits proposed"):
        proposal = propose(edited, [], _SOURCE, wiring.get_workshop())
    with _timed("vectors read or made"):
        engines = assembly.get_rehearsal_engines(_BOT, logged_vectors(often, embedder.name))
        asked = to_be_asked(known, often)
        now = assembly.get_searches(bot, engines)
        now[_SOURCE].prepare([one.question for one in asked])
    then = {**now, _SOURCE: assembly.get_proposed_search(bot, _SOURCE, proposal, engines)}
    with _timed("asked twice"):
        told = rehearse(asked, Side(now), Side(then))
    print(f"  {told.golden} golden and {told.frequent} frequent questions: {len(told.changes)} changes")


def _questions(contents: Sequence[Content], wanted: int) -> list[str]:
    """So many different ones, all of them about contents."""
    made = (f"{one.title.rstrip('?')}{end}" for end in _ENDS for one in contents)
    found = list(itertools.islice(dict.fromkeys(made), wanted))
    if len(found) < wanted:
        raise CannotRun(f"{len(contents)} contents make {len(found)} questions: fewer, or a larger index")
    return found


def _golden(questions: Sequence[str]) -> list[GoldenQuestion]:
    at = datetime.now(UTC)
    return [GoldenQuestion(golden_id=str(n), question=one, updated_at=at) for n, one in enumerate(questions)]


def _frequent(questions: Sequence[str]) -> list[FrequentQuestion]:
    """As the log has them; their vectors are made outside of what is timed."""
    embedder = wiring.get_embedder()
    vectors = embedder.embed_queries([read(one, Lexicon([])).repaired for one in questions])
    return [
        FrequentQuestion(question=one, count=2, embedding=packed(Embedded(embedder.name, vector)))
        for one, vector in zip(questions, vectors, strict=True)
    ]


@contextmanager
def _timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"  {what}: {time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of processor)", flush=True)


def _forget() -> None:
    store, pk = wiring.get_store(), keys.vectors_pk(_BOT)
    while items := store.query("evaluations", pk, limit=1_000, only=["engine"]).items:
        for item in items:
            store.delete("evaluations", pk, item["sk"])


if __name__ == "__main__":
    sys.exit(main())
