"""How long counting popular questions takes, and what it holds in memory. Prints figures; tests nothing.

    python scripts/bench_popular.py [--questions 100000] [--contents 2700] [--visitors 20000] [--folder FOLDER]
    python scripts/bench_popular.py --storage mongo --address mongodb://127.0.0.1:27017
    python scripts/bench_popular.py --storage dynamodb --address http://127.0.0.1:8000 --questions 10000

Logs that many answered questions of 13 days, each of about 6 KB as the pipeline stores them (an answer of 500
characters, five sources, eight candidates), once (`--folder` keeps the store), then counts them in a fresh process.
DynamoDB's tables, `bench-questions` and so on, have to be there.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm
from ulid import ULID

from scripts.steps import guarded
from shared.bot import Bot
from shared.models import Answer, AnswerRecord, Bubble, Content, Source, StepTime, Suggestion
from shared.popular_count import recount
from shared.storage import keys
from shared.storage.base import Item, Store

_DAYS, _BATCH = 13, 1_000
_TIMEOUT_SECONDS = 60.0
_TEXT = "정산은 매월 두 번 이루어지며 판매자센터의 정산 관리에서 확인하실 수 있습니다. " * 12
_CATEGORIES = ("배송", "정산", "회원", "주문", "상품", "교환", "반품", "광고")


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--contents", type=int, default=2_700)
    parser.add_argument("--visitors", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where SQLite's file is kept")
    parser.add_argument("--storage", choices=("sqlite", "mongo", "dynamodb"), default="sqlite")
    parser.add_argument("--address", default="", help="MongoDB's URI or DynamoDB's endpoint; what is there is filled")
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.count:
        _count(_open(chosen.storage, chosen.folder, chosen.address))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        store = _open(chosen.storage, folder, chosen.address)
        store.prepare()
        if not store.query("contents", "default", limit=1).items:
            _fill(store, chosen.questions, chosen.contents, chosen.visitors)
        store.close()
        place = ["--storage", chosen.storage, "--folder", str(folder), "--address", chosen.address]
        return subprocess.run([sys.executable, __file__, "--count", *place], check=False).returncode


def _open(storage: str, folder: Path, address: str) -> Store:
    match storage:
        case "mongo":
            from shared.storage.mongo import MongoStore

            return MongoStore(address, "bench", _TIMEOUT_SECONDS)
        case "dynamodb":
            from shared.storage.dynamodb import DynamoStore

            return DynamoStore("bench-", "ap-northeast-2", address, _TIMEOUT_SECONDS)
        case _:
            from shared.storage.sqlite import SqliteStore

            return SqliteStore(folder / "store.sqlite3")


def _count(store: Store) -> None:
    started, cpu = time.perf_counter(), time.process_time()
    counted = recount(store, Bot())
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"{counted.questions} questions of {counted.contents} contents: {took:.1f} s ({cpu:.1f} s of processor)")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _fill(store: Store, questions: int, contents: int, visitors: int) -> None:
    rng = random.Random(1)
    made = [
        Content(faq_id=f"c{n}", source_id="default", title=f"질문 {n}", content=_TEXT, category=rng.choice(_CATEGORIES))
        for n in range(contents)
    ]
    store.batch_put("contents", [{"pk": "default", "sk": one.faq_id, **one.model_dump(mode="json")} for one in made])
    items = _questions(rng, questions, contents, visitors)
    batch: list[Item] = []
    for item in tqdm(items, total=questions, desc="questions", file=sys.stderr):
        batch.append(item)
        if len(batch) == _BATCH:
            store.batch_put("questions", batch)
            batch = []
    store.batch_put("questions", batch)


def _questions(rng: random.Random, questions: int, contents: int, visitors: int) -> Iterator[Item]:
    now = time.time()
    for _ in range(questions):
        chat_id = str(ULID.from_timestamp(now - rng.random() * _DAYS * 86_400))
        yield {
            "pk": keys.questions_pk("default", chat_id),
            "sk": chat_id,
            "chat_id": chat_id,
            "visitor_id": f"v{rng.randrange(visitors)}",
            "asked_from": f"{rng.randrange(65_536):04x}",
            "user_message": "정산은 언제 되나요?",
            "asked_key": f"{int(rng.paretovariate(0.5)) % 50_000:016x}",
            "status": "done",
            "created_at": keys.created_at(chat_id).isoformat(),
            **_answer(rng, contents),
        }


def _answer(rng: random.Random, contents: int) -> dict[str, Any]:
    found = [_source(n, min(int(rng.paretovariate(0.5)), contents - 1)) for n in range(1, 9)]
    found[0].cited = True
    return Answer(
        text=_TEXT,
        decision="answer",
        bubbles=[Bubble(bubble_id="b1", bubble_type="text", description=_TEXT)],
        sources=found[:5],
        suggestions=[Suggestion(text=one.title, faq_id=one.faq_id) for one in found[5:]],
        record=AnswerRecord(candidates=found, category="정산", steps=[StepTime(step="search", ms=n) for n in range(9)]),
    ).as_attributes()


def _source(n: int, content: int) -> Source:
    title, url = f"질문 {content}", f"https://example.com/help/{content}"
    return Source(n=n, faq_id=f"c{content}", title=title, matched_subject=title, url=url, score=0.8312)


if __name__ == "__main__":
    sys.exit(main())
