"""The storage port: named tables of items, each found by a partition key and a sort key.

Three back ends implement it (`sqlite.py`, `mongo.py`, `dynamodb.py`) and one contract suite, `tests/storage`, holds
for all of them. What is common to them (checking keys and values, deciding expiry) is here, once.

An **item** is a JSON object with the attributes `pk` and `sk` (non-empty strings), at most 390,000 bytes of JSON and
100 attributes, nested at most 32 deep. Values are what JSON has; integers fit 64 bits and floats are finite. What is
read equals what was written, types included: 1.0 does not become 1. (Tuples become lists, and enums their values.) A
store adds `schema` (1) and, for an item that ends, `expires_at` (epoch seconds, UTC). Expired items (`expires_at` is
now or earlier) are never returned, swept or not, and count as absent in every condition.
"""

import json
import math
import re
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
_RESERVED = frozenset({"pk", "sk", "schema", "expires_at"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LAST_KEY = "\U0010ffff" * (MAX_KEY_BYTES // 4)  # no key sorts after it


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


def sealed(item: Mapping[str, Any], expires_at: int | None) -> Item:
    """A checked copy of `item` as it is to be stored, with `schema` and `expires_at`.

    Raises
    ------
    InvalidItem
        When a key, a name or a value is outside the contract, or the item is too large.
    """
    check_keys(item.get("pk"), item.get("sk"))
    body = _plain({name: value for name, value in item.items() if name not in ("schema", "expires_at")})
    body["schema"] = SCHEMA
    if expires_at is not None:
        body["expires_at"] = check_expiry(expires_at)
    return body


def sealed_batch(items: Iterable[Mapping[str, Any]]) -> list[Item]:
    """What `batch_put` is to write: each item `sealed` with its own `expires_at`, the last of each key only."""
    bodies = (sealed(item, item.get("expires_at")) for item in items)
    return list({(body["pk"], body["sk"]): body for body in bodies}.values())


def check_changes(changes: Mapping[str, Any], if_: Mapping[str, Any] | None = None) -> tuple[Item, Item]:
    """Checked copies of the `changes` and the `if_` of `Store.update`."""
    for name in changes:
        if name in _RESERVED:
            raise InvalidItem(f"attribute {name!r} is the store's own")
    for name, value in (if_ or {}).items():
        if value is not None and not isinstance(value, str | int):
            raise InvalidItem(f"condition on {name!r}: only strings, integers, booleans and None compare")
    return _plain(changes), _plain(if_ or {})


def check_increments(increments: Mapping[str, int]) -> dict[str, int]:
    """A checked copy of the increments of `Store.add`."""
    checked, _ = check_changes(increments)
    for name, increment in checked.items():
        if type(increment) is not int:
            raise InvalidItem(f"increment of {name!r}: {type(increment).__name__} is not an integer")
    return checked


def check_only(only: Sequence[str]) -> list[str]:
    """The attributes that a query with `only` reads, each once, `pk` and `sk` first.

    Raises
    ------
    InvalidItem
        When one of them is no attribute's name.
    """
    names = list(dict.fromkeys(("pk", "sk", *only)))
    if len(names) > MAX_ATTRIBUTES:
        raise InvalidItem(f"{len(names)} attributes; at most {MAX_ATTRIBUTES}")
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidItem(f"attribute name {name!r}: lower case, digits and underscores, at most 64")
    return names


def without_nulls(item: Item) -> Item:
    """What a query with `only` gives of an item."""
    return {name: value for name, value in item.items() if value is not None}


def is_often_read(table: str, names: Iterable[str]) -> bool:
    """Whether these attributes can be read without the rest of an item, where a back end keeps them so."""
    return {*names} <= {"pk", "sk", *OFTEN_READ.get(table, ())}


def picked(item: Item, only: Sequence[str] | None) -> Item:
    """The same of a whole item; all of it without `only`."""
    return item if only is None else {name: item[name] for name in check_only(only) if item.get(name) is not None}


def check_table(table: str) -> str:
    """`table`. Raises `InvalidItem` unless it is one of `TABLES`."""
    if table not in TABLES:
        raise InvalidItem(f"no table {table!r}")
    return table


def check_keys(*keys: object) -> None:
    """Raise `InvalidItem` unless each key is a non-empty string without NUL, of at most `MAX_KEY_BYTES` in UTF-8."""
    for key in keys:
        if not isinstance(key, str) or not key or "\0" in key:
            raise InvalidItem(f"a key must be a non-empty string without NUL, not {type(key).__name__}")
        try:
            size = len(key.encode())
        except UnicodeEncodeError as error:
            raise InvalidItem("a key must be UTF-8: it has half of a surrogate pair") from error
        if size > MAX_KEY_BYTES:
            raise InvalidItem(f"a key of {size} bytes; at most {MAX_KEY_BYTES}")


def is_key(text: str) -> bool:
    """Whether something can have this sort key, as what a caller names may not."""
    try:
        check_keys(text)
    except InvalidItem:
        return False
    return True


def check_many(pk: str, sks: Sequence[str]) -> list[str]:
    """The sort keys of `Store.get_many`, each once. Raises `InvalidItem` for a key that is none, or too many."""
    check_keys(pk, *sks)
    unique = list(dict.fromkeys(sks))
    if len(unique) > MAX_MANY:
        raise InvalidItem(f"{len(unique)} keys; at most {MAX_MANY}")
    return unique


def check_expiry(expires_at: object) -> int:
    """`expires_at`. Raises `InvalidItem` unless it is epoch seconds."""
    if not isinstance(expires_at, int) or not 0 <= expires_at <= MAX_EXPIRES_AT:
        raise InvalidItem(f"expires_at {expires_at!r} is not epoch seconds")
    return expires_at


def _plain(attributes: Mapping[str, Any]) -> Item:
    """A deep copy of plain JSON types: an enum becomes its value, a tuple a list."""
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidItem(f"{len(attributes)} attributes; at most {MAX_ATTRIBUTES}")
    for name in attributes:
        if not _NAME.fullmatch(name):
            raise InvalidItem(f"attribute name {name!r}: lower case, digits and underscores, at most 64")
    plain = {name: _copied(value, MAX_DEPTH) for name, value in attributes.items()}
    try:
        size = len(json.dumps(plain, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        raise InvalidItem("a string must be UTF-8: it has half of a surrogate pair") from error
    if size > MAX_ITEM_BYTES:
        raise InvalidItem(f"item of {size} bytes; at most {MAX_ITEM_BYTES}")
    return plain


def _copied(value: object, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise InvalidItem("an integer must fit 64 bits")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidItem("a float must be finite")
        return float(value)
    if not isinstance(value, list | tuple | dict):
        raise InvalidItem(f"{type(value).__name__} is not a JSON value")
    if not depth:
        raise InvalidItem(f"nested more than {MAX_DEPTH} deep")
    if not isinstance(value, dict):
        return [_copied(inner, depth - 1) for inner in value]
    if not all(isinstance(name, str) and name and "\0" not in name for name in value):
        raise InvalidItem("a nested name must be a non-empty string without NUL")
    return {str.__str__(name): _copied(inner, depth - 1) for name, inner in value.items()}


def alive(item: Item | None, now: float) -> Item | None:
    """`item`, or `None` when it is absent or its time has passed."""
    if item is None or item.get("expires_at", math.inf) <= now:
        return None
    return item


def holds(item: Item, if_: Mapping[str, Any] | None) -> bool:
    """Whether `item` has the values that `if_` asks for. `True` is not 1, nor is 1.0."""
    return all(
        item.get(name) is None if wanted is None else _same(item.get(name), wanted)
        for name, wanted in (if_ or {}).items()
    )


def _same(value: object, wanted: object) -> bool:
    return value == wanted and type(value) is type(wanted)


def key_range(pk: str, after: str | None, before: str | None, prefix: str | None, limit: int) -> tuple[str, str]:
    """Inclusive bounds that enclose every key of a query, and at most two more: check each with `within`.

    Both are keys, and the first may be the greater: then the query has no keys.

    Raises
    ------
    InvalidItem
        When an argument of `Store.query` is outside the contract.
    """
    check_keys(pk, *(bound for bound in (after, before, prefix) if bound))
    if limit < 1:
        raise InvalidItem(f"a limit of {limit}; at least 1")
    lower = max(after or "", prefix or "", "\x01")
    upper = _after_all_with(prefix) if prefix else _LAST_KEY
    return lower, upper if before is None else min(before or "\x01", upper)


def _after_all_with(prefix: str) -> str:
    """The first key after those that start with `prefix`; the prefix itself when it is the only such key."""
    if len(prefix.encode()) == MAX_KEY_BYTES:
        return prefix
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return _LAST_KEY
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)  # half a surrogate pair is no character


def within(sk: str, after: str | None, before: str | None, prefix: str | None) -> bool:
    """Whether a query with these exclusive bounds and this prefix asks for `sk`."""
    return (after is None or sk > after) and (before is None or sk < before) and (not prefix or sk.startswith(prefix))


def now() -> float:
    """Epoch seconds, the clock that stores use unless a test gives another."""
    return time.time()
