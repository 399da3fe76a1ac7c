"""What other processes do to an index while a test looks on: `python -m tests.indexing.processes build FOLDER …`."""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shared.indexing import lease
from shared.storage.keys import CURRENT
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import Place, Quiet, contents


class Telling(Quiet):
    """Says on standard output that texts have been embedded and written."""

    def advance(self, texts: int) -> None:
        """See `Progress.advance`."""
        print(json.dumps({"texts": texts}), flush=True)


def build(folder: Path, count: int, marker: str, seconds_per_text: float) -> None:
    """Build, slowly. Its lease ends a second or two after the process is killed."""
    lease.LEASE_SECONDS, lease._RENEW_SECONDS = 1, 0.25
    result = Place.open(folder).build(
        contents(count, marker), FakeEmbedder(seconds_per_text=seconds_per_text), Telling()
    )
    print(json.dumps({"embedded": result.embedded, "version": result.manifest.version}), flush=True)


class Stalling(SqliteStore):
    """A store that says which write has come, and never does it."""

    def __init__(self, path: Path, table: str) -> None:
        super().__init__(path)
        self._table = table

    def put(self, table: str, item: Mapping[str, Any], **options: Any) -> None:
        """See `Store.put`."""
        if (table, item["sk"]) == (self._table, CURRENT):
            self._stall()
        super().put(table, item, **options)

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        """See `Store.batch_put`."""
        if table == self._table:
            self._stall()
        super().batch_put(table, items)

    def _stall(self) -> None:
        print(json.dumps({"stalled": self._table}), flush=True)
        time.sleep(60)


def stall(folder: Path, count: int, marker: str, table: str) -> None:
    """Build, up to the writing of the contents or the switch (`indexes`), which both come after the artefact."""
    lease.LEASE_SECONDS, lease._RENEW_SECONDS = 1, 0.25
    place = Place.open(folder)
    place.store, place.encoder = Stalling(folder / "haedap.sqlite3", table), FakeSentenceEncoder()
    place.build(contents(count, marker))


def read(folder: Path, question: str) -> None:
    """Search all the time, and say what is found whenever that changes."""
    search, last = Place.open(folder).search(), None
    while True:
        found = [ranked.content.title for ranked in search.find([question], limit=3).ranked]
        if found != last:
            print(json.dumps({"found": found}, ensure_ascii=False), flush=True)
            last = found
        time.sleep(0.01)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", folder, count, marker, seconds]:
            build(Path(folder), int(count), marker, float(seconds))
        case ["stall", folder, count, marker, table]:
            stall(Path(folder), int(count), marker, table)
        case ["read", folder, question]:
            read(Path(folder), question)
