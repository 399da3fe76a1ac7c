"""An application behind the Lambda Web Adapter, which calls it from its own machine, on behalf of others."""

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.seeing.requests import FREEZES

_CONTEXT = "x-amzn-request-context"  # the adapter writes it itself, over whatever a caller has sent
_FORWARDED = b"x-forwarded-for"


class Adapted:
    """An application behind the adapter, in a function that is frozen when a response has ended.

    Who calls is who has connected to the function URL. `X-Forwarded-For` is dropped: of several addresses a function
    URL passes on the first alone, which anybody can write, so that behind it no number of trusted proxies tells the
    caller. Behind a distribution the caller is therefore the distribution's own server.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            caller = _caller(Headers(scope=scope).get(_CONTEXT, "{}"))
            client = (caller, 0) if caller else scope["client"]
            headers = [(name, value) for name, value in scope["headers"] if name != _FORWARDED]
            scope = {**scope, "client": client, "headers": headers, FREEZES: True}
        await self._app(scope, receive, send)


def _caller(context: str) -> str | None:
    """The address in a request's context (API Gateway's format 2.0, as function URLs have it), if there is one."""
    address: str | None = json.loads(context).get("http", {}).get("sourceIp")
    return address
