"""Whether this process takes customers by now, as far as it alone knows; its back ends are asked by `/v1/ready`."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import NotReady

_waiting_for: list[str] = []


@contextmanager
def not_ready(why: str) -> Iterator[None]:
    """Around what customers would wait for."""
    _waiting_for.append(why)
    try:
        yield
    finally:
        _waiting_for.remove(why)


def check() -> None:
    """Raise `NotReady` while something is going on."""
    if _waiting_for:
        raise NotReady(detail=_waiting_for[0], retry_after_seconds=1)
