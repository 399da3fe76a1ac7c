"""Three back ends, started once and prepared; each test has a partition of its own."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from boto3.session import Session
from botocore.config import Config
from ulid import ULID

from shared.storage.base import Store
from tests import servers
from tests.infra import template
from tests.storage.backends import REGION, Backend, HandClock


@pytest.fixture(scope="session")
def mongo_uri() -> Iterator[str]:
    try:
        with servers.mongod() as uri:
            yield uri
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def dynamodb_url(_environment: None) -> Iterator[str]:
    try:
        with servers.dynamodb() as url:
            yield url
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def dynamodb_with_tables(dynamodb_url: str) -> str:
    """The stack's own tables, deployed once, however often `backend` is taken up anew."""
    # A request that is sent again because a busy machine was slow finds its stack made
    once = Config(read_timeout=300, retries={"total_max_attempts": 1})
    session = Session("test", "test", region_name=REGION)
    with closing(session.client("cloudformation", endpoint_url=dynamodb_url, config=once)) as client:
        template.deploy_tables(client, Backend("dynamodb", dynamodb_url).space)
    return dynamodb_url


@pytest.fixture(scope="session", params=["sqlite", "mongo", "dynamodb"])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    match request.param:
        case "sqlite":
            backend = Backend("sqlite", str(tmp_path_factory.mktemp("sqlite") / "store.sqlite3"))
        case "mongo":
            backend = Backend("mongo", request.getfixturevalue("mongo_uri"))
        case _:
            return Backend("dynamodb", request.getfixturevalue("dynamodb_with_tables"))
    with closing(backend.open()) as store:
        store.prepare()
    return backend


@pytest.fixture(scope="session")
def clock() -> HandClock:
    """It only goes forward, so the tests can share it."""
    return HandClock()


@pytest.fixture(scope="session")
def store(backend: Backend, clock: HandClock) -> Iterator[Store]:
    """One for all tests of a back end."""
    with closing(backend.open(clock)) as store:
        yield store


@pytest.fixture
def pk() -> str:
    """A partition that no other test uses."""
    return str(ULID())
