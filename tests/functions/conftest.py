"""All functions in this process, with a fed language model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.fakes.openai_server import FakeOpenAI
from tests.functions import grants


@pytest.fixture(scope="session")
def _touched() -> Iterator[grants.Touched]:
    with pytest.MonkeyPatch.context() as patch:
        yield grants.watch(patch)


@pytest.fixture(autouse=True)
def _within_the_policies(_touched: grants.Touched) -> Iterator[None]:
    """In AWS a function may touch the tables that infra/template.yaml grants it: each test shows that they suffice."""
    _touched.clear()
    yield
    assert grants.beyond(_touched) == []


@pytest.fixture
def llm() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as server:
        yield server


@pytest.fixture
def with_llm(data_dir: Path, llm: FakeOpenAI, configure: Callable[..., Path]) -> Iterator[TestClient]:
    configure(OPENAI_BASE_URL=llm.base_url, OPENAI_API_KEY="test-key")
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
