"""A back end that is away is `StoreUnavailable`, within the timeout, from every verb."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.storage import sqlite
from shared.storage.base import Store
from shared.storage.sqlite import SqliteStore
from tests import servers
from tests.storage.backends import Backend

TIMEOUT_SECONDS = 0.25
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
every_verb = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)


@pytest.fixture(scope="module", params=["mongo at a closed port", "mongo that is silent"])
def away_mongo(request: pytest.FixtureRequest) -> Iterator[Store]:
    with _away("silent" in request.param) as port:
        with closing(Backend("mongo", f"mongodb://127.0.0.1:{port}").open(timeout_seconds=TIMEOUT_SECONDS)) as store:
            yield store


@pytest.fixture(scope="module", params=["dynamodb at a closed port", "dynamodb that is silent"])
def away_dynamodb(request: pytest.FixtureRequest, _environment: None) -> Iterator[Store]:
    with _away("silent" in request.param) as port:
        backend = Backend("dynamodb", f"http://127.0.0.1:{port}")
        with closing(backend.open(timeout_seconds=TIMEOUT_SECONDS)) as store:
            with contextlib.suppress(StoreUnavailable):
                store.ping()  # reads boto3's model of DynamoDB, half a second that is no waiting for a server
            yield store


@contextlib.contextmanager
def _away(silent: bool) -> Iterator[int]:
    if not silent:
        yield servers.free_port()
        return
    with servers.silent_server() as port:
        yield port


@every_verb
def test_a_mongodb_that_is_away_is_told_in_time(away_mongo: Store, verb: Callable[[Store], object]) -> None:
    _assert_unavailable_in_time(away_mongo, verb)


@every_verb
def test_a_dynamodb_that_is_away_is_told_in_time(away_dynamodb: Store, verb: Callable[[Store], object]) -> None:
    _assert_unavailable_in_time(away_dynamodb, verb)


def _assert_unavailable_in_time(store: Store, verb: Callable[[Store], object]) -> None:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as raised:
        verb(store)
    assert time.monotonic() - started < TIMEOUT_SECONDS + 1
    assert raised.value.__cause__ is not None, "the log is to say what went wrong"


def test_making_and_closing_a_store_asks_nothing_of_the_server() -> None:
    with closing(Backend("mongo", "mongodb://nowhere.invalid:1").open()):
        pass
    with closing(Backend("dynamodb", "http://nowhere.invalid:1").open()):
        pass
    with closing(Backend("sqlite", "/nowhere/at/all").open()):
        pass


def test_a_mongodb_that_goes_away_and_comes_back_is_used_again(tmp_path: Path) -> None:
    port = servers.free_port()
    try:
        with servers.mongod(port, tmp_path) as uri:
            store = Backend("mongo", uri).open(timeout_seconds=1.5)
            store.put("chats", {"pk": "a", "sk": "b"})
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))
    with closing(store):
        with pytest.raises(StoreUnavailable):
            store.get("chats", "a", "b")
        with servers.mongod(port, tmp_path):
            assert store.get("chats", "a", "b") == {"pk": "a", "sk": "b", "schema": 1}


def test_a_mongodb_uri_that_makes_no_sense_is_an_unavailable_store() -> None:
    with closing(Backend("mongo", "http://127.0.0.1").open()) as store:
        with pytest.raises(StoreUnavailable):
            store.get("chats", "a", "b")


def test_dynamodb_without_its_tables_is_an_unavailable_store(dynamodb_url: str) -> None:
    with closing(Backend("dynamodb", dynamodb_url, "nobody-made-").open()) as store:
        with pytest.raises(StoreUnavailable):
            store.ping()


@every_verb
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
            assert time.monotonic() - started < TIMEOUT_SECONDS + 1
            assert store.get("chats", "a", "b") == {"pk": "a", "sk": "b", "schema": 1, "n": 1}  # readers do not wait
            other.execute("ROLLBACK")
        assert store.update("chats", "a", "b", {"n": 2})["n"] == 2
