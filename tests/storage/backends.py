"""The back ends under test, as something that can be sent to another process and opened there."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.storage.base import Clock, Store, now

REGION = "ap-northeast-2"
TIMEOUT_SECONDS = 20.0  # a slow machine that runs fifty threads is not an unreachable server


@dataclass(frozen=True)
class Backend:
    """One back end, where it is (a file, a URI or an endpoint), and the database or the prefix of the tables there."""

    kind: Literal["sqlite", "mongo", "dynamodb"]
    address: str
    space: str = "test-"

    def open(self, clock: Clock = now, timeout_seconds: float = TIMEOUT_SECONDS) -> Store:
        """A store of one's own on it."""
        match self.kind:
            case "sqlite":
                from shared.storage.sqlite import SqliteStore

                return SqliteStore(Path(self.address), clock)
            case "mongo":
                from shared.storage.mongo import MongoStore

                return MongoStore(self.address, self.space, timeout_seconds, clock)
            case "dynamodb":
                from shared.storage.dynamodb import DynamoStore

                return DynamoStore(self.space, REGION, self.address, timeout_seconds, clock)


class HandClock:
    """A clock that moves when told. It starts in 2100, so that no server's own sweeper finds anything expired."""

    def __init__(self) -> None:
        self.time = 4_102_444_800.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.time += seconds

    def after(self, seconds: int) -> int:
        """The instant so many seconds from now, to expire at."""
        return int(self.time) + seconds
