"""A store that tells how long its calls take, and which fail."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shared.errors import StoreUnavailable
from shared.seeing.around import now
from shared.seeing.base import STORE_FAILURES
from shared.storage.base import Item, Page, Store


class WatchedStore:
    """A `Store`: another one, watched. Used only where somebody is told.

    What is asked for, a condition that fails included, is no failure; that the back end is away is one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def _told(self, verb: str) -> Iterator[None]:
        around, started = now(), time.perf_counter()
        try:
            yield
        except StoreUnavailable:
            around.seeing.add(STORE_FAILURES, 1, verb)
            raise
        finally:
            around.stored(verb, started)

    def prepare(self) -> None:
        """See `Store.prepare`."""
        self._store.prepare()

    def ping(self) -> None:
        """See `Store.ping`."""
        with self._told("ping"):
            self._store.ping()

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """See `Store.get`."""
        with self._told("get"):
            return self._store.get(table, pk, sk)

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        """See `Store.get_many`."""
        with self._told("get_many"):
            return self._store.get_many(table, pk, sks)

    def put(
        self, table: str, item: Mapping[str, Any], *, if_absent: bool = False, expires_at: int | None = None
    ) -> None:
        """See `Store.put`."""
        with self._told("put"):
            self._store.put(table, item, if_absent=if_absent, expires_at=expires_at)

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
        """See `Store.update`."""
        with self._told("update"):
            return self._store.update(table, pk, sk, changes, if_=if_, expires_at=expires_at, only=only)

    def add(
        self, table: str, pk: str, sk: str, increments: Mapping[str, int], *, expires_at: int | None = None
    ) -> Item:
        """See `Store.add`."""
        with self._told("add"):
            return self._store.add(table, pk, sk, increments, expires_at=expires_at)

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
        """See `Store.query`."""
        with self._told("query"):
            return self._store.query(
                table,
                pk,
                after=after,
                before=before,
                prefix=prefix,
                limit=limit,
                newest_first=newest_first,
                only=only,
            )

    def delete(self, table: str, pk: str, sk: str) -> None:
        """See `Store.delete`."""
        with self._told("delete"):
            self._store.delete(table, pk, sk)

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        """See `Store.batch_put`."""
        with self._told("batch_put"):
            self._store.batch_put(table, items)

    def scan(self, table: str) -> Iterator[Item]:
        """See `Store.scan`. Backups are not watched."""
        return self._store.scan(table)

    def purge(self) -> None:
        """See `Store.purge`."""
        self._store.purge()

    def close(self) -> None:
        """See `Store.close`."""
        self._store.close()
