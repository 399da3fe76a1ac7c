"""The fake Notion, and a console that reads it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.storage.sqlite import SqliteStore
from tests.fakes.notion_server import FakeNotion
from tests.notion.console import NOW, Console


@pytest.fixture
def notion(_environment: None) -> Iterator[FakeNotion]:
    with FakeNotion(page_size=2) as server:
        yield server


@pytest.fixture
def console(notion: FakeNotion, tmp_path: Path) -> Iterator[Console]:
    at = [NOW.timestamp()]
    with closing(SqliteStore(tmp_path / "store.sqlite3", lambda: at[0])) as store:
        store.prepare()
        yield Console(store, notion, at)
