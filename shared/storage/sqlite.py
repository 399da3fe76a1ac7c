"""SQLite: the default store. One file, WAL mode, safe for many threads and processes of one machine.

Leaves out: sweeping is opportunistic (a start and a write in a thousand delete some of what has expired), since expiry
is decided on read.
"""

import json
import logging
import random
import sqlite3
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from pydantic_core import from_json

from shared.errors import StoreUnavailable
from shared.storage.base import (
    OFTEN_READ,
    SCAN_ITEMS,
    SCHEMA,
    TABLES,
    Clock,
    ConditionFailed,
    InvalidItem,
    Item,
    Page,
    now,
)
from shared.storage.items import (
    alive,
    check_changes,
    check_expiry,
    check_increments,
    check_keys,
    check_many,
    check_only,
    check_table,
    holds,
    is_often_read,
    key_range,
    picked,
    sealed,
    sealed_batch,
    within,
)
from shared.storage.per_process import PerProcess

log = logging.getLogger(__name__)

_BUSY_SECONDS = 10.0  # how long a writer waits for the others' writes; one write here takes under 1 ms
_PURGE_SECONDS = 0.2  # how long a purge waits for those that read
_PURGE_AGAIN_SECONDS = 1.0
_SWEEP_ONE_IN = 1_000
_SWEEP_ITEMS = 1_000  # at most so many in one sweep: it holds the write lock
_File: TypeAlias = tuple[int, int] | None  # device and inode; on no file nothing is kept open
# Kept in the file's header, which has 31 bits for it
_LAYOUT = zlib.crc32(repr((TABLES, sorted(OFTEN_READ.items()))).encode()) & 0x7FFF_FFFF


class SqliteStore:
    """A `Store` in one SQLite file, made when absent. Its timeout is 10 s, spent only on waiting for other writers.

    Connections are taken from a pool for one call, so there are as many as calls ever ran at once.

    Parameters
    ----------
    path
        The file. Its folder is made.
    clock
        Epoch seconds; tests give their own.
    """

    def __init__(self, path: Path, clock: Clock = now) -> None:
        self._path, self._clock = path, clock
        self._idle = PerProcess[deque[tuple[_File, sqlite3.Connection]]](deque)
        self._purge_again: float | None = None  # when, after a purge that others were in the way of

    def prepare(self) -> None:
        with self._writing() as connection:  # a connection makes the tables
            self._sweep(connection)

    def ping(self) -> None:
        with self._connected() as connection:
            connection.execute(f"SELECT 1 FROM {TABLES[0]} LIMIT 1")

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        check_table(table)
        check_keys(pk, sk)
        with self._connected() as connection:
            return self._read(connection, table, pk, sk)

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        check_table(table)
        wanted = check_many(pk, sks)
        places = ", ".join("?" * len(wanted))
        with self._connected() as connection:
            rows = connection.execute(
                f"SELECT sk, body FROM {table} WHERE pk = ? AND sk IN ({places})", (pk, *wanted)
            ).fetchall()
        found = ((sk, self._living(table, body)) for sk, body in rows)
        return {sk: item for sk, item in found if item is not None}

    def put(
        self, table: str, item: Mapping[str, Any], *, if_absent: bool = False, expires_at: int | None = None
    ) -> None:
        check_table(table)
        body = sealed(item, expires_at)
        with self._writing() as connection:
            if if_absent and self._read(connection, table, body["pk"], body["sk"]) is not None:
                raise ConditionFailed(f"{table}: item exists")
            self._write(connection, table, body)

    def update(
        self,
        table: str,
        pk: str,
        sk: str,
        changes: Mapping[str, Any],
        *,
        if_: Mapping[str, Any] | None = None,
        expires_at: int | None = None,
        only: Sequence[str] | None = None,
    ) -> Item:
        check_table(table)
        check_keys(pk, sk)
        changed, wanted = check_changes(changes, if_)
        with self._writing() as connection:
            item = self._read(connection, table, pk, sk)
            if item is None or not holds(item, wanted):
                raise ConditionFailed(f"{table}: absent, or not as expected")
            return picked(self._rewrite(connection, table, item | changed, expires_at), only)

    def add(
        self, table: str, pk: str, sk: str, increments: Mapping[str, int], *, expires_at: int | None = None
    ) -> Item:
        check_table(table)
        check_keys(pk, sk)
        steps = check_increments(increments)
        with self._writing() as connection:
            item = self._read(connection, table, pk, sk) or {"pk": pk, "sk": sk, "schema": SCHEMA}
            for name, step in steps.items():
                if type(count := item.get(name, 0)) is not int:
                    raise InvalidItem(f"{table}: attribute {name!r} is not an integer")
                item[name] = count + step
            return self._rewrite(connection, table, item, expires_at)

    def query(
        self,
        table: str,
        pk: str,
        *,
        after: str | None = None,
        before: str | None = None,
        prefix: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
        only: Sequence[str] | None = None,
    ) -> Page:
        check_table(table)
        lower, upper = key_range(pk, after, before, prefix, limit)
        column, places = _wanted(table, only)
        with self._connected() as connection:
            rows = connection.execute(
                f"SELECT sk, {column} FROM {table} WHERE pk = ? AND sk >= ? AND sk <= ?"
                " AND (expires_at IS NULL OR expires_at > ?)"
                f" ORDER BY sk {'DESC' if newest_first else 'ASC'} LIMIT ?",
                (pk, lower, upper, self._clock(), limit + 3),  # two bounds to drop, one to see whether more follow
            ).fetchall()
        rows = [row for row in rows if within(row[0], after, before, prefix)]
        items = [from_json(body) for _, body in rows] if only is None else _picked(pk, rows, places)
        return Page(items[:limit], items[limit - 1]["sk"] if len(items) > limit else None)

    def delete(self, table: str, pk: str, sk: str) -> None:
        check_table(table)
        check_keys(pk, sk)
        with self._writing() as connection:
            connection.execute(f"DELETE FROM {table} WHERE pk = ? AND sk = ?", (pk, sk))

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        check_table(table)
        bodies = sealed_batch(items)
        with self._writing() as connection:
            for body in bodies:
                self._write(connection, table, body)

    def scan(self, table: str) -> Iterator[Item]:
        check_table(table)
        last = ("", "")  # before all keys
        while True:
            with self._connected() as connection:  # let go of between two pages: who reads on may take hours
                rows = connection.execute(
                    f"SELECT pk, sk, body FROM {table} WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?",
                    (*last, SCAN_ITEMS),
                ).fetchall()
            for *_, body in rows:
                if item := self._living(table, body):
                    yield item
            if len(rows) < SCAN_ITEMS:
                return
            last = rows[-1][:2]

    def purge(self) -> None:
        with suppress(StoreUnavailable), self._connected() as connection:
            self._truncate(connection, _PURGE_SECONDS)

    def close(self) -> None:
        if self._purge_again is not None:
            self.purge()
        for _, connection in self._idle.pop() or ():
            connection.close()

    def _read(self, connection: sqlite3.Connection, table: str, pk: str, sk: str) -> Item | None:
        row = connection.execute(f"SELECT body FROM {table} WHERE pk = ? AND sk = ?", (pk, sk)).fetchone()
        return None if row is None else self._living(table, row[0])

    def _living(self, table: str, body: str) -> Item | None:
        if not isinstance(item := json.loads(body), dict):
            raise ValueError(f"the row of {table} is no item")
        return alive(item, self._clock())

    def _rewrite(self, connection: sqlite3.Connection, table: str, item: Item, expires_at: int | None) -> Item:
        if expires_at is not None:
            item["expires_at"] = check_expiry(expires_at)
        self._write(connection, table, item)
        return item

    def _write(self, connection: sqlite3.Connection, table: str, body: Item) -> None:
        connection.execute(
            f"INSERT OR REPLACE INTO {table} (pk, sk, often_read, body, expires_at) VALUES (?, ?, ?, ?, ?)",
            (
                body["pk"],
                body["sk"],
                _often_read(table, body),
                json.dumps(body, ensure_ascii=False),
                body.get("expires_at"),
            ),
        )
        if random.randrange(_SWEEP_ONE_IN) == 0:
            self._sweep(connection)

    def _sweep(self, connection: sqlite3.Connection) -> None:
        for table in TABLES:
            connection.execute(
                f"DELETE FROM {table} WHERE (pk, sk) IN (SELECT pk, sk FROM {table} WHERE expires_at <= ? LIMIT ?)",
                (self._clock(), _SWEEP_ITEMS),
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            with _transaction(connection):
                yield connection
            if self._purge_again is not None and time.monotonic() >= self._purge_again:
                self._truncate(connection, 0)

    def _truncate(self, connection: sqlite3.Connection, wait_seconds: float) -> None:
        """Empty the write-ahead log, which holds earlier versions of items; try again later while others read."""
        self._purge_again = time.monotonic() + _PURGE_AGAIN_SECONDS
        connection.execute(f"PRAGMA busy_timeout = {wait_seconds * 1_000:.0f}")
        try:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                self._purge_again = None
        except sqlite3.Error as error:
            log.warning("the write-ahead log was not emptied: %s", error)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1_000:.0f}")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            file, connection = self._take()
            try:
                yield connection
            finally:
                if connection.in_transaction:  # a COMMIT or ROLLBACK failed
                    connection.close()
                else:
                    self._idle.get().append((file, connection))
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable from error

    def _take(self) -> tuple[_File, sqlite3.Connection]:
        """A connection to the file that stands at the path now: somebody may have removed or replaced it."""
        idle, file = self._idle.get(), self._file()
        with suppress(IndexError):
            while True:
                opened, connection = idle.pop()
                if opened == file:
                    return opened, connection
                connection.close()
        connection = self._connect()
        return self._file(), connection

    def _file(self) -> _File:
        with suppress(FileNotFoundError):
            found = self._path.stat()
            return found.st_dev, found.st_ino
        return None

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA secure_delete = ON")  # zeros over what was deleted; the log has it until `purge`
            connection.execute("PRAGMA synchronous = NORMAL")  # in WAL mode: a power cut may lose, never corrupt
            if connection.execute("PRAGMA user_version").fetchone() != (_LAYOUT,):
                _lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _wanted(table: str, only: Sequence[str] | None) -> tuple[str, list[tuple[int, str]]]:
    """The column to read, an item's JSON or that of a list of attributes, and where in the list these stand.

    What is often read stands in front of the body: SQLite reads 0.2 KB of a question instead of 5 KB, in a twentieth
    of the time. It takes other attributes out of the body, in half of the time of reading it whole.
    """
    if only is None:
        return "body", []
    names = check_only(only)
    if table in OFTEN_READ and is_often_read(table, names):
        often = OFTEN_READ[table]  # in rows that were written before there was such a column it is null
        return f"coalesce(often_read, {_extracted(often)})", [(often.index(n), n) for n in names if n in often]
    return _extracted(names), list(enumerate(names))


def _often_read(table: str, body: Item) -> str | None:
    names = OFTEN_READ.get(table)
    return None if names is None else json.dumps([body.get(name) for name in names], ensure_ascii=False)


def _extracted(names: Sequence[str]) -> str:
    paths = [*names, "pk"]  # of one path alone SQLite gives a value instead of a list
    return "json_extract(body, " + ", ".join(f"'$.{name}'" for name in paths) + ")"


def _picked(pk: str, rows: Sequence[tuple[str, str]], places: Sequence[tuple[int, str]]) -> list[Item]:
    """Items, of keys and lists of attributes. Null is not there."""
    lists = from_json(f"[{','.join(values for _, values in rows)}]")  # all at once, in half of the time
    items: list[Item] = []
    for (sk, _), values in zip(rows, lists, strict=True):
        item: Item = {"pk": pk, "sk": sk}
        for at, name in places:
            if (value := values[at]) is not None:
                item[name] = value
        items.append(item)
    return items


def _lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables, once a file: the mark in its header is read by every later connection."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:  # while another process switches, SQLite fails at once instead of waiting
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    with _transaction(connection):
        for table in TABLES:
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (pk TEXT NOT NULL, sk TEXT NOT NULL, often_read TEXT,"
                " body TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (pk, sk)) WITHOUT ROWID"
            )
            if "often_read" not in [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN often_read TEXT")
            elif table in OFTEN_READ:  # perhaps of other attributes
                connection.execute(f"UPDATE {table} SET often_read = NULL")
            connection.execute(
                f"CREATE INDEX IF NOT EXISTS {table}_expiry ON {table} (expires_at) WHERE expires_at IS NOT NULL"
            )
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")  # takes the write lock first: a read-then-write is atomic
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
