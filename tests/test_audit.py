"""The record of changes: what enters it, and what does not."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.admin_keys import Operator
from shared.audit import MAX_TEXT, MAX_VALUES, Audit, check_day, shown
from shared.errors import Conflict, InvalidInput
from shared.storage.items import sealed
from shared.storage.sqlite import SqliteStore
from tests.storage.backends import HandClock

OWNER = Operator("k1", "소유자", "owner")


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    with closing(SqliteStore(tmp_path / "store.sqlite3", clock := HandClock())) as store:
        store.prepare()
        yield Audit(store, 365, clock)


def test_a_change_that_failed_says_with_what(audit: Audit) -> None:
    with pytest.raises(Conflict), audit.change(OWNER, "draft.save", ["a"]):
        raise Conflict
    with pytest.raises(ZeroDivisionError), audit.change(OWNER, "draft.save", ["a"]):
        raise ZeroDivisionError
    assert {(one.outcome, one.error) for one in audit.page(OWNER, audit.today()).entries} == {
        ("failed", "conflict"),
        ("failed", "internal_error"),
    }


def test_changes_of_all_bots_are_for_who_sees_all(audit: Audit) -> None:
    with audit.change(OWNER, "admin_key.create", None), audit.change(OWNER, "draft.save", ["a", "b"]):
        pass
    some = Operator("k2", "x", "owner", frozenset({"a"}))
    assert audit.page(some, audit.today()).entries == []
    assert len(audit.page(OWNER, audit.today()).entries) == 2
    assert [one.action for one in audit.page(OWNER, audit.today(), "a").entries] == ["draft.save"]


def test_entries_end_after_their_days(tmp_path: Path) -> None:
    clock = HandClock()
    with closing(SqliteStore(tmp_path / "store.sqlite3", clock)) as store:
        store.prepare()
        audit = Audit(store, 2, clock)
        day = audit.today()
        with audit.change(OWNER, "x", None):
            pass
        clock.advance(2 * 86_400 - 1)
        assert len(audit.page(OWNER, day).entries) == 1
        clock.advance(1)
        assert audit.page(OWNER, day).entries == []


@pytest.mark.parametrize(
    "value",
    [
        {"headers": {"Authorization": "Bearer s3cret-value"}},
        {"headers": {"X-Api-Key": "s3cret-value"}},
        {"query": {"serviceKey": "s3cret-value"}},
        {"access_token": "s3cret-value"},
        ["Authorization: Bearer s3cret-value"],
        "보낸 헤더는 Bearer s3cret-value 였어요",
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"password": "s3cret-value"}}}}}}}},
    ],
)
def test_secrets_do_not_enter(value: object) -> None:
    assert "s3cret-value" not in str(shown(value))


def test_keys_of_this_project_do_not_enter_whatever_they_are_called() -> None:
    for prefix in ("hk_", "ha_", "hv_"):
        assert prefix not in shown(f"키는 {prefix}{'aB3_-x' * 7}입니다")


def test_a_reference_to_a_secret_is_kept() -> None:
    value = {"headers": {"Authorization": "Bearer {secret:jobs_key}"}, "keyword": "반품", "monkey": "원숭이"}
    assert shown(value) == value


def test_long_texts_and_lists_are_cut_and_tell_how_long_they_were() -> None:
    assert shown("가" * MAX_TEXT) == "가" * MAX_TEXT
    cut, other = (shown("가" * (MAX_TEXT + 9) + end) for end in "나다")
    assert cut.startswith("가" * MAX_TEXT + f"… (전체 {MAX_TEXT + 10:,}자, SHA-256 ") and cut != other
    assert shown(list(range(MAX_VALUES + 2)))[-1] == "외 2개"
    assert shown({f"n{n}": n for n in range(MAX_VALUES + 3)})["…"] == "외 3개"


def test_an_entry_of_much_text_keeps_less_of_each_and_is_stored(audit: Audit) -> None:
    many = {f"faq-{n}": {"content": "가" * 3_000} for n in range(MAX_VALUES)}
    with audit.change(OWNER, "content.publish", ["default"], before=many, after=many):
        pass
    (entry,) = audit.page(OWNER, audit.today()).entries
    assert entry.outcome == "done" and entry.after["faq-49"]["content"].startswith("가" * 500 + "… (전체 3,000자")
    nested = [["나" * 500] * MAX_VALUES] * MAX_VALUES
    with audit.change(OWNER, "content.publish", ["default"], after=nested):
        pass
    assert audit.page(OWNER, audit.today()).entries[0].after.startswith('[["나나')


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), inner)
    ),
    max_leaves=30,
)


@given(_JSON)
def test_whatever_is_recorded_can_be_stored(value: object) -> None:
    sealed({"pk": "2026-11-22", "sk": "x", "before": shown(value)}, None)


@pytest.mark.parametrize("day", ["", "2026-11-23", "2025-11-21", "어제", "2026-13-01", "20261301"])
def test_days_that_no_entry_can_be_of_are_refused(day: str) -> None:
    with pytest.raises(InvalidInput):
        check_day(day, "2026-11-22", 365)


def test_days_between_are_taken() -> None:
    assert [check_day(day, "2026-11-22", 365) for day in ("2026-11-22", "2025-11-22")] == ["2026-11-22", "2025-11-22"]
