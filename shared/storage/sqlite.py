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
    SCHEMA,
    TABLES,
    Clock,
    ConditionFailed,
    InvalidItem,
    Item,
    Page,
    alive,
    check_changes,
    check_expiry,
    check_increments,
    check_keys,
    check_many,
    check_only,
    check_table,
    holds,
    key_range,
    now,
    picked,
    sealed,
    sealed_batch,
    within,
    without_nulls,
)
from shared.storage.per_process import PerProcess

log = logging.getLogger(__name__)

_BUSY_SECONDS = 10.0  # how long a writer waits for the others' writes; one write here takes under 1 ms
_PURGE_SECONDS = 0.2  # how long a purge waits for those that read
_PURGE_AGAIN_SECONDS = 1.0
_SWEEP_ONE_IN = 1_000
_SWEEP_ITEMS = 1_000  # at most so many in one sweep: it holds the write lock
_File: TypeAlias = tuple[int, int] | None  # device and inode; on no file nothing is kept open
_LAYOUT = zlib.crc32(",".join(TABLES).encode()) & 0x7FFF_FFFF  # kept in the file's header, which has 31 bits for it


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
        with self._connected() as connection:
            found = ((sk, self._read(connection, table, pk, sk)) for sk in wanted)
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
        names = None if only is None else check_only(only)
        with self._connected() as connection:
            rows = connection.execute(
                f"SELECT sk, {_body(names)} FROM {table} WHERE pk = ? AND sk >= ? AND sk <= ?"
                " AND (expires_at IS NULL OR expires_at > ?)"
                f" ORDER BY sk {'DESC' if newest_first else 'ASC'} LIMIT ?",
                (pk, lower, upper, self._clock(), limit + 3),  # two bounds to drop, one to see whether more follow
            ).fetchall()
        items = [_parsed(body, names) for sk, body in rows if within(sk, after, before, prefix)]
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
        if row is None:
            return None
        if not isinstance(item := json.loads(row[0]), dict):
            raise ValueError(f"the row of {table} is no item")
        return alive(item, self._clock())

    def _rewrite(self, connection: sqlite3.Connection, table: str, item: Item, expires_at: int | None) -> Item:
        if expires_at is not None:
            item["expires_at"] = check_expiry(expires_at)
        self._write(connection, table, item)
        return item

    def _write(self, connection: sqlite3.Connection, table: str, body: Item) -> None:
        connection.execute(
            f"INSERT OR REPLACE INTO {table} (pk, sk, body, expires_at) VALUES (?, ?, ?, ?)",
            (body["pk"], body["sk"], json.dumps(body, ensure_ascii=False), body.get("expires_at")),
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


def _body(names: Sequence[str] | None) -> str:
    """The column of an item's JSON, or of a list of these attributes, which SQLite takes out of it.

    With 6 KB an item that takes half of the time that reading it whole does.
    """
    return "body" if names is None else "json_extract(body, " + ", ".join(f"'$.{name}'" for name in names) + ")"


def _parsed(text: str, names: Sequence[str] | None) -> Item:
    read = from_json(text)  # takes 14 us for five sources of an answer, the standard library's 25
    item: Item = read if names is None else without_nulls(dict(zip(names, read, strict=True)))
    return item


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
                f"CREATE TABLE IF NOT EXISTS {table} (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL,"
                " expires_at INTEGER, PRIMARY KEY (pk, sk)) WITHOUT ROWID"
            )
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
