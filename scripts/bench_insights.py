"""How long a month of figures takes to read, and a day to count. Prints figures; tests nothing.

    python scripts/bench_insights.py [--questions 1000000] [--contents 2700] [--folder FOLDER]
    python scripts/bench_insights.py --mongo mongodb://127.0.0.1:27017

One day of the month is logged whole (about 6 KB a question, as the pipeline stores them) and counted by a fresh
process; of the other days a thousand questions are made and counted as many times as the day has thousands, and 200
ratings come after that. Then the month is read as the console reads it, contents and their titles included, in another
fresh process.
"""

import argparse
import itertools
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm
from ulid import ULID

from scripts.steps import guarded
from shared.bot import Bot
from shared.exports import exported
from shared.history import Filters, History, Span
from shared.insights import insights
from shared.models import Answer, AnswerRecord, Bubble, Decision, Source, StepTime, Suggestion
from shared.rollup_count import RollUps, add
from shared.rollups import RollUp
from shared.storage import keys
from shared.storage.base import Item, Store
from shared.surges import surges

_DAYS, _BATCH, _HISTORY_DAYS = 30, 1_000, 90
_LATE = 200  # ratings a day that came after it was counted
_ANSWERS = 5_000  # that are different: making one takes a millisecond
_PART = 1_000  # questions of a day that are different, where only the counts are kept
_TEXT = "정산은 매월 두 번 이루어지며 판매자센터의 정산 관리에서 확인하실 수 있습니다. " * 12
_CATEGORIES = ("배송", "정산", "회원", "주문", "상품", "교환", "반품", "광고")
_DECISIONS: tuple[Decision, ...] = ("answer", "answer", "answer", "answer", "clarify", "refuse", "fixed")


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1_000_000, help="of the month")
    parser.add_argument("--contents", type=int, default=2_700)
    parser.add_argument("--folder", type=Path, help="where SQLite's file is kept")
    parser.add_argument("--mongo", help="a server's URI, in place of SQLite; the database `bench` there is filled")
    parser.add_argument("--step", choices=["count", "read", "live", "search", "export"], help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step:
        _step(chosen.step, _open(chosen.folder, chosen.mongo))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        store = _open(folder, chosen.mongo)
        store.prepare()
        if not store.query("contents", "default", limit=1).items:
            _fill(store, chosen.questions // _DAYS, chosen.contents)
        store.close()
        where = ["--folder", str(folder), *(["--mongo", chosen.mongo] if chosen.mongo else [])]
        for step in ("live", "count", "read", "search", "export"):
            subprocess.run([sys.executable, __file__, "--step", step, *where], check=True)
    return 0


def _open(folder: Path, mongo: str | None) -> Store:
    if mongo is None:
        from shared.storage.sqlite import SqliteStore

        return SqliteStore(folder / "store.sqlite3")
    from shared.storage.mongo import MongoStore

    return MongoStore(mongo, "bench", 20.0)


def _step(step: str, store: Store) -> None:
    rollups, days = RollUps(store, _HISTORY_DAYS), keys.last_days(time.time(), _DAYS + 1)
    logged = Span(days[-2], days[-2])
    store.ping()  # connected
    started, cpu = time.perf_counter(), time.process_time()
    match step:
        case "count":
            done = f"{rollups.count('default', days[-2]).rollup.questions:,} questions of a day counted"
        case "read" | "live":
            read = insights(store, rollups, Bot(), days[0], days[-1])
            kept = "with the last hours and a day" if step == "live" else "with the last hours"
            done = f"{read.total.questions:,} questions of {len(read.days)} days read, {kept} counted live"
        case "search":
            page = History(store).page("default", logged, Filters(text="찾는 것이 없는 말"))
            done = f"{page.looked:,} questions searched for a text"
            surges(store, rollups, "default")
        case _:
            size = sum(map(len, exported(History(store).every("default", logged, Filters()), "csv")))
            done = f"{size / 1e6:.0f} MB of CSV exported"
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{done}: {took:.2f} s ({cpu:.2f} s of processor), most memory {memory:.0f} MB", flush=True)


def _fill(store: Store, a_day: int, contents: int) -> None:
    rng, days = random.Random(1), keys.last_days(time.time(), _DAYS + 1)
    answers = [_answer(rng, contents) for _ in range(_ANSWERS)]
    made = [{"pk": "default", "sk": f"c{n}", "title": f"질문 {n}", "category": "배송"} for n in range(contents)]
    store.batch_put("contents", made)
    for day in tqdm(days, desc="days", file=sys.stderr):
        items = _questions(rng, day, a_day if day != days[-1] else a_day // 12, answers, spread=day != days[-1])
        if day in days[-2:]:
            _log(store, items)
            continue
        rollup, part = RollUp(), RollUp()
        for item in itertools.islice(items, _PART):
            add(part, item, time.time())
        for _ in range(a_day // _PART):
            rollup += part
        stored = {"until": None, "stamp": f"{0:017.6f}-", "counted_at": 0.0, "p50_ms": 1, "p95_ms": 1}
        store.put("rollups", {"pk": "default", "sk": day, **rollup.as_attributes(), **stored})
        _rate_late(rng, store, day, contents)


def _rate_late(rng: random.Random, store: Store, day: str, contents: int) -> None:
    """Ratings that came after a day was counted."""
    pk = keys.ratings_pk("default", day)
    said = [(rng.random() < 0.7, f"c{rng.randrange(contents)}") for _ in range(_LATE)]
    store.batch_put(
        "rollups",
        [
            {
                "pk": pk,
                "sk": keys.rating_sk(n),
                "rating_id": keys.new_tally_id(),
                "helpful": helpful,
                "contents": [["default", one]],
            }
            for n, (helpful, one) in enumerate(said, 1)
        ],
    )
    store.put("rollups", {"pk": keys.changed_days_pk("default"), "sk": day, "ratings": _LATE})


def _log(store: Store, items: Iterator[Item]) -> None:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            store.batch_put("questions", batch)
            batch = []
    store.batch_put("questions", batch)


def _questions(rng: random.Random, day: str, count: int, answers: Sequence[Item], spread: bool) -> Iterator[Item]:
    """A day's questions, or the last ten minutes'."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=keys.SEOUL).timestamp()
    for _ in range(count):
        at = midnight + rng.random() * 86_400 if spread else time.time() - rng.random() * 600
        chat_id = str(ULID.from_timestamp(at))
        yield {
            "pk": keys.questions_pk("default", chat_id),
            "sk": chat_id,
            "chat_id": chat_id,
            "visitor_id": f"v{rng.randrange(20_000)}",
            "user_message": "정산은 언제 되나요?",
            "status": "done",
            "created_at": keys.created_at(chat_id).isoformat(),
            **({"feedback": {"helpful": rng.random() < 0.7, "reason_codes": []}} if rng.random() < 0.1 else {}),
            **rng.choice(answers),
        }


def _answer(rng: random.Random, contents: int) -> dict[str, Any]:
    found = [_source(n, min(int(rng.paretovariate(0.5)), contents - 1)) for n in range(1, 9)]
    found[0].cited = True
    record = AnswerRecord(
        model="gpt-4o-mini",
        input_tokens=rng.randrange(500, 3_000),
        output_tokens=rng.randrange(50, 400),
        cost_won=rng.random(),
        candidates=found,
        category=rng.choice(_CATEGORIES),
        steps=[StepTime(step="search", ms=n) for n in range(9)],
    )
    return Answer(
        text=_TEXT,
        decision=rng.choice(_DECISIONS),
        bubbles=[Bubble(bubble_id="b1", bubble_type="text", description=_TEXT)],
        sources=found[:5],
        suggestions=[Suggestion(text=one.title, faq_id=one.faq_id) for one in found[5:]],
        latency_ms=int(rng.lognormvariate(7, 1)),
        record=record,
    ).as_attributes()


def _source(n: int, content: int) -> Source:
    title, url = f"질문 {content}", f"https://example.com/help/{content}"
    return Source(n=n, faq_id=f"c{content}", title=title, matched_subject=title, url=url, score=0.8312)


if __name__ == "__main__":
    sys.exit(main())
