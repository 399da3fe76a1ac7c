"""What other processes do to an index while a test looks on: `python -m tests.indexing.processes build FOLDER …`."""

import json
import sys
import time
from pathlib import Path

from shared.indexing import lease
from tests.fakes.embedder import FakeEmbedder
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


def read(folder: Path, question: str) -> None:
    """Search all the time, and say what is found whenever that changes, and when it was."""
    search, last = Place.open(folder).search(), None
    while True:
        found = [ranked.content.title for ranked in search.search(question, limit=3)]
        if found != last:
            print(json.dumps({"found": found, "at": time.time()}, ensure_ascii=False), flush=True)
            last = found
        time.sleep(0.01)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", folder, count, marker, seconds]:
            build(Path(folder), int(count), marker, float(seconds))
        case ["read", folder, question]:
            read(Path(folder), question)
