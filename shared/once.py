"""What is made once in a process, whoever asks for it first."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import ParamSpec, TypeVar

from cachetools import TTLCache

from shared.errors import AppError

P = ParamSpec("P")
T = TypeVar("T")
_FAILURE_SECONDS = 2.0


def once(make: Callable[P, T]) -> Callable[P, T]:
    """Memoize for ever. Of many threads that ask at once one makes it and the others wait, unlike `functools.cache`.

    A failure is theirs too, and for two seconds more: with a server away, waiting is not done in turns.
    """
    made: dict[object, T] = {}
    failed: TTLCache[object, AppError] = TTLCache(64, _FAILURE_SECONDS)
    lock = RLock()

    @wraps(make)
    def memoized(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(kwargs.items()))
        if key in made:
            return made[key]
        with lock:
            if key not in made:
                if (earlier := failed.get(key)) is not None:
                    raise type(earlier)(earlier.message, detail=earlier.reason)
                try:
                    made[key] = make(*args, **kwargs)
                except AppError as error:
                    failed[key] = error
                    raise
            return made[key]

    memoized.__dict__.update(cache=made, failures=failed)
    return memoized
