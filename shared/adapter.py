"""An application behind the Lambda Web Adapter, which calls it from its own machine, on behalf of others."""

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.callers import CONNECTED
from shared.seeing.requests import FREEZES
from shared.settings import get_settings

_CONTEXT = "x-amzn-request-context"  # the adapter writes it itself, over whatever a caller has sent
_VIEWER = "cloudfront-viewer-address"
_FORWARDED = b"x-forwarded-for"


class Adapted:
    """An application behind the adapter, in a function that is frozen when a response has ended.

    Who calls is who has connected to the function URL. Where `TRUSTED_PROXIES` says that a distribution stands before
    it, it is whom CloudFront says that it serves; since that is a header, which whoever calls the function URL itself
    can write too, `connected_address` still tells who has connected. `X-Forwarded-For` is dropped: of several addresses
    a function URL passes on the first alone, which is the caller's own to invent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope)
            connected = _connected(given.get(_CONTEXT, "{}")) or scope["client"][0]
            viewer = given.get(_VIEWER, "").rpartition(":")[0] if get_settings().trusted_proxies else ""  # without port
            headers = [(name, value) for name, value in scope["headers"] if name != _FORWARDED]
            client = (viewer or connected, 0)
            scope = {**scope, "client": client, "headers": headers, CONNECTED: connected, FREEZES: True}
        await self._app(scope, receive, send)


def _connected(context: str) -> str | None:
    """The address in a request's context (API Gateway's format 2.0, as function URLs have it), if there is one."""
    address: str | None = json.loads(context).get("http", {}).get("sourceIp")
    return address
