"""What each function does with tables, while the composed application serves them all."""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import wraps
from typing import Any

import pytest
from fastapi.routing import APIRoute

from shared.storage.base import TABLES
from shared.storage.sqlite import SqliteStore
from tests.infra import template

READS = {"get", "get_many", "query"}
WRITES = {"add", "batch_put", "delete", "put", "update"}
_module: ContextVar[str] = ContextVar("_module", default="")

Touched = set[tuple[str, str, str]]  # module, verb, table


def watch(patch: pytest.MonkeyPatch) -> Touched:
    """What is done with tables from now on, on behalf of a request, in whatever task or thread."""
    touched: Touched = set()
    handle, submit, ping = APIRoute.handle, ThreadPoolExecutor.submit, SqliteStore.ping

    async def named(route: APIRoute, *args: Any) -> None:
        _module.set(route.endpoint.__module__.removeprefix("functions."))
        answering: Awaitable[None] = handle(route, *args)
        await answering

    def in_context(pool: ThreadPoolExecutor, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        return submit(pool, copy_context().run, call, *args, **kwargs)

    def pinged(store: SqliteStore) -> None:
        touched.add((_module.get(), "get", TABLES[0]))  # as DynamoDB's does it
        ping(store)

    patch.setattr(APIRoute, "handle", named)
    patch.setattr(ThreadPoolExecutor, "submit", in_context)
    patch.setattr(SqliteStore, "ping", pinged)
    for verb in READS | WRITES:
        patch.setattr(SqliteStore, verb, _told(verb, getattr(SqliteStore, verb), touched))
    return touched


def _told(verb: str, done: Callable[..., Any], touched: Touched) -> Callable[..., Any]:
    @wraps(done)
    def told(store: SqliteStore, table: str, *args: Any, **kwargs: Any) -> Any:
        touched.add((_module.get(), verb, table))
        return done(store, table, *args, **kwargs)

    return told


def beyond(touched: Touched) -> list[str]:
    """What the stack's policies would have forbidden."""
    return sorted(
        f"{module} may not {verb} {table}"
        for module, verb, table in touched
        if module in template.functions()
        and table not in (template.granted(module).reads if verb in READS else template.granted(module).writes)
    )
