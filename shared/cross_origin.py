"""Which pages of other origins may embed a bot: asked before a script there gets a visitor, and before it is framed.

Browsers say truly where a request comes from. Programs can say anything, and need no leave: what they get here is a
new, anonymous visitor, as anybody does who opens the chat page.
"""

import logging
import re

from starlette.requests import Request

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
    "img-src 'self' https:",  # operators' images and videos may be on any host
    "media-src https:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",  # its forms are sent by scripts
)
_MOST_TOLD = 100  # who sends invented origins must not fill the log, nor the memory


def allow_origin(request: Request, bot: Bot) -> None:
    """Let the page ask that the request comes from, and read what it is answered, errors too.

    The headers that tell the browser so are kept in `request.state.cross_origin` for the response, whichever it is.

    Raises
    ------
    OriginNotAllowed
        When it comes from a page of another origin that the bot does not list. Only the first time is logged.
    """
    request.state.cross_origin = {"Vary": "Origin"}
    origin = request.headers.get("origin")
    if origin is None or _is_own(request, origin):
        return
    if origin not in bot.allowed_origins:
        _tell(bot.bot_id, origin)
        raise OriginNotAllowed
    request.state.cross_origin["Access-Control-Allow-Origin"] = origin


def frame_ancestors(bot: Bot | None = None) -> str:
    """The content security policy of a page that this bot's origins may frame; without a bot, no other origin's.

    See "Content Security Policy Level 3" (W3C), section 6.4.2.
    """
    return " ".join(["frame-ancestors 'self'", *(bot.allowed_origins if bot else ())])


def page_policy(bot: Bot | None = None) -> str:
    """The content security policy of the web page, which this bot's origins may frame: all that it runs is its own."""
    return "; ".join([*_PAGE_POLICY, frame_ancestors(bot)])


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
