"""A gateway in front of a DynamoDB that does to requests what AWS does on a bad day."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import urlsplit

from tests import servers

Fault = Literal["throttle", "fail", "drop", "half"]


@dataclass
class Gateway:
    """Its address, the faults of the next requests, and the operations asked for so far.

    `throttle` refuses a request; `fail` and `drop` have it done, and then answer with an error or not at all; `half`
    does half of a batch and hands back the rest. When there are no more faults, requests are passed on.
    """

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)


@contextmanager
def gateway(endpoint_url: str) -> Iterator[Gateway]:
    """Run a gateway to the DynamoDB at `endpoint_url`."""
    state, behind = Gateway(), urlsplit(endpoint_url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the head and the body are sent apart

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = state.faults.popleft() if state.faults else None
            state.asked.append(operation)
            match fault:
                case "throttle":
                    self._answer(400, _error("ThrottlingException"))
                case "fail":
                    self._pass_on(body)
                    self._answer(500, _error("InternalServerError"))
                case "drop":
                    self._pass_on(body)
                    self.close_connection = True
                case "half":
                    done, left = _halves(json.loads(body))
                    self._pass_on(json.dumps(done).encode())
                    self._answer(200, json.dumps({"UnprocessedItems": left["RequestItems"]}).encode())
                case None:
                    self._answer(*self._pass_on(body))

        def _pass_on(self, body: bytes) -> tuple[int, bytes]:
            connection = HTTPConnection(behind)
            try:
                names = ("X-Amz-Target", "Content-Type", "Authorization", "X-Amz-Date")
                connection.request("POST", "/", body, {name: self.headers[name] for name in names})
                response = connection.getresponse()
                return response.status, response.read()
            finally:
                connection.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with servers.handled_by(Handler) as state.url:
        yield state


def _error(code: str) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "a bad day"}).encode()


def _halves(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    [(table, writes)] = request["RequestItems"].items()
    middle = len(writes) // 2
    return {"RequestItems": {table: writes[:middle]}}, {"RequestItems": {table: writes[middle:]}}
