"""A place of its own for each test that builds."""

from pathlib import Path

import pytest

from tests.indexing.corpora import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.open(tmp_path)
