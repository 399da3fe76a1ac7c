"""Notion's API over HTTP: at most three requests a second, `Retry-After` obeyed, failures tried again a few times.

The version is 2025-09-03: a database has data sources, and pages are asked of these.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import httpx
from notion_client import Client
from notion_client.errors import HTTPResponseError, NotionClientErrorBase, RequestTimeoutError

from shared.notion.errors import (
    BadCursor,
    NotionForbidden,
    NotionNotFound,
    NotionRateLimited,
    NotionRefused,
    NotionTokenInvalid,
    NotionUnavailable,
    OutOfTime,
)

Json: TypeAlias = dict[str, Any]

PER_SECOND = 3  # what Notion allows an integration on average
PAGE_SIZE = 100  # the most that Notion gives at once
_ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 180  # that Notion may ask for: a minute is usual, a workspace's limit may take longer
_FIRST_WAIT_SECONDS = 0.5  # before a second attempt; twice as long before each next one
_SLICE_SECONDS = 10.0  # of a long wait, between which the caller is told
_OVERLOADED = {429, 529}
_VERSION = "2025-09-03"


@dataclass(frozen=True)
class Pacing:
    """How fast requests may go out, and what tells and passes the time."""

    per_second: float = PER_SECOND
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Notion:
    """One integration. Shared by threads, which share its pace."""

    def __init__(
        self, token: str, base_url: str | None = None, timeout_seconds: float = 20, pacing: Pacing | None = None
    ) -> None:
        quiet = logging.getLogger("notion_client")  # its own would write to the terminal
        options: Json = {"auth": token, "retry": False, "timeout_ms": int(timeout_seconds * 1_000)}
        options |= {"notion_version": _VERSION, "logger": quiet, "log_level": logging.ERROR}
        self._client = Client({**options, "base_url": base_url.rstrip("/")} if base_url else options)
        self._pacing = pacing or Pacing()
        self._lock = threading.Lock()
        self._next_at = 0.0

    def session(self, seconds: float | None = None, each: Callable[[], None] = lambda: None) -> "Session":
        """A time of reading.

        Parameters
        ----------
        seconds
            How long it may take; without it, as long as it takes.
        each
            Called before every request, and every few seconds of a wait.
        """
        until = None if seconds is None else self._pacing.clock() + seconds
        return Session(self, self._client, self._pacing, until, each)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def slot(self, until: float | None = None) -> float:
        """When the next request may go out; it is the caller's. Raises `OutOfTime` when that is later than `until`."""
        with self._lock:
            at = max(self._next_at, self._pacing.clock())
            if until is not None and at >= until:
                raise OutOfTime
            self._next_at = at + 1 / self._pacing.per_second
            return at

    def hold(self, seconds: float) -> None:
        """Let nobody ask before so long has passed."""
        with self._lock:
            self._next_at = max(self._next_at, self._pacing.clock() + seconds)


class Session:
    """What can be read. All methods raise `OutOfTime` and the errors of `shared.notion.errors`."""

    def __init__(
        self, notion: Notion, client: Client, pacing: Pacing, until: float | None, each: Callable[[], None]
    ) -> None:
        self._notion, self._client, self._pacing, self._until, self._each = notion, client, pacing, until, each

    def database(self, database_id: str) -> Json:
        """A database, with its `data_sources`."""
        database = self._asked(lambda: self._client.databases.retrieve(database_id))
        _named(_objects(database.get("data_sources") or []))
        return database

    def page(self, page_id: str) -> Json:
        """A page's properties."""
        page = self._asked(lambda: self._client.pages.retrieve(page_id))
        _named([page])
        return page

    def rows(self, data_source_id: str, cursor: str | None, created_from: str | None) -> Json:
        """Up to a hundred pages of a data source, the oldest first: edits meanwhile move none. Raises `BadCursor`.

        Parameters
        ----------
        created_from
            Only those made at this instant or later: one query gives 10,000 at most.
        """
        asked: Json = {"page_size": PAGE_SIZE, "sorts": [{"timestamp": "created_time", "direction": "ascending"}]}
        if created_from is not None:
            asked["filter"] = {"timestamp": "created_time", "created_time": {"on_or_after": created_from}}
        at = _from(cursor)
        found = self._asked(lambda: self._client.data_sources.query(data_source_id, **asked, **at), resumed=bool(at))
        return _part(found, cursor)

    def children(self, block_id: str, cursor: str | None) -> Json:
        """Up to a hundred blocks in a block or a page."""
        at = _from(cursor)
        return _part(
            self._asked(lambda: self._client.blocks.children.list(block_id, page_size=PAGE_SIZE, **at)), cursor
        )

    def property_items(self, page_id: str, property_id: str, cursor: str | None) -> Json:
        """Up to a hundred values of a page's property that has more than a page tells."""

        asked: Json = {"page_size": PAGE_SIZE, **_from(cursor)}
        return _part(self._asked(lambda: self._client.pages.properties.retrieve(page_id, property_id, **asked)), cursor)

    def _asked(self, ask: Callable[[], Any], resumed: bool = False) -> Json:
        for attempt in range(_ATTEMPTS):
            self._wait(self._notion.slot(self._until) - self._pacing.clock())
            try:
                answer = ask()
            except (NotionClientErrorBase, httpx.HTTPError, ValueError) as error:  # the last: what is no JSON
                self._refused(error, resumed)
                seconds = _retry_after(error) or _FIRST_WAIT_SECONDS * 2**attempt
                limited = _status(error) in _OVERLOADED
                if limited:
                    self._check_wait(seconds, attempt)
                    self._notion.hold(seconds)
                elif attempt + 1 == _ATTEMPTS or not self._has(seconds):
                    raise NotionUnavailable(detail=_told(error)) from error
                else:
                    self._wait(seconds)
                continue
            if not isinstance(answer, dict):
                raise NotionUnavailable(detail="Notion answered with something that is no object")
            return answer
        raise NotionRateLimited(retry_after_seconds=60)

    def _refused(self, error: Exception, resumed: bool) -> None:
        """Raise what no other attempt would change."""
        match _status(error):
            case 401:
                raise NotionTokenInvalid(detail=_told(error)) from error
            case 403:
                raise NotionForbidden(detail=_told(error)) from error
            case 404:
                raise NotionNotFound(detail=_told(error)) from error
            case 400 if resumed:
                raise BadCursor from error
            case 400:  # of a database that is a page, too
                raise NotionRefused(detail=_told(error)) from error

    def _check_wait(self, seconds: float, attempt: int) -> None:
        whole = int(seconds) + 1
        if not self._has(seconds):
            raise OutOfTime(retry_after_seconds=whole)
        if seconds > _LONGEST_WAIT_SECONDS or attempt + 1 == _ATTEMPTS:
            raise NotionRateLimited(retry_after_seconds=whole)

    def _has(self, seconds: float) -> bool:
        return self._until is None or self._pacing.clock() + seconds < self._until

    def _wait(self, seconds: float) -> None:
        if not self._has(max(seconds, 0)):
            raise OutOfTime
        self._each()
        while seconds > 0:
            self._pacing.sleep(min(seconds, _SLICE_SECONDS))
            seconds -= _SLICE_SECONDS
            if seconds > 0:
                self._each()


def _part(answer: Json, cursor: str | None) -> Json:
    """A part of a list, of objects that have ids, and that goes on somewhere else than where it began."""
    results = _objects(answer.get("results") or [])
    _named([one for one in results if one.get("object") in ("page", "block")])
    if answer.get("has_more") and cursor is not None and answer.get("next_cursor") == cursor:
        raise NotionUnavailable(detail="Notion gives the same part of a list again")
    return answer


def _objects(listed: object) -> list[Json]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise NotionUnavailable(detail="Notion answered with something that is no list of objects")
    return listed


def _named(things: list[Json]) -> None:
    """Raise `NotionUnavailable` unless each has the id that Notion gives all it has."""
    for one in things:
        try:
            UUID(str(one.get("id")))
        except ValueError as error:
            raise NotionUnavailable(detail="Notion answered with something without an id") from error


def _from(cursor: str | None) -> dict[str, str]:
    return {"start_cursor": cursor} if cursor else {}


def _status(error: Exception) -> int | None:
    return error.status if isinstance(error, HTTPResponseError) else None


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to wait. A date, which Notion does not send, counts as nothing said."""
    value = error.headers.get("retry-after", "") if isinstance(error, HTTPResponseError) else ""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _told(error: Exception) -> str:
    """For the log, without what the server wrote: that may hold what a page says."""
    if isinstance(error, HTTPResponseError):
        return f"Notion answered {error.status} {getattr(error.code, 'value', error.code)}"
    return "Notion did not answer in time" if isinstance(error, RequestTimeoutError) else type(error).__name__
