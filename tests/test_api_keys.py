"""Bot keys: shown once, stored as a hash, revoked for good."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.api_keys import PREFIX, ApiKeys
from shared.errors import ApiKeyNotFound, InvalidApiKey
from shared.storage.sqlite import SqliteStore
from tests.storage.backends import HandClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def api_keys(path: Path) -> Iterator[ApiKeys]:
    with closing(SqliteStore(path)) as store:
        store.prepare()
        yield ApiKeys(store, HandClock())


def test_a_key_is_verified_as_what_it_was_made_for(api_keys: ApiKeys) -> None:
    key, token = api_keys.create("default", "  그룹웨어 ", 5)
    assert (key.bot_id, key.name, key.rate_per_minute) == ("default", "그룹웨어", 5)
    assert api_keys.verify(token.get_secret_value()) == key


def test_a_key_holds_256_random_bits_and_tells_its_end_alone(api_keys: ApiKeys) -> None:
    made = [api_keys.create("default", "x") for _ in range(20)]
    tokens = [token.get_secret_value() for _, token in made]
    assert len(set(tokens)) == 20
    assert {len(token) for token in tokens} == {len(PREFIX) + 43}
    assert [key.ends_with for key, _ in made] == [token[-4:] for token in tokens]


def test_the_store_holds_a_hash_and_never_the_key(api_keys: ApiKeys, path: Path) -> None:
    token = api_keys.create("default", "x")[1].get_secret_value()
    with closing(sqlite3.connect(path)) as file:
        dump = "\n".join(file.iterdump())
    assert token not in dump and token.removeprefix(PREFIX) not in dump
    assert hashlib.sha256(token.encode()).hexdigest() in dump


def test_no_representation_shows_a_key(api_keys: ApiKeys) -> None:
    key, token = api_keys.create("default", "x")
    shown = f"{key!r} {key} {token!r} {token} {key.model_dump_json()} {json.dumps(key.model_dump(mode='json'))}"
    assert token.get_secret_value() not in shown
    altered = token.get_secret_value()[:-1]
    with pytest.raises(InvalidApiKey) as refused:
        api_keys.verify(altered)
    assert altered not in f"{refused.value!r} {refused.value} {refused.value.reason}"


def test_keys_of_a_bot_are_listed_oldest_first_and_no_others(api_keys: ApiKeys) -> None:
    mine = [api_keys.create("default", f"{number}")[0] for number in range(3)]
    api_keys.create("flowers", "other")
    assert api_keys.all("default") == sorted(mine, key=lambda key: key.key_id)
    assert api_keys.all("nobody") == []


def test_more_keys_than_a_page_are_all_listed(api_keys: ApiKeys) -> None:
    for _ in range(101):
        api_keys.create("default", "x")
    assert len(api_keys.all("default")) == 101


def test_a_revoked_key_is_no_key_any_more_and_stays_in_the_list(api_keys: ApiKeys) -> None:
    key, token = api_keys.create("default", "x")
    _, other = api_keys.create("default", "y")
    revoked = api_keys.revoke("default", key.key_id)
    assert revoked.revoked_at is not None
    with pytest.raises(InvalidApiKey):
        api_keys.verify(token.get_secret_value())
    assert api_keys.verify(other.get_secret_value()).name == "y"
    assert [one.revoked_at is None for one in api_keys.all("default")].count(False) == 1


def test_revoking_again_changes_nothing(path: Path) -> None:
    clock = HandClock()
    with closing(SqliteStore(path)) as store:
        store.prepare()
        api_keys = ApiKeys(store, clock)
        key, _ = api_keys.create("default", "x")
        first = api_keys.revoke("default", key.key_id)
        clock.advance(60)
        assert api_keys.revoke("default", key.key_id) == first


@pytest.mark.parametrize("key_id", ["", "01J9ZK3V5W8XQ2R4T6Y8A0B1C2", "한글"])
def test_a_key_that_a_bot_does_not_have_cannot_be_revoked(api_keys: ApiKeys, key_id: str) -> None:
    with pytest.raises(ApiKeyNotFound):
        api_keys.revoke("default", key_id)


def test_another_bots_key_cannot_be_revoked(api_keys: ApiKeys) -> None:
    key, token = api_keys.create("flowers", "x")
    with pytest.raises(ApiKeyNotFound):
        api_keys.revoke("default", key.key_id)
    assert api_keys.verify(token.get_secret_value()) == key


@pytest.mark.parametrize(
    ("bot_id", "name", "rate"),
    [("Default", "x", 1), ("a#b", "x", 1), ("default", "", 1), ("default", "가" * 61, 1), ("default", "x", -1)],
)
def test_what_is_not_allowed_makes_no_key(api_keys: ApiKeys, bot_id: str, name: str, rate: int) -> None:
    with pytest.raises(ValidationError):
        api_keys.create(bot_id, name, rate)
    assert api_keys.all("default") == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.from_regex(r"hk_[A-Za-z0-9_-]{43}\n?", fullmatch=True))
def test_any_other_text_is_refused(api_keys: ApiKeys, text: str) -> None:
    with pytest.raises(InvalidApiKey):
        api_keys.verify(text)
