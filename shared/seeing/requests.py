"""Around every request: its id, its line in the log, its figures, its span."""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.seeing.around import Around, enter
from shared.seeing.base import REQUEST_SECONDS, Seeing, Span

log = logging.getLogger(__name__)

HEADER = "X-Request-Id"
FREEZES = "haedap.freezes"  # in a scope: once the response has ended, nothing may run until the next request
CLOSE_SECONDS = 1.0  # that the last figures and spans may take at a shutdown
_FLUSH_SECONDS = 2.0
_REST_SECONDS = 30.0  # after a collector took longer: while it is away, one request in so long waits for it
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OFTEN = frozenset({"/v1/health", "/v1/ready", "/metrics", "page"})  # asked by machines, or a dozen at once


class Requests:
    """An application whose requests are told.

    Parameters
    ----------
    seeing
        Who is told; asked at the first request, when settings may be read.
    finish
        What is done to the headers of a response, whichever it is.
    """

    def __init__(self, app: ASGIApp, seeing: Callable[[], Seeing], finish: Callable[[MutableHeaders], None]) -> None:
        self._app, self._seeing, self._finish = app, seeing, finish
        self._rests_until = 0.0
        self._lives = False  # whether it goes on between requests, as a function of AWS Lambda does not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._request(scope, receive, send)
            case "lifespan":
                self._lives = True
                await self._app(scope, receive, self._closing(send))
            case _:
                await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        seeing, headers, started = self._seeing(), Headers(scope=scope), time.perf_counter()
        given = headers.get(HEADER, "")
        around = Around(given if _GIVEN.fullmatch(given) else secrets.token_hex(16), seeing=seeing)
        if seeing.tracer is not None:
            around.span = seeing.tracer.begin("request", "server", headers=dict(headers))
        span, status, told = around.span, 0, False
        flushes = seeing.sees and (not self._lives or FREEZES in scope)
        enter(around)

        async def tell() -> None:
            nonlocal told
            if not told:
                told = True
                self._tell(scope, status, time.perf_counter() - started, seeing, span)
                if flushes:
                    await run_in_threadpool(self._flush, seeing)

        async def finished(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                answered[HEADER] = str(around.request_id)
                self._finish(answered)
            elif flushes and not message.get("more_body"):
                await tell()  # before the end of the response, at which a function is frozen
            await send(message)

        try:
            await self._app(scope, receive, finished)
        finally:
            await tell()

    def _tell(self, scope: Scope, status: int, seconds: float, seeing: Seeing, span: Span | None) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = route_of(scope)
        level = logging.DEBUG if route in _OFTEN else logging.INFO
        if log.isEnabledFor(level):
            ms = round(seconds * 1_000)
            fields = {"method": method, "route": route, "status": status, "ms": ms}
            log.log(level, "%s %s %d %d ms", method, route, status, ms, extra={"fields": fields})
        seeing.measure(REQUEST_SECONDS, seconds, method, route, str(status))
        if span is not None:
            # Names as OpenTelemetry's conventions for HTTP have them
            attributes = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
            span.end(f"{method} {route}", attributes, f"HTTP {status}" if status >= 500 or not status else None)

    def _flush(self, seeing: Seeing) -> None:
        began = time.monotonic()
        if began >= self._rests_until:
            seeing.flush(_FLUSH_SECONDS)
            if (ended := time.monotonic()) - began >= _FLUSH_SECONDS:
                self._rests_until = ended + _REST_SECONDS

    def _closing(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        async def closing(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await run_in_threadpool(partial(self._seeing().close, CLOSE_SECONDS))
            await send(message)

        return closing


def route_of(scope: Scope) -> str:
    """Which route answered a request, as it is declared: it holds no id. `none` where there is no such address."""
    template = getattr(scope.get("route"), "path_format", None)
    if isinstance(template, str):
        return template
    return "page" if scope.get("endpoint") is not None else "none"
