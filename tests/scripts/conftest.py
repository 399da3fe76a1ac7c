"""A DATA_DIR of the test's own, and engines that need no model, for scripts that run in this process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import wiring
from shared.retrieval.chroma import embedded_client
from shared.settings import get_settings
from shared.storage.sqlite import SqliteStore
from tests.app import forget
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def cheap_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: FakeEmbedder) -> Iterator[Path]:
    """All local state in a folder of the test's own, and engines that need no model; DATA_DIR."""
    for name in [name for name in os.environ if name.lower() in type(get_settings()).model_fields]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    forget()
    store, client = SqliteStore(get_settings().sqlite_path), embedded_client(get_settings().chroma_path)
    monkeypatch.setattr(wiring, "get_store", lambda: store)
    monkeypatch.setattr(wiring, "get_chroma", lambda: client)
    monkeypatch.setattr(wiring, "get_embedder", lambda: embedder)
    encoder = FakeSentenceEncoder()
    monkeypatch.setattr(wiring, "get_sentence_encoder", lambda: encoder)
    yield tmp_path / "var"
    forget()
