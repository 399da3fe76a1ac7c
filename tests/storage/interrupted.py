"""A store in which something happens between two calls, and a look at all that its file holds."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from shared.storage.base import TABLES
from shared.storage.sqlite import SqliteStore


class Interrupted(SqliteStore):
    """A store before whose n-th call something else happens: another request, or the end of the process."""

    calls_left = -1  # never
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    @property
    def interrupted(self) -> bool:
        """Whether there was an n-th call."""
        return self.calls_left < 0

    def get(self, *arguments: Any, **options: Any) -> Any:
        self._count()
        return super().get(*arguments, **options)

    def put(self, *arguments: Any, **options: Any) -> None:
        self._count()
        super().put(*arguments, **options)

    def update(self, *arguments: Any, **options: Any) -> Any:
        self._count()
        return super().update(*arguments, **options)

    def query(self, *arguments: Any, **options: Any) -> Any:
        self._count()
        return super().query(*arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> None:
        self._count()
        super().delete(*arguments, **options)

    def _count(self) -> None:
        self.calls_left -= 1
        if self.calls_left == -1:
            self.meanwhile()


def everything(store: SqliteStore) -> list[str]:
    """The items of all tables, as they are kept."""
    with closing(sqlite3.connect(store._path)) as file:
        return [body for table in TABLES for (body,) in file.execute(f"SELECT body FROM {table}")]
