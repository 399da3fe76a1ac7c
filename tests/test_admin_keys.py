"""Admin keys: shown once, stored as a hash, and never without an owner."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from shared.admin_keys import OF_SETTING, PREFIX, AdminKeys, Operator
from shared.errors import AdminKeyNotFound, InvalidAdminKey, LastOwner
from shared.storage.sqlite import SqliteStore
from tests.storage.backends import HandClock

CONFIGURED = "configured-key-of-the-setting"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        store.prepare()
        yield store


@pytest.fixture
def admin_keys(store: SqliteStore) -> AdminKeys:
    return AdminKeys(store, clock=HandClock())


def test_a_key_is_verified_as_what_it_was_made_for(admin_keys: AdminKeys) -> None:
    key, token = admin_keys.create(" 운영 ", "editor", ["flowers", "default", "flowers"])
    assert admin_keys.verify(token.get_secret_value()) == Operator(
        key.key_id, "운영", "editor", frozenset({"default", "flowers"})
    )
    assert token.get_secret_value().startswith(PREFIX) and token.get_secret_value()[-4:] == key.ends_with


def test_the_store_holds_a_hash_and_never_the_key(admin_keys: AdminKeys, path: Path) -> None:
    token = admin_keys.create("x", "owner")[1].get_secret_value()
    with closing(sqlite3.connect(path)) as file:
        dump = "\n".join(file.iterdump())
    assert token.removeprefix(PREFIX) not in dump
    assert hashlib.sha256(token.encode()).hexdigest() in dump


def test_the_configured_key_owns_all_and_is_never_stored(store: SqliteStore, path: Path) -> None:
    admin_keys = AdminKeys(store, SecretStr(CONFIGURED))
    assert admin_keys.verify(CONFIGURED) == Operator(OF_SETTING, "ADMIN_API_KEY", "owner", None)
    assert admin_keys.all() == []
    with pytest.raises(InvalidAdminKey):
        admin_keys.verify(CONFIGURED[:-1])


def test_a_revoked_key_is_no_key_any_more_and_stays_in_the_list(admin_keys: AdminKeys) -> None:
    key, token = admin_keys.create("x", "viewer")
    assert admin_keys.revoke(key.key_id).revoked_at is not None
    with pytest.raises(InvalidAdminKey):
        admin_keys.verify(token.get_secret_value())
    assert [one.key_id for one in admin_keys.all()] == [key.key_id]
    assert admin_keys.revoke(key.key_id) == admin_keys.get(key.key_id)


def test_the_last_owner_of_all_bots_cannot_be_revoked(admin_keys: AdminKeys) -> None:
    first, token = admin_keys.create("first", "owner")
    admin_keys.create("of one bot", "owner", ["default"])
    with pytest.raises(LastOwner):
        admin_keys.revoke(first.key_id)
    assert admin_keys.verify(token.get_secret_value()).owns_all
    admin_keys.create("second", "owner")
    admin_keys.revoke(first.key_id)
    admin_keys.revoke(first.key_id)
    assert [one.name for one in admin_keys.all() if one.revoked_at is None] == ["of one bot", "second"]


def test_the_first_key_is_made_once(admin_keys: AdminKeys) -> None:
    token = admin_keys.create_first()
    assert token is not None and admin_keys.verify(token.get_secret_value()).owns_all
    assert admin_keys.create_first() is None


def test_no_first_key_is_made_where_one_is_configured(store: SqliteStore) -> None:
    assert AdminKeys(store, SecretStr(CONFIGURED)).create_first() is None
    assert AdminKeys(store).all() == []


def test_a_viewer_alone_is_no_way_in_so_that_a_first_owner_is_still_made(admin_keys: AdminKeys) -> None:
    admin_keys.create("x", "viewer")
    assert admin_keys.create_first() is not None


@pytest.mark.parametrize("key_id", ["", "01J9ZK3V5W8XQ2R4T6Y8A0B1C2", "한글", "setting"])
def test_a_key_that_is_not_there_cannot_be_revoked(admin_keys: AdminKeys, key_id: str) -> None:
    with pytest.raises(AdminKeyNotFound):
        admin_keys.revoke(key_id)


@pytest.mark.parametrize(
    ("name", "role", "bots"),
    [("", "owner", None), ("가" * 61, "owner", None), ("x", "root", None), ("x", "owner", []), ("x", "owner", ["#"])],
)
def test_what_is_not_allowed_makes_no_key(admin_keys: AdminKeys, name: str, role: str, bots: list[str] | None) -> None:
    with pytest.raises(ValidationError):
        admin_keys.create(name, role, bots)  # type: ignore[arg-type]
    assert admin_keys.all() == []


def test_who_sees_some_bots_sees_no_key_or_change_of_more() -> None:
    some, everybody = Operator("1", "x", "owner", frozenset({"a", "b"})), Operator("2", "y", "viewer")
    assert [some.sees_all(bots) for bots in (["a"], ["a", "b"], ["a", "c"], None)] == [True, True, False, False]
    assert everybody.sees_all(None) and everybody.sees("c") and not some.sees("c")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.from_regex(r"ha_[A-Za-z0-9_-]{43}\n?", fullmatch=True))
def test_any_other_text_is_refused(admin_keys: AdminKeys, text: str) -> None:
    with pytest.raises(InvalidAdminKey):
        admin_keys.verify(text)
