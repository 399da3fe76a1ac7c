"""Driving haedap in tests as its callers do: in this process, or as real servers in processes of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import httpx
from fastapi.testclient import TestClient

from shared import assembly, wiring
from shared.retrieval.s3_artefacts import S3Artefacts
from shared.settings import Settings, get_settings
from shared.storage.dynamodb import DynamoStore
from shared.storage.mongo import MongoStore
from shared.storage.sqlite import SqliteStore
from shared.storage.watched import WatchedStore
from tests.servers import free_port

Client: TypeAlias = httpx.Client | TestClient
ROOT = Path(__file__).parent.parent


def forget() -> None:
    """Forget everything that is memoized, as a new process would."""
    get_settings.cache_clear()
    for factory in (*vars(assembly).values(), *vars(wiring).values()):
        memo = getattr(factory, "cache", None)
        if memo is not None:
            for made in memo.values():
                if isinstance(made, SqliteStore | MongoStore | DynamoStore | S3Artefacts | WatchedStore):
                    made.close()
            memo.clear()
            getattr(factory, "failures", {}).clear()


@dataclass(frozen=True)
class SentEvent:
    """One event as a browser would see it."""

    id: int
    event: str
    data: dict[str, Any]


def parse(stream: str) -> list[SentEvent]:
    """The events of a whole stream; comments are left out."""
    events = []
    for block in filter(None, stream.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            events.append(SentEvent(int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


def new_session() -> str:
    """A session id as the page makes it."""
    return str(uuid4())


def post_question(client: Client, session_id: str, question: str, bot: str = "default", **body: Any) -> str:
    """Ask; the streaming id."""
    path = f"/v1/sessions/{session_id}/chats?bot={bot}"
    response = client.post(path, json={"user_message": question, **body})
    assert response.status_code == 201, response.text
    streaming_id: str = response.json()["streaming_id"]
    return streaming_id


def ask(client: Client, session_id: str, question: str, **body: Any) -> list[SentEvent]:
    """Ask and take the whole stream."""
    streaming_id = post_question(client, session_id, question, **body)
    response = client.post(f"/v1/streaming/{streaming_id}")
    assert response.status_code == 200, response.text
    return parse(response.text)


def said(events: list[SentEvent]) -> str:
    """The text of an answer's deltas."""
    return "".join(one.data["text"] for one in events if one.event == "delta")


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    """An environment for a process of haedap: this one's, without its settings, with these."""
    names = {name.upper() for name in Settings.model_fields} | {"OPEN_AI_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **values}


@contextmanager
def serve(function: str, data_dir: Path, **values: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """One function, or another module's `app`, as a server process of its own; its address and its process."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        f"{function}:app" if "." in function else f"functions.{function}:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    log = data_dir / f"{function}-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment(data_dir, **values), cwd=data_dir, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{address}/v1/nothing-is-here", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")
