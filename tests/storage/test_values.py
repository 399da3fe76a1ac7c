"""What an item may hold, on every back end: it comes back as it was written, or is refused."""

import json
import math
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.storage.base import MAX_ATTRIBUTES, MAX_DEPTH, MAX_EXPIRES_AT, MAX_ITEM_BYTES, InvalidItem, Store
from tests.storage.exact import exactly


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


# What is kept

_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-9, 9).map(float)
    | _text
)
_json = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4))


def test_any_json_value_comes_back_equal_and_of_the_same_type(store: Store, pk: str) -> None:
    @settings(max_examples=25, deadline=None, database=None)
    @given(value=_json)
    def check(value: Any) -> None:
        item = {"pk": pk, "sk": "a", "value": value}
        store.put("contents", item)
        assert exactly(store.get("contents", pk, "a")) == exactly({**item, "schema": 1})
        assert exactly(store.update("contents", pk, "a", {"other": value})["other"]) == exactly(value)

    check()


AWKWARD: dict[str, Any] = {
    "one": [1, 1.0, True, "1", [1.0], {"one": 1.0}],
    "large": [2**63 - 1, -(2**63), 1.7976931348623157e308, 5e-324, -0.0, 0.1, 2**53 + 1],
    "small": 1.0,
    "whole": 2**62,
    "nothing": None,
    "no": False,
    "empty": ["", [], {}, [[]], {"a": ""}],
    "blank": "",
    "names": {"a.b": 1, "$set": 2, "$ref": "x", "$id": 3, ".": 4, "json": "{}", "pk": 5, "한국어": 6, "_id": 7},
    "reference": {"$ref": "#/definitions/order", "$id": "x", "$db": "y"},
    "marker": {"json": "[1"},
    "text": 'nul \0 quote " slash \\ newline \n emoji 😀 부산',
    "name": "a reserved word of DynamoDB",
}


def test_awkward_values_come_back_unchanged_by_every_way_of_writing_and_reading(store: Store, pk: str) -> None:
    store.put("contents", {"pk": pk, "sk": "put", **AWKWARD})
    store.batch_put("contents", [{"pk": pk, "sk": "batch", **AWKWARD}])
    store.put("contents", {"pk": pk, "sk": "update"})
    store.update("contents", pk, "update", AWKWARD)
    store.put("contents", {"pk": pk, "sk": "add", **AWKWARD})
    added = store.add("contents", pk, "add", {"count": 1})
    expected = {
        sk: exactly({"pk": pk, "sk": sk, "schema": 1, **AWKWARD} | ({"count": 1} if sk == "add" else {}))
        for sk in ("add", "batch", "put", "update")
    }
    assert {sk: exactly(store.get("contents", pk, sk)) for sk in expected} == expected
    assert {item["sk"]: exactly(item) for item in store.query("contents", pk).items} == expected
    assert exactly(added) == expected["add"]


def test_integers_and_strings_are_of_pythons_own_types(store: Store, pk: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a", "n": 2**40, "s": "x"}, expires_at=MAX_EXPIRES_AT)
    item = store.get("contents", pk, "a")
    assert item is not None
    assert {type(item[name]) for name in ("n", "schema", "expires_at")} == {int}
    assert type(item["s"]) is str


def test_tuples_become_lists_and_enums_their_values(store: Store, pk: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a", "pair": (1, (2,)), "colour": Colour.RED, "levels": [Level.HIGH]})
    read = store.get("contents", pk, "a")
    changed = store.update("contents", pk, "a", {"colour": Colour.RED, "level": Level.HIGH}, if_={"colour": Colour.RED})
    assert read == {"pk": pk, "sk": "a", "schema": 1, "pair": [1, [2]], "colour": "red", "levels": [3]}
    assert (type(changed["colour"]), type(changed["level"])) == (str, int)


def test_an_item_is_not_the_callers_object(store: Store, pk: str) -> None:
    bubbles = ["하나"]
    store.put("contents", {"pk": pk, "sk": "a"})
    returned = store.update("contents", pk, "a", {"bubbles": bubbles})
    bubbles.append("둘")
    assert returned["bubbles"] == ["하나"]


def test_an_item_of_the_greatest_size_can_be_kept(store: Store, pk: str) -> None:
    item: dict[str, Any] = {
        "pk": pk,
        "sk": "a",
        "body": "",
        "numbers": [1.5] * 1000,
        **{f"n{n}": 0.5 for n in range(90)},
    }
    item["body"] = "x" * (MAX_ITEM_BYTES - len(json.dumps(item)))
    store.put("contents", item)
    assert store.get("contents", pk, "a") == item | {"schema": 1}
    item["body"] += "x"
    with pytest.raises(InvalidItem):
        store.put("contents", item)


def test_an_update_may_set_as_many_attributes_as_an_item_has(store: Store, pk: str) -> None:
    changes = {f"a_rather_long_name_of_an_attribute_{n}": n for n in range(MAX_ATTRIBUTES)}
    store.put("contents", {"pk": pk, "sk": "a"})
    assert store.update("contents", pk, "a", changes) == {"pk": pk, "sk": "a", "schema": 1, **changes}


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else "deep"


def test_values_may_be_nested_to_the_limit(store: Store, pk: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a", "v": _nested(MAX_DEPTH)})
    item = store.get("contents", pk, "a")
    assert item is not None
    assert item["v"] == _nested(MAX_DEPTH)


# What is refused


BAD_VALUES: dict[str, Any] = {
    "nan": math.nan,
    "infinity": [math.inf],
    "too large an integer": 2**63,
    "too small an integer": {"n": -(2**63) - 1},
    "bytes": b"x",
    "a set": {1},
    "half a surrogate pair": "\ud800",
    "half a surrogate pair in a name": {"\ud800": 1},
    "a name that is no string": {1: 1},
    "an empty name": [{"": 1}],
    "NUL in a name": {"a\0": 1},
    "too deep": _nested(MAX_DEPTH + 1),
    "far too deep": _nested(900),
    "too large": "가" * (MAX_ITEM_BYTES // 3),
}


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_value_that_not_every_back_end_keeps_is_refused_and_nothing_is_written(
    store: Store, pk: str, value: Any
) -> None:
    with pytest.raises(InvalidItem):
        store.put("contents", {"pk": pk, "sk": "a", "value": value})
    with pytest.raises(InvalidItem):
        store.batch_put("contents", [{"pk": pk, "sk": "a", "value": value}])
    assert store.get("contents", pk, "a") is None
    store.put("contents", {"pk": pk, "sk": "a"})
    with pytest.raises(InvalidItem):
        store.update("contents", pk, "a", {"value": value})
    assert store.get("contents", pk, "a") == {"pk": pk, "sk": "a", "schema": 1}


@pytest.mark.parametrize("name", ["", "A", "1a", "a.b", "$set", "_id", "a b", "가", "a" * 65, "a\n"])
def test_an_attribute_is_named_in_lower_case_letters(store: Store, pk: str, name: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a"})
    with pytest.raises(InvalidItem):
        store.put("contents", {"pk": pk, "sk": "a", name: 1})
    with pytest.raises(InvalidItem):
        store.update("contents", pk, "a", {name: 1})
    with pytest.raises(InvalidItem):
        store.update("contents", pk, "a", {"n": 1}, if_={name: None})
    with pytest.raises(InvalidItem):
        store.add("contents", pk, "a", {name: 1})
    assert store.get("contents", pk, "a") == {"pk": pk, "sk": "a", "schema": 1}


def test_more_attributes_than_the_limit_are_refused(store: Store, pk: str) -> None:
    with pytest.raises(InvalidItem):
        store.put("contents", {"pk": pk, "sk": "a"} | {f"n{n}": n for n in range(MAX_ATTRIBUTES - 1)})


@pytest.mark.parametrize("name", ["pk", "sk", "schema", "expires_at"])
def test_attributes_of_the_store_cannot_be_changed(store: Store, pk: str, name: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a"})
    with pytest.raises(InvalidItem):
        store.update("contents", pk, "a", {name: 2})
    with pytest.raises(InvalidItem):
        store.add("contents", pk, "a", {name: 2})


@pytest.mark.parametrize("expires_at", [-1, MAX_EXPIRES_AT + 1, 1.5, "4102444800"])
def test_an_expiry_that_is_not_epoch_seconds_is_refused(store: Store, pk: str, expires_at: Any) -> None:
    store.put("contents", {"pk": pk, "sk": "a"})
    with pytest.raises(InvalidItem):
        store.put("contents", {"pk": pk, "sk": "b"}, expires_at=expires_at)
    with pytest.raises(InvalidItem):
        store.update("contents", pk, "a", {}, expires_at=expires_at)
    with pytest.raises(InvalidItem):
        store.add("contents", pk, "a", {}, expires_at=expires_at)
    with pytest.raises(InvalidItem):
        store.batch_put("contents", [{"pk": pk, "sk": "b", "expires_at": expires_at}])
    assert store.query("contents", pk).items == [{"pk": pk, "sk": "a", "schema": 1}]


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "가" * 342, 7, None], ids=ascii)
def test_a_bad_key_is_refused_by_every_verb(store: Store, pk: str, key: Any) -> None:
    pairs: list[tuple[Any, Any]] = [(key, "a"), (pk, key)]
    for keys in pairs:
        with pytest.raises(InvalidItem):
            store.get("contents", *keys)
        with pytest.raises(InvalidItem):
            store.put("contents", {"pk": keys[0], "sk": keys[1]})
        with pytest.raises(InvalidItem):
            store.update("contents", keys[0], keys[1], {"n": 1})
        with pytest.raises(InvalidItem):
            store.add("contents", keys[0], keys[1], {"n": 1})
        with pytest.raises(InvalidItem):
            store.delete("contents", *keys)
        with pytest.raises(InvalidItem):
            store.batch_put("contents", [{"pk": keys[0], "sk": keys[1]}])
    with pytest.raises(InvalidItem):
        store.query("contents", key)


def test_an_item_without_keys_is_refused(store: Store, pk: str) -> None:
    with pytest.raises(InvalidItem):
        store.put("contents", {"pk": pk})
    with pytest.raises(InvalidItem):
        store.put("contents", {"sk": "a"})


def test_a_table_that_is_not_there_is_refused_by_every_verb(store: Store, pk: str) -> None:
    table = "users; drop table chats"
    with pytest.raises(InvalidItem):
        store.get(table, pk, "a")
    with pytest.raises(InvalidItem):
        store.put(table, {"pk": pk, "sk": "a"})
    with pytest.raises(InvalidItem):
        store.update(table, pk, "a", {"n": 1})
    with pytest.raises(InvalidItem):
        store.add(table, pk, "a", {"n": 1})
    with pytest.raises(InvalidItem):
        store.query(table, pk)
    with pytest.raises(InvalidItem):
        store.delete(table, pk, "a")
    with pytest.raises(InvalidItem):
        store.batch_put(table, [{"pk": pk, "sk": "a"}])
