"""What seeing costs: processor time of a request and of an answer, by what is turned on.

    python scripts/bench_seeing.py [--requests 500] [--answers 100]

An answer is a question that is posted, a reply that needs no search, and its stream, on SQLite. Each row is a process
of its own, called without a network; the last one sends to a collector that is not there.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ulid import ULID

ROOT = Path(__file__).parent.parent
_TOKEN = "of-this-measurement"
ROWS = {
    "nothing": {"LOG_LEVEL": "WARNING"},
    "lines of text": {},
    "lines of JSON": {"LOG_FORMAT": "json"},
    "JSON, figures": {"LOG_FORMAT": "json", "METRICS_TOKEN": _TOKEN},
    "JSON, figures, OTLP": {
        "LOG_FORMAT": "json",
        "METRICS_TOKEN": _TOKEN,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    },
}


async def called(method: str, path: str, body: object = None) -> bytes:
    """The body of one call of the composed application."""
    from functions.local import app

    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"bench"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    taken: list[bytes] = []
    asked = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.sleep(3_600)  # the caller stays
        asked = True
        return {"type": "http.request", "body": json.dumps(body).encode() if body else b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        taken.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(taken)


async def measured(requests: int, answers: int) -> tuple[float, float]:
    """Milliseconds of processor time: of a request, of an answer."""
    from shared import wiring
    from shared.seeing.logs import set_up
    from shared.settings import get_settings

    set_up(get_settings().log_format, get_settings().log_level)
    wiring.get_store().prepare()

    async def answer() -> None:
        taken = await called("POST", f"/v1/sessions/{ULID()}/chats", {"user_message": "안녕하세요"})
        stream = await called("POST", f"/v1/streaming/{json.loads(taken)['streaming_id']}")
        assert b"event: done" in stream

    async with serving():
        return await timed(requests, lambda: called("GET", "/v1/sessions")), await timed(answers, answer)


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    """The application, started and stopped as a server does it."""
    from functions.local import app

    told: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    living = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, told.get, said.put))
    for step in ("startup", "shutdown"):
        told.put_nowait({"type": f"lifespan.{step}"})
        assert (await said.get())["type"] == f"lifespan.{step}.complete"
        if step == "startup":
            yield
    await living


async def timed(count: int, once: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of processor time: the best average of five rounds, others disturb. The first makes much once."""
    averages = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(count):
            await once()
        averages.append((time.process_time() - began) / count * 1_000)
    return min(averages)


def main() -> int:
    """Measure every row. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--alone", action="store_true", help="this process, as it is set")
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(asyncio.run(measured(options.requests, options.answers))))
        return 0
    print(f"{'':24}{'a request':>12}{'an answer':>12}   ms of processor time")
    for name, values in ROWS.items():
        with tempfile.TemporaryDirectory() as folder:
            limits = {"RATE_LIMIT_PER_MINUTE": "0", "RATE_LIMIT_PER_MINUTE_ADDRESS": "0"}
            given = {**os.environ, **limits, **values, "DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
            command = [sys.executable, __file__, "--alone", *sys.argv[1:]]
            ran = subprocess.run(command, env=given, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        request, answer = json.loads(ran.stdout)
        print(f"{name:24}{request:12.3f}{answer:12.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
