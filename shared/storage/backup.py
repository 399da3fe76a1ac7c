"""A store in a file, and back into any store: JSON Lines, compressed with gzip, read and written a batch at a time.

The first line is the `Header`, the last one the counts and the SHA-256 of all lines before it; between them is a line
for each item, `[table, item]`. So a file that ends too soon, or of which a byte is another one, is no backup. The
digest is against accidents: it is no signature.
"""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from shared.storage.base import TABLES, Clock, InvalidItem, Item, Store, now
from shared.storage.items import alive, sealed

FORMAT, VERSION = "haedap-backup", 1
_BATCH = 100  # items of one request: 39 MB of the largest ones
_MAX_LINE_BYTES = 1_000_000  # an item has 390,000 bytes at most


class NoBackup(Exception):
    """The file is no whole backup that this version reads; one line that says why."""


class StoreNotEmpty(Exception):
    """There are items in the store already. Nothing was written."""


@dataclass(frozen=True)
class Header:
    """What a backup says of itself.

    Parameters
    ----------
    made_at
        Epoch seconds at which it was begun.
    haedap
        The version that made it.
    """

    made_at: int
    haedap: str
    format: str = FORMAT
    version: int = VERSION
    tables: tuple[str, ...] = TABLES


def write(store: Store, file: BinaryIO, haedap: str, clock: Clock = now) -> Counter[str]:
    """Write every item that has not ended into a file. Returns how many, by table.

    What is written to the store meanwhile may be in it or not, each item by itself.
    """
    counts, digest = Counter[str](), hashlib.sha256()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as out:

        def put(value: object) -> None:
            line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)

        put(asdict(Header(int(clock()), haedap)))
        for table in TABLES:
            for item in store.scan(table):
                put([table, item])
                counts[table] += 1
        put({"counts": dict(counts), "sha256": digest.hexdigest()})
    return counts


def check(file: BinaryIO) -> tuple[Header, Counter[str]]:
    """Read a whole backup: what it says of itself, and how many items it has, by table. Writes nothing.

    Raises
    ------
    NoBackup
        When it is none, not whole, or of a version that is not known here.
    """
    lines = _lines(file)
    header, counts = _header(next(lines, None)), Counter[str]()
    for table, item in _items(lines, counts):
        try:
            sealed(item, item.get("expires_at"))
        except InvalidItem as error:
            raise NoBackup(f"an item of {table} is none") from error
    return header, counts


def restore(file: BinaryIO, store: Store, *, into_filled: bool = False, clock: Clock = now) -> Counter[str]:
    """Write a backup's items into a store, which is prepared first. Returns how many were written, by table.

    Items that have ended meanwhile are left out. Cut short, it can be run again with `into_filled`.

    Parameters
    ----------
    file
        From which can be read again: nothing is written before all of it was checked.
    into_filled
        Whether the store may have items. Those with the same keys are replaced, others stay.

    Raises
    ------
    NoBackup
        As `check` does. Nothing was written.
    StoreNotEmpty
        Unless `into_filled`.
    """
    check(file)
    store.prepare()
    if not into_filled and any(next(store.scan(table), None) for table in TABLES):
        raise StoreNotEmpty
    file.seek(0)
    lines = _lines(file)
    _header(next(lines, None))
    written, batch, of = Counter[str](), list[Item](), ""
    for table, item in _items(lines, Counter()):
        if batch and (table != of or len(batch) == _BATCH):
            _write(store, of, batch, written)
        of = table
        if alive(item, clock()):
            batch.append(item)
    _write(store, of, batch, written)
    return written


def _write(store: Store, table: str, batch: list[Item], written: Counter[str]) -> None:
    if batch:
        store.batch_put(table, batch)
        written[table] += len(batch)
        batch.clear()


def _lines(file: BinaryIO) -> Iterator[tuple[Any, str]]:
    """Each line's JSON, and the digest of the lines before it."""
    digest = hashlib.sha256()
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as source:
            while line := source.readline(_MAX_LINE_BYTES):
                yield json.loads(line), digest.hexdigest()
                digest.update(line)
    except (EOFError, OSError, zlib.error, ValueError, RecursionError) as error:
        raise NoBackup("it is damaged, or not whole") from error


def _header(first: tuple[Any, str] | None) -> Header:
    said = first[0] if first else None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise NoBackup("it is no backup of haedap")
    if said.get("version") != VERSION:
        raise NoBackup(f"it is of format {said.get('version')!r}; this haedap reads {VERSION}")
    try:
        header = Header(**said)
    except TypeError as error:
        raise NoBackup("it is damaged, or not whole") from error
    if unknown := sorted({*header.tables} - {*TABLES}):
        raise NoBackup(f"it has tables that this haedap has not: {', '.join(unknown)}")
    return header


def _items(lines: Iterator[tuple[Any, str]], counts: Counter[str]) -> Iterator[tuple[str, Item]]:
    """The items behind the header, counted; at the end, whether they are those that were written."""
    for value, digest in lines:
        match value:
            case [str(table), dict(item)] if table in TABLES:
                counts[table] += 1
                yield table, item
            case {"counts": Mapping() as said, "sha256": str(wanted)}:
                if digest != wanted or said != counts or next(lines, None) is not None:
                    break
                return
            case _:
                break
    raise NoBackup("it is damaged, or not whole")
