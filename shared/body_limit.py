"""A limit on the size of requests, before an application sees them."""

from collections.abc import AsyncIterator, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Refuses bodies over a limit, whether they declare their length or not.

    Parameters
    ----------
    most_bytes
        The limit for a request.
    refused
        The answer to a larger one.
    """

    def __init__(self, app: ASGIApp, most_bytes: Callable[[Scope], int], refused: Callable[[Scope], ASGIApp]) -> None:
        self._app, self._most_bytes, self._refused = app, most_bytes, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_bytes(scope)
        messages: list[Message] = []
        declared = dict(scope["headers"]).get(b"content-length", b"")
        size = int(declared) if declared.isdigit() else 0
        received = 0
        more = size <= most
        while more:
            message = await receive()
            messages.append(message)
            received += len(message.get("body", b""))
            size = max(size, received)
            more = message["type"] == "http.request" and message.get("more_body", False) and size <= most
        if size > most:
            await self._refused(scope)(scope, receive, send)
            return
        replay = _replay(messages, receive)
        await self._app(scope, replay.__anext__, send)


async def _replay(messages: list[Message], receive: Receive) -> AsyncIterator[Message]:
    for message in messages:
        yield message
    while True:
        yield await receive()
