"""The one bridge from the event loop to synchronous ports: stores, vectors, embeddings."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# As many as Starlette has for its own. Plain threads: AnyIO's bridge takes twice the processor time for a call
_threads = ThreadPoolExecutor(40, "blocking")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a blocking call, made in a worker thread in this context; what it raises is raised here.

    A cancelled caller stops waiting only when the call has ended: a half-done write is nobody's. A `StopIteration`
    comes as a `RuntimeError`: a future takes none, and whoever waits for it would wait for ever.
    """
    made = asyncio.get_running_loop().run_in_executor(
        _threads, copy_context().run, _made, partial(call, *args, **kwargs)
    )
    cancelled: asyncio.CancelledError | None = None
    while not made.done():
        try:
            await asyncio.wait({made})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        made.exception()  # nobody asks for it any more
        raise cancelled
    return made.result()


def _made(call: Callable[[], T]) -> T:
    try:
        return call()
    except StopIteration as error:
        raise RuntimeError("a blocking call ended in StopIteration") from error
