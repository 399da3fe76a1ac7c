"""What a session, a turn, a content and the rest of them take in the store, on each back end.

    python scripts/bench_capacity.py [--journeys 150]

Indexes the sample FAQ, lets customers have conversations with the whole application, offline, and measures what these
left: items and JSON of each table; the size that DynamoDB charges for; MongoDB's documents, its compressed files and
indexes, of a mongod of its own. docs/operations.md does the arithmetic with it.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from scripts.bench import journey
from scripts.steps import guarded
from shared.storage.base import TABLES, Item
from shared.storage.dynamodb_items import stored
from shared.storage.mongo import MongoStore
from shared.storage.sqlite import SqliteStore
from tests.app import ROOT, environment, serve
from tests.servers import mongod

_UNLIMITED = {"RATE_LIMIT_PER_MINUTE": "0", "RATE_LIMIT_PER_MINUTE_ADDRESS": "0"}
_CLIENTS = 4


@dataclass(frozen=True)
class Sizes:
    """Of one table; bytes an item."""

    items: int
    json: float
    dynamodb: float
    bson: float
    files: float
    indexes: float


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journeys", type=int, default=150)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="haedap-capacity-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        _converse(folder, chosen.journeys)
        store = stack.enter_context(closing(SqliteStore(folder / "haedap.sqlite3")))
        tables = {table: items for table in TABLES if (items := list(store.scan(table)))}
        uri = stack.enter_context(mongod())
        print(
            f"{'table':<13}{'items':>7}{'JSON':>8}{'DynamoDB':>10}{'BSON':>8}{'files':>8}{'indexes':>9}   bytes an item"
        )
        for table, items in tables.items():
            one = _measured(uri, table, items)
            print(f"{table:<13}{one.items:>7}{one.json:>8.0f}{one.dynamodb:>10.0f}", end="")
            print(f"{one.bson:>8.0f}{one.files:>8.0f}{one.indexes:>9.0f}")
        print(f"SQLite: {(folder / 'haedap.sqlite3').stat().st_size:,} bytes in all")
        contents = len(tables["contents"])
        for name in ("artifacts", "chroma"):
            size = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
            print(f"{name}: {size:,} bytes, {size / contents:,.0f} a content")
    return 0


def _converse(folder: Path, journeys: int) -> None:
    lines = (ROOT / "data" / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(ROOT / "data" / "sample_faq.jsonl")]
    subprocess.run(script, env=environment(folder), cwd=folder, check=True)
    with serve("local", folder, **_UNLIMITED) as (address, _):
        seen, _ = asyncio.run(journey.run(address, questions, _CLIENTS, journeys, keep=True))
    print(f"{seen.journeys} sessions of 2 questions each; {sum(seen.errors.values())} errors")


def _measured(uri: str, table: str, items: Sequence[Item]) -> Sizes:
    with closing(MongoStore(uri, "capacity", 20)) as store:
        store.prepare()
        store.batch_put(table, items)
    with closing(MongoClient[Any](uri)) as client:
        client.admin.command("fsync")  # else the files do not hold it yet
        said = client["capacity"].command("collStats", table)
    count = len(items)
    return Sizes(
        count,
        sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in items) / count,
        sum(map(charged, items)) / count,
        said["size"] / count,
        said["storageSize"] / count,
        said["totalIndexSize"] / count,
    )


def charged(item: Item) -> int:
    """What DynamoDB charges an item's storage for: names and values, and 100 bytes (its guide, "item sizes")."""
    return 100 + sum(len(name.encode()) + _size(value) for name, value in stored(item).items())


def _size(value: Any) -> int:
    match value:
        case {"S": text}:
            return len(text.encode())
        case {"N": digits}:
            return len(digits) // 2 + 2
        case {"M": inner}:
            return 3 + sum(1 + len(name) + _size(one) for name, one in inner.items())
        case _:
            return 1


if __name__ == "__main__":
    sys.exit(main())
