"""What is DynamoDB's own: repeating requests, batches done in part, tables that others make."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from shared.errors import StoreUnavailable
from shared.storage import dynamodb, dynamodb_wire
from shared.storage.base import Store
from shared.storage.dynamodb import DynamoStore
from tests.storage.backends import REGION, Backend
from tests.storage.gateway import Gateway, gateway

PREFIX = "gateway-"


@pytest.fixture(scope="module")
def way(dynamodb_url: str) -> Iterator[Gateway]:
    with gateway(dynamodb_url) as way:
        yield way


@pytest.fixture(scope="module")
def prepared(way: Gateway) -> Iterator[Store]:
    with closing(Backend("dynamodb", way.url, PREFIX).open(timeout_seconds=5)) as store:
        store.prepare()
        yield store


@pytest.fixture
def store(prepared: Store, way: Gateway) -> Store:
    way.asked.clear()
    way.faults.clear()
    return prepared


def test_a_throttled_request_is_repeated_whatever_it_is(store: Store, way: Gateway, pk: str) -> None:
    way.faults.extend(["throttle", "throttle"])
    assert store.add("counters", pk, "a", {"n": 1})["n"] == 1
    assert way.asked == ["UpdateItem"] * 3


def test_a_request_that_is_throttled_for_long_is_given_up(store: Store, way: Gateway, pk: str) -> None:
    way.faults.extend(["throttle"] * 10)
    with pytest.raises(StoreUnavailable):
        store.get("counters", pk, "a")
    assert len(way.asked) == 4


@pytest.mark.parametrize("fault", ["fail", "drop"])
def test_reading_and_writing_whole_items_is_repeated(store: Store, way: Gateway, pk: str, fault: str) -> None:
    for verb in (
        lambda: store.put("chats", {"pk": pk, "sk": "a"}),
        lambda: store.get("chats", pk, "a"),
        lambda: store.query("chats", pk),
        lambda: store.batch_put("chats", [{"pk": pk, "sk": "b"}]),
        lambda: store.delete("chats", pk, "a"),
    ):
        way.faults.append(fault)  # type: ignore[arg-type]
        way.asked.clear()
        verb()
        assert len(way.asked) == 2
    assert store.query("chats", pk).items == [{"pk": pk, "sk": "b", "schema": 1}]


@pytest.mark.parametrize("fault", ["fail", "drop"])
def test_an_addition_that_may_have_been_done_is_not_repeated(store: Store, way: Gateway, pk: str, fault: str) -> None:
    way.faults.append(fault)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        store.add("counters", pk, "a", {"n": 1})
    assert store.get("counters", pk, "a") == {"pk": pk, "sk": "a", "n": 1, "schema": 1}


@pytest.mark.parametrize("fault", ["fail", "drop"])
def test_the_winner_of_a_claim_is_not_told_that_another_won(store: Store, way: Gateway, pk: str, fault: str) -> None:
    way.faults.append(fault)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        store.put("tickets", {"pk": pk, "sk": "-"}, if_absent=True)
    way.faults.append(fault)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        store.update("tickets", pk, "-", {"by": "me"}, if_={"by": None})
    assert store.get("tickets", pk, "-") == {"pk": pk, "sk": "-", "by": "me", "schema": 1}


def test_what_is_left_of_a_batch_is_written_too(store: Store, way: Gateway, pk: str) -> None:
    way.faults.extend(["half", "throttle", "half", "half"])
    items = [{"pk": pk, "sk": f"{n:02d}"} for n in range(30)]
    store.batch_put("contents", items)
    assert store.query("contents", pk).items == [item | {"schema": 1} for item in items]
    assert way.asked[:-1] == ["BatchWriteItem"] * 6  # 25 in five requests, 5 in one


def test_a_batch_that_is_never_finished_is_given_up(
    store: Store, way: Gateway, pk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb, "_BATCH_ATTEMPTS", 2)
    way.faults.extend(["half", "half"])
    with pytest.raises(StoreUnavailable):
        store.batch_put("contents", [{"pk": pk, "sk": f"{n:02d}"} for n in range(20)])


def test_a_page_takes_one_request_and_passing_over_what_has_expired_one_more(
    store: Store, way: Gateway, pk: str
) -> None:
    store.batch_put("chats", [{"pk": pk, "sk": f"a{n:02d}"} for n in range(20)])
    store.batch_put("chats", [{"pk": pk, "sk": f"b{n:03d}", "expires_at": 1} for n in range(200)])
    store.put("chats", {"pk": pk, "sk": "c"})
    way.asked.clear()
    assert store.query("chats", pk, after="a04", limit=10).cursor == "a14"
    assert way.asked == ["Query"]
    assert [item["sk"] for item in store.query("chats", pk, after="a18", limit=1).items] == ["a19"]
    assert way.asked == ["Query"] * 3


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, dynamodb_url: str) -> Iterator[DynamoStore]:
    """A store that believes to be in AWS: no endpoint is given to it."""
    monkeypatch.setattr(dynamodb_wire, "_AWS", dynamodb_url)
    with closing(DynamoStore("cloud-", REGION, None, 5)) as store:
        yield store


def test_in_aws_prepare_sees_that_the_tables_are_there_and_makes_none(
    aws: DynamoStore, monkeypatch: pytest.MonkeyPatch, dynamodb_url: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for _ in range(2):  # it did not make them the first time
        with pytest.raises(StoreUnavailable):
            aws.prepare()
    with closing(Backend("dynamodb", dynamodb_url, "cloud-").open()) as local:
        local.prepare()
    aws.prepare()


def test_in_aws_a_store_without_credentials_is_unavailable(aws: DynamoStore) -> None:
    with pytest.raises(StoreUnavailable):
        aws.ping()
