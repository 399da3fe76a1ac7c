"""A back end that is away is `StoreUnavailable`, within the timeout, from every verb."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.storage import sqlite
from shared.storage.base import Item, Store
from shared.storage.sqlite import SqliteStore
from tests import servers
from tests.storage.backends import Backend
from tests.storage.racing import together

TIMEOUT_SECONDS = 0.25
PATIENCE_SECONDS = 8  # a busy machine is slow; drivers left alone, and SQLite here, wait for ten seconds or more
VERBS: dict[str, Callable[[Store], object]] = {
    "prepare": lambda store: store.prepare(),
    "ping": lambda store: store.ping(),
    "get": lambda store: store.get("chats", "a", "b"),
    "put": lambda store: store.put("chats", {"pk": "a", "sk": "b"}),
    "put_if_absent": lambda store: store.put("chats", {"pk": "a", "sk": "b"}, if_absent=True),
    "update": lambda store: store.update("chats", "a", "b", {"n": 1}),
    "add": lambda store: store.add("chats", "a", "b", {"n": 1}),
    "query": lambda store: store.query("chats", "a"),
    "delete": lambda store: store.delete("chats", "a", "b"),
    "batch_put": lambda store: store.batch_put("chats", [{"pk": "a", "sk": "b"}]),
}


@pytest.fixture(params=["a closed port", "a server that takes connections and never answers"])
def dead_port(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "a closed port":
        yield servers.free_port()
        return
    with servers.silent_server() as port:
        yield port


def test_a_mongodb_that_is_away_is_told_in_time_by_every_verb(dead_port: int) -> None:
    backend = Backend("mongo", f"mongodb://127.0.0.1:{dead_port}")
    with closing(backend.open(timeout_seconds=TIMEOUT_SECONDS)) as store:
        assert_unavailable_in_time(store)


def test_a_dynamodb_that_is_away_is_told_in_time_by_every_verb(dead_port: int, _environment: None) -> None:
    backend = Backend("dynamodb", f"http://127.0.0.1:{dead_port}")
    with closing(backend.open(timeout_seconds=TIMEOUT_SECONDS)) as store:
        assert_unavailable_in_time(store)


def assert_unavailable_in_time(store: Store) -> None:
    """Try all verbs at once, each in a thread."""

    def outcome(index: int) -> str:
        started = time.monotonic()
        try:
            list(VERBS.values())[index](store)
        except StoreUnavailable as error:
            assert error.__cause__ is not None, "the log is to say what went wrong"
            return "in time" if time.monotonic() - started < TIMEOUT_SECONDS + PATIENCE_SECONDS else "late"
        return "no error"

    together(len(VERBS), outcome)  # the first time botocore looks for credentials, which is no waiting for a server
    assert dict(zip(VERBS, together(len(VERBS), outcome), strict=True)) == dict.fromkeys(VERBS, "in time")


def test_making_and_closing_a_store_asks_nothing_of_the_server() -> None:
    with closing(Backend("mongo", "mongodb://nowhere.invalid:1").open()):
        pass
    with closing(Backend("dynamodb", "http://nowhere.invalid:1").open()):
        pass
    with closing(Backend("sqlite", "/nowhere/at/all").open()):
        pass


def found(store: Store) -> Item | None:
    """The item, as soon as the store can be reached."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return store.get("chats", "a", "b")
        except StoreUnavailable:
            assert time.monotonic() < deadline


def test_a_mongodb_that_comes_and_goes_is_used_while_it_is_there() -> None:
    port = servers.free_port()
    with closing(Backend("mongo", f"mongodb://127.0.0.1:{port}").open(timeout_seconds=1.5)) as store:
        with pytest.raises(StoreUnavailable):
            store.get("chats", "a", "b")
        try:
            with servers.mongod(port) as uri:
                with closing(Backend("mongo", uri).open()) as patient:  # making the collection takes its time
                    patient.put("chats", {"pk": "a", "sk": "b"})
                assert found(store) == {"pk": "a", "sk": "b", "schema": 1}
        except servers.ServerUnavailable as reason:
            pytest.skip(str(reason))
        with pytest.raises(StoreUnavailable):
            store.get("chats", "a", "b")


def test_a_mongodb_uri_that_makes_no_sense_is_an_unavailable_store() -> None:
    with closing(Backend("mongo", "http://127.0.0.1").open()) as store:
        with pytest.raises(StoreUnavailable):
            store.get("chats", "a", "b")


@pytest.mark.parametrize(
    "password", ["ab/hidden", "ab/hid+den=", "ab?hidden", "12/hidden", "ab?hidden=1", "a@b/hidden"]
)
def test_a_password_that_splits_its_uri_is_told_of_without_being_quoted(password: str) -> None:
    with closing(Backend("mongo", f"mongodb://haedap:{password}@127.0.0.1:1/?authSource=admin").open()) as store:
        with pytest.raises(StoreUnavailable) as told:
            store.get("chats", "a", "b")
    assert "hid" not in told.value.reason and "percent-encoded" in told.value.reason


def test_what_is_wrong_with_another_uri_is_told_in_the_drivers_words() -> None:
    with closing(Backend("mongo", "mongodb://haedap:p%2Fw@127.0.0.1:1/?appName=@a@&nonsense=1").open()) as store:
        with pytest.raises(StoreUnavailable) as told:
            store.get("chats", "a", "b")
    assert "nonsense" in told.value.reason


def test_dynamodb_without_its_tables_is_an_unavailable_store(dynamodb_url: str) -> None:
    with closing(Backend("dynamodb", dynamodb_url, "nobody-made-").open()) as store:
        with pytest.raises(StoreUnavailable):
            store.ping()


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_sqlite_file_that_cannot_be_opened_is_an_unavailable_store(
    tmp_path: Path, verb: Callable[[Store], object]
) -> None:
    file = tmp_path / "file"
    file.write_text("not a database, but a text that is longer than the header of one " * 20)
    for path in (tmp_path, file, file / "store.sqlite3"):  # a folder; another kind of file; below a file
        with closing(SqliteStore(path)) as store, pytest.raises(StoreUnavailable):
            verb(store)


def test_sqlite_waits_for_another_writer_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", TIMEOUT_SECONDS)
    with closing(SqliteStore(tmp_path / "store")) as store:
        store.put("chats", {"pk": "a", "sk": "b", "n": 1})
        with closing(sqlite3.connect(tmp_path / "store", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            with pytest.raises(StoreUnavailable):
                store.update("chats", "a", "b", {"n": 2})
            assert time.monotonic() - started < TIMEOUT_SECONDS + PATIENCE_SECONDS
            assert store.get("chats", "a", "b") == {"pk": "a", "sk": "b", "schema": 1, "n": 1}  # readers do not wait
            other.execute("ROLLBACK")
        assert store.update("chats", "a", "b", {"n": 2})["n"] == 2


def test_a_purge_of_a_file_that_cannot_be_opened_does_not_fail(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path)) as store:
        store.purge()
