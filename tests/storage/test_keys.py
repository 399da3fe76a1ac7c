"""Key strings: what is made is parsed back, sorts as meant, and two different things never share a key."""

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ulid import ULID

from shared.storage import keys
from shared.storage.items import check_keys
from shared.storage.keys import Owner

_quick = settings(max_examples=50, deadline=None, database=None)

_id = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#\0"), min_size=1, max_size=30)
_owner = st.builds(Owner, _id, _id)
_milliseconds = st.integers(0, 253_402_268_399_999)  # to the end of the year 9999 in Seoul
_ulid = st.builds(lambda ms, tail: str(ULID(ms.to_bytes(6) + tail)), _milliseconds, st.binary(min_size=10, max_size=10))
LAST_DAY = str(ULID((253_402_268_400_000).to_bytes(6) + bytes(10)))  # in Seoul, the year 10000 has begun
_broken = st.sampled_from(["", "#", "a#b", "#a", "a#"])


@_quick
@given(_owner, _id)
def test_the_partition_of_chats_is_parsed_back(owner: Owner, session_id: str) -> None:
    pk = keys.chats_pk(owner, session_id)
    check_keys(pk)
    assert keys.parse_chats_pk(pk) == (owner, session_id)


@_quick
@given(_id, _ulid)
def test_the_partition_of_questions_is_parsed_back(bot_id: str, chat_id: str) -> None:
    pk = keys.questions_pk(bot_id, chat_id)
    check_keys(pk)
    assert keys.parse_questions_pk(pk) == (bot_id, keys.day_of(chat_id))


@_quick
@given(_id)
def test_the_partition_of_feedback_is_parsed_back(bot_id: str) -> None:
    pk = keys.feedback_pk(bot_id)
    check_keys(pk)
    assert keys.parse_feedback_pk(pk) == bot_id


@_quick
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_pieces_of_a_stream_sort_by_the_number_of_their_first_event(one: int, other: int) -> None:
    assert keys.parse_event_sk(keys.event_sk(one)) == one
    assert (keys.event_sk(one) < keys.event_sk(other)) == (one < other)


@_quick
@given(st.tuples(_id, _id, _id), st.tuples(_id, _id, _id))
def test_different_parts_make_different_keys(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    def made(parts: tuple[str, str, str]) -> list[str]:
        owner = Owner(parts[0], parts[1])
        return [keys.chats_pk(owner, parts[2]), keys.idempotency_pk(owner, parts[2])]

    same = one == other
    assert [a == b for a, b in zip(made(one), made(other), strict=True)] == [same, same]
    assert (keys.sessions_pk(Owner(*one[:2])) == keys.sessions_pk(Owner(*other[:2]))) == (one[:2] == other[:2])
    assert (keys.rate_pk(*one[:2]) == keys.rate_pk(*other[:2])) == (one[:2] == other[:2])


@_quick
@given(_broken, _id, _ulid)
def test_a_part_that_is_empty_or_has_a_number_sign_is_refused(broken: str, good: str, chat_id: str) -> None:
    whole = Owner(good, good)
    attempts: list[Callable[[], str]] = [
        lambda: keys.chats_pk(whole, broken),
        lambda: keys.idempotency_pk(whole, broken),
        lambda: keys.questions_pk(broken, chat_id),
        lambda: keys.bot_keys_pk(broken),
        lambda: keys.feedback_pk(broken),
        lambda: keys.tallies_pk(broken, "2026-11-22"),
        lambda: keys.rate_pk(broken, good),
        lambda: keys.rate_pk(good, broken),
    ]
    for owner in (Owner(broken, good), Owner(good, broken)):
        attempts += [
            partial(keys.sessions_pk, owner),
            partial(keys.chats_pk, owner, good),
            partial(keys.idempotency_pk, owner, good),
        ]
    for attempt in attempts:
        with pytest.raises(ValueError, match="part of a key"):
            attempt()


def test_a_published_version_holds_its_instant_and_what_ships_has_none() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    published = keys.published_at(keys.new_bot_version())
    assert published is not None and before <= published <= datetime.now(UTC)
    assert keys.published_at("built-in") is None


@_quick
@given(_id, _id)
def test_each_bot_has_a_list_of_keys_of_its_own_that_is_no_hash(one: str, other: str) -> None:
    assert (keys.bot_keys_pk(one) == keys.bot_keys_pk(other)) == (one == other)
    assert "#" in keys.bot_keys_pk(one)


# By table: every partition that is made of ids, so that none of one kind is one of another
_MAKERS: dict[str, list[Callable[[str, str, str], str]]] = {
    "sessions": [lambda a, b, c: keys.sessions_pk(Owner(a, b))],
    "chats": [lambda a, b, c: keys.chats_pk(Owner(a, b), c)],
    "contents": [
        lambda a, b, c: a,  # a source's own
        lambda a, b, c: keys.drafts_pk(a),
        lambda a, b, c: keys.removed_pk(a),
        lambda a, b, c: keys.notion_pk(a),
        lambda a, b, c: keys.notion_pk(a, dry=True),
        lambda a, b, c: keys.notion_pages_pk(a, b),
        lambda a, b, c: keys.notion_pages_pk(a, b, dry=True),
    ],
    "evaluations": [lambda a, b, c: a, lambda a, b, c: keys.golden_pk(a), lambda a, b, c: keys.vectors_pk(a)],
    "popular": [lambda a, b, c: a, lambda a, b, c: keys.frequent_pk(a)],
    "rollups": [
        lambda a, b, c: keys.rollups_pk(a),
        lambda a, b, c: keys.changed_days_pk(a),
        lambda a, b, c: keys.ratings_pk(a, b),
    ],
    "bots": [lambda a, b, c: a, lambda a, b, c: keys.DIRECTORY],
    "keys": [
        lambda a, b, c: a,  # a hash
        lambda a, b, c: keys.bot_keys_pk(a),
        lambda a, b, c: keys.ADMIN_KEYS,
        lambda a, b, c: keys.ADMIN_OWNERS,
    ],
    "counters": [
        lambda a, b, c: keys.rate_pk(a, b),
        lambda a, b, c: keys.spending_pk(a),
        lambda a, b, c: keys.notice_pk(a),
        lambda a, b, c: keys.idempotency_pk(Owner(a, b), c),
        lambda a, b, c: keys.tallies_pk(a, b),
    ],
}
# With the words that keys are made of among the ids, as somebody would choose who tries to reach another's
_hostile = _id | st.sampled_from(["drafts", "removed", "notion", "golden", "bot", "admin", "rate", "changed", "key"])


@_quick
@given(st.sampled_from(sorted(_MAKERS)), *[st.tuples(_hostile, _hostile, _hostile)] * 2)
def test_partitions_of_one_kind_are_none_of_another(
    table: str, one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    made, others = ([make(*ids) for make in _MAKERS[table]] for ids in (one, other))
    check_keys(*made)
    for at, pk in enumerate(made):
        assert pk not in [*others[:at], *others[at + 1 :]]


@_quick
@given(st.text(min_size=1, max_size=1_200), st.text(min_size=1, max_size=1_200))
def test_every_category_has_a_key_of_its_own(one: str, other: str) -> None:
    one, other = (text.encode(errors="replace").decode().replace("\0", " ") for text in (one, other))
    check_keys(keys.popular_sk(one))
    assert (keys.popular_sk(one) == keys.popular_sk(other)) == (one == other)
    assert keys.popular_sk(one) != keys.popular_sk(None)


@_quick
@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_places_sort_in_order(one: int, other: int) -> None:
    assert (keys.place_sk(one) < keys.place_sk(other)) == (one < other)


@pytest.mark.parametrize("pk", ["", "a", "a#b", "a#b#c#d"])
def test_a_string_with_another_number_of_parts_is_no_partition_of_chats(pk: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        keys.parse_chats_pk(pk)


@pytest.mark.parametrize("pk", ["", "a", "a#b#c"])
def test_a_string_with_another_number_of_parts_is_no_partition_of_questions(pk: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        keys.parse_questions_pk(pk)


@_quick
@given(_ulid, _ulid)
def test_chat_ids_sort_as_the_instants_they_hold(one: str, other: str) -> None:
    if keys.created_at(one) < keys.created_at(other):
        assert one < other
    elif keys.created_at(one) > keys.created_at(other):
        assert one > other


def test_a_new_chat_id_holds_the_present_in_utc_and_is_never_given_twice() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    ids = {keys.new_chat_id() for _ in range(1_000)}
    instants = [keys.created_at(chat_id) for chat_id in ids]
    assert len(ids) == 1_000
    assert before <= min(instants) <= max(instants) <= datetime.now(UTC)
    assert {instant.utcoffset() for instant in instants} == {timedelta(0)}
    assert {len(chat_id) for chat_id in ids} == {26}
    assert set("".join(ids)) <= set(string.digits + string.ascii_uppercase)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-01T14:59:59.999+00:00", "2026-03-01"),
        ("2026-03-01T15:00:00.000+00:00", "2026-03-02"),  # midnight in Seoul
        ("2025-12-31T15:00:00.000+00:00", "2026-01-01"),
        ("2026-07-01T14:59:59.999+00:00", "2026-07-01"),  # no daylight saving
    ],
)
def test_a_day_begins_at_midnight_in_seoul(instant: str, day: str) -> None:
    assert keys.day_of(str(ULID.from_datetime(datetime.fromisoformat(instant)))) == day


@pytest.mark.parametrize(
    "chat_id", ["", "abc", "가" * 26, "0" * 25, "0" * 27, "U" * 26, "7" + "Z" * 25, "Z" * 26, LAST_DAY]
)
def test_what_is_no_ulid_of_an_instant_has_no_day(chat_id: str) -> None:
    with pytest.raises(ValueError):
        keys.day_of(chat_id)


@_quick
@given(st.floats(0, 4e11), st.floats(0, 4e11), st.sampled_from([1, 60, 600, 3_600, 86_400]))
def test_windows_sort_in_time(one: float, other: float, seconds: int) -> None:
    earlier, later = sorted([one, other])
    assert keys.window_sk(earlier, seconds) <= keys.window_sk(later, seconds)
    assert keys.window_sk(earlier, seconds) < keys.window_sk(earlier + seconds, seconds)


def test_a_window_lasts_as_long_as_it_says() -> None:
    assert keys.window_sk(119.999, 60) == keys.window_sk(60, 60) != keys.window_sk(120, 60)
