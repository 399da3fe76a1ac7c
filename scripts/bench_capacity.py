"""What a session, a turn, a content and the rest of them take in the store, on each back end.

    python scripts/bench_capacity.py [--journeys 150]

Indexes the sample FAQ, lets customers have conversations with the whole application, offline, and measures what these
left: items and JSON of each table; the size, and of a few more the request units, that DynamoDB charges for; MongoDB's
documents, its compressed files and indexes, of a mongod of its own. docs/operations.md does the arithmetic with it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from httpx import ASGITransport, AsyncClient
from pymongo import MongoClient

from scripts.bench import journey
from scripts.bench.counting import CountingStore, size
from scripts.steps import guarded
from shared import wiring
from shared.settings import get_settings
from shared.storage.base import TABLES, Item
from shared.storage.mongo import MongoStore
from shared.storage.sqlite import SqliteStore
from tests.app import ROOT, environment, serve
from tests.servers import mongod

_UNLIMITED = {"RATE_LIMIT_PER_MINUTE": "0", "RATE_LIMIT_PER_MINUTE_ADDRESS": "0"}
_CLIENTS = 4
_COUNTED = 20  # journeys
_OVERHEAD = 100  # bytes that DynamoDB charges an item's storage more than its size


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
    parser.add_argument("--contents", type=int, help="of the sample FAQ, the first so many")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="haedap-capacity-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        _converse(folder, chosen.journeys, chosen.contents)
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
        units = _charged_units(folder, _questions())
        print(f"a session of two questions and a rating: {units['write'] / _COUNTED:.0f} write units", end=", ")
        print(f"{units['read'] / _COUNTED:.0f} read units")
        print(f"SQLite: {(folder / 'haedap.sqlite3').stat().st_size:,} bytes in all")
        contents = len(tables["contents"])
        for name in ("artifacts", "chroma"):
            taken = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
            print(f"{name}: {taken:,} bytes, {taken / contents:,.0f} a content")
    return 0


def _converse(folder: Path, journeys: int, contents: int | None) -> None:
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()[:contents]
    (folder / "faq.jsonl").write_text("\n".join(lines), encoding="utf-8")
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), "faq.jsonl"]
    subprocess.run(script, env=environment(folder), cwd=folder, check=True)
    with serve("local", folder, **_UNLIMITED) as (address, _):
        seen, _ = asyncio.run(journey.run(address, _questions(), _CLIENTS, journeys, keep=True))
    print(f"{seen.journeys} sessions of 2 questions each; {sum(seen.errors.values())} errors")


def _questions() -> list[str]:
    lines = (ROOT / "data" / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


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
        sum(map(size, items)) / count + _OVERHEAD,
        said["size"] / count,
        said["storageSize"] / count,
        said["totalIndexSize"] / count,
    )


def _charged_units(folder: Path, questions: Sequence[str]) -> Counter[str]:
    """Units of `_COUNTED` journeys in this process."""
    from functions.local import app

    store = CountingStore(folder / "haedap.sqlite3")
    get_settings.cache_clear()
    with (
        mock.patch.dict(os.environ, environment(folder, **_UNLIMITED), clear=True),
        mock.patch.object(wiring, "get_store", lambda: store),
        closing(store),
    ):
        asyncio.run(_journeys(ASGITransport(app), questions))
    return store.units


async def _journeys(transport: ASGITransport, questions: Sequence[str]) -> None:
    for question in questions[:_COUNTED]:
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await journey.one(client, journey.Seen(), question, keep=True)


if __name__ == "__main__":
    sys.exit(main())
