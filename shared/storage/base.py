"""The storage port: named tables of items, each found by a partition key and a sort key.

Three back ends implement it (`sqlite.py`, `mongo.py`, `dynamodb.py`) and one contract suite, `tests/storage`, holds
for all of them. What is common to them (checking keys and values, deciding expiry) stands once, in `items.py`.

An **item** is a JSON object with the attributes `pk` and `sk` (non-empty strings), at most 390,000 bytes of JSON and
100 attributes, nested at most 32 deep. Values are what JSON has; integers fit 64 bits and floats are finite. What is
read equals what was written, types included: 1.0 does not become 1. (Tuples become lists, and enums their values.) A
store adds `schema` (1) and, for an item that ends, `expires_at` (epoch seconds, UTC). Expired items (`expires_at` is
now or earlier) are never returned, swept or not, and count as absent in every condition.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Item: TypeAlias = dict[str, Any]
Clock: TypeAlias = Callable[[], float]

SCHEMA = 1
MAX_ITEM_BYTES = 390_000  # DynamoDB refuses items over 400 KB, attribute names included
MAX_KEY_BYTES = 1_024  # DynamoDB's limit for a sort key, the smaller of its two
MAX_MANY = 40  # DynamoDB's batch reads give at most 16 MB: 40 of the largest items
SCAN_ITEMS = 100  # of one request of a scan: at most 39 MB
MAX_ATTRIBUTES = 100  # one DynamoDB update expression holds 4 KB and 300 operators
MAX_DEPTH = 32  # of lists and maps in one another; far below what makes a JSON parser recurse too deep
MAX_EXPIRES_AT = 253_402_300_799  # the last second of the year 9999, the last that MongoDB's dates and Python share
TABLES = (
    "sessions",
    "chats",
    "tickets",
    "streams",
    "questions",
    "feedback",
    "bots",
    "contents",
    "indexes",
    "calibrations",
    "popular",
    "rollups",
    "evaluations",
    "counters",
    "keys",
    "audit",
)
OFTEN_READ: Mapping[str, tuple[str, ...]] = {
    "questions": ("decision", "deleted", "visitor_id", "key_id", "asked_from", "answered_by", "asked_key"),
}
"""What is read of very many items of a table at once, every hour, without the rest of them: who asked, and what for.

A back end may keep these attributes by themselves, so that a query with `only` some of them reads a tenth of an item.
"""


class ConditionFailed(Exception):
    """The item exists (`put(if_absent=True)`), is absent, or does not have the values that `update` asked for."""


class InvalidItem(ValueError):
    """A table, key, name, value or limit that not every back end takes: the caller's bug, never a customer's doing.

    Nothing was written, except by `batch_put`, which may have written the items before it.
    """


@dataclass(frozen=True)
class Page:
    """Items in sort-key order, and the cursor of the next page, or `None` when this is the last."""

    items: list[Item] = field(default_factory=list)
    cursor: str | None = None


class Store(Protocol):
    """The port. A table is one of `TABLES`.

    Making a store does no I/O. Every method may be called from any thread, and in a process forked from the one that
    made the store. It raises `StoreUnavailable` when the back end is away, and as soon as one request to it (most
    methods make one) takes longer than the store's timeout; whether a write then happened is unknown.
    """

    def prepare(self) -> None:
        """Make what the store needs: file, tables, indexes.

        Idempotent, also when several processes do it at once; for set-up and local starts, not for a request.
        """

    def ping(self) -> None:
        """Ask the back end whether it is there."""

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """The item, or `None`. Sees every write that returned before the call (strong consistency)."""

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        """Those of a partition's items that are there, by sort key, at most `MAX_MANY` of them in one request.

        As strongly consistent as `get`, each by itself.
        """

    def put(
        self, table: str, item: Mapping[str, Any], *, if_absent: bool = False, expires_at: int | None = None
    ) -> None:
        """Write the whole item, in place of what was there.

        It ends at `expires_at`, or never: `schema` and `expires_at` in `item` itself, as `get` returns them, do not
        count.

        Raises
        ------
        ConditionFailed
            With `if_absent`, when a live item is there.
        """

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
        """Set the named attributes of an existing item, atomically, and return it as it is afterwards.

        `if_` names attributes and the values that they must have; `None` stands for "absent or null". Comparable
        values are strings, integers and booleans, and types differ: 1 is neither `True` nor 1.0. `expires_at`, when
        given, replaces the item's; else it stays, as `schema` does. Only `changes` is measured: an item must not grow
        to the limit by updates. With `only`, what is returned is as with the `only` of `query`.

        Raises
        ------
        ConditionFailed
            When the item is absent, or a condition does not hold. Nothing was changed.
        """

    def add(
        self, table: str, pk: str, sk: str, increments: Mapping[str, int], *, expires_at: int | None = None
    ) -> Item:
        """Add to integer attributes, atomically; an absent item or attribute counts as 0. Return the item.

        An expired item starts anew, with nothing of what it held. `expires_at` is set whenever it is given. Sums are
        to fit 64 bits.

        Raises
        ------
        InvalidItem
            When an attribute is there and is not an integer (null is not). Nothing was changed.
        """

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
        """Items of one partition, ordered by sort key as UTF-8 bytes, descending with `newest_first`.

        `after` and `before` are exclusive bounds; with `prefix`, all three hold, and an empty `after` or `prefix`
        bounds nothing. They are otherwise held to what keys are held to. The page has `limit` (at least 1) items
        whenever so many live ones are left. Its cursor is to be passed as `after`, or as `before` when descending; it
        is `None` exactly when nothing live follows. As strongly consistent as `get`.

        With `only`, items have `pk`, `sk` and those of these attributes that they have and that are not null: less to
        send and to decode, where many items are read for a little of each.
        """

    def delete(self, table: str, pk: str, sk: str) -> None:
        """Remove the item; nothing happens when it is absent."""

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        """Write many items whole, in any order, not as one transaction. The last of two with one key wins.

        Each item ends at its own `expires_at` attribute, if it has one.
        """

    def scan(self, table: str) -> Iterator[Item]:
        """Every item of a table, in any order; `SCAN_ITEMS` or a megabyte are held at once.

        For backups, never a request: it takes as long as there is to read. An item that is there from the first to the
        last is given once; of one that is written or deleted meanwhile, what it was before or is afterwards.
        """

    def purge(self) -> None:
        """Clear what the store's own files still hold of items that were deleted or overwritten.

        To be called after a deletion that is to leave no trace. Never waits long and never fails: what cannot be
        cleared now, since others read, is cleared with a later write. A server keeps its files itself: nothing happens.
        """

    def close(self) -> None:
        """Let go of connections. The store may not be used afterwards."""


def now() -> float:
    """Epoch seconds, the clock that stores use unless a test gives another."""
    return time.time()
