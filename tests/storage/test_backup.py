"""Every item of a store, read for a backup; a backup's way through every back end; what is no backup."""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from shared.storage import backup
from shared.storage.backup import NoBackup, StoreNotEmpty
from shared.storage.base import MAX_ITEM_BYTES, SCAN_ITEMS, TABLES, InvalidItem, Store
from shared.storage.sqlite import SqliteStore
from tests.storage.backends import Backend, HandClock
from tests.storage.exact import exactly

VALUES: dict[str, Any] = {
    "one": 1,
    "one_as_float": 1.0,
    "huge": 1e300,
    "least": -(2**63),
    "yes": True,
    "nothing": None,
    "text": '줄\n"따옴표" \\ 😀 \u2028 끝',
    "vector": [0.1, -0.0, 3.4028234663852886e38],
    "nested": {"$ref": [{"a": [1, 1.0, "1"]}]},
}


@pytest.fixture
def filled(tmp_path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    """Something in every table, more than one page in one of them, and items that have ended or will."""
    with closing(SqliteStore(tmp_path / "filled.sqlite3", clock)) as store:
        for table in TABLES:
            store.put(table, {"pk": "가#1", "sk": f"{table}#z", **VALUES})
            store.put(table, {"pk": "later", "sk": "a"}, expires_at=clock.after(1_000))
            store.put(table, {"pk": "ended", "sk": "a"}, expires_at=clock.after(-1))
        store.put("contents", {"pk": "large", "sk": "a", "text": "글" * (MAX_ITEM_BYTES // 3 - 100)})
        store.batch_put("chats", [{"pk": f"p{n % 7}", "sk": f"{n:04d}"} for n in range(2 * SCAN_ITEMS + 5)])
        yield store


@pytest.fixture
def made(filled: SqliteStore, clock: HandClock) -> bytes:
    """A backup of it."""
    return made_of(filled, clock)


@pytest.fixture
def empty(tmp_path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "empty.sqlite3", clock)) as store:
        yield store


def made_of(store: Store, clock: HandClock) -> bytes:
    file = io.BytesIO()
    backup.write(store, file, "1.2.3", clock)
    return file.getvalue()


def items_of(store: Store) -> list[str]:
    return sorted(exactly([table, item]) for table in TABLES for item in store.scan(table))


def rows_in(store: Store) -> int:
    return sum(1 for table in TABLES for _ in store.scan(table))


# The verb, on every back end


def test_a_scan_gives_every_living_item_of_a_table_once(store: Store, pk: str, clock: HandClock) -> None:
    count = SCAN_ITEMS + 20
    items = [{"pk": f"{pk}#{n % 3}", "sk": f"{n:04d}", **VALUES} for n in range(count)]
    store.batch_put("evaluations", items)
    store.put("evaluations", {"pk": pk, "sk": "lives"}, expires_at=clock.after(5))
    store.put("evaluations", {"pk": pk, "sk": "ended"}, expires_at=clock.after(0))
    found = [item for item in store.scan("evaluations") if item["pk"].startswith(pk)]
    assert sorted(item["sk"] for item in found) == [*(f"{n:04d}" for n in range(count)), "lives"]
    one = next(item for item in found if item["sk"] == "0000")
    assert exactly(one) == exactly({**items[0], "schema": 1})
    assert next(item for item in found if item["sk"] == "lives")["expires_at"] == clock.after(5)


def test_a_scan_goes_on_while_items_come_and_go(store: Store, pk: str) -> None:
    keys = [f"{n:04d}" for n in range(2 * SCAN_ITEMS)]
    store.batch_put("rollups", [{"pk": pk, "sk": sk} for sk in keys])
    scan = (item for item in store.scan("rollups") if item["pk"] == pk)
    first = next(scan)
    for gone in ("0000", "0001", "0199"):
        store.delete("rollups", pk, gone)
    store.put("rollups", {"pk": pk, "sk": "0000-new"})
    seen = [first["sk"], *(item["sk"] for item in scan)]
    assert len(seen) == len(set(seen))
    assert set(keys) - {"0000", "0001", "0199"} <= set(seen) <= {*keys, "0000-new"}


def test_only_the_port_s_tables_are_scanned(store: Store) -> None:
    with pytest.raises(InvalidItem, match="no table"):
        list(store.scan("users"))


# Out and in


def test_what_is_restored_into_any_back_end_is_what_was_there(
    backend: Backend, filled: SqliteStore, empty: SqliteStore, made: bytes, clock: HandClock
) -> None:
    if backend.kind == "sqlite":
        other = replace(backend, address=f"{backend.address}-{ULID()}")
    else:
        other = replace(backend, space=f"backup-{ULID()}-")
    with closing(other.open(clock)) as between:
        counts = backup.restore(io.BytesIO(made), between, clock=clock)
        assert counts["chats"] == 2 * SCAN_ITEMS + 5 + 2 and counts["keys"] == 2
        backup.restore(io.BytesIO(made_of(between, clock)), empty, clock=clock)
    assert items_of(empty) == items_of(filled)
    assert empty.get("counters", "ended", "a") is None


def test_what_has_ended_since_the_backup_is_left_out(made: bytes, empty: SqliteStore, clock: HandClock) -> None:
    clock.advance(2_000)
    counts = backup.restore(io.BytesIO(made), empty, clock=clock)
    assert counts["keys"] == 1
    assert empty.get("keys", "later", "a") is None


def test_a_store_with_items_is_left_alone_unless_told_otherwise(
    made: bytes, empty: SqliteStore, clock: HandClock
) -> None:
    empty.put("audit", {"pk": "mine", "sk": "a"})
    empty.put("keys", {"pk": "가#1", "sk": "keys#z", "text": "another"})
    with pytest.raises(StoreNotEmpty):
        backup.restore(io.BytesIO(made), empty, clock=clock)
    assert rows_in(empty) == 2
    backup.restore(io.BytesIO(made), empty, into_filled=True, clock=clock)
    assert empty.get("audit", "mine", "a") is not None
    replaced = empty.get("keys", "가#1", "keys#z")
    assert replaced and replaced["text"] == VALUES["text"]


# What is no backup


def again(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(lines))


def refused(data: bytes, store: SqliteStore, reason: str | None = None) -> None:
    with pytest.raises(NoBackup, match=reason):
        backup.restore(io.BytesIO(data), store)
    assert rows_in(store) == 0


def test_a_file_that_ends_too_soon_is_refused_wherever_it_ends(made: bytes, empty: SqliteStore) -> None:
    lines = gzip.decompress(made).splitlines(keepends=True)
    for length in (0, 1, 9, 30, len(made) // 2, len(made) - 9, len(made) - 1):
        refused(made[:length], empty, "not whole|no backup")
    for data in (again(lines[:-1]), again([*lines[:-2], lines[-1]]), again([*lines, lines[1]])):
        refused(data, empty, "not whole")


def test_a_file_of_which_a_byte_is_another_one_is_refused(made: bytes, empty: SqliteStore) -> None:
    for at in range(12, len(made), len(made) // 40):  # before are the time and the system, which tell nothing
        refused(made[:at] + bytes([made[at] ^ 0x20]) + made[at + 1 :], empty)
    text = gzip.decompress(made)
    refused(gzip.compress(text.replace(b'"later"', b'"Later"', 1)), empty, "not whole")


def test_another_file_or_another_format_is_refused_by_name(made: bytes, empty: SqliteStore) -> None:
    header, *rest = gzip.decompress(made).splitlines(keepends=True)
    said = json.loads(header)
    assert (said["version"], said["haedap"], said["tables"]) == (1, "1.2.3", list(TABLES))
    refused(b"PK\x03\x04 a zip", empty, "not whole")
    refused(again([b"[1, 2]\n"]), empty, "no backup of haedap")
    refused(again([json.dumps(said | {"version": 2}).encode() + b"\n", *rest]), empty, "format 2; this haedap reads 1")
    refused(again([json.dumps(said | {"tables": ["users"]}).encode() + b"\n", *rest]), empty, "not: users")
