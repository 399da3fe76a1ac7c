"""A company's own API on 127.0.0.1: job postings and companies, and every way in which such a server misbehaves.

>>> with CompanyApi() as api:
...     httpx.get(f"{api.url}/jobs", params={"keyword": "파이썬"}).json()["result"]["jobs"]

Its records hold more than anybody should see: `PLANTED` are the words that must not come out of haedap. Fed answers
come first, in order.
"""

import json
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PLANTED = ["tok-4b7f0c", "010-9876-5432", "recruiter@gaon.example", "내부 메모: 연봉 협상 여지 있음", "pw-hunter2"]
_TOKEN, _PHONE, _MAIL, _MEMO, _PASSWORD = PLANTED

COMPANIES = {
    "c1": {"id": "c1", "name": "가온소프트", "employees": 1280, "founded": 2009, "listed": True},
    "c2": {"id": "c2", "name": "한빛물류", "employees": 310, "founded": 1998, "listed": False},
}
JOBS = {
    "101": {
        "id": 101,
        "title": "파이썬 백엔드 개발자",
        "company": {"id": "c1", "name": "가온소프트", "password": _PASSWORD},
        "salary": 52000000,
        "deadline": "2026-12-05T23:59:00+09:00",
        "remote": True,
        "skills": ["Python", "MongoDB"],
        "url": "https://jobs.example.com/101",
    },
    "102": {
        "id": 102,
        "title": "물류센터 운영 담당",
        "company": {"id": "c2", "name": "한빛물류", "password": _PASSWORD},
        "salary": 38000000,
        "deadline": "2026-11-30",
        "remote": False,
        "skills": [],
        "url": "javascript:alert(1)",
    },
}
_UNSEEN = {"access_token": _TOKEN, "recruiter": {"phone": _PHONE, "emails": [_MAIL]}, "memo": _MEMO}


@dataclass(frozen=True)
class Received:
    """A request as it came; lower-case header names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Fed:
    """What the server does instead of answering.

    Parameters
    ----------
    delay
        Seconds before it answers.
    cut
        Send so many bytes of the body, and hang up.
    hang_up
        Say nothing at all, and hang up.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: int | None = None
    hang_up: bool = False


def as_json(data: Any) -> bytes:
    """As the server writes it."""
    return json.dumps(data, ensure_ascii=False).encode()


class CompanyApi:
    """The server, in a thread of its own; with `tls` it speaks HTTPS."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.fed: deque[Fed] = deque()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                api._answer(self)

            do_GET = do_POST = _take  # noqa: N815  # the base class's names

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.host, self.port = host, self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for so far."""
        return [request.target for request in self.received]

    def enqueue(self, *answers: Fed) -> None:
        """Feed answers to the next requests."""
        self.fed.extend(answers)

    def __enter__(self) -> "CompanyApi":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.received.append(Received(handler.command, handler.path, headers, body))
        fed = self.fed.popleft() if self.fed else self._usual(handler.path, body)
        time.sleep(fed.delay)
        if not fed.hang_up:
            try:
                handler.send_response_only(fed.status)
                for name, value in {"Content-Length": str(len(fed.body)), **fed.headers}.items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(fed.body if fed.cut is None else fed.body[: fed.cut])
            except OSError:  # the client has had enough
                pass
        handler.close_connection = True

    def _usual(self, target: str, body: bytes) -> Fed:
        parts = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | json.loads(body or b"{}")
        match [unquote(part) for part in parts.path.split("/")[1:]]:
            case ["jobs" | "search"]:
                found = [job for job in JOBS.values() if asked.get("keyword", "") in str(job["title"])]
                jobs = [{**job, **_UNSEEN} for job in found[: int(asked.get("limit", 10))]]
                return Fed(body=as_json({"result": {"jobs": jobs, "total": len(found)}, "session": _TOKEN}))
            case ["jobs", one] if one in JOBS:
                return Fed(body=as_json({**JOBS[one], **_UNSEEN}))
            case ["companies", one] if one in COMPANIES:
                return Fed(body=as_json({**COMPANIES[one], **_UNSEEN}))
            case _:
                return Fed(404, as_json({"error": f"no {target}", "token": _TOKEN}))
