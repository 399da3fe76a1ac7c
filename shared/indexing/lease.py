"""One build of a source at a time: a lease in the store, which ends by itself when its holder is killed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ulid import ULID

from shared.errors import AppError, StoreUnavailable
from shared.storage.base import ConditionFailed, Store
from shared.storage.keys import LEASE

LEASE_SECONDS = 10  # what a build waits after one that was killed; clocks of two machines differ by less
_RENEW_SECONDS = 2.5
_POLL_SECONDS = 0.25
_OVERTAKEN = "another build took over while this one had no lease: run it again"


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

        One that has lapsed (the machine slept, or was too busy to renew it) is taken again when nobody holds it. Then
        another build may have come and gone: `build_index` looks whether the pointer is where it was.

        Raises
        ------
        BuildRunning
            When another build holds it.
        """
        mine = {"holder": self._holder}
        try:
            self._store.update("indexes", self._source_id, LEASE, mine, if_=mine, expires_at=_lapse())
        except ConditionFailed:
            self._try_take()

    def check(self) -> None:
        """Raise `BuildRunning` when the last renewal failed. Asks nobody."""
        if self._lost:
            raise self.refusal(_OVERTAKEN)

    def refusal(self, why: str = _OVERTAKEN) -> BuildRunning:
        """The error that ends a build which may not go on."""
        return BuildRunning(detail=f"source {self._source_id!r}: {why}")

    def _take(self, waiting: Callable[[], None]) -> None:
        """Wait for as long as a killed build's lease can last; one that is then still held is somebody's."""
        deadline, told = time.monotonic() + LEASE_SECONDS + 1 + 2 * _POLL_SECONDS, False
        while True:
            try:
                self._try_take()
                self._lost = False
                return
            except BuildRunning as error:
                if time.monotonic() > deadline:
                    raise self.refusal("another build of it is at work: wait for it, or stop it") from error
            if not told:
                waiting()
                told = True
            time.sleep(_POLL_SECONDS)

    def _try_take(self) -> None:
        item = {"pk": self._source_id, "sk": LEASE, "holder": self._holder}
        try:
            self._store.put("indexes", item, if_absent=True, expires_at=_lapse())
        except ConditionFailed as error:
            self._lost = True
            raise self.refusal() from error

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
            self.renew()  # only one's own is deleted
            self._store.delete("indexes", self._source_id, LEASE)
        except (BuildRunning, StoreUnavailable):
            return


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
