"""The store in one file, and back from it, into any back end: the one that the settings name.

    python scripts/backup.py make FILE
    python scripts/backup.py check FILE
    python scripts/backup.py restore FILE [--into-filled]

The file is compressed JSON Lines, readable by its owner alone, and holds what customers wrote. Restoring checks all of
it before anything is written, and takes an empty store, unless told otherwise. Not in it, since they are made from what
is: vectors and artefacts (`vectorize.py --stored` makes them again); nor the deployment's secret, which visitors are
known by: keep `SECRET_KEY`, or DATA_DIR/secret_key, elsewhere. Prints counts, nothing that anybody wrote.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from scripts.steps import CannotRun, guarded
from shared import wiring
from shared.retrieval import manifest
from shared.storage import backup
from shared.storage.base import TABLES
from shared.version import VERSION


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("make", "check", "restore"):
        commands.add_parser(name).add_argument("file", type=Path)
    commands.choices["restore"].add_argument("--into-filled", action="store_true", help="a store that has items")
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "make":
            _make(chosen.file)
        case "check":
            with _opened(chosen.file) as file:
                header, counts = backup.check(file)
            made_at = datetime.fromtimestamp(header.made_at, UTC)
            _tell(f"whole; made by haedap {header.haedap} on {made_at:%Y-%m-%d %H:%M} UTC", counts)
        case "restore":
            _restore(chosen.file, chosen.into_filled)
    return 0


def _make(path: Path) -> None:
    if path.exists():
        raise CannotRun(f"{path}: there is such a file; name another one")
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)  # of a run that was killed
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            counts = backup.write(wiring.get_store(), file, VERSION)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    _tell(f"{path.stat().st_size:,} bytes", counts)


def _restore(path: Path, into_filled: bool) -> None:
    store = wiring.get_store()
    with _opened(path) as file:
        try:
            counts = backup.restore(file, store, into_filled=into_filled)
        except backup.StoreNotEmpty:
            raise CannotRun("the store has items; --into-filled replaces those that the backup has, too") from None
    _tell("restored", counts)
    for source in sorted({item["pk"] for item in store.scan("indexes")}):
        if manifest.current(store, source):
            print(f"  now: python scripts/vectorize.py --stored --source {source}", file=sys.stderr)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        try:
            yield file
        except backup.NoBackup as error:
            raise CannotRun(f"{path}: {error}") from error


def _tell(what: str, counts: Counter[str]) -> None:
    print(f"backup: {what}; {counts.total():,} items", file=sys.stderr)
    for table in TABLES:
        if counts[table]:
            print(f"  {counts[table]:>9,}  {table}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
