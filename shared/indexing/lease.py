"""One build of a source at a time: a lease in the store, which ends by itself when its holder is killed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ulid import ULID

from shared.errors import AppError, StoreUnavailable
from shared.storage.base import ConditionFailed, Store

LEASE_SECONDS = 10  # what a build waits after one that was killed; clocks of two machines differ by less
_RENEW_SECONDS = 2.5
_POLL_SECONDS = 0.25
_SK = "lease"  # in `indexes`; sorts after the pointer, so that it is in no list of versions


class BuildRunning(AppError):
    """Another build of the same source is at work, here or on another machine."""

    status, code = 409, "build_running"
    default_message = "이 FAQ의 색인을 만드는 작업이 이미 진행되고 있습니다."


class Lease:
    """The right to change a source's index. `held` makes one and keeps it alive in a thread."""

    def __init__(self, store: Store, source_id: str) -> None:
        self._store, self._source_id, self._holder = store, source_id, str(ULID())
        self._lost = False

    def renew(self) -> None:
        """Hold it for another `LEASE_SECONDS`.

        Raises
        ------
        BuildRunning
            When it has lapsed (the machine slept, the store was away), so that another build may have begun.
        """
        try:
            self._store.update(
                "indexes",
                self._source_id,
                _SK,
                {"holder": self._holder},
                if_={"holder": self._holder},
                expires_at=_lapse(),
            )
        except ConditionFailed as error:
            self._lost = True
            raise self._refusal("the lease on it lapsed while this build was at work: run it again") from error

    def check(self) -> None:
        """Raise `BuildRunning` when the last renewal found it lapsed. Asks nobody."""
        if self._lost:
            raise self._refusal("the lease on it lapsed while this build was at work: run it again")

    def _take(self, waiting: Callable[[], None]) -> None:
        """Wait for as long as a killed build's lease can last; one that is then still held is somebody's."""
        deadline, told = time.monotonic() + LEASE_SECONDS + 2 * _POLL_SECONDS, False
        while True:
            item = {"pk": self._source_id, "sk": _SK, "holder": self._holder}
            try:
                self._store.put("indexes", item, if_absent=True, expires_at=_lapse())
                return
            except ConditionFailed as error:
                if time.monotonic() > deadline:
                    raise self._refusal("another build of it is at work: wait for it, or stop it") from error
            if not told:
                waiting()
                told = True
            time.sleep(_POLL_SECONDS)

    def _keep(self, ended: threading.Event) -> None:
        while not ended.wait(_RENEW_SECONDS):
            try:
                self.renew()
            except StoreUnavailable:  # it may be back before the lease ends
                continue
            except BuildRunning:
                return

    def _leave(self) -> None:
        try:
            self.renew()  # only what is still one's own is deleted
            self._store.delete("indexes", self._source_id, _SK)
        except (BuildRunning, StoreUnavailable):
            return

    def _refusal(self, why: str) -> BuildRunning:
        return BuildRunning(detail=f"source {self._source_id!r}: {why}")


@contextmanager
def held(store: Store, source_id: str, waiting: Callable[[], None]) -> Iterator[Lease]:
    """Hold a source's lease for as long as the block runs.

    Parameters
    ----------
    waiting
        Called once when the lease is somebody's: a build that runs, or one that was killed less than 10 s ago.

    Raises
    ------
    BuildRunning
        When another build holds it, and goes on holding it.
    """
    lease, ended = Lease(store, source_id), threading.Event()
    lease._take(waiting)
    thread = threading.Thread(target=lease._keep, args=(ended,), name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        ended.set()
        thread.join()
        lease._leave()


def _lapse() -> int:
    return int(time.time()) + LEASE_SECONDS + 1  # whole seconds: the one that has begun does not count
