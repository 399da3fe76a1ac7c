"""What every function's HTTP has in common: the application, and what requests carry. `callers` tells who calls."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Scope

from shared import wiring
from shared.body_limit import BodyLimit
from shared.conversations import Conversations as _Conversations
from shared.cross_origin import CrossOrigin
from shared.errors import InvalidInput
from shared.http_errors import ErrorBody, add_error_handlers, is_openai, too_large
from shared.retrieval.text import normalize, one_line
from shared.security_headers import add_security_headers
from shared.seeing.around import known
from shared.seeing.base import Seeing
from shared.seeing.logs import set_up
from shared.seeing.requests import Requests
from shared.settings import get_settings
from shared.version import VERSION

_SESSION_ID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}",
    re.IGNORECASE | re.ASCII,  # else the Kelvin sign is a K, and ſ an S
)

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]


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
        responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}} if documented else None,
    )
    for router in routers:
        app.include_router(router)
    app.state.routers = routers
    add_error_handlers(app)
    app.add_middleware(BodyLimit, most_bytes=_most_bytes, refused=too_large)
    return app


def produces(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of a response that is no JSON of a model: `responses` of a route."""
    return {200: {"content": {one.partition(";")[0]: {} for one in media_types}}}


def _most_bytes(scope: Scope) -> int:
    settings = get_settings()
    if scope["path"].startswith("/v1/admin/"):
        is_file = scope["path"].endswith("/contents/import")
        return settings.max_import_bytes if is_file else settings.max_admin_body_bytes
    for_programs = is_openai(scope) or scope["path"] == "/v1/answers"
    return settings.max_program_body_bytes if for_programs else settings.max_body_bytes


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


# What requests carry


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
SessionId = Annotated[str, Depends(_session_id)]
ChatId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Conversations = Annotated[_Conversations, Depends(get_conversations)]
