"""A circuit breaker: a language model that keeps failing is left alone for a while (Nygard, Release It!, ch. 5)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from shared.errors import LlmRefused, LlmUnavailable

FAILURES = 5  # in a row; at two attempts each that is ten requests that came to nothing
OPEN_SECONDS = 20.0  # a customer in a conversation finds the model back at the next question but one


class Breaker:
    """Counts the failures of one model, for all bots and loops of a process.

    Closed, calls go through. After `failures` in a row it opens: calls fail at once, and the customer has an answer
    from the FAQ without waiting for a time-out. After `open_seconds` one call is let through as a trial; it closes the
    circuit or opens it again.

    An `LlmRefused` is no failure: the server works, and one customer's question must not close it to all others.
    """

    def __init__(
        self, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._open_seconds, self._clock = failures, open_seconds, clock
        self._failures, self._opens_at, self._lock = 0, 0.0, Lock()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around one call. Raises `LlmUnavailable` when the circuit is open."""
        with self._lock:
            now = self._clock()
            if self._failures >= self._most:
                if now < self._opens_at:
                    raise LlmUnavailable(detail="not asked: it failed too often lately")
                self._opens_at = now + self._open_seconds  # this call is the trial; the others go on failing at once
        try:
            yield
        except LlmRefused:
            self._succeeded()
            raise
        except LlmUnavailable:
            with self._lock:
                self._failures += 1
                self._opens_at = self._clock() + self._open_seconds
            raise
        else:
            self._succeeded()

    def _succeeded(self) -> None:
        with self._lock:
            self._failures = 0
