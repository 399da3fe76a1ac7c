"""Rates: how often somebody did something in the current minute, counted in the store, so that all processes agree."""

from shared.errors import RateLimited
from shared.storage import keys
from shared.storage.base import Clock, Store, now

_WINDOW_SECONDS = 60


class Limits:
    """Fixed windows of a minute. A limit of 0 is no limit."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def hit(self, kind: str, subject: str, limit: int) -> None:
        """Count one, and raise `RateLimited` when that makes more than `limit` in this minute."""
        if limit == 0:
            return
        at, ends, window = self._window()
        item = self._store.add("counters", keys.rate_pk(kind, subject), window, {"count": 1}, expires_at=ends + 1)
        if item["count"] > limit:
            raise RateLimited(retry_after_seconds=max(1, ends - at))

    def check(self, kind: str, subject: str, limit: int) -> None:
        """Raise `RateLimited` when more than `limit` were counted in this minute; nothing is counted."""
        if limit == 0:
            return
        at, ends, window = self._window()
        item = self._store.get("counters", keys.rate_pk(kind, subject), window)
        if item is not None and item["count"] > limit:
            raise RateLimited(retry_after_seconds=max(1, ends - at))

    def _window(self) -> tuple[int, int, str]:
        """Now, the end of the current minute, both in seconds, and the minute's sort key."""
        at = self._clock()
        ends = (int(at) // _WINDOW_SECONDS + 1) * _WINDOW_SECONDS
        return int(at), ends, keys.window_sk(at, _WINDOW_SECONDS)
