"""MongoDB, version 5 or later: one collection a table, laid out like DynamoDB's tables.

A document is the item with `_id`, made of both keys, and `_ends_on`, the same instant as `expires_at` but a date, for
MongoDB's TTL sweeper. The store's names start with `_`, which no attribute's name does.

Strings, integers, booleans and null are MongoDB's own. All else is JSON text in `{"json": …}`: a condition on "x"
must not hold for a list with "x" in it, nor one on 1 for 1.0; and drivers read a map with `$ref` as a reference.

Sharding: `{pk: "hashed"}` is the key to shard a collection by. The unique index on (pk, sk) goes with it, since items
with one pk are on one shard; for the same reason `_id`, which MongoDB keeps unique only within a shard, is unique.
"""

import json
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import pymongo
from bson.datetime_ms import DatetimeMS
from pydantic_core import from_json
from pymongo import IndexModel, MongoClient, ReplaceOne, ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shared.errors import StoreUnavailable
from shared.storage.base import (
    OFTEN_READ,
    SCAN_ITEMS,
    SCHEMA,
    TABLES,
    Clock,
    ConditionFailed,
    InvalidItem,
    Item,
    Page,
    now,
)
from shared.storage.items import (
    alive,
    check_changes,
    check_expiry,
    check_increments,
    check_keys,
    check_many,
    check_only,
    check_table,
    key_range,
    sealed,
    sealed_batch,
    within,
    without_nulls,
)
from shared.storage.per_process import PerProcess

_ATTEMPTS = 100  # at a write that another keeps getting in the way of; each failure is another's success
_BATCH = 500  # items in one request of `batch_put`, so that the timeout is a request's
_BAD_VALUE, _TYPE_MISMATCH, _DUPLICATE_KEY = 2, 14, 11_000  # MongoDB's error codes
_PREPARE_SECONDS = 60.0  # making the indexes of one collection, which is empty unless they were made before
_DUMP = re.compile(r" \(configured timeouts: |, Timeout: |, full error: |, Topology Description: ")
_UNESCAPED = re.compile(r"://([^@/?]*[/?].*|[^/?]*/[^?]*)@", re.DOTALL)  # where a password ends what should follow it
_TELL_UNESCAPED = (
    "MONGO_URI: what stands before its @ must be percent-encoded; MONGO_PASSWORD is of letters, digits and -._~"
)
_OWN = {"_id": False, "_ends_on": False}  # not a part of the item

T = TypeVar("T")


class MongoStore:
    """A `Store` in one database of a MongoDB server, replica set or sharded cluster.

    Parameters
    ----------
    uri
        A connection string. What it says of read preference, write concern and timeouts does not count.
    database
        The database's name.
    timeout_seconds
        For one operation, connecting and the driver's retries included.
    clock
        Epoch seconds; tests give their own.
    """

    def __init__(self, uri: str, database: str, timeout_seconds: float, clock: Clock = now) -> None:
        milliseconds = int(timeout_seconds * 1000)

        def connect() -> Database[Item]:
            if _UNESCAPED.search(uri):  # the driver would take the password apart, and quote its end
                raise StoreUnavailable(detail=_TELL_UNESCAPED)
            with warnings.catch_warnings():  # the driver only warns of an option that it does not know, and ignores it
                warnings.simplefilter("error", UserWarning)
                client: MongoClient[Item] = MongoClient(
                    uri,
                    connect=False,
                    appname="haedap",
                    timeoutMS=milliseconds,  # for all of an operation: finding a server, connecting, asking, repeating
                    serverSelectionTimeoutMS=milliseconds,
                    connectTimeoutMS=milliseconds,  # of the thread that looks after the servers, too
                    socketTimeoutMS=milliseconds,
                )
            # Whatever the URI says: what a majority has is not rolled back, and only the primary has seen every write
            return client.get_database(
                database,
                read_preference=ReadPreference.PRIMARY,
                read_concern=ReadConcern("local"),
                write_concern=WriteConcern("majority"),
            )

        self._database, self._clock = PerProcess(connect), clock

    def prepare(self) -> None:
        for table in TABLES:
            self.ping()  # within the timeout: the longer one below would also be a time to wait for the server
            with _asking(), pymongo.timeout(_PREPARE_SECONDS):
                self._collection(table).create_indexes(
                    [
                        IndexModel([("pk", 1), ("sk", 1)], unique=True),
                        IndexModel([("pk", "hashed")]),
                        IndexModel([("_ends_on", 1)], expireAfterSeconds=0),
                        *_covering(table),
                    ]
                )

    def ping(self) -> None:
        with _asking():
            self._database.get().command("ping")

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        check_keys(pk, sk)
        with _asking():
            document = self._collection(table).find_one(_at(pk, sk) | self._alive(), _OWN)
        return document and _item(document)

    def get_many(self, table: str, pk: str, sks: Sequence[str]) -> dict[str, Item]:
        wanted = check_many(pk, sks)
        with _asking():
            documents = list(self._collection(table).find({"pk": pk, "sk": {"$in": wanted}} | self._alive(), _OWN))
        return {document["sk"]: _item(document) for document in documents}

    def put(
        self, table: str, item: Mapping[str, Any], *, if_absent: bool = False, expires_at: int | None = None
    ) -> None:
        collection, body = self._collection(table), sealed(item, expires_at)
        where = _at(body["pk"], body["sk"])
        if not if_absent:
            _persist(lambda: collection.replace_one(where, _document(body), upsert=True))
            return
        try:  # replaces an expired item; inserts when there is none; a live one is not matched and has the same _id
            with _asking():
                collection.replace_one(where | self._expired(), _document(body), upsert=True)
        except DuplicateKeyError:
            raise ConditionFailed(f"{table}: item exists") from None

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
        check_keys(pk, sk)
        changed, wanted = check_changes(changes, if_)
        conditions = [_at(pk, sk), self._alive(), *({name: {"$eq": value}} for name, value in wanted.items())]
        with _asking():
            document = self._collection(table).find_one_and_update(
                {"$and": conditions},  # a condition may name what another does, as `expires_at`
                {"$set": _document(changed) | _ending(expires_at)},
                projection=_wanted(only),
                return_document=ReturnDocument.AFTER,
            )
        if document is None:
            raise ConditionFailed(f"{table}: absent, or not as expected")
        return _item(document) if only is None else without_nulls(_item(document))

    def add(
        self, table: str, pk: str, sk: str, increments: Mapping[str, int], *, expires_at: int | None = None
    ) -> Item:
        check_keys(pk, sk)
        collection = self._collection(table)
        steps = check_increments(increments)

        def once() -> Item:
            try:
                document = collection.find_one_and_update(
                    _at(pk, sk) | self._alive(),
                    {"$inc": steps, "$set": _ending(expires_at), "$setOnInsert": {"schema": SCHEMA}},
                    projection=_OWN,
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:  # an expired item is not matched, and its _id is in the way
                collection.delete_one(_at(pk, sk) | self._expired())
                raise
            return _item(document or {})  # never None: it is the item afterwards, inserted if need be

        return _persist(once)

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
        wanted = _wanted(only)
        with _asking():
            documents = list(
                self._collection(table)
                .find({"pk": pk, "sk": {"$gte": lower, "$lte": upper}} | self._alive(), wanted)
                .sort("sk", -1 if newest_first else 1)
                .limit(limit + 3)  # two bounds to drop, one to see whether more follow
            )
        found = (document for document in documents if within(document["sk"], after, before, prefix))
        items = [_item(one if only is None else without_nulls(one)) for one in found]
        return Page(items[:limit], items[limit - 1]["sk"] if len(items) > limit else None)

    def delete(self, table: str, pk: str, sk: str) -> None:
        check_keys(pk, sk)
        with _asking():
            self._collection(table).delete_one(_at(pk, sk))

    def batch_put(self, table: str, items: Iterable[Mapping[str, Any]]) -> None:
        collection = self._collection(table)
        writes = [ReplaceOne(_at(b["pk"], b["sk"]), _document(b), upsert=True) for b in sealed_batch(items)]
        for start in range(0, len(writes), _BATCH):
            batch = writes[start : start + _BATCH]
            _persist(partial(collection.bulk_write, batch, ordered=False))

    def scan(self, table: str) -> Iterator[Item]:
        collection, last = self._collection(table), ""
        while True:
            with _asking():  # page by page, each within the timeout
                found = collection.find({"_id": {"$gt": last}}).sort("_id", 1).limit(SCAN_ITEMS)
                documents = [(document.pop("_id"), document) for document in found]
            for _, document in documents:
                document.pop("_ends_on", None)
                if item := alive(_item(document), self._clock()):
                    yield item
            if len(documents) < SCAN_ITEMS:
                return
            last = documents[-1][0]

    def purge(self) -> None:
        pass  # the server's own affair

    def close(self) -> None:
        if (database := self._database.pop()) is not None:
            database.client.close()

    def _collection(self, table: str) -> Collection[Item]:
        check_table(table)
        with _asking():  # the driver resolves the URI here
            return self._database.get()[table]

    def _alive(self) -> Item:
        return {"expires_at": {"$not": {"$lte": self._clock()}}}  # also when there is no expires_at

    def _expired(self) -> Item:
        return {"expires_at": {"$lte": self._clock()}}


def _at(pk: str, sk: str) -> Item:
    """The filter for one item. `pk` is in it for a sharded cluster, and all of it is what an upsert inserts."""
    return {"_id": f"{pk}\0{sk}", "pk": pk, "sk": sk}


def _wanted(only: Sequence[str] | None) -> Item:
    """The projection of an item, or of these of its attributes."""
    return _OWN if only is None else {"_id": False, **dict.fromkeys(check_only(only), True)}


def _covering(table: str) -> list[IndexModel]:
    """The index that a query for what is often read is answered from, without the documents themselves."""
    if table not in OFTEN_READ:
        return []
    names = OFTEN_READ[table]
    name = f"often_read_{zlib.crc32(','.join(names).encode()):08x}"  # of others it would be another index
    return [IndexModel([(part, 1) for part in ("pk", "sk", "expires_at", *names)], name=name)]


def _document(attributes: Item) -> Item:
    return {name: _stored(value) for name, value in attributes.items()} | _ending(attributes.get("expires_at"))


def _stored(value: Any) -> Any:
    native = value is None or isinstance(value, str | int)
    return value if native else {"json": json.dumps(value, ensure_ascii=False)}


def _ending(expires_at: int | None) -> Item:
    if expires_at is None:
        return {}
    return {"expires_at": check_expiry(expires_at), "_ends_on": DatetimeMS(expires_at * 1000)}


def _item(document: Item) -> Item:
    return {name: stored if type(stored) is str else _value(stored) for name, stored in document.items()}


def _value(stored: Any) -> Any:
    if isinstance(stored, dict):
        return from_json(stored["json"])  # takes half of the standard library's time
    # The driver has a type of its own for 64 bits
    return int(stored) if isinstance(stored, int) and not isinstance(stored, bool) else stored


def _persist(write: Callable[[], T]) -> T:
    """The outcome of an upsert. It fails when another inserts the item between its search and its own insert."""
    for _ in range(_ATTEMPTS):
        try:
            with _asking():
                return write()
        except DuplicateKeyError:
            continue
    raise StoreUnavailable


@contextmanager
def _asking() -> Iterator[None]:
    """Name what went wrong; a duplicate key is for the caller to judge."""
    try:
        yield
    except (DuplicateKeyError, InvalidItem):
        raise
    except BulkWriteError as error:
        if all(failure["code"] == _DUPLICATE_KEY for failure in error.details["writeErrors"]):
            raise DuplicateKeyError(str(error)) from error
        raise StoreUnavailable(detail=_reason(error)) from error
    except DocumentTooLarge as error:
        raise InvalidItem(str(error)) from error
    except OperationFailure as error:
        if error.code in (_BAD_VALUE, _TYPE_MISMATCH):
            raise InvalidItem(str(error)) from error
        raise StoreUnavailable(detail=_reason(error)) from error
    except (PyMongoError, ValueError) as error:  # of a connection string it raises either
        raise StoreUnavailable(detail=_reason(error)) from error
    except UserWarning as warning:
        raise StoreUnavailable(detail=f"MONGO_URI: {warning}") from warning


def _reason(error: Exception) -> str:
    """Which server, and why: without the driver's dump of all that it knows of the servers."""
    return _DUMP.split(str(error), maxsplit=1)[0]
