"""DynamoDB: one table of pk and sk for each of `TABLES`, on demand, with `expires_at` as its TTL attribute."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from shared.errors import StoreUnavailable
from shared.storage.base import OFTEN_READ, TABLES, Clock, ConditionFailed, InvalidItem, Item, Page, now
from shared.storage.dynamodb_items import Terms, key_of, parsed, stored
from shared.storage.dynamodb_wire import Broken, Credentials, Refused, Unreachable, Wire
from shared.storage.items import (
    alive,
    check_changes,
    check_increments,
    check_many,
    check_only,
    check_table,
    is_often_read,
    key_range,
    picked,
    sealed,
    sealed_batch,
    within,
    without_nulls,
)
from shared.storage.per_process import PerProcess

_OFTEN = "often"  # the index that has what is often read, and nothing else: a tenth of the bytes, a tenth of the time
_BATCH = 25  # DynamoDB's limit for one request
_ATTEMPTS = 4  # at one request, with pauses of up to 50, 100, 200 and 400 ms
_BATCH_ATTEMPTS = 10  # at writing all of a batch: up to 6 s of pauses
_EXPIRED_ATTEMPTS = 100  # at adding to an item that others keep writing with an expiry in the past
_NOT_DONE = frozenset({"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"})
_DONE_OR_NOT = frozenset({"InternalServerError", "ServiceUnavailable"})


class DynamoStore:
    """A `Store` in DynamoDB, or in a local server that speaks its protocol.

    Parameters
    ----------
    table_prefix
        What the names of the tables start with.
    region
        AWS region.
    endpoint_url
        A local server; `None` for AWS. Without AWS credentials it is given made-up ones.
    timeout_seconds
        For one request: a third to connect, the rest to wait for the answer.
    clock
        Epoch seconds; tests give their own.
    credentials
        Key id, secret and session token; without them they are looked for where AWS's tools look.
    """

    def __init__(
        self,
        table_prefix: str,
        region: str,
        endpoint_url: str | None,
        timeout_seconds: float,
        clock: Clock = now,
        credentials: tuple[str, str, str | None] | None = None,
    ) -> None:
        self._wire = PerProcess(lambda: Wire(region, endpoint_url, timeout_seconds, _kept(credentials)))
        self._prefix, self._clock, self._local = table_prefix, clock, endpoint_url is not None

    def prepare(self) -> None:
        """Make the tables in a local server. In AWS they are the template's (`infra/`): see that they are there."""
        for table in TABLES:
            if self._local:
                self._create(table)
            else:
                self._ask("DescribeTable", {"TableName": self._name(table)})

    def ping(self) -> None:
        self.get(TABLES[0], "ping", "ping")

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        request = {"TableName": self._name(table), "Key": key_of(pk, sk), "ConsistentRead": True}
        found = self._ask("GetItem", request).get("Item")
        return alive(parsed(found), self._clock()) if found else None

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        name, found = self._name(table), list[Item]()
        left = [key_of(pk, sk) for sk in check_many(pk, sks)]
        if not left:
            return {}
        for attempt in range(_BATCH_ATTEMPTS):
            answer = self._ask("BatchGetItem", {"RequestItems": {name: {"Keys": left, "ConsistentRead": True}}})
            found += [parsed(one) for one in answer["Responses"].get(name, [])]
            undone = answer["UnprocessedKeys"].get(name)
            if not undone:
                break
            left = [key_of(pk, key["sk"]["S"]) for key in undone["Keys"]]
            _pause(attempt)
        else:
            raise StoreUnavailable
        return {item["sk"]: item for item in found if alive(item, self._clock())}

    def put(
        self, table: str, item: Mapping[str, Any], *, if_absent: bool = False, expires_at: int | None = None
    ) -> None:
        request = {"TableName": self._name(table), "Item": stored(sealed(item, expires_at))}
        if not if_absent:
            self._ask("PutItem", request)
            return
        terms = Terms()
        condition = f"attribute_not_exists({terms.name('pk')}) OR {self._expired(terms)}"
        self._ask("PutItem", {**request, "ConditionExpression": condition, **terms.placeholders()}, repeatable=False)

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
        changed, wanted = check_changes(changes, if_)
        terms = Terms()
        conditions = [f"attribute_exists({terms.name('pk')})", self._alive(terms)]
        conditions += [terms.equal(name, value) for name, value in wanted.items()]
        return picked(self._change(table, pk, sk, terms, terms.set(changed, expires_at), conditions), only)

    def add(
        self, table: str, pk: str, sk: str, increments: Mapping[str, int], *, expires_at: int | None = None
    ) -> Item:
        steps = check_increments(increments)
        for _ in range(_EXPIRED_ATTEMPTS):
            terms = Terms()
            additions = ", ".join(f"{terms.name(name)} {terms.value(step)}" for name, step in steps.items())
            change = terms.set({}, expires_at) + (f" ADD {additions}" if additions else "")
            try:
                return self._change(table, pk, sk, terms, change, [self._alive(terms)])
            except ConditionFailed:
                self._delete_expired(table, pk, sk)
        raise StoreUnavailable

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
        lower, upper = key_range(pk, after, before, prefix, limit)
        if lower > upper:  # DynamoDB refuses such a range
            return Page()
        terms = Terms()
        request: dict[str, Any] = {
            "TableName": self._name(table),
            "KeyConditionExpression": f"{terms.name('pk')} = {terms.value(pk)}"
            f" AND {terms.name('sk')} BETWEEN {terms.value(lower)} AND {terms.value(upper)}",
            "FilterExpression": self._alive(terms),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
            "Limit": limit + 3,  # two bounds to drop, one to see whether more follow
        }
        if only is not None:
            if table in OFTEN_READ and is_often_read(table, only):
                request |= {"IndexName": _OFTEN, "ConsistentRead": False}  # an index follows a moment later
            request["ProjectionExpression"] = ", ".join(map(terms.name, check_only(only)))
        asked = (
            item for item in self._all(request | terms.placeholders()) if within(item["sk"], after, before, prefix)
        )
        items = list(islice(asked if only is None else map(without_nulls, asked), limit + 1))
        return Page(items[:limit], items[limit - 1]["sk"] if len(items) > limit else None)

    def delete(self, table: str, pk: str, sk: str) -> None:
        self._ask("DeleteItem", {"TableName": self._name(table), "Key": key_of(pk, sk)})

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        name = self._name(table)
        bodies = sealed_batch(items)
        writes = [{"PutRequest": {"Item": stored(body)}} for body in bodies]
        for start in range(0, len(writes), _BATCH):
            left = {name: writes[start : start + _BATCH]}
            for attempt in range(_BATCH_ATTEMPTS):
                left = self._ask("BatchWriteItem", {"RequestItems": left})["UnprocessedItems"]
                if not left:
                    break
                _pause(attempt)
            else:
                raise StoreUnavailable

    def scan(self, table: str) -> Iterator[Item]:
        request: dict[str, Any] = {"TableName": self._name(table), "ConsistentRead": True}  # 1 MB in one answer
        while True:
            answer = self._ask("Scan", request)
            for found in answer["Items"]:
                if item := alive(parsed(found), self._clock()):
                    yield item
            if not (last := answer.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = last

    def purge(self) -> None:
        pass  # the server's own affair

    def close(self) -> None:
        if wire := self._wire.pop():
            wire.close()

    def _name(self, table: str) -> str:
        return self._prefix + check_table(table)

    def _alive(self, terms: Terms) -> str:
        ends = terms.name("expires_at")
        return f"(attribute_not_exists({ends}) OR {ends} > {terms.value(int(self._clock()))})"

    def _expired(self, terms: Terms) -> str:
        return f"{terms.name('expires_at')} <= {terms.value(int(self._clock()))}"

    def _change(self, table: str, pk: str, sk: str, terms: Terms, change: str, conditions: list[str]) -> Item:
        request = {
            "TableName": self._name(table),
            "Key": key_of(pk, sk),
            "UpdateExpression": change,
            "ConditionExpression": " AND ".join(conditions),
            "ReturnValues": "ALL_NEW",
        }
        return parsed(self._ask("UpdateItem", request | terms.placeholders(), repeatable=False)["Attributes"])

    def _delete_expired(self, table: str, pk: str, sk: str) -> None:
        terms = Terms()
        request = {
            "TableName": self._name(table),
            "Key": key_of(pk, sk),
            "ConditionExpression": self._expired(terms),
        }
        with suppress(ConditionFailed):  # another process has begun it anew
            self._ask("DeleteItem", request | terms.placeholders())

    def _all(self, request: dict[str, Any]) -> Iterator[Item]:
        """Every item of a query, page by page. `Limit` counts expired items too, so it is for the first page only."""
        while True:
            answer = self._ask("Query", request)
            yield from map(parsed, answer["Items"])
            if not (last := answer.get("LastEvaluatedKey")):
                return
            request = {**request, "ExclusiveStartKey": last}
            request.pop("Limit", None)

    def _create(self, table: str) -> None:
        name = self._name(table)
        request: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        }
        if table in OFTEN_READ:
            kept = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*OFTEN_READ[table], "expires_at"]}
            request["GlobalSecondaryIndexes"] = [
                {"IndexName": _OFTEN, "KeySchema": request["KeySchema"], "Projection": kept}
            ]
        try:
            self._ask("CreateTable", request)
        except _TableExists:
            return
        expiry = {"Enabled": True, "AttributeName": "expires_at"}
        self._ask("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": expiry})

    def _ask(self, operation: str, request: dict[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        """The answer to a request, asked again after a short while if that is of use and does no harm."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._wire.get().ask(operation, request)
            except Refused as error:
                cause: Exception = error
                if error.code == "ConditionalCheckFailedException":
                    raise ConditionFailed(str(error)) from None
                if error.code == "ValidationException":
                    raise InvalidItem(str(error)) from error
                if error.code == "ResourceInUseException":
                    raise _TableExists from error
                if error.code not in _NOT_DONE and not (repeatable and error.code in _DONE_OR_NOT):
                    raise StoreUnavailable from error
            except Broken as error:
                cause = error
                if not repeatable:
                    raise StoreUnavailable from error
            except Unreachable as error:
                raise StoreUnavailable from error
            _pause(attempt)
        raise StoreUnavailable from cause


class _TableExists(Exception):
    """It was made before."""


def _kept(credentials: tuple[str, str, str | None] | None) -> Callable[[], Credentials | None]:
    """How a `Wire` comes by its credentials: these, or those that AWS's tools find. Raises `Unreachable`."""
    if credentials is not None:
        given = Credentials(*credentials)
        return lambda: given
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session  # a fifth of a second, which a function in AWS is spared: it is told them

    try:
        found = Session().get_credentials()
    except BotoCoreError as error:
        raise Unreachable(str(error)) from error

    def current() -> Credentials | None:
        if found is None:
            return None
        try:
            key, secret, token = found.get_frozen_credentials()[:3]
        except BotoCoreError as error:
            raise Unreachable(str(error)) from error
        return Credentials(key, secret, token) if key and secret else None

    return current


def _pause(attempt: int) -> None:
    time.sleep(min(1.0, 0.05 * 2**attempt) * random.uniform(0.5, 1))
