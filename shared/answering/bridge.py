"""The one bridge from the event loop to synchronous ports: stores, vectors, embeddings."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a blocking call, made in a worker thread; what it raises is raised here.

    A cancelled caller stops waiting only when the call has ended: a half-done write is nobody's.
    """
    return await to_thread.run_sync(partial(call, *args, **kwargs))
