"""What every function's HTTP has in common: the app, the dependencies, the limits, how errors look."""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.telemetry import TelemetryConfig
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Scope

from shared import wiring
from shared.api_keys import PREFIX as KEY_PREFIX
from shared.api_keys import ApiKey as _ApiKey
from shared.body_limit import BodyLimit
from shared.bot import Bot as _Bot
from shared.conversations import Conversations as _Conversations
from shared.cross_origin import CrossOrigin
from shared.errors import (
    AppError,
    BodyTooLarge,
    BotNotFound,
    FieldProblem,
    InvalidInput,
    InvalidVisitor,
    NotFound,
    NotReady,
)
from shared.field_names import in_words
from shared.limits import Limits
from shared.models import Bubble, Expression
from shared.openai_errors import openai_error, openai_status
from shared.problems import PLACES, in_korean
from shared.retrieval.text import normalize, one_line
from shared.security_headers import add_security_headers
from shared.seeing.around import known
from shared.seeing.base import Seeing
from shared.seeing.logs import set_up
from shared.seeing.requests import Requests
from shared.settings import get_settings
from shared.storage.keys import Owner as _Owner
from shared.storage.keys import day_at
from shared.version import VERSION
from shared.visitors import PREFIX as VISITOR_PREFIX

log = logging.getLogger(__name__)

COOKIE = "haedap_visitor"
_COOKIE_SECONDS = 400 * 86_400  # the longest that browsers keep one (RFC 6265bis, section 5.5)
_SESSION_ID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}",
    re.IGNORECASE | re.ASCII,  # else the Kelvin sign is a K, and ſ an S
)

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class ErrorBody(BaseModel):
    """Every error of every kind."""

    error_message: str
    code: str
    expression: Expression = "CRYING"
    bubbles: list[Bubble] = []
    problems: list[FieldProblem] | None = Field(None, description="Of a form with many fields: each that is wrong")


# The framework's own would send whole addresses, with what was searched and who may stream; `seeing` sends routes
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


class _Application(FastAPI):
    """Around all that FastAPI puts around its routes, errors without a handler included: those are answered, too."""

    def build_middleware_stack(self) -> ASGIApp:
        """The application, seen, and open to the pages that `CORS_ORIGINS` names."""
        return Requests(CrossOrigin(super().build_middleware_stack(), _cors_origins), _seeing, _finish)


def create_app(*routers: APIRouter, lifespan: Lifespan | None = None, documented: bool = False) -> FastAPI:
    """An application of these routers, with limits and error rendering.

    Parameters
    ----------
    documented
        Whether it serves `/openapi.json`: the composed application does.
    """
    app = _Application(
        title="haedap",
        version=VERSION,
        lifespan=lifespan,
        openapi_url="/openapi.json" if documented else None,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        redirect_slashes=False,  # a redirect names the host that it was asked at, which a proxy may hide
        responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}},
    )
    for router in routers:
        app.include_router(router)
    app.state.routers = routers
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(BodyLimit, most_bytes=_most_bytes, refused=_too_large)
    return app


def produces(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of a response that is no JSON of a model: `responses` of a route."""
    return {200: {"content": {one.partition(";")[0]: {} for one in media_types}}}


def lifespan(drain: Callable[[], Awaitable[None]]) -> Lifespan:
    """Of an application that answers.

    While it serves, connections to model servers are kept; at the end `drain` waits for the answers that still run, and
    then the store is let go of.
    """

    @asynccontextmanager
    async def serving(_app: FastAPI) -> AsyncIterator[None]:
        async with wiring.get_connections().serving():
            yield
            await drain()
        await run_in_threadpool(wiring.get_store().close)

    return serving


@cache
def _logs_set_up(form: Literal["json"], level: str) -> None:
    """Where no program of ours has done it: in a function of AWS Lambda, whose host has its own lines."""
    set_up(form, level)


def _seeing() -> Seeing:
    settings = get_settings()
    if settings.log_format == "json":
        _logs_set_up(settings.log_format, settings.log_level)
    return wiring.get_seeing()


def _cors_origins() -> Sequence[str]:
    return get_settings().cors_origins


def _finish(headers: MutableHeaders) -> None:
    add_security_headers(headers, https_only=get_settings().cookie_secure)


# Dependencies

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


async def get_conversations() -> _Conversations:
    """Sessions, turns and tickets; made once, so that no thread is asked for them."""
    return wiring.get_conversations()


def check_session_id(session_id: str) -> str:
    """A session id in its one form. Raises `InvalidInput`."""
    if not _SESSION_ID.fullmatch(session_id):
        raise InvalidInput("session_id는 UUID 또는 ULID여야 합니다.")
    return session_id.lower() if "-" in session_id else session_id.upper()


async def _session_id(session_id: str) -> str:
    checked = check_session_id(session_id)
    known(session_id=checked)
    return checked


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
    """What the caller's address is counted by: it cannot be told from it without the deployment's secret."""
    address = client_address(request).encode()
    return hmac.digest(wiring.get_secret_key().encode(), address, hashlib.sha256).hex()[:32]


def asked_from(request: Request) -> str:
    """Which of 65,536 groups of networks the caller's is in today, for those who count askers.

    It tells no network: thousands share a group, others tomorrow, and without the deployment's secret nobody knows
    which. A network is an IPv4 address, or the 56 bits that a household has of IPv6.
    """
    said = client_address(request)
    try:
        address = ip_address(said)
    except ValueError:
        network = said
    else:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        network = str(ip_network((mapped or address, 56 if address.version == 6 and not mapped else 32), strict=False))
    told = f"asked from {network} on {day_at(time.time())}"
    return hmac.digest(wiring.get_secret_key().encode(), told.encode(), hashlib.sha256).hex()[:4]


def client_address(request: Request) -> str:
    """The caller's address; behind `TRUSTED_PROXIES` proxies, what the outermost of them has seen."""
    trusted = get_settings().trusted_proxies
    lines = ",".join(request.headers.getlist("x-forwarded-for"))  # several are one list (RFC 9110, 5.3)
    hops = [hop.strip() for hop in lines.split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.client.host if request.client else "unknown"


def _is_https(request: Request) -> bool:
    if get_settings().trusted_proxies and "x-forwarded-proto" in request.headers:
        return request.headers["x-forwarded-proto"].split(",")[0].strip() == "https"
    return request.url.scheme == "https"


def _limits() -> Limits:
    return Limits(wiring.get_store())


def question_text(text: str) -> str:
    """A question as it is stored. Raises `ValueError` when it is empty or too long."""
    text, most = normalize(text), get_settings().max_message_characters
    if not text:
        raise ValueError("질문을 입력해 주세요.")
    if len(text) > most:
        raise ValueError(f"질문은 {most:,}자 이하로 입력해 주세요.")
    return text


def _as_in_the_corpus(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


QuestionText = Annotated[str, AfterValidator(question_text)]
ServiceType = Annotated[str, BeforeValidator(_as_in_the_corpus), StringConstraints(min_length=1, max_length=60)]
CategoryName = Annotated[str, BeforeValidator(_as_in_the_corpus), StringConstraints(min_length=1, max_length=1_000)]
Bot = Annotated[_Bot, Depends(_bot)]
ApiKey = Annotated[_ApiKey, Depends(_api_key)]
BotOfKey = Annotated[_Bot, Depends(_bot_of_key)]
Owner = Annotated[_Owner, Depends(_owner)]
Asker = Annotated[_Owner | _ApiKey, Depends(_asker)]
SessionId = Annotated[str, Depends(_session_id)]
ChatId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Conversations = Annotated[_Conversations, Depends(get_conversations)]


# Errors

_HTTP_ERRORS = {
    404: (NotFound.code, NotFound.default_message),
    405: ("method_not_allowed", "허용되지 않은 요청 방식입니다."),
}


def _render(scope: Scope, error: AppError, param: str | None = None) -> JSONResponse:
    seconds, face = error.retry_after_seconds, error.expression
    return _rendered(scope, error.status, error.code, error.message, seconds, param, error.problems, face)


def _rendered(
    scope: Scope,
    status: int,
    code: str,
    message: str,
    retry_after_seconds: int | None = None,
    param: str | None = None,
    problems: Sequence[FieldProblem] | None = None,
    expression: Expression = "CRYING",
) -> JSONResponse:
    """An error in the contract's shape, or in that of the API that the caller believes to speak with."""
    headers = {"Retry-After": str(retry_after_seconds)} if retry_after_seconds is not None else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1
    headers |= scope.get("state", {}).get("cross_origin", {})
    if _is_openai(scope):
        return JSONResponse(openai_error(status, code, message, param), openai_status(status), headers)
    bubble = Bubble(bubble_id="b1", bubble_type="error", description=message)
    body = ErrorBody(
        error_message=message,
        code=code,
        expression=expression,
        bubbles=[bubble],
        problems=list(problems) if problems else None,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers)


def _is_openai(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith("/openai/")


def _most_bytes(scope: Scope) -> int:
    settings = get_settings()
    if scope["path"].startswith("/v1/admin/"):
        is_file = scope["path"].endswith("/contents/import")
        return settings.max_import_bytes if is_file else settings.max_admin_body_bytes
    for_programs = _is_openai(scope) or scope["path"] == "/v1/answers"
    return settings.max_program_body_bytes if for_programs else settings.max_body_bytes


def _too_large(scope: Scope) -> JSONResponse:
    return _render(scope, BodyTooLarge())


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.status >= 500 and not isinstance(error, NotReady):
        log.error("%s: %s", error.code, error.reason)
    return _render(request.scope, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    param = "" if problem["type"] == "json_invalid" else _param(problem["loc"])
    named = _in_words(problem["loc"]) if request.url.path.startswith("/v1/admin/") else None
    return _render(request.scope, InvalidInput(in_korean(problem, named)), param or None)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # the framework's own word for a body that it could not read
        return _render(request.scope, InvalidInput("요청 본문을 읽을 수 없습니다."))
    code, message = _HTTP_ERRORS.get(error.status_code, ("invalid_input", InvalidInput.default_message))
    response = _rendered(request.scope, error.status_code, code, message)
    response.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := _methods(request)):
        response.headers["Allow"] = ", ".join(methods)
    return response


def _methods(request: Request) -> list[str]:
    """What can be asked of an address: of all routes that have it, where the framework names the first one's alone."""
    routes = [route for router in request.app.state.routers for route in router.routes if isinstance(route, Route)]
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in matching for method in route.methods or ()})


async def _bug(request: Request, _error: Exception) -> Response:
    return _render(request.scope, AppError())  # the server above logs the traceback


def _in_words(loc: Sequence[str | int]) -> str:
    """Where in an operator's request a problem is, as forms call it."""
    return in_words(loc[1:] if loc and loc[0] in PLACES else loc)


def _param(loc: Sequence[str | int]) -> str:
    """Where in a request a problem is, as OpenAI names it: `messages[0].content`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc if part not in PLACES]
    return "".join(parts).lstrip(".")
