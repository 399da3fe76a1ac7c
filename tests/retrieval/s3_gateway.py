"""A gateway in front of an S3 that does to requests what a network does on a bad day."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Literal
from urllib.parse import urlsplit

from tests import servers

Fault = Literal["none", "deny", "cut", "stall", "hang"]
_OWN = {"host", "connection", "expect", "content-length", "transfer-encoding"}
_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@dataclass
class Gateway:
    """Its address, the faults of the next requests, and what was asked for so far (`GET complete.json`).

    `deny` refuses a request; `cut` sends half of an answer's body and hangs up; `stall` sends half and no more; `hang`
    says nothing at all. The last two set `hanging`. `none`, and no fault at all, passes a request on.
    """

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    hanging: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)


@contextmanager
def gateway(endpoint_url: str) -> Iterator[Gateway]:
    """Run a gateway to the S3 at `endpoint_url`."""
    state, behind = Gateway(), urlsplit(endpoint_url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the head and the body are sent apart

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the client was killed, or has given up
                self.close_connection = True

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = state.faults.popleft() if state.faults else "none"
            state.asked.append(f"{self.command} {urlsplit(self.path).path.rpartition('/')[2]}")
            if fault == "hang":
                state.hanging.set()
                state.ended.wait()
                self.close_connection = True
            elif fault == "deny":
                self._answer(403, {"Content-Type": "application/xml"}, _DENIED, len(_DENIED))
            else:
                status, headers, answer = self._pass_on(body)
                half = fault in ("cut", "stall")
                self._answer(status, headers, answer, len(answer) // 2 if half else len(answer))
                if fault == "stall":
                    state.hanging.set()
                    state.ended.wait()

        do_GET = do_PUT = do_DELETE = _take  # noqa: N815  # the base class's names

        def _pass_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = HTTPConnection(behind)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
                connection.request(self.command, self.path, body, headers)
                response = connection.getresponse()
                kept = {name: value for name, value in response.getheaders() if name.lower() not in _OWN}
                return response.status, kept, response.read()
            finally:
                connection.close()

        def _answer(self, status: int, headers: dict[str, str], body: bytes, sent: int) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:sent])
            self.close_connection = sent < len(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with servers.handled_by(Handler) as state.url:
        try:
            yield state
        finally:
            state.ended.set()
