"""What sources answered a moment ago, for all bots of this process."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from cachetools import TLRUCache

from shared.sources.base import Record

Records = tuple[Record, ...]
MAX_CHARACTERS = 8_000_000  # some 30 MB; records are a few hundred characters each


class Recent:
    """Records by a key of the caller's, each for seconds of the caller's; the ones used least go first.

    Parameters
    ----------
    now
        A clock, in seconds.
    """

    def __init__(self, max_characters: int = MAX_CHARACTERS, now: Callable[[], float] = monotonic) -> None:
        self._lock = Lock()
        self._kept: TLRUCache[str, tuple[Records, int]] = TLRUCache(
            max_characters, ttu=lambda _, kept, now: now + kept[1], timer=now, getsizeof=lambda kept: _size(kept[0])
        )

    def get(self, key: str) -> Records | None:
        """What was put, while it holds."""
        with self._lock:
            kept = self._kept.get(key)
        return kept[0] if kept else None

    def put(self, key: str, records: Records, seconds: int) -> None:
        """Keep records for so long; those that are larger than everything together are not."""
        with self._lock:
            if _size(records) <= self._kept.maxsize:
                self._kept[key] = (records, seconds)


def _size(records: Records) -> int:
    return 100 + sum(
        len(label) + len(text) for record in records for label, text in [("", record.title), *record.fields.items()]
    )
