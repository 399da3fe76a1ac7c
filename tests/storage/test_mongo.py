"""What is MongoDB's own: documents, indexes, the sweeper."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from ulid import ULID

from shared.storage.base import OFTEN_READ, ConditionFailed, Store
from tests.storage.backends import Backend
from tests.storage.racing import succeeds, together


@pytest.fixture
def backend(mongo_uri: str) -> Backend:
    return Backend("mongo", mongo_uri, f"test-{ULID()}")


@pytest.fixture
def store(backend: Backend) -> Iterator[Store]:
    """On the real clock, in a database of its own, not prepared."""
    with closing(backend.open()) as store:
        yield store


@pytest.fixture
def raw(backend: Backend) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](backend.address) as client:
        yield client[backend.space]
        client.drop_database(backend.space)


def test_an_item_is_one_document_also_where_nothing_was_prepared(store: Store, raw: Database[dict[str, Any]]) -> None:
    won = together(20, lambda n: succeeds(store.put, "tickets", {"pk": "a", "sk": "b", "by": n}, if_absent=True))
    together(20, lambda n: store.put("tickets", {"pk": "a", "sk": "c", "by": n}))
    together(20, lambda n: store.add("tickets", "a", "d", {"n": n}))
    assert won.count(True) == 1
    assert raw["tickets"].count_documents({}) == 3


def test_prepare_makes_a_unique_index_of_both_keys_a_hashed_one_and_one_for_the_sweeper(
    store: Store, raw: Database[dict[str, Any]]
) -> None:
    store.prepare()
    store.prepare()
    indexes = raw["chats"].index_information()
    assert indexes["pk_1_sk_1"]["unique"]
    assert indexes["pk_hashed"]["key"] == [("pk", "hashed")]
    assert indexes["_ends_on_1"]["expireAfterSeconds"] == 0
    assert len(indexes) == 4  # with that of _id


def test_what_is_often_read_is_read_from_an_index_alone(store: Store, raw: Database[dict[str, Any]]) -> None:
    store.prepare()
    store.put("questions", {"pk": "a", "sk": "b", "decision": "answer", "answered_by": ["s", "c"], "text": "길다"})
    raw.command("profile", 2)
    page = store.query("questions", "a", only=OFTEN_READ["questions"])
    assert page.items == [{"pk": "a", "sk": "b", "decision": "answer", "answered_by": ["s", "c"]}]
    (told,) = raw["system.profile"].find(
        {"op": "query", "ns": f"{raw.name}.questions"}, ["keysExamined", "docsExamined"]
    )  # the query itself is cut within a character
    assert (told["keysExamined"], told["docsExamined"]) == (1, 0)


def test_mongodb_sweeps_away_what_has_expired_however_it_got_its_end(
    store: Store, raw: Database[dict[str, Any]]
) -> None:
    store.prepare()
    past, future = int(time.time()) - 1, int(time.time()) + 3_600
    store.put("chats", {"pk": "a", "sk": "put"}, expires_at=past)
    store.batch_put("chats", [{"pk": "a", "sk": "batch", "expires_at": past}])
    store.put("chats", {"pk": "a", "sk": "update"})
    store.update("chats", "a", "update", {}, expires_at=past)
    store.add("chats", "a", "add", {"n": 1}, expires_at=past)
    store.put("chats", {"pk": "a", "sk": "renewed"}, expires_at=past)
    store.put("chats", {"pk": "a", "sk": "renewed"}, expires_at=future)
    store.put("chats", {"pk": "a", "sk": "lasting"})
    deadline = time.monotonic() + 90
    while raw["chats"].count_documents({}) > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sorted(document["sk"] for document in raw["chats"].find()) == ["lasting", "renewed"]


def test_what_the_uri_says_of_acknowledgement_does_not_count(backend: Backend) -> None:
    careless = Backend("mongo", f"{backend.address}/?w=0&readPreference=secondary", backend.space)
    with closing(careless.open()) as store:
        store.put("chats", {"pk": "a", "sk": "b"})
        with pytest.raises(ConditionFailed):
            store.put("chats", {"pk": "a", "sk": "b"}, if_absent=True)
