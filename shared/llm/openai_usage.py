"""What a request to a model server takes, however it ends."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx2
from openai import APIStatusError

from shared.llm.base import Message, Usage, estimated_tokens


@dataclass
class Request:
    """One request.

    Parameters
    ----------
    sent
        Whether it went out to the server: until then it costs nothing.
    counted
        What the server counted, as it came.
    said
        What the model wrote, as far as it came.
    """

    sent: bool = False
    counted: object = None
    said: str = ""


_current: ContextVar[Request | None] = ContextVar("_current", default=None)


@contextmanager
def accounted(usage: Usage, messages: Sequence[Message]) -> Iterator[Request]:
    """Around one request: adds what it took to `usage` also when it fails, is cancelled or closed.

    As the server counted it; estimated where it did not, or nothing of it came back. An error status costs nothing.
    """
    request = Request()
    _current.set(request)  # never reset: a generator that was forgotten is closed in another context
    try:
        yield request
    except APIStatusError:
        request.sent = False
        raise
    finally:
        if request.sent:
            _count(usage, request, messages)


async def watch(outgoing: httpx2.Request) -> None:
    """A hook of the HTTP client: marks the current `Request` as sent when its body goes out on a connection.

    A failure does not tell: one that is cancelled looks the same whether the server was silent or never reached.
    """
    request = _current.get()

    async def trace(event: str, info: Mapping[str, Any]) -> None:
        if request is not None and event.endswith(".send_request_body.started"):
            request.sent = True

    outgoing.extensions = {**outgoing.extensions, "trace": trace}


def _count(usage: Usage, request: Request, messages: Sequence[Message]) -> None:
    told = request.counted if isinstance(request.counted, dict) else {}
    read, written = (_whole(told.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    if read is not None and written is not None:
        usage.input_tokens += read
        usage.output_tokens += written
        return
    usage.estimated = True
    usage.input_tokens += sum(estimated_tokens(message.content) for message in messages)
    usage.output_tokens += estimated_tokens(request.said)


def _whole(count: object) -> int | None:
    return count if isinstance(count, int) and count >= 0 else None
