"""moto's S3, started once; each test has a bucket of its own."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from boto3.session import Session
from ulid import ULID

from tests import servers
from tests.retrieval.artefact_places import REGION


@pytest.fixture(scope="session")
def s3_url(_environment: None) -> Iterator[str]:
    try:
        with servers.s3() as url:
            yield url
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def s3(s3_url: str) -> Iterator[Any]:
    """A client of one's own, to see and to spoil what is in a bucket."""
    with closing(Session("test", "test", region_name=REGION).client("s3", endpoint_url=s3_url)) as client:
        yield client


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"test-{ULID()}".lower()
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name
