"""A store that counts what DynamoDB would charge for: write units of 1 KB, strongly consistent read units of 4 KB."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.storage.base import Item, Page
from shared.storage.dynamodb_items import stored
from shared.storage.sqlite import SqliteStore


class CountingStore(SqliteStore):
    """A SQLite store. An update is charged for the larger of the item before and after; it only grows here."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.units = Counter[str]()  # "write" and "read"

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """See `Store`."""
        item = super().get(table, pk, sk)
        self._count_read([item] if item else [])
        return item

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        """See `Store`."""
        found = super().get_many(table, pk, sks)
        for item in found.values():
            self._count_read([item])
        return found

    def query(self, table: str, pk: str, **options: Any) -> Page:
        """See `Store`."""
        page = super().query(table, pk, **options)
        self._count_read(page.items)
        return page

    def put(self, table: str, item: Mapping[str, Any], **options: Any) -> None:
        """See `Store`."""
        super().put(table, item, **options)
        self._count_write(table, item["pk"], item["sk"])

    def update(self, table: str, pk: str, sk: str, changes: Mapping[str, Any], **options: Any) -> Item:
        """See `Store`."""
        item = super().update(table, pk, sk, changes, **options)
        self._count_write(table, pk, sk)
        return item

    def add(self, table: str, pk: str, sk: str, increments: Mapping[str, int], **options: Any) -> Item:
        """See `Store`."""
        item = super().add(table, pk, sk, increments, **options)
        self._count_write(table, pk, sk)
        return item

    def delete(self, table: str, pk: str, sk: str) -> None:
        """See `Store`."""
        self._count_write(table, pk, sk)
        super().delete(table, pk, sk)

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        """See `Store`."""
        for item in items:
            self.put(table, item, expires_at=item.get("expires_at"))

    def _count_write(self, table: str, pk: str, sk: str) -> None:
        item = super().get(table, pk, sk)
        self.units["write"] += max(1, math.ceil(size(item) / 1_024)) if item else 1

    def _count_read(self, items: Sequence[Item]) -> None:
        self.units["read"] += max(1, math.ceil(sum(map(size, items)) / 4_096))


def size(item: Item) -> int:
    """An item's size as DynamoDB counts it: names and values (its guide, "item sizes and formats")."""
    return sum(len(name.encode()) + _size(value) for name, value in stored(item).items())


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
