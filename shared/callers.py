"""Who calls: visitors by their cookie or token, programs by their key; the bot they ask, and how often they may."""

import hashlib
import hmac
import re
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from shared import wiring
from shared.api_keys import PREFIX as KEY_PREFIX
from shared.api_keys import ApiKey as _ApiKey
from shared.bot import Bot as _Bot
from shared.errors import BotNotFound, InvalidVisitor
from shared.limits import Limits
from shared.seeing.around import known
from shared.settings import get_settings
from shared.storage.keys import Owner as _Owner
from shared.storage.keys import day_at
from shared.visitors import PREFIX as VISITOR_PREFIX

CONNECTED = "haedap.connected"  # in a scope: see `connected_address`
COOKIE = "haedap_visitor"
_COOKIE_SECONDS = 400 * 86_400  # the longest that browsers keep one (RFC 6265bis, section 5.5)

_WITH_PORT = re.compile(r"\[?([0-9A-Fa-f:.]+?)\]?:[0-9]{1,5}")
_BOT_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"
_BEARER = HTTPBearer(scheme_name="bot key", description="hk_…, made by scripts/api_keys.py", auto_error=False)


async def _bot(bot: Annotated[str, Query(pattern=_BOT_ID, description="bot_id")] = "default") -> _Bot:
    remembered = wiring.remembered_bot(bot)
    found = remembered if remembered is not None else await run_in_threadpool(wiring.get_bot, bot)
    known(bot_id=found.bot_id)
    return found


NamedBot = Annotated[str | None, Query(pattern=_BOT_ID, description="bot_id; the key's own, if there is one")]


def verified_key(token: str, bot_id: str | None) -> _ApiKey:
    """The key that the caller has shown. It chooses the bot: another one is as good as absent, a 404."""
    key = wiring.get_api_key(token)
    if bot_id not in (None, key.bot_id):
        raise BotNotFound
    known(bot_id=key.bot_id)
    return key


def _api_key(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)], bot: NamedBot = None
) -> _ApiKey:
    return verified_key(credentials.credentials.strip() if credentials else "", bot)


def _bot_of_key(key: Annotated[_ApiKey, Depends(_api_key)]) -> _Bot:
    return wiring.get_bot(key.bot_id)


def limit_key(key: Annotated[_ApiKey, Depends(_api_key)]) -> None:
    """Count a question for its key. Raises `RateLimited`."""
    _limits().hit("key", key.key_id, key.rate_per_minute)


def bearer_token(request: Request) -> str:
    """What the caller shows, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def known_visitor(request: Request, bot_id: str) -> str | None:
    """The caller's id by its bearer token, else by its cookie; `None` for somebody new. Raises `InvalidVisitor`."""
    visitors, token = wiring.get_visitors(), bearer_token(request)
    if token.startswith(VISITOR_PREFIX):
        return visitors.verify(token, bot_id)
    try:
        return visitors.verify(request.cookies.get(COOKIE, ""), bot_id)
    except InvalidVisitor:
        return None


async def _owner(request: Request, response: Response, bot: Annotated[_Bot, Depends(_bot)]) -> _Owner:
    return _visitor(request, response, bot.bot_id)


def _asker(request: Request, response: Response, bot: NamedBot = None) -> _Owner | _ApiKey:
    """A program by its key, which chooses the bot, else a visitor. Raises `InvalidApiKey`."""
    token = bearer_token(request)
    if token.startswith(KEY_PREFIX):
        return verified_key(token, bot)
    found = wiring.get_bot(bot or "default")
    known(bot_id=found.bot_id)
    return _visitor(request, response, found.bot_id)


def _visitor(request: Request, response: Response, bot_id: str) -> _Owner:
    """The caller, known or new; one who is new is remembered when something is posted."""
    visitor_id = known_visitor(request, bot_id)
    if visitor_id is not None:
        return _Owner(bot_id, visitor_id)
    visitor_id, token = wiring.get_visitors().issue()
    owner = _Owner(bot_id, visitor_id, is_new=True)
    if request.method == "POST":
        response.set_cookie(
            COOKIE,
            token,
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=get_settings().cookie_secure or _is_https(request),
        )
    return owner


def limit_questions(request: Request, owner: Annotated[_Owner, Depends(_owner)]) -> None:
    """Count a question for its visitor and its address. Raises `RateLimited`."""
    settings = get_settings()
    _limits().hit("visitor", owner.visitor_id, settings.rate_limit_per_minute)
    limit_address(request)


def limit_caller(request: Request, caller: _Owner | _ApiKey) -> None:
    """Count a tap for its visitor and its address, or for its key. Raises `RateLimited`."""
    if isinstance(caller, _Owner):
        limit_questions(request, caller)
    else:
        limit_key(caller)


def limit_asker(request: Request, asker: Annotated[_Owner | _ApiKey, Depends(_asker)]) -> None:
    """The same, before anything is done. Raises `RateLimited`."""
    limit_caller(request, asker)


def limit_address(request: Request) -> None:
    """Count a request for its address. Raises `RateLimited`.

    Addresses are personal data: only a keyed hash of one is stored, for a minute.
    """
    _limits().hit("address", hashed_address(request), get_settings().rate_limit_per_minute_address)


def hashed_address(request: Request) -> str:
    """What the caller's network is counted by: it cannot be told from it without the deployment's secret.

    Of IPv6 one household has more addresses than anybody could count.
    """
    return hashed_network(client_address(request))


def hashed_network(address: str) -> str:
    """The same of an address."""
    network = _network(address).encode()
    return hmac.digest(wiring.get_secret_key().encode(), network, hashlib.sha256).hex()[:32]


def asked_from(request: Request) -> str:
    """Which of 65,536 groups of networks the caller's is in today, for those who count askers.

    It tells no network: thousands share a group, others tomorrow, and without the deployment's secret nobody knows
    which.
    """
    told = f"asked from {_network(client_address(request))} on {day_at(time.time())}"
    return hmac.digest(wiring.get_secret_key().encode(), told.encode(), hashlib.sha256).hex()[:4]


def client_address(request: Request) -> str:
    """The caller's address; behind `TRUSTED_PROXIES` proxies, what the outermost of them has seen."""
    trusted = get_settings().trusted_proxies
    lines = ",".join(request.headers.getlist("x-forwarded-for"))  # several are one list (RFC 9110, 5.3)
    hops = [hop.strip() for hop in lines.split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.client.host if request.client else "unknown"


def connected_address(request: Request) -> str | None:
    """Who has connected, where `client_address` is only what they say of whom they serve; see `Adapted`."""
    connected: str | None = request.scope.get(CONNECTED)
    return connected if connected != client_address(request) else None


def _network(said: str) -> str:
    """An IPv4 address, or the 56 bits that a household has of IPv6; what is no address stands for itself.

    API Gateway and others may tell the caller's port behind it, which is another one each time.
    """
    with_port = _WITH_PORT.fullmatch(said) if "." in said or "]" in said else None
    try:
        address = ip_address(with_port[1] if with_port else said)
    except ValueError:
        return said
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(ip_network((mapped or address, 56 if address.version == 6 and not mapped else 32), strict=False))


def _is_https(request: Request) -> bool:
    if get_settings().trusted_proxies and "x-forwarded-proto" in request.headers:
        return request.headers["x-forwarded-proto"].split(",")[0].strip() == "https"
    return request.url.scheme == "https"


def _limits() -> Limits:
    return Limits(wiring.get_store())


Bot = Annotated[_Bot, Depends(_bot)]
ApiKey = Annotated[_ApiKey, Depends(_api_key)]
BotOfKey = Annotated[_Bot, Depends(_bot_of_key)]
Owner = Annotated[_Owner, Depends(_owner)]
Asker = Annotated[_Owner | _ApiKey, Depends(_asker)]
