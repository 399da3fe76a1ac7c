"""Items and conditions as DynamoDB has them.

Strings, integers, booleans and null are DynamoDB's own. All else is JSON text in a map, `{"json": …}`: DynamoDB has
one number type, which cannot tell 1.0 from 1, nor hold 1e300. Nothing in it has to be searched, and an item is larger
than its JSON by at most a few bytes an attribute.
"""

import json
from collections.abc import Mapping
from typing import Any

from shared.errors import StoreUnavailable
from shared.storage.base import SCHEMA, Item
from shared.storage.items import check_expiry, check_keys


class Terms:
    """The placeholders of one request. Every name gets one: "status", "name" and 571 more are reserved words."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self._placeholders: dict[str, str] = {}

    def name(self, attribute: str) -> str:
        """What stands for an attribute's name."""
        placeholder = self._placeholders.setdefault(attribute, f"#n{len(self.names)}")
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Any) -> str:
        """What stands for a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = _stored_value(value)
        return placeholder

    def placeholders(self) -> dict[str, Any]:
        """What a request says of them."""
        return {"ExpressionAttributeNames": self.names, "ExpressionAttributeValues": self.values}

    def equal(self, name: str, value: str | int | None) -> str:
        """The condition that an attribute has this value; `None` stands for "absent or null"."""
        attribute, equals = self.name(name), f"{self.name(name)} = {self.value(value)}"
        return f"(attribute_not_exists({attribute}) OR {equals})" if value is None else equals

    def set(self, changes: Item, expires_at: int | None) -> str:
        """The expression that sets `changes`, when the item ends if given, and the schema of a new item."""
        settings = [f"{self.name(name)} = {self.value(value)}" for name, value in changes.items()]
        if expires_at is not None:
            settings.append(f"{self.name('expires_at')} = {self.value(check_expiry(expires_at))}")
        schema = self.name("schema")
        settings.append(f"{schema} = if_not_exists({schema}, {self.value(SCHEMA)})")
        return f"SET {', '.join(settings)}"


def key_of(pk: str, sk: str) -> dict[str, Any]:
    """An item's key. Raises `InvalidItem` for what is none."""
    check_keys(pk, sk)
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def stored(item: Item) -> dict[str, Any]:
    """An item as it is stored."""
    return {name: _stored_value(value) for name, value in item.items()}


def _stored_value(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case _:
            return {"M": {"json": {"S": json.dumps(value, ensure_ascii=False)}}}


def parsed(found: Mapping[str, Any]) -> Item:
    """What `stored` was made from."""
    return {name: _value(value) for name, value in found.items()}


def _value(stored: Mapping[str, Any]) -> Any:
    match stored:
        case {"NULL": True}:
            return None
        case {"BOOL": value} | {"S": value}:
            return value
        case {"N": digits}:
            return int(digits)
        case {"M": {"json": {"S": text}}}:
            return json.loads(text)
        case _:
            raise StoreUnavailable from TypeError(f"not written by haedap: {list(stored)}")
