"""What haedap adds to a model's own time, beside a bare Starlette app that only passes the SDK's deltas on.

    python scripts/bench_pipeline.py [--answers 300] [--clients 64] [--tokens 40] [--rounds 3]

Starts a MongoDB, a Chroma server, a model that costs next to nothing (scripts/bench/llm.py) and both applications, each
of these on one core of its own where the machine has two, the model, the servers and the clients on the other. Prints
for one client the time to the first token, of questions that were asked lately and of new ones, which are embedded and
encoded first, and for many the answers a second, side by side; each with the processor time that the application took
for an answer, which others on the machine hardly disturb. The question is embedded by the same cheap server, so that
what is measured is haedap's own work; with --local-embeddings by the local engine.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.bench import load
from scripts.steps import guarded
from tests.app import environment
from tests.chroma_server import chroma
from tests.servers import free_port, mongod

ROOT = Path(__file__).parent.parent
_QUESTIONS = ROOT / "data" / "sample_questions.jsonl"
_WARM_UP = 30


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--local-embeddings", action="store_true")
    chosen = parser.parse_args(arguments)
    questions = [json.loads(line)["question"] for line in _QUESTIONS.read_text(encoding="utf-8").splitlines()]
    theirs, ours = _cores()
    os.sched_setaffinity(0, theirs)
    with ExitStack() as stack:
        apps = _start(stack, chosen.tokens, chosen.local_embeddings, ours)
        asking = {"bare": lambda: load.bare(apps["bare"].port), "haedap": lambda: load.haedap(apps["haedap"].port)}
        for make in asking.values():
            asyncio.run(load.run(make, questions, 1, _WARM_UP))
            asyncio.run(load.run(make, questions, chosen.clients, 2 * chosen.clients))  # threads and connections
        for number in range(1, chosen.rounds + 1):
            new = [f"{question} {number}" for question in questions]
            one, many = min(chosen.answers, len(new)), chosen.answers
            for what, clients, answers in (("new", 1, one), ("lately", 1, one), ("together", chosen.clients, many)):
                took = {name: _measured(make, new, clients, answers, apps[name].pid) for name, make in asking.items()}
                print(f"{number}: {_told(what, clients, took['bare'], took['haedap'])}", flush=True)
    return 0


@dataclass(frozen=True)
class App:
    """An application that is measured."""

    port: int
    pid: int


@dataclass(frozen=True)
class Took:
    """What its clients saw: the time to the first token, p50; and its processor time for an answer."""

    first_ms: float
    answers_a_second: float
    processor_ms: float


def _measured(make: Callable[[], load.Ask], questions: Sequence[str], clients: int, answers: int, pid: int) -> Took:
    before = _processor_seconds(pid)
    seen, seconds = asyncio.run(load.run(make, questions, clients, answers))
    processor = _processor_seconds(pid) - before
    first = statistics.median(one.first for one in seen)
    return Took(first * 1_000, len(seen) / seconds, processor / len(seen) * 1_000)


def _processor_seconds(pid: int) -> float:
    """What a process has used of the processor until now, for itself and in the kernel (proc(5), `stat`)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _told(what: str, clients: int, bare: Took, haedap: Took) -> str:
    processor = (
        f"processor time an answer: bare {bare.processor_ms:.1f} ms, haedap {haedap.processor_ms:.1f} ms,"
        f" ratio {bare.processor_ms / haedap.processor_ms:.2f}"
    )
    if clients > 1:
        ratio = haedap.answers_a_second / bare.answers_a_second
        return (
            f"answers a second, {clients} clients: bare {bare.answers_a_second:.1f}, haedap"
            f" {haedap.answers_a_second:.1f}, ratio {ratio:.2f}; {processor}"
        )
    asked = {"new": "new questions", "lately": "asked lately"}[what]
    return (
        f"first token p50, 1 client, {asked}: bare {bare.first_ms:.1f} ms, haedap {haedap.first_ms:.1f} ms, added"
        f" {haedap.first_ms - bare.first_ms:.1f} ms; {processor}"
    )


def _cores() -> tuple[set[int], set[int]]:
    """The cores for the model, the servers and the clients, and the one for what is measured."""
    cores = sorted(os.sched_getaffinity(0))
    return set(cores[1:]) or set(cores), set(cores[:1])


def _start(stack: ExitStack, tokens: int, local_embeddings: bool, ours: set[int]) -> dict[str, App]:
    """Start everything and index the sample FAQ."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    llm, bare, haedap = free_port(), free_port(), free_port()
    model = [sys.executable, "-m", "scripts.bench.llm", "--port", str(llm), "--tokens", str(tokens)]
    stack.enter_context(_running(model, environment(folder), llm))
    base_url = f"http://127.0.0.1:{llm}/v1"
    settings = {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": "none",
        "EMBEDDING_MODEL": "local" if local_embeddings else "fast",
        "STORAGE": "mongo",
        "MONGO_URI": stack.enter_context(mongod()),
        "CHROMA_HOST": "127.0.0.1",
        "CHROMA_PORT": str(stack.enter_context(chroma())),
        "RATE_LIMIT_PER_MINUTE": "0",
        "RATE_LIMIT_PER_MINUTE_ADDRESS": "0",
    }
    settings |= {} if local_embeddings else {"EMBEDDING_DIMENSIONS": "384"}
    build = [sys.executable, "scripts/vectorize.py", "data/sample_faq.jsonl"]
    subprocess.run(build, cwd=ROOT, env=environment(folder, **settings), check=True, stderr=subprocess.DEVNULL)
    apps = {}
    for name, module, port, env in (
        ("bare", "scripts.bench.bare", bare, {"OPENAI_BASE_URL": base_url}),
        ("haedap", "functions.local", haedap, settings),
    ):
        command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--port", str(port), "--log-level", "warning"]
        pid = stack.enter_context(_running(command, environment(folder, **env) | env, port, ours))
        apps[name] = App(port, pid)
    return apps


@contextmanager
def _running(command: Sequence[str], env: Mapping[str, str], port: int, cores: set[int] | None = None) -> Iterator[int]:
    """Its process id."""
    process = subprocess.Popen(command, cwd=ROOT, env=dict(env))
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        _wait(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=5, trust_env=False)
        except httpx.TransportError as error:
            if isinstance(error, httpx.RemoteProtocolError | httpx.ReadTimeout):
                return
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


if __name__ == "__main__":
    sys.exit(main())
