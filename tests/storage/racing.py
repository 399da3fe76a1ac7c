"""What several processes do at once to one back end. Each is a fresh interpreter that imports this module."""

import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from shared.storage.base import ConditionFailed, Store
from tests.storage.backends import TIMEOUT_SECONDS, Backend

RACES = 10  # tickets to claim and keys to take
ADDITIONS = 15  # a process
UPDATES = 5  # a process
_RACE_SECONDS = 120.0

T = TypeVar("T")


@dataclass
class Outcome:
    """What one process won, and what went wrong in it."""

    claimed: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    error: str = ""


def together(count: int, action: Callable[[int], T]) -> list[T]:
    """Run `action(0)` … `action(count - 1)` in as many threads, all starting at once."""
    barrier = threading.Barrier(count)

    def run(index: int) -> T:
        barrier.wait(TIMEOUT_SECONDS)
        return action(index)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def succeeds(action: Callable[..., object], *arguments: Any, **options: Any) -> bool:
    """Whether the condition held."""
    try:
        action(*arguments, **options)
    except ConditionFailed:
        return False
    return True


def count_up(store: Store, pk: str, sk: str, name: str = "n") -> None:
    """Read, add one, write on condition that nobody else did: again until it is done."""
    while True:
        item = store.get("counters", pk, sk)
        assert item is not None
        if succeeds(store.update, "counters", pk, sk, {name: item[name] + 1}, if_={name: item[name]}):
            return
        time.sleep(random.uniform(0, 0.2))  # else most of them fail every time


def race(backend: Backend, pk: str, processes: int) -> list[Outcome]:
    """Race for tickets and counters of one partition, and tell how each process fared."""
    return _in_processes(processes, _run, backend, pk)


def start_at_once(folder: Path, files: int, processes: int) -> list[Outcome]:
    """Use one new SQLite file after another, all processes at once."""
    return _in_processes(processes, _start, folder, files)


def _in_processes(count: int, target: Callable[..., None], *arguments: Any) -> list[Outcome]:
    context = multiprocessing.get_context("spawn")
    barrier, outcomes = context.Barrier(count), context.Queue()
    started = [context.Process(target=target, args=(*arguments, barrier, outcomes)) for _ in range(count)]
    for process in started:
        process.start()
    try:
        return [outcomes.get(timeout=_RACE_SECONDS) for _ in started]
    finally:
        for process in started:
            process.join(60)
            process.kill()
            process.join()
            process.close()
        outcomes.close()


@contextmanager
def _telling(barrier: Any, outcomes: Any) -> Iterator[Outcome]:
    """Tell the outcome to the test, which fails on an error in it."""
    outcome = Outcome()
    try:
        yield outcome
    except Exception as error:
        outcome.error = repr(error)
        barrier.abort()
    finally:
        outcomes.put(outcome)


def _start(folder: Path, files: int, barrier: Any, outcomes: Any) -> None:
    with _telling(barrier, outcomes):
        for index in range(files):
            barrier.wait(60)
            with closing(Backend("sqlite", str(folder / f"{index}")).open()) as store:
                store.add("counters", "a", "b", {"n": 1})


def _run(backend: Backend, pk: str, barrier: Any, outcomes: Any) -> None:
    with _telling(barrier, outcomes) as outcome, closing(backend.open()) as store:
        barrier.wait(60)
        store.prepare()
        _take_part(store, pk, barrier, outcome)


def _take_part(store: Store, pk: str, barrier: Any, outcome: Outcome) -> None:
    for ticket in range(RACES):
        barrier.wait(60)
        if succeeds(store.put, "tickets", {"pk": pk, "sk": f"{ticket}"}, if_absent=True):
            outcome.taken.append(ticket)
        barrier.wait(60)
        if succeeds(store.update, "tickets", pk, f"{ticket}", {"claimed": True}, if_={"claimed": None}):
            outcome.claimed.append(ticket)
    store.add("counters", pk, "conditional", {"n": 0})
    for _ in range(ADDITIONS):
        store.add("counters", pk, "added", {"n": 1})
    for _ in range(UPDATES):
        count_up(store, pk, "conditional")
