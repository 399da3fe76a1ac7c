"""infra/nginx.conf: what it says, and what a real nginx does with it where one is installed, before an API that is fed.

The server is run with the project's file; only addresses, ports and folders are those of this machine. Names are looked
up as in a container, at a server of the test's.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import crossplane
import httpx
import pytest
from starlette.datastructures import MutableHeaders

from shared.errors import AppError, BackendUnavailable, BodyTooLarge, NotFound
from shared.http_errors import ErrorBody
from shared.models import Bubble
from shared.security_headers import add_security_headers
from tests.app import ROOT
from tests.servers import free_port

CONF = ROOT / "infra" / "nginx.conf"
OWN: MutableHeaders = MutableHeaders()
add_security_headers(OWN, https_only=False)
HELD_BACK_SECONDS = 5.0


class Api(BaseHTTPRequestHandler):
    """Says what it was asked, streams two events of which the second waits to be let go, and has its own headers."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self) -> None:
        """Answer."""
        address, _ = self.connection.getsockname()
        self.send_response(404 if self.path == "/v1/none" else 200)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "of the API")
        if self.path != "/v1/streaming/x":
            told = json.dumps({"at": address, "path": self.path, "headers": dict(self.headers)}).encode()
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)
            return
        # Not in chunks, which nginx passes on one by one even where it buffers
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"id: 1\n\n")
        if self.go_on.wait(HELD_BACK_SECONDS):
            self.wfile.write(b"id: 2\n\n")

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Names:
    """A name server that knows one name, and where it is by now."""

    def __init__(self) -> None:
        self.address = "127.0.0.1"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        """RFC 1035: the question sent back, and one record that may be kept for no second."""
        while True:
            asked, caller = self._socket.recvfrom(512)
            if not asked:
                return self._socket.close()
            record = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04" + socket.inet_aton(self.address)
            self._socket.sendto(asked[:2] + b"\x81\x80\0\x01\0\x01\0\0\0\0" + asked[12:] + record, caller)

    def stop(self) -> None:
        """By a message of nothing."""
        self._socket.sendto(b"", self._socket.getsockname())


@contextmanager
def served(address: str, port: int) -> Iterator[None]:
    """The API of this test at an address."""
    server = ThreadingHTTPServer((address, port), Api)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class Web:
    """A running nginx."""

    def __init__(self, names: Names, api_port: int, url: str) -> None:
        self.names, self.api_port, self.client = names, api_port, httpx.Client(base_url=url, trust_env=False)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The project's nginx before an API that is not there yet."""
    binary = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    if binary is None:
        pytest.skip("nginx is not installed: its file is only parsed")
    folder, names, port, api_port = tmp_path_factory.mktemp("nginx"), Names(), free_port(), free_port()
    (folder / "html" / "assets").mkdir(parents=True)
    (folder / "html" / "assets" / "page-0f1e.js").write_text("let answer;")
    text = CONF.read_text(encoding="utf-8")
    for there, here in {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "127.0.0.11 valid=10s": f"127.0.0.1:{names.port} valid=1s",
        "http://api:8000": f"http://api:{api_port}",
        "/usr/share/nginx/html": str(folder / "html"),
        "client_max_body_size 100m": "client_max_body_size 1k",
    }.items():
        assert text.count(there) == 1, there
        text = text.replace(there, here)
    (folder / "default.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # else its workers could not read this folder
    places = " ".join(f"{one}_temp_path {folder};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    types = "types { text/javascript js; }"
    main = f"{user} pid {folder}/pid; error_log stderr; events {{}} http {{ {types} {places} include default.conf; }}"
    (folder / "nginx.conf").write_text(main)
    command = [binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        running = Web(names, api_port, f"http://127.0.0.1:{port}")
        until = time.monotonic() + 10
        while True:
            try:
                assert running.client.get("/nginx-health").status_code == 204
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.02)
        yield running
        running.client.close()
    finally:
        names.stop()
        process.terminate()
        process.wait()


def has_own_headers(response: httpx.Response) -> bool:
    return all(response.headers.get_list(name) == [value] for name, value in OWN.items())


def test_a_file_is_served_with_the_headers_of_the_api_and_kept_for_ever(web: Web) -> None:
    file = web.client.get("/assets/page-0f1e.js")
    assert (file.status_code, file.text, has_own_headers(file)) == (200, "let answer;", True)
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_errors_of_its_own_have_the_contracts_shape_and_the_same_headers(web: Web) -> None:
    asked = {
        "absent": web.client.get("/assets/absent.js"),
        "not_allowed": web.client.post("/assets/page-0f1e.js"),
        "too_large": web.client.post("/v1/visitors", content=b"x" * 2_000),
        "away": web.client.get("/v1/health"),  # nobody is there yet
    }
    assert web.client.get("/metrics").json() == asked["absent"].json()
    for name, (status, body) in ERRORS.items():
        assert (asked[name].status_code, asked[name].json()) == (status, body)
        assert has_own_headers(asked[name]), name
        assert "Cache-Control" not in asked[name].headers
    assert (asked["away"].headers["Retry-After"], asked["not_allowed"].headers["Allow"]) == ("5", "GET, HEAD")
    assert not {"Retry-After", "Allow"} & set(asked["absent"].headers)


def test_the_api_is_asked_as_it_was_called_and_its_answers_go_through_as_they_are(web: Web) -> None:
    path = "/v1/faqs/search?q=%EA%B0%80%EC%9E%85%2F%20a&limit=2"
    with served("127.0.0.1", web.api_port):
        for asked, status in ((path, 200), ("/v1/none", 404)):
            answer = web.client.get(asked, headers={"X-Forwarded-For": "203.0.113.9"})
            assert (answer.status_code, answer.json()["path"]) == (status, asked)
            assert answer.json()["headers"]["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
            assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]
            assert answer.headers.get_list("Content-Security-Policy") == ["of the API"]
            assert not {"X-Frame-Options", "Retry-After", "Cache-Control"} & set(answer.headers)


def test_an_event_is_passed_on_before_the_next_one_is_there(web: Web) -> None:
    Api.go_on.clear()
    with served("127.0.0.1", web.api_port), web.client.stream("GET", "/v1/streaming/x") as stream:
        pieces = stream.iter_text()
        assert next(pieces) == "id: 1\n\n"
        Api.go_on.set()  # until now the API holds the second back
        assert "".join(pieces) == "id: 2\n\n"


def test_an_api_that_was_made_anew_at_another_address_is_found(web: Web) -> None:
    def answers() -> str | None:
        response = web.client.get("/v1/health")
        return str(response.json()["at"]) if response.status_code == 200 else None

    with served("127.0.0.1", web.api_port):
        assert answers() == "127.0.0.1"
    with served("127.0.0.2", web.api_port):
        web.names.address = "127.0.0.2"
        until = time.monotonic() + 10
        while (found := answers()) is None and time.monotonic() < until:
            time.sleep(0.1)
    assert found == "127.0.0.2"


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    bubble = Bubble(bubble_id="b1", bubble_type="error", description=message)
    body = ErrorBody(error_message=message, code=code, bubbles=[bubble])
    return status, body.model_dump(mode="json", exclude_none=True)


def _of(error: AppError) -> tuple[int, dict[str, Any]]:
    return _error(error.status, error.code, error.message)


ERRORS = {
    "absent": _of(NotFound()),
    "not_allowed": _error(405, "method_not_allowed", "허용되지 않은 요청 방식입니다."),
    "too_large": _of(BodyTooLarge()),
    "away": _of(BackendUnavailable()),
}


def test_what_the_file_says_of_headers_and_errors_is_what_the_api_says() -> None:
    parsed = crossplane.parse(str(CONF), single=True, check_ctx=False)
    assert parsed["status"] == "ok", parsed["errors"]
    said = parsed["config"][0]["parsed"]
    (server,) = [one["block"] for one in said if one["directive"] == "server"]
    maps = {one["args"][1]: one["block"][0] for one in said if one["directive"] == "map"}
    assert all(one["directive"] == "" for one in maps.values())
    added = [one["args"] for one in server if one["directive"] == "add_header"]
    own = {name: maps[value]["args"][0] for name, value, *always in added if value in maps and always == ["always"]}
    assert own == {name.title(): value for name, value in OWN.items()}
    locations = {" ".join(one["args"]): one["block"] for one in server if one["directive"] == "location"}
    assert not any(one["directive"] == "add_header" for block in locations.values() for one in block)
    for name, (status, body) in ERRORS.items():
        ((code, told),) = [one["args"] for one in locations[f"@{name}"] if one["directive"] == "return"]
        assert (int(code), json.loads(told)) == (status, body)


def test_it_holds_nothing_of_an_answer_back_keeps_no_addresses_and_hides_figures() -> None:
    (file,) = crossplane.parse(str(CONF), single=True, check_ctx=False)["config"]
    (server,) = [one["block"] for one in file["parsed"] if one["directive"] == "server"]
    assert {one["directive"]: one["args"] for one in server}["access_log"] == ["off"]
    within = {" ".join(one["args"]): one["block"] for one in server if one["directive"] == "location"}
    said = {one["directive"]: one["args"] for one in within["/"]}
    assert (said["set"], said["proxy_pass"]) == (["$api", "http://api:8000"], ["$api"])
    assert (said["proxy_buffering"], said["proxy_http_version"]) == (["off"], ["1.1"])
    assert [one["args"] for one in within["= /metrics"]] == [["404"]]
