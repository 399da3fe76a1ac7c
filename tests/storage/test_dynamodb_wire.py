"""DynamoDB's protocol: the signature is AWS's own, dead connections are not used, credentials may change."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import get_current_datetime
from botocore.credentials import Credentials as AwsCredentials

from shared.storage import dynamodb_wire
from shared.storage.dynamodb_wire import Credentials, Refused, Unreachable, Wire, signed
from tests import servers

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("host", ["dynamodb.ap-northeast-2.amazonaws.com", "127.0.0.1:8000"])
def test_a_request_is_signed_as_awss_own_library_signs_it(
    host: str, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = get_current_datetime()
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: now)
    body = '{"TableName": "haedap-sessions", "제목": "교환"}'.encode()
    mine = signed(KEYS._replace(session_token=token), "ap-northeast-2", host, "X.GetItem", body, now.timetuple())
    named = {name: mine[name] for name in ("content-type", "x-amz-target")}
    asked = AWSRequest("POST", f"http://{host}/", named, body)
    SigV4Auth(AwsCredentials(*KEYS[:2], token), "dynamodb", "ap-northeast-2").add_auth(asked)
    assert mine["authorization"] == asked.headers["Authorization"]
    assert mine["x-amz-date"] == asked.headers["X-Amz-Date"]


class Server(BaseHTTPRequestHandler):
    """Says how often it was connected to, and ends every connection after an answer if told to, without saying so."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hangs_up = False
    keys: ClassVar[list[str]] = []
    connections = 0
    answer: ClassVar[tuple[int, bytes]] = (200, b"{}")

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.append(self.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.hangs_up

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[type[Server], str]]:
    class Fresh(Server):
        keys: ClassVar[list[str]] = []

    with servers.handled_by(Fresh) as url:
        yield Fresh, url


@pytest.mark.parametrize(("hangs_up", "idle_seconds", "connections"), [(False, 60, 1), (True, 60, 3), (False, 0, 3)])
def test_a_connection_is_used_again_unless_it_ended_or_was_idle_for_long(
    server: tuple[type[Server], str],
    hangs_up: bool,
    idle_seconds: float,
    connections: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind, url = server
    kind.hangs_up = hangs_up
    monkeypatch.setattr(dynamodb_wire, "_IDLE_SECONDS", idle_seconds)
    with closing(Wire("r", url, 5, lambda: KEYS)) as wire:
        for _ in range(3):
            assert wire.ask("GetItem", {}) == {}
            if hangs_up:  # the end of the connection comes after the answer
                (idle,) = [connection.sock for _, connection in wire._idle]
                idle.settimeout(60)
                assert idle.recv(1, socket.MSG_PEEK) == b""
    assert kind.connections == connections


def test_credentials_that_change_are_those_of_the_next_request(server: tuple[type[Server], str]) -> None:
    kind, url = server
    given = iter([KEYS, KEYS._replace(access_key_id="NEXT"), None])
    with closing(Wire("r", url, 5, lambda: next(given))) as wire:
        for _ in range(3):
            wire.ask("GetItem", {})
    assert kind.keys == ["AKIDEXAMPLE", "NEXT", "local"]
    with pytest.raises(Unreachable, match="credentials"), closing(Wire("r", None, 5, lambda: None)) as wire:
        wire.ask("GetItem", {})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ValidationException"}'), "ValidationException"),
        ((503, b"<html>"), "InternalServerError"),
        ((200, b"<html>"), "InternalServerError"),
        ((403, b"<html>"), "403"),
    ],
)
def test_a_refusal_is_told_by_its_code(server: tuple[type[Server], str], answer: tuple[int, bytes], code: str) -> None:
    kind, url = server
    kind.answer = answer
    with closing(Wire("r", url, 5, lambda: KEYS)) as wire, pytest.raises(Refused) as refused:
        wire.ask("GetItem", {})
    assert refused.value.code == code
