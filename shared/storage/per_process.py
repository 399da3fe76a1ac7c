"""A connection is made at first use, and never shared with a forked process."""

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """A value that each process makes for itself when it first asks for it.

    After a fork the child must not touch the parent's sockets and files, not even to close them, so the parent's
    value is kept, unused. The lock is the process's own as well: one that was held at the fork would stay held.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}
        self._locks: dict[int, threading.Lock] = {}

    def get(self) -> T:
        """This process's value."""
        process = os.getpid()
        if process not in self._made:
            with self._locks.setdefault(process, threading.Lock()):
                if process not in self._made:
                    self._made[process] = self._make()
        return self._made[process]

    def pop(self) -> T | None:
        """This process's value, for closing it, or `None` when there is none; a later `get` makes a new one."""
        return self._made.pop(os.getpid(), None)
