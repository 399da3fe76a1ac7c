"""Operators' keys, their failures and the record of their changes, on each back end."""

from uuid import uuid4

import pytest

from shared.admin_keys import AdminKeys, Operator
from shared.audit import Audit
from shared.errors import LastOwner, RateLimited
from shared.limits import Limits
from shared.storage.base import Store
from shared.storage.keys import ADMIN_KEYS, ADMIN_OWNERS, ONLY
from tests.storage.backends import HandClock
from tests.storage.racing import together

OWNER = Operator("k1", "소유자", "owner")


@pytest.fixture
def admin_keys(store: Store, clock: HandClock) -> AdminKeys:
    """Of a store without any admin key."""
    store.delete("keys", ADMIN_OWNERS, ONLY)
    for item in store.query("keys", ADMIN_KEYS, limit=1_000).items:
        store.delete("keys", ADMIN_KEYS, item["sk"])
    return AdminKeys(store, clock=clock)


def test_of_processes_that_start_for_the_first_time_at_once_one_shows_a_key(admin_keys: AdminKeys) -> None:
    shown = [token for token in together(6, lambda _: admin_keys.create_first()) if token is not None]
    assert len(shown) == 1
    assert admin_keys.verify(shown[0].get_secret_value()).owns_all


def test_owners_who_revoke_each_other_at_once_leave_one(admin_keys: AdminKeys) -> None:
    made = [admin_keys.create(f"{n}", "owner")[0] for n in range(3)]

    def revoke(n: int) -> bool:
        try:
            admin_keys.revoke(made[n].key_id)
        except LastOwner:
            return False
        return True

    assert sum(together(3, revoke)) == 2
    assert len([key for key in admin_keys.all() if key.revoked_at is None]) == 1


def test_failures_are_counted_by_the_minute_and_looked_at_without_counting(store: Store, clock: HandClock) -> None:
    limits, subject = Limits(store, clock), uuid4().hex
    for _ in range(2):
        limits.hit("admin", subject, 2)
        limits.check("admin", subject, 2)
    with pytest.raises(RateLimited):
        limits.hit("admin", subject, 2)
    with pytest.raises(RateLimited) as refused:
        limits.check("admin", subject, 2)
    limits.check("admin", subject, 0)
    assert refused.value.retry_after_seconds is not None
    clock.advance(refused.value.retry_after_seconds)
    limits.check("admin", subject, 2)


def test_a_change_is_recorded_before_it_happens_and_closed_after_it(store: Store, clock: HandClock) -> None:
    clock.advance(86_400)
    audit = Audit(store, 365, clock)
    with audit.change(OWNER, "draft.save", ["a"], before={"name": "전"}) as change:
        assert [one.outcome for one in audit.page(OWNER, audit.today()).entries] == ["begun"]
        change.subject, change.after = "draft", {"name": "후"}
    [entry] = audit.page(OWNER, audit.today()).entries
    assert (entry.outcome, entry.subject, entry.before, entry.after) == (
        "done",
        "draft",
        {"name": "전"},
        {"name": "후"},
    )
    assert (entry.key_id, entry.name, entry.action, entry.bots) == ("k1", "소유자", "draft.save", ["a"])


def test_pages_of_a_day_hold_each_change_once_newest_first(store: Store, clock: HandClock) -> None:
    clock.advance(86_400)
    audit = Audit(store, 365, clock)
    for n in range(7):
        clock.advance(1)
        with audit.change(OWNER, f"a{n}", ["mine"] if n % 2 else ["other"]):
            pass
    found, cursor = [], None
    while True:
        page = audit.page(OWNER, audit.today(), cursor=cursor, limit=3)
        found += [one.action for one in page.entries]
        if (cursor := page.cursor) is None:
            break
    assert found == [f"a{n}" for n in reversed(range(7))]
    mine = Operator("k2", "x", "owner", frozenset({"mine"}))
    assert [one.action for one in audit.page(mine, audit.today()).entries] == ["a5", "a3", "a1"]
    assert [one.action for one in audit.page(OWNER, audit.today(), "other").entries] == ["a6", "a4", "a2", "a0"]
