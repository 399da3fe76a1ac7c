"""What the adapters of OpenAI-compatible servers share: its address, the text it can take, what may be logged."""

import re

from openai import APIConnectionError, APIResponseValidationError, APIStatusError, APITimeoutError, OpenAIError

OPENAI_BASE_URL = "https://api.openai.com/v1"  # said here, else the SDK would read `OPENAI_BASE_URL` itself
NO_KEY = "none"  # the SDK insists on a key; servers that need none ignore it

_FAILED_STATUSES = {408, 429}  # below 500, where else the request is at fault

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_.]{0,63}")


class ModelServerError(Exception):
    """The cause of a `BackendUnavailable`: one English line without a key, a question or an answer.

    Parameters
    ----------
    kind
        The same in a word, one of a few, for those who count: `timeout`, `http_429`.
    """

    def __init__(self, reason: str, kind: str = "other") -> None:
        super().__init__(reason)
        self.kind = kind


def describe(error: Exception) -> str:
    """What went wrong, in words fit for a log.

    Never a message of the server or of the HTTP library: servers repeat keys ("Incorrect API key provided: …") and
    prompts in theirs, and h11 repeats a header that it refuses.
    """
    match error:
        case APITimeoutError():
            return "the server did not answer in time"
        case APIConnectionError():
            return f"no connection, or it broke ({_root(error)})"
        case APIResponseValidationError():
            return "the answer is not what the API promises"
        case APIStatusError():
            return f"HTTP {error.status_code}{_code(error.code)}"
        case OpenAIError():  # an error object inside a stream
            return f"the server reported an error in mid-stream{_code(getattr(error, 'code', None))}"
        case _:
            return f"the answer cannot be read ({type(error).__name__})"


def kind_of(error: Exception) -> str:
    """The same in a word."""
    match error:
        case APITimeoutError():
            return "timeout"
        case APIConnectionError():
            return "connection"
        case APIStatusError():
            return f"http_{error.status_code}"
        case OpenAIError():
            return "mid_stream"
        case _:
            return "unreadable"


def is_refusal(error: Exception) -> bool:
    """Whether the server works, but did not take this request: its key, the name of its model, what it says."""
    return (
        isinstance(error, APIStatusError)
        and 400 <= error.status_code < 500
        and error.status_code not in _FAILED_STATUSES
    )


def encodable(text: str) -> str:
    """The text with lone surrogates, which JSON can carry and UTF-8 cannot, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__


def _code(code: object) -> str:
    return f" {code}" if isinstance(code, str) and _IDENTIFIER.fullmatch(code) else ""
