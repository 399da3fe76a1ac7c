"""How long a packed function takes from the start of its process to its first answer. Prints figures; tests nothing.

    python scripts/bench_cold_start.py [--runs 12]

Against a function that imports FastAPI and Mangum and returns a constant, each in a fresh process, in turns. Folders
are as scripts/package.py makes them for this machine; tables, DynamoDB's as moto has them, are empty. `streaming` is
run as the Lambda Web Adapter runs it, until the first event of an answer is there.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from boto3.session import Session

from scripts import package
from scripts.bench import constant, invoke
from shared.conversations import Conversations, Question
from shared.storage.base import Store
from shared.storage.dynamodb import DynamoStore
from shared.storage.keys import Owner
from shared.storage.sqlite import SqliteStore
from tests.infra import template
from tests.servers import dynamodb, free_port

_EVENTS = Path(__file__).parent.parent / "tests" / "events"
_REGION, _SECRET = "ap-northeast-2", "a secret key of a benchmark"
_KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": _REGION}
_SESSION = "3b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
_BARE = "a constant"


class Start(NamedTuple):
    """One cold start: on the clock and on the processor, both in milliseconds, and the most memory it took."""

    clock: float
    processor: float
    megabytes: float


def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="of each; figures are their medians")
    runs = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory() as temporary, dynamodb() as url:
        folder = Path(temporary)
        package.main(["sessions", "chats", "streaming", "--target", str(folder)])
        shutil.copy(constant.__file__, folder / "sessions" / "constant.py")
        template.deploy_tables(
            Session("x", "x", region_name=_REGION).client("cloudformation", endpoint_url=url), "haedap-"
        )
        own = {"SECRET_KEY": _SECRET, "DATA_DIR": str(folder / "var"), "PATH": os.defpath, "NO_PROXY": "127.0.0.1"}
        stores: dict[str, tuple[Store, dict[str, str]]] = {
            "dynamodb": (
                DynamoStore("haedap-", _REGION, url, 20, credentials=("bench", "bench", None)),
                {**own, **_KEYS, "STORAGE": "dynamodb", "DYNAMODB_ENDPOINT_URL": url},
            ),
            "sqlite": (SqliteStore(folder / "var" / "haedap.sqlite3"), own),
        }
        stores["sqlite"][0].prepare()
        cases: dict[str, Callable[[], Start]] = {
            _BARE: lambda: _invoked(folder / "sessions", "constant", "sessions", own)
        }
        for kind, (store, values) in stores.items():
            for name in ("sessions", "chats"):
                cases[f"{name}, {kind}"] = _invocation(folder, name, values)
            cases[f"streaming, {kind}"] = _stream(folder / "streaming", store, values)
        _report({name: _medians(made) for name, made in _in_turns(cases, runs).items()})
        for store, _ in stores.values():
            store.close()
    return 0


def _in_turns(cases: Mapping[str, Callable[[], Start]], runs: int) -> dict[str, list[Start]]:
    """So that what else the machine does is not one case's alone."""
    made: dict[str, list[Start]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, start in cases.items():
            made[name].append(start())
    return made


def _medians(starts: list[Start]) -> Start:
    return Start(*(statistics.median(figures) for figures in zip(*starts, strict=True)))


def _report(found: Mapping[str, Start]) -> None:
    bare = found[_BARE]
    for name, start in found.items():
        ratios = f"{start.clock / bare.clock:5.2f} times, of processor {start.processor / bare.processor:5.2f} times"
        print(f"{name:20} {start.clock:6.0f} ms ({ratios}), {start.megabytes:4.0f} MB")


def _invocation(folder: Path, name: str, values: dict[str, str]) -> Callable[[], Start]:
    return lambda: _invoked(folder / name, "start", name, values)


def _invoked(folder: Path, module: str, event: str, values: dict[str, str]) -> Start:
    """Until the function has returned."""
    command = [sys.executable, "-I", "-S", invoke.__file__, str(folder), module]
    with (_EVENTS / f"{event}.json").open("rb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, cwd=folder, env=values)
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - started
        process.communicate()
    told = json.loads(line)
    assert told["answer"]["statusCode"] < 300, told["answer"]
    return Start(took * 1e3, told["milliseconds"], told["megabytes"])


def _stream(folder: Path, store: Store, values: dict[str, str]) -> Callable[[], Start]:
    """Until the first event of an answer is there, of a question that another process took."""
    bin_folder = folder.parent / "bin"
    bin_folder.mkdir(exist_ok=True)
    python = bin_folder / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    conversations = Conversations(store, 90, secret_key=lambda: _SECRET)

    def start() -> Start:
        visitor = Owner("default", f"v{time.time_ns()}")
        streaming_id = conversations.ask(visitor, _SESSION, Question("가입 심사는 며칠 걸려요?"))
        port = free_port()
        own = {**values, "AWS_LWA_PORT": str(port), "PATH": f"{bin_folder}:{os.defpath}"}
        started = time.perf_counter()
        process = subprocess.Popen([folder / "run.sh"], cwd=folder, env=own, stderr=subprocess.DEVNULL)
        try:
            first = _first_line(port, streaming_id)
            took = time.perf_counter() - started
            assert first.startswith(b"id: 1"), first
            used = _used(process.pid)
        finally:
            process.kill()
            process.wait()
        return Start(took * 1e3, *used)

    return start


def _first_line(port: int, streaming_id: str) -> bytes:
    while True:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            try:
                connection.request("POST", f"/v1/streaming/{streaming_id}")
            except ConnectionRefusedError:
                time.sleep(0.01)  # as the adapter waits
                continue
            return connection.getresponse().readline()


def _used(process: int) -> tuple[float, float]:
    """Milliseconds of processor and megabytes that a process has taken so far (Linux: proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") * 1e3, invoke.megabytes(process)


if __name__ == "__main__":
    sys.exit(main())
