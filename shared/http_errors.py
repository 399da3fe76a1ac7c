"""How errors look: in the contract's shape, or in OpenAI's where the caller believes to speak with it."""

import logging
from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

from shared.errors import AppError, BodyTooLarge, FieldProblem, InvalidInput, NotFound, NotReady
from shared.field_names import in_words
from shared.models import Bubble, Expression
from shared.openai_errors import openai_error, openai_status
from shared.problems import PLACES, in_korean

log = logging.getLogger(__name__)

_HTTP_ERRORS = {
    404: (NotFound.code, NotFound.default_message),
    405: ("method_not_allowed", "허용되지 않은 요청 방식입니다."),
}


class ErrorBody(BaseModel):
    """Every error of every kind."""

    error_message: str
    code: str
    expression: Expression = "CRYING"
    bubbles: list[Bubble] = []
    problems: list[FieldProblem] | None = Field(None, description="Of a form with many fields: each that is wrong")


def add_error_handlers(app: FastAPI) -> None:
    """Render every error of an application, those without a class of ours included."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)


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
    if is_openai(scope):
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


def is_openai(scope: Scope) -> bool:
    """Whether the caller believes to speak with OpenAI's API."""
    path: str = scope["path"]
    return path.startswith("/openai/")


def too_large(scope: Scope) -> JSONResponse:
    """What is said to a body that is too large."""
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
