"""What every back end checks and decides alike: keys, values, conditions, ends. See `base.py` for what an item is."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.storage.base import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_EXPIRES_AT,
    MAX_ITEM_BYTES,
    MAX_KEY_BYTES,
    MAX_MANY,
    OFTEN_READ,
    SCHEMA,
    TABLES,
    InvalidItem,
    Item,
)

_RESERVED = frozenset({"pk", "sk", "schema", "expires_at"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LAST_KEY = "\U0010ffff" * (MAX_KEY_BYTES // 4)  # no key sorts after it


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
