"""The contract of `query`, on every back end: order, bounds, pages."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ulid import ULID

from shared.storage.base import MAX_KEY_BYTES, OFTEN_READ, InvalidItem, Item, Page, Store
from shared.storage.items import check_keys, key_range, picked
from tests.storage.backends import HandClock
from tests.storage.exact import exactly

# In UTF-8, and in no other usual order, U+E000 and U+FFFD sort before the emoji, which UTF-16 writes as surrogates
IN_ORDER = [
    "\x01",
    "!",
    "#",
    "0",
    "10",
    "2",
    "A",
    "Z",
    "a",
    "a\x01",
    "a#",
    "aa",
    "b",
    "é",
    "ᄀ",
    "가",
    "가나",
    "각",
    "힣",
]
IN_ORDER += ["\ue000", "\ufffd", "\uffff", "😀", "😀a", "🇰🇷", "\U0010ffff", "\U0010ffffa", "\U0010ffff\U0010ffff"]
IN_ORDER.sort(key=lambda key: key.encode())


def fill(store: Store, pk: str, sort_keys: list[str]) -> None:
    store.batch_put("chats", [{"pk": pk, "sk": sk} for sk in sort_keys])


def sort_keys(page: Page) -> list[str]:
    return [item["sk"] for item in page.items]


def all_pages(store: Store, pk: str, limit: int, newest_first: bool = False, **bounds: str | None) -> list[Page]:
    """Follow the cursor to the end."""
    pages = [store.query("chats", pk, limit=limit, newest_first=newest_first, **bounds)]
    while (cursor := pages[-1].cursor) is not None:
        assert len(pages) < 2_000, "the cursor does not advance"
        bounds = bounds | {"before" if newest_first else "after": cursor}
        pages.append(store.query("chats", pk, limit=limit, newest_first=newest_first, **bounds))
    return pages


def test_a_partition_without_items_is_an_empty_last_page(store: Store, pk: str) -> None:
    assert store.query("chats", pk) == Page([], None)
    assert store.query("chats", pk, newest_first=True, prefix="a") == Page([], None)


def test_items_come_in_the_order_of_their_keys_as_utf8_bytes(store: Store, pk: str) -> None:
    fill(store, pk, IN_ORDER[::-1])
    assert sort_keys(store.query("chats", pk)) == IN_ORDER
    assert sort_keys(store.query("chats", pk, newest_first=True)) == IN_ORDER[::-1]


def test_every_key_is_a_bound_between_those_before_and_those_after_it(store: Store, pk: str) -> None:
    fill(store, pk, IN_ORDER)
    for index, key in enumerate(IN_ORDER):
        assert sort_keys(store.query("chats", pk, after=key)) == IN_ORDER[index + 1 :]
        assert sort_keys(store.query("chats", pk, before=key, newest_first=True)) == IN_ORDER[:index][::-1]


def test_a_prefix_finds_the_keys_that_start_with_it(store: Store, pk: str) -> None:
    fill(store, pk, IN_ORDER)
    for prefix in IN_ORDER:
        assert sort_keys(store.query("chats", pk, prefix=prefix)) == [k for k in IN_ORDER if k.startswith(prefix)]


def test_a_bound_need_not_be_a_key_that_is_there(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "c", "e"])
    assert sort_keys(store.query("chats", pk, after="b", before="d")) == ["c"]
    assert sort_keys(store.query("chats", pk, after="c", before="e")) == []


def test_bounds_that_leave_nothing_between_them_find_nothing(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b", "c"])
    assert store.query("chats", pk, after="b", before="b") == Page([], None)
    assert store.query("chats", pk, after="c", before="a") == Page([], None)
    assert store.query("chats", pk, prefix="b", before="b") == Page([], None)
    assert store.query("chats", pk, prefix="b", after="c") == Page([], None)
    assert store.query("chats", pk, before="") == Page([], None)


def test_an_empty_after_or_prefix_bounds_nothing(store: Store, pk: str) -> None:
    fill(store, pk, ["\x01", "a"])
    assert sort_keys(store.query("chats", pk, after="", prefix="")) == ["\x01", "a"]


def test_a_query_does_not_leave_its_partition(store: Store, pk: str) -> None:
    fill(store, pk, ["b"])
    fill(store, pk + "#1", ["a", "c"])
    assert sort_keys(store.query("chats", pk)) == ["b"]


def test_a_page_has_the_last_items_cursor_only_when_more_follow(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b", "c"])
    first = store.query("chats", pk, limit=2)
    assert (sort_keys(first), first.cursor) == (["a", "b"], "b")
    second = store.query("chats", pk, limit=2, after=first.cursor)
    assert (sort_keys(second), second.cursor) == (["c"], None)
    assert store.query("chats", pk, limit=3).cursor is None
    assert store.query("chats", pk, limit=2, before="c").cursor is None
    assert store.query("chats", pk, limit=1, newest_first=True, after="b").cursor is None


def test_a_page_is_full_however_many_expired_items_lie_between(store: Store, clock: HandClock, pk: str) -> None:
    ends = clock.after(10)
    expiring = [{"pk": pk, "sk": f"{n:04d}", "expires_at": ends} for n in range(400)]
    store.batch_put("chats", expiring)
    fill(store, pk, ["0000-live", "0200-live", "0399-live"])
    clock.advance(10)
    pages = all_pages(store, pk, limit=2)
    assert [sort_keys(page) for page in pages] == [["0000-live", "0200-live"], ["0399-live"]]
    pages = all_pages(store, pk, limit=1, newest_first=True)
    assert [sort_keys(page) for page in pages] == [["0399-live"], ["0200-live"], ["0000-live"]]


def test_a_last_page_followed_by_expired_items_only_has_no_cursor(store: Store, clock: HandClock, pk: str) -> None:
    fill(store, pk, ["a"])
    store.batch_put("chats", [{"pk": pk, "sk": f"b{n}", "expires_at": clock.after(10)} for n in range(50)])
    clock.advance(10)
    assert store.query("chats", pk, limit=1).cursor is None


def test_a_partition_of_many_large_items_is_read_whole_and_in_order(store: Store, pk: str) -> None:
    items = [{"pk": pk, "sk": f"{n:05d}", "body": f"{n} " + "가나다라" * 100} for n in range(1_100)]
    store.batch_put("contents", items)  # 1.4 MB, and DynamoDB reads 1 MB at a time
    expected: list[Item] = [item | {"schema": 1} for item in items]
    assert store.query("contents", pk, limit=2_000) == Page(expected, None)
    page = store.query("contents", pk, limit=900, newest_first=True)
    assert page == Page(expected[:199:-1], "00200")
    assert store.query("contents", pk, limit=900, newest_first=True, before=page.cursor) == Page(expected[199::-1])


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(store: Store, pk: str, limit: int) -> None:
    with pytest.raises(InvalidItem):
        store.query("chats", pk, limit=limit)


@pytest.mark.parametrize("bound", ["a\0", "\ud800", "a" * (MAX_KEY_BYTES + 1)], ids=["NUL", "half a pair", "too long"])
@pytest.mark.parametrize("name", ["after", "before", "prefix"])
def test_a_bound_that_could_be_no_key_is_refused(store: Store, pk: str, name: str, bound: str) -> None:
    arguments: dict[str, Any] = {name: bound}
    with pytest.raises(InvalidItem):
        store.query("chats", pk, **arguments)


@pytest.mark.parametrize("last", ["a", "\x7f", "߿", "\ud7ff", "\uffff", "\U0010ffff"], ids=ascii)
@pytest.mark.parametrize("length", [MAX_KEY_BYTES - 1, MAX_KEY_BYTES])
def test_prefixes_as_long_as_keys_can_be_work(store: Store, pk: str, last: str, length: int) -> None:
    prefix = "a" * (length - len(last.encode())) + last
    longer = [prefix + "b"] if length < MAX_KEY_BYTES else []
    fill(store, pk, ["a", prefix, "b", *longer])
    assert sort_keys(store.query("chats", pk, prefix=prefix)) == [prefix, *longer]


_wide = st.sampled_from(["a", "\x7f", "߿", "\ud7ff", "\uffff", "\U0010ffff"])


@settings(database=None)
@given(
    st.sampled_from([0, 1, 7, *range(MAX_KEY_BYTES - 4, MAX_KEY_BYTES + 1)]), st.lists(_wide, max_size=4).map("".join)
)
def test_a_query_is_between_two_keys_since_dynamodb_takes_no_other_strings(length: int, end: str) -> None:
    prefix = "a" * (length - len(end.encode())) + end
    assume(len(prefix.encode()) <= MAX_KEY_BYTES)
    lower, upper = key_range("pk", None, None, prefix, limit=1)
    check_keys(lower, upper)
    assert (prefix or "\x01") == lower <= upper


_key = st.text(st.sampled_from("\x01#0ab가\ud7ff\ue000\uffff😀\U0010ffff"), min_size=1, max_size=4)
_bound = st.none() | st.just("") | _key
_queries = st.tuples(_bound, _bound, _bound | _key.map(lambda key: key[0]), st.integers(1, 6), st.booleans())


def test_pages_together_are_what_a_list_would_give(store: Store, clock: HandClock) -> None:
    @settings(max_examples=20, deadline=None, database=None)
    @given(keys=st.dictionaries(_key, st.booleans(), max_size=24), queries=st.lists(_queries, min_size=1, max_size=4))
    def check(keys: dict[str, bool], queries: list[tuple[Any, Any, Any, int, bool]]) -> None:
        pk = str(ULID())
        ends = {True: {}, False: {"expires_at": int(clock.time)}}
        store.batch_put("chats", [{"pk": pk, "sk": sk, **ends[live]} for sk, live in keys.items()])
        for after, before, prefix, limit, newest_first in queries:
            expected = sorted(
                (
                    sk
                    for sk, live in keys.items()
                    if live
                    and (after is None or sk.encode() > after.encode())
                    and (before is None or sk.encode() < before.encode())
                    and sk.startswith(prefix or "")
                ),
                key=lambda sk: sk.encode(),
                reverse=newest_first,
            )
            pages = all_pages(store, pk, limit, newest_first, after=after, before=before, prefix=prefix)
            assert [sk for page in pages for sk in sort_keys(page)] == expected
            assert [len(page.items) for page in pages[:-1]] == [limit] * (len(pages) - 1)
            assert bool(pages[-1].items) == bool(expected)

    check()


def test_a_purge_loses_nothing_that_is_there(store: Store, pk: str) -> None:
    for sk in "abc":
        store.put("chats", {"pk": pk, "sk": sk})
    store.delete("chats", pk, "b")
    store.purge()
    assert [item["sk"] for item in store.query("chats", pk).items] == ["a", "c"]


# A few attributes

VALUES = {"a": "가", "b": 1, "c": 1.0, "d": True, "e": [1, 1.0, None, {"x": None}], "f": {"a": "b"}, "g": "", "h": None}


def test_only_the_attributes_that_are_asked_for_come_exactly_as_they_are(store: Store, pk: str) -> None:
    store.put("chats", {"pk": pk, "sk": "1", **VALUES, "long": "가" * 1_000})
    (item,) = store.query("chats", pk, only=[*VALUES, "absent"]).items
    expected = {name: value for name, value in VALUES.items() if value is not None}
    assert exactly(item) == exactly({"pk": pk, "sk": "1", **expected})


def test_pages_of_a_few_attributes_are_those_of_whole_items(store: Store, pk: str, clock: HandClock) -> None:
    store.batch_put("chats", [{"pk": pk, "sk": f"{n}", "n": n, "m": -n} for n in range(7)])
    store.put("chats", {"pk": pk, "sk": "9", "n": 9}, expires_at=clock.after(0))
    page = store.query("chats", pk, limit=5, only=["n"])
    assert page == Page([{"pk": pk, "sk": f"{n}", "n": n} for n in range(5)], "4")
    assert sort_keys(store.query("chats", pk, after=page.cursor, only=["n"])) == ["5", "6"]
    assert sort_keys(store.query("chats", pk, newest_first=True, limit=2, only=[])) == ["6", "5"]


_OFTEN = OFTEN_READ["questions"]


@pytest.mark.parametrize("only", [_OFTEN, _OFTEN[:1], [*_OFTEN, "long"], ["pk"]], ids=["all", "one", "more", "none"])
def test_what_is_often_read_is_what_the_whole_item_says(
    store: Store, pk: str, clock: HandClock, only: list[str]
) -> None:
    values = [value for value in VALUES.values() if value is not None]
    made = [
        {"pk": pk, "sk": f"{n:03d}", "long": f"{n}"}
        | {name: values[(n + at) % len(values)] for at, name in enumerate(_OFTEN)}
        for n in range(len(values))
    ]
    store.batch_put("questions", made)
    store.put("questions", {"pk": pk, "sk": "999", _OFTEN[0]: "expired"}, expires_at=clock.after(0))
    store.put("questions", {"pk": pk, "sk": "000", _OFTEN[0]: None, _OFTEN[1]: "put again"}, expires_at=clock.after(9))
    store.update("questions", pk, "001", {_OFTEN[0]: "changed", _OFTEN[1]: None})
    store.add("questions", pk, "002a", {_OFTEN[2]: 7})
    whole = store.query("questions", pk).items
    expected = [picked(item, only) for item in whole]
    assert len(expected) == len(values) + 1
    assert [exactly(item) for item in store.query("questions", pk, only=only).items] == [exactly(e) for e in expected]


@pytest.mark.parametrize("name", ["", "A", "a.b", "a'", "$", "a" * 65])
def test_what_is_no_attributes_name_is_not_asked_for(store: Store, pk: str, name: str) -> None:
    with pytest.raises(InvalidItem):
        store.query("chats", pk, only=[name])
