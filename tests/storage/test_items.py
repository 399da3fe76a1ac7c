"""The contract of one item, on every back end: get, put, delete, batch_put, its end; and the store itself."""

import pytest

from shared.storage.base import MAX_EXPIRES_AT, MAX_KEY_BYTES, MAX_MANY, TABLES, ConditionFailed, InvalidItem, Store
from tests.storage.backends import HandClock

# get, put, delete


def test_an_item_that_was_never_written_is_nothing(store: Store, pk: str) -> None:
    assert store.get("chats", pk, "a") is None


def test_an_item_is_read_as_it_was_written_with_its_schema(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a", "text": "안녕하세요"})
    assert store.get("chats", pk, "a") == {"pk": pk, "sk": "a", "text": "안녕하세요", "schema": 1}


def test_put_replaces_the_whole_item(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a", "old": 1}, expires_at=MAX_EXPIRES_AT)
    store.put("chats", {"pk": pk, "sk": "a", "new": 2})
    assert store.get("chats", pk, "a") == {"pk": pk, "sk": "a", "new": 2, "schema": 1}


def test_put_if_absent_writes_when_nothing_is_there(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a", "n": 1}, if_absent=True)
    assert store.get("chats", pk, "a") == {"pk": pk, "sk": "a", "n": 1, "schema": 1}


def test_put_if_absent_leaves_a_live_item_alone(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a", "n": 1})
    with pytest.raises(ConditionFailed):
        store.put("chats", {"pk": pk, "sk": "a", "n": 2}, if_absent=True)
    assert store.get("chats", pk, "a") == {"pk": pk, "sk": "a", "n": 1, "schema": 1}


def test_what_was_read_can_be_written_again_and_then_never_ends(store: Store, clock: HandClock, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a", "n": 1}, expires_at=clock.after(10))
    read = store.get("chats", pk, "a")
    assert read is not None
    store.put("chats", read)
    clock.advance(11)
    assert store.get("chats", pk, "a") == {"pk": pk, "sk": "a", "n": 1, "schema": 1}


def test_a_deleted_item_is_gone_and_its_neighbours_stay(store: Store, pk: str) -> None:
    store.batch_put("chats", [{"pk": pk, "sk": "a"}, {"pk": pk, "sk": "b"}])
    store.delete("chats", pk, "a")
    assert store.get("chats", pk, "a") is None
    assert store.get("chats", pk, "b") is not None


def test_many_items_are_read_at_once_those_that_are_there(store: Store, clock: HandClock, pk: str) -> None:
    store.batch_put("chats", [{"pk": pk, "sk": sk, "n": n} for n, sk in enumerate("abc")])
    store.put("chats", {"pk": pk, "sk": "d"}, expires_at=clock.after(10))
    clock.advance(11)
    found = store.get_many("chats", pk, ["c", "nothing", "a", "d", "a"])
    assert found == {sk: store.get("chats", pk, sk) for sk in ("a", "c")}
    assert store.get_many("chats", pk, []) == {}


def test_so_many_large_items_are_read_at_once(store: Store, pk: str) -> None:
    names = [f"{n:02}" for n in range(MAX_MANY)]
    store.batch_put("chats", [{"pk": pk, "sk": name, "text": "가" * 100_000} for name in names])
    assert sorted(store.get_many("chats", pk, names)) == names


def test_more_are_the_callers_mistake(store: Store, pk: str) -> None:
    with pytest.raises(InvalidItem):
        store.get_many("chats", pk, [str(n) for n in range(MAX_MANY + 1)])
    with pytest.raises(InvalidItem):
        store.get_many("chats", pk, ["a", ""])


def test_deleting_what_is_absent_does_nothing(store: Store, pk: str) -> None:
    store.delete("chats", pk, "a")
    assert store.get("chats", pk, "a") is None


def test_tables_do_not_share_items(store: Store, pk: str) -> None:
    for table in TABLES:
        store.put(table, {"pk": pk, "sk": "a", "table_name": table})
    found = [store.get(table, pk, "a") for table in TABLES]
    assert [item and item["table_name"] for item in found] == list(TABLES)


def test_keys_are_told_apart_to_the_letter(store: Store, pk: str) -> None:
    keys = ["a", "A", "a ", "á", "a\u0301", "가", "\u1100\u1161"]  # the last two pairs look alike
    store.batch_put("chats", [{"pk": pk, "sk": key, "own": index} for index, key in enumerate(keys)])
    found = [store.get("chats", pk, key) for key in keys]
    assert [item and item["own"] for item in found] == list(range(len(keys)))


def test_a_partition_and_a_sort_key_are_not_one_string(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk + "a", "sk": "b", "n": 1})
    assert store.get("chats", pk, "ab") is None
    store.put("chats", {"pk": pk, "sk": "ab", "n": 2})
    assert store.query("chats", pk + "a").items == [{"pk": pk + "a", "sk": "b", "n": 1, "schema": 1}]


def test_keys_of_the_greatest_length_work_in_every_verb(store: Store, pk: str) -> None:
    long_pk = pk + "가" * ((MAX_KEY_BYTES - len(pk)) // 3)
    long_sk = "\U0010ffff" * (MAX_KEY_BYTES // 4)
    store.put("chats", {"pk": long_pk, "sk": long_sk})
    store.update("chats", long_pk, long_sk, {"n": 1})
    item = store.add("chats", long_pk, long_sk, {"n": 1})
    assert store.query("chats", long_pk, prefix=long_sk).items == store.query("chats", long_pk).items == [item]
    store.delete("chats", long_pk, long_sk)
    assert store.get("chats", long_pk, long_sk) is None


# Expiry


def test_an_item_ends_at_the_second_it_says(store: Store, clock: HandClock, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "a"}, expires_at=clock.after(60))
    clock.advance(59.999)
    assert store.get("tickets", pk, "a") == {"pk": pk, "sk": "a", "schema": 1, "expires_at": clock.after(1)}
    clock.advance(0.001)
    assert store.get("tickets", pk, "a") is None
    assert store.query("tickets", pk).items == []


def test_an_expired_item_is_absent_to_put_if_absent(store: Store, clock: HandClock, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "a", "old": 1}, expires_at=clock.after(60))
    clock.advance(60)
    store.put("tickets", {"pk": pk, "sk": "a", "new": 1}, if_absent=True)
    assert store.get("tickets", pk, "a") == {"pk": pk, "sk": "a", "new": 1, "schema": 1}


def test_an_expired_item_is_absent_to_update(store: Store, clock: HandClock, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "a"}, expires_at=clock.after(60))
    clock.advance(60)
    with pytest.raises(ConditionFailed):
        store.update("tickets", pk, "a", {"n": 1}, if_={"n": None}, expires_at=clock.after(60))
    assert store.get("tickets", pk, "a") is None


def test_an_expired_item_starts_anew_when_added_to(store: Store, clock: HandClock, pk: str) -> None:
    store.add("counters", pk, "a", {"n": 5, "other": 1}, expires_at=clock.after(60))
    clock.advance(60)
    assert store.add("counters", pk, "a", {"n": 1}) == {"pk": pk, "sk": "a", "schema": 1, "n": 1}
    assert store.get("counters", pk, "a") == {"pk": pk, "sk": "a", "schema": 1, "n": 1}


def test_an_item_renewed_before_its_end_lives_on(store: Store, clock: HandClock, pk: str) -> None:
    store.put("tickets", {"pk": pk, "sk": "a"}, expires_at=clock.after(60))
    store.update("tickets", pk, "a", {}, expires_at=clock.after(120))
    clock.advance(119)
    assert store.get("tickets", pk, "a") is not None
    clock.advance(1)
    assert store.get("tickets", pk, "a") is None


# batch_put


def test_a_batch_may_be_empty(store: Store, pk: str) -> None:
    store.batch_put("contents", [])
    assert store.query("contents", pk).items == []


def test_a_batch_larger_than_any_request_is_written_whole(store: Store, pk: str) -> None:
    items = [{"pk": pk, "sk": f"{n:04d}", "n": n} for n in range(130)]
    store.batch_put("contents", iter(items))
    assert store.query("contents", pk, limit=200).items == [item | {"schema": 1} for item in items]


def test_a_batch_replaces_what_was_there(store: Store, pk: str) -> None:
    store.put("contents", {"pk": pk, "sk": "a", "old": 1})
    store.batch_put("contents", [{"pk": pk, "sk": "a", "new": 1}, {"pk": pk, "sk": "b"}])
    assert store.get("contents", pk, "a") == {"pk": pk, "sk": "a", "new": 1, "schema": 1}


def test_the_last_of_two_with_one_key_wins(store: Store, pk: str) -> None:
    store.batch_put("contents", [{"pk": pk, "sk": "a", "first": 1}, {"pk": pk, "sk": "a", "n": 2}])
    assert store.get("contents", pk, "a") == {"pk": pk, "sk": "a", "n": 2, "schema": 1}


def test_each_item_of_a_batch_ends_when_it_says(store: Store, clock: HandClock, pk: str) -> None:
    ending, lasting = {"pk": pk, "sk": "a", "expires_at": clock.after(60)}, {"pk": pk, "sk": "b"}
    store.batch_put("contents", [ending, lasting])
    assert store.query("contents", pk).items == [ending | {"schema": 1}, lasting | {"schema": 1}]
    clock.advance(60)
    assert store.query("contents", pk).items == [lasting | {"schema": 1}]


# The store itself


def test_a_store_that_is_there_answers_a_ping(store: Store) -> None:
    store.ping()


def test_preparing_twice_keeps_what_is_there(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "a"})
    store.prepare()
    assert store.get("chats", pk, "a") is not None
