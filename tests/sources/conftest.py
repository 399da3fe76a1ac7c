"""A company's API for each test, and an internet of the tests' own."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from tests.fakes.company_api import CompanyApi


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def api() -> Iterator[CompanyApi]:
    with CompanyApi() as server:
        yield server


@dataclass
class Internet:
    """Where connections went to, and which server is behind an address that is not of this machine."""

    connected: list[str] = field(default_factory=list)
    servers: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    """The sockets of the HTTP library's are opened here: public addresses lead to servers of the test, or nowhere."""
    internet, connect_tcp = Internet(), anyio.connect_tcp

    async def connect(remote_host: str, remote_port: int, **options: Any) -> Any:
        internet.connected.append(remote_host)
        if remote_host in internet.servers:
            return await connect_tcp("127.0.0.1", internet.servers[remote_host])
        if ipaddress.ip_address(remote_host).is_loopback:
            return await connect_tcp(remote_host, remote_port)
        raise OSError("no way there")

    monkeypatch.setattr(anyio, "connect_tcp", connect)
    return internet
