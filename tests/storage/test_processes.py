"""A store is made once and used in many threads and in forked processes; each process has its own connections."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.storage.per_process import PerProcess
from tests.storage.backends import Backend
from tests.storage.racing import together

# In an interpreter of its own: to fork one that has threads, as this one has, is asking for trouble
_FORK = """
import os, sys
from tests.storage.backends import Backend
pk = sys.argv[3]
store = Backend(sys.argv[1], sys.argv[2]).open()
store.put("chats", {"pk": pk, "sk": "parent"})
children = []
for n in range(3):
    child = os.fork()
    if not child:
        status = 1
        try:
            store.update("chats", pk, "parent", {f"n{n}": n})
            store.put("chats", {"pk": pk, "sk": f"child {n}"}, if_absent=True)
            store.close()
            status = 0
        finally:
            os._exit(status)
    children.append(child)
store.put("chats", {"pk": pk, "sk": "parent again"})
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
store.put("chats", {"pk": pk, "sk": "parent at last"})
print(*[item["sk"] for item in store.query("chats", pk).items], sep=", ", end="")
assert store.get("chats", pk, "parent") == {"pk": pk, "sk": "parent", "schema": 1, "n0": 0, "n1": 1, "n2": 2}
store.close()
"""


def test_a_store_that_was_used_before_a_fork_works_on_both_sides_of_it(backend: Backend, pk: str) -> None:
    command = [sys.executable, "-c", _FORK, backend.kind, backend.address, pk]
    ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "child 0, child 1, child 2, parent, parent again, parent at last"


def test_threads_that_ask_at_once_get_one_value() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    value = PerProcess(make)
    got = together(50, lambda _: value.get())
    assert len(made) == 1
    assert all(one is made[0] for one in got)


def test_a_value_that_could_not_be_made_is_made_the_next_time() -> None:
    tries = iter([OSError, None])

    def make() -> str:
        if error := next(tries):
            raise error
        return "made"

    value = PerProcess(make)
    with pytest.raises(OSError):
        value.get()
    assert value.get() == "made"


def test_a_value_that_was_taken_away_is_made_again() -> None:
    value = PerProcess(object)
    first = value.get()
    assert value.pop() is first
    assert value.pop() is None
    assert value.get() is not first
