"""Which pages of other origins may embed a bot: asked before a script there gets a visitor, and before it is framed.

Browsers say truly where a request comes from. Programs can say anything, and need no leave: what they get here is a
new, anonymous visitor, as anybody does who opens the chat page.
"""

import logging
import re
from collections.abc import Callable, Collection, Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.bot import Bot
from shared.errors import OriginNotAllowed

log = logging.getLogger(__name__)
_told: set[tuple[str, str]] = set()
_SERIALIZED = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9.-]{1,253}(:[0-9]{1,5})?|null", re.ASCII)  # RFC 6454, 6.2
_PAGE_POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",  # its forms are sent by scripts
)
_OPERATORS = "/v1/admin"  # calls that no page elsewhere is to make, whatever key it has been given
_METHODS = ("GET", "POST", "PATCH", "DELETE")
_TAKEN_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Request-Id")
_SHOWN_HEADERS = ("Link", "Retry-After", "X-Request-Id")
_NONE = " 'none'"
_MOST_TOLD = 100  # who sends invented origins must not fill the log, nor the memory


class CrossOrigin:
    """An application that the pages of listed origins may call and read, with tokens and without cookies.

    Parameters
    ----------
    origins
        Exactly as browsers send them.
    """

    def __init__(self, app: ASGIApp, origins: Callable[[], Sequence[str]]) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and (origins := self._origins()) and not _is_for_operators(scope["path"]):
            origin = Headers(scope=scope).get("origin", "")
            if origin in origins:
                app = CORSMiddleware(app, [origin], _METHODS, _TAKEN_HEADERS, expose_headers=_SHOWN_HEADERS)
        await app(scope, receive, send)


def _is_for_operators(path: str) -> bool:
    return f"{path}/".startswith(f"{_OPERATORS}/")


def allow_origin(request: Request, bot: Bot, everywhere: Collection[str] = ()) -> None:
    """Let the page ask that the request comes from, and read what it is answered, errors too.

    The headers that tell the browser so are kept in `request.state.cross_origin` for the response, whichever it is.

    Parameters
    ----------
    everywhere
        Origins that may ask for a visitor of any bot.

    Raises
    ------
    OriginNotAllowed
        When it comes from a page of another origin that the bot does not list. Only the first time is logged.
    """
    request.state.cross_origin = {"Vary": "Origin"}
    origin = request.headers.get("origin")
    if origin is None or _is_own(request, origin):
        return
    if origin not in bot.allowed_origins and origin not in everywhere:
        _tell(bot.bot_id, origin)
        raise OriginNotAllowed
    request.state.cross_origin["Access-Control-Allow-Origin"] = origin


def frame_ancestors(bot: Bot | None = None) -> str:
    """The content security policy of a page that this bot's origins may frame; without a bot, no other origin's.

    See "Content Security Policy Level 3" (W3C), section 6.4.2.
    """
    return " ".join(["frame-ancestors 'self'", *(bot.allowed_origins if bot else ())])


def page_policy(media_hosts: Sequence[str], bot: Bot | None = None) -> str:
    """The content security policy of the web page, which this bot's origins may frame: all that it runs is its own.

    Parameters
    ----------
    media_hosts
        Where the images and videos of contents stand: `example.com` is that one, `*.example.com` those below it.
    """
    media = "".join(f" https://{host.encode('idna').decode()}" for host in media_hosts)
    return "; ".join([*_PAGE_POLICY, f"img-src 'self'{media}", f"media-src{media or _NONE}", frame_ancestors(bot)])


def documentation_policy() -> str:
    """The content security policy of the API's own page: what it runs is its own; its styles hold icons."""
    return "; ".join([*_PAGE_POLICY, "img-src 'self' data:", frame_ancestors()])


def _is_own(request: Request, origin: str) -> bool:
    """Whether it is a page of this server. Its scheme may differ from what is seen here behind a proxy."""
    host = request.headers.get("host", "").lower()
    return origin in (f"https://{host}", f"http://{host}")


def _tell(bot_id: str, origin: str) -> None:
    refused = (bot_id, origin if _SERIALIZED.fullmatch(origin) else "what no browser sends")
    if refused in _told or len(_told) >= _MOST_TOLD:
        return
    _told.add(refused)
    log.warning("bot %r: pages of %r may not embed it (allowed_origins)", *refused)
