"""Errors as OpenAI's API words them, for those who call with its clients."""

from typing import Any

from pydantic import BaseModel

from shared.retrieval.text import one_line

_CODES = {"rate_limited": "rate_limit_exceeded", "not_found": "unknown_url"}


class OpenAIError(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str


class OpenAIErrorBody(BaseModel):
    """Every error, as OpenAI's clients read it."""

    error: OpenAIError


def openai_status(status: int) -> int:
    """The status of an error there: what is understood and not acceptable is 400, not 422."""
    return 400 if status == 422 else status


def openai_error(status: int, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """The body of an error, also of one inside a stream.

    Parameters
    ----------
    param
        The field of the request that is wrong.
    """
    kind = "server_error" if status >= 500 else "requests" if status == 429 else "invalid_request_error"
    # A field's name may be the caller's, and half of a surrogate pair
    where = one_line(param) if param else None
    return {"error": {"message": message, "type": kind, "param": where, "code": _CODES.get(code, code)}}
