"""What is SQLite's own: its file, its connections, its sweeper."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.storage import sqlite
from shared.storage.base import OFTEN_READ, TABLES, ConditionFailed
from shared.storage.sqlite import SqliteStore
from tests.storage.backends import HandClock
from tests.storage.racing import start_at_once, together


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a" / "folder" / "store.sqlite3"


@pytest.fixture
def store(path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, clock)) as store:
        yield store


def files_open_at(path: Path) -> int:
    links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return links.count(path.resolve())


def test_making_a_store_writes_nothing_and_using_it_makes_its_folder(store: SqliteStore, path: Path) -> None:
    assert not path.parent.exists()
    store.ping()
    assert path.is_file()


def test_threads_that_ended_leave_no_connections_behind(store: SqliteStore, path: Path) -> None:
    for index in range(100):
        thread = threading.Thread(target=store.add, args=("counters", "a", "b", {"n": index}))
        thread.start()
        thread.join()
    assert files_open_at(path) == 1


def test_there_are_as_many_connections_as_calls_at_once_and_closing_closes_them(store: SqliteStore, path: Path) -> None:
    for _ in range(5):
        together(10, lambda _: store.add("counters", "a", "b", {"n": 1}))
    assert 1 <= files_open_at(path) <= 10
    store.close()
    assert files_open_at(path) == 0


def test_a_connection_is_used_again_after_a_failed_condition(store: SqliteStore, path: Path) -> None:
    store.put("chats", {"pk": "a", "sk": "b"})
    for _ in range(20):
        with pytest.raises(ConditionFailed):
            store.put("chats", {"pk": "a", "sk": "b"}, if_absent=True)
    assert files_open_at(path) == 1


def test_the_file_is_in_wal_mode_so_that_readers_do_not_wait(store: SqliteStore, path: Path) -> None:
    store.prepare()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_processes_that_make_the_same_file_at_once_do_not_fail_each_other(tmp_path: Path) -> None:
    files, processes = 60, 4  # without patience, about one start in fifty failed
    outcomes = start_at_once(tmp_path, files, processes)
    assert [outcome.error for outcome in outcomes] == [""] * processes
    for index in range(files):
        with closing(SqliteStore(tmp_path / f"{index}")) as store:
            assert store.get("counters", "a", "b") == {"pk": "a", "sk": "b", "schema": 1, "n": processes}


def test_a_file_of_an_earlier_layout_gets_the_tables_that_it_lacks(store: SqliteStore, path: Path) -> None:
    store.put("chats", {"pk": "a", "sk": "b"})
    store.close()
    with closing(sqlite3.connect(path)) as raw:
        for table in TABLES:
            if table != "chats":
                raw.execute(f"DROP TABLE {table}")
        raw.execute("PRAGMA user_version = 1")
    for table in TABLES:
        store.put(table, {"pk": "a", "sk": "c"})
    assert store.get("chats", "a", "b") == {"pk": "a", "sk": "b", "schema": 1}


def test_what_is_often_read_is_read_without_the_rest_of_an_item(store: SqliteStore, path: Path) -> None:
    store.put("questions", {"pk": "a", "sk": "b", "decision": "answer", "text": "길다"})
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE questions SET body = 'damaged'")
    expected = {"pk": "a", "sk": "b", "decision": "answer"}
    assert store.query("questions", "a", only=OFTEN_READ["questions"]).items == [expected]


def test_items_of_a_file_from_before_are_read_the_same(store: SqliteStore, path: Path) -> None:
    store.put("questions", {"pk": "a", "sk": "b", "decision": "answer", "answered_by": ["s", "c"], "key_id": None})
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("ALTER TABLE questions DROP COLUMN often_read")
        raw.execute("PRAGMA user_version = 1")
    store.put("questions", {"pk": "a", "sk": "c", "decision": "refuse"})
    assert store.query("questions", "a", only=["decision", "answered_by", "key_id"]).items == [
        {"pk": "a", "sk": "b", "decision": "answer", "answered_by": ["s", "c"]},
        {"pk": "a", "sk": "c", "decision": "refuse"},
    ]


def test_what_was_often_read_by_an_earlier_layout_is_not_taken_for_what_is_now(store: SqliteStore, path: Path) -> None:
    store.put("questions", {"pk": "a", "sk": "b", "decision": "answer"})
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE questions SET often_read = '[1, 2]'")
        raw.execute("PRAGMA user_version = 1")
    assert store.query("questions", "a", only=["decision"]).items == [{"pk": "a", "sk": "b", "decision": "answer"}]


def test_a_purge_that_a_reader_is_in_the_way_of_neither_waits_nor_fails_and_is_made_up_for(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_PURGE_AGAIN_SECONDS", 0.0)
    log = path.with_name(path.name + "-wal")
    store.put("chats", {"pk": "a", "sk": "b", "text": "비밀글"})
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM chats").fetchall()
        store.delete("chats", "a", "b")
        began = time.monotonic()
        store.purge()
        assert time.monotonic() - began < 8  # who waits, waits for ten
        assert "비밀글".encode() in log.read_bytes()
        store.put("chats", {"pk": "a", "sk": "c"})  # others go on, however often it fails
        reader.execute("COMMIT")
        store.put("chats", {"pk": "a", "sk": "d"})
        assert log.stat().st_size == 0
        store.put("chats", {"pk": "a", "sk": "e"})  # and then writes are as they were
        assert log.stat().st_size > 0
    assert "비밀글".encode() not in path.read_bytes()
    assert store.get("chats", "a", "d") is not None


def test_closing_makes_up_for_a_purge(store: SqliteStore, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    store.put("chats", {"pk": "a", "sk": "b", "text": "비밀글"})
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM chats").fetchall()
        store.delete("chats", "a", "b")
        store.purge()
        reader.execute("COMMIT")
        store.close()  # not the last connection: the log stays
        assert log.stat().st_size == 0


def test_a_file_that_is_removed_is_not_written_to_any_more(store: SqliteStore, path: Path) -> None:
    together(5, lambda n: store.put("chats", {"pk": "a", "sk": str(n)}))
    for one in path.parent.iterdir():
        one.unlink()
    assert store.get("chats", "a", "0") is None
    store.put("chats", {"pk": "a", "sk": "new"})
    with closing(SqliteStore(path)) as another:
        assert [item["sk"] for item in another.query("chats", "a").items] == ["new"]
    assert files_open_at(path.with_name(f"{path.name} (deleted)")) == 0


def test_a_start_sweeps_away_what_has_expired_in_all_tables(store: SqliteStore, path: Path, clock: HandClock) -> None:
    for table in TABLES:
        store.put(table, {"pk": "a", "sk": "b"}, expires_at=clock.after(10))
    clock.advance(10)
    store.prepare()
    with closing(sqlite3.connect(path)) as raw:
        assert [raw.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES] == [(0,)] * len(TABLES)


def test_writing_sweeps_away_what_has_expired(
    store: SqliteStore, path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = clock.after(10)
    store.batch_put("chats", [{"pk": "a", "sk": f"{n:02d}", "expires_at": ends} for n in range(30)])
    store.put("chats", {"pk": "a", "sk": "lasting"})
    clock.advance(10)
    monkeypatch.setattr(sqlite, "_SWEEP_ONE_IN", 1)
    monkeypatch.setattr(sqlite, "_SWEEP_ITEMS", 20)
    counts = []
    with closing(sqlite3.connect(path)) as raw:
        for _ in range(3):
            store.put("chats", {"pk": "a", "sk": "new"})
            counts += raw.execute("SELECT count(*) FROM chats").fetchone()
    assert counts == [12, 2, 2]  # 20 at a time; "lasting" and "new" stay
