"""A company's own API, asked as a bot's data says."""

import asyncio
import hashlib
import json
import math
import random
import ssl
from collections.abc import Mapping
from typing import Any

from shared.bot import HttpSource
from shared.errors import SourceUnavailable
from shared.sources.addresses import Resolve, resolve
from shared.sources.arguments import validated
from shared.sources.base import Record, Secret, Taken
from shared.sources.check import check_source
from shared.sources.exchange import RETRY_SECONDS, Broken, Call, Exchange, Reply, shared_tls
from shared.sources.extraction import Extraction, NoRecords
from shared.sources.recent import Recent
from shared.sources.templates import filled_body, filled_headers, filled_url

MAX_RETRY_AFTER_SECONDS = 2  # told to wait longer, give up at once: a customer is waiting
TOTAL_TIMEOUTS = 2  # all attempts together, in timeouts of one
_RETRIED = {429, 502, 503, 504}
_NOTHING = {204, 404}


class HttpFacts:
    """`Facts` of one HTTP source.

    Parameters
    ----------
    secrets
        Those of the deployment, by name.
    recent
        Where answers are remembered that the source lets be.
    resolve
        The addresses of a host and port.
    tls
        The certificates that are believed; without it, the system's.

    Raises
    ------
    ValueError
        When `check_source` refuses the source.
    """

    def __init__(
        self,
        source: HttpSource,
        secrets: Mapping[str, Secret],
        recent: Recent,
        *,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        check_source(source)
        self._source, self._secrets, self._recent = source, secrets, recent
        self._digest = hashlib.sha256(source.model_dump_json().encode()).hexdigest()
        self._extraction = Extraction(source)
        self._exchange = Exchange(source.allowed_hosts, resolve, tls or shared_tls())

    async def fetch(self, arguments: Mapping[str, Any], taken: Taken | None = None) -> tuple[Record, ...]:
        """See `Facts.fetch`. An answer of 404 or 204 is no records."""
        given = validated(self._source, arguments)
        key = self._key(given)
        if (known := self._recent.get(key)) is not None:
            return known
        reply = await self._reply(self._call(given), taken or Taken())
        if reply.status in _NOTHING:
            return ()
        records = self._records(self._data(reply.body))
        if self._source.cache_seconds:
            self._recent.put(key, records, self._source.cache_seconds)
        return records

    async def sample(self, arguments: Mapping[str, Any]) -> Any:
        """The whole response as JSON, past what is remembered, for who sets the source up. Raises as `fetch` does."""
        reply = await self._reply(self._call(validated(self._source, arguments)), Taken())
        return None if reply.status in _NOTHING else self._data(reply.body)

    def _key(self, given: Mapping[str, Any]) -> str:
        """Of the source, as its settings are now, and the arguments; in a form that tells nothing."""
        canonical = json.dumps(given, sort_keys=True)
        return hashlib.sha256(f"{self._digest} {canonical}".encode()).hexdigest()

    def _call(self, given: Mapping[str, Any]) -> Call:
        url = filled_url(self._source, given)
        headers = filled_headers(self._source, url, self._secrets)
        return Call(self._source.method, url, headers, filled_body(self._source, given))

    async def _reply(self, call: Call, taken: Taken) -> Reply:
        reason = "no answer in time"
        try:
            async with asyncio.timeout(TOTAL_TIMEOUTS * self._source.timeout_seconds):
                return await self._attempts(call, taken)
        except TimeoutError:
            pass
        except Broken as broken:
            reason = broken.reason
        raise self._unavailable(reason)

    async def _attempts(self, call: Call, taken: Taken) -> Reply:
        """The first good answer. Who has been silent for a whole timeout is not asked again."""
        seconds, attempt = self._source.timeout_seconds, 0
        while True:
            try:
                async with asyncio.timeout(seconds):
                    reply = await self._exchange.send(call, seconds)
                broken = _failure(reply)
            except Broken as error:
                broken = error
            if broken is None:
                return reply
            if broken.wait is None or attempt == self._source.retries:
                raise broken
            attempt += 1
            await asyncio.sleep(broken.wait + RETRY_SECONDS * 2**attempt * random.random())
            taken.retries += 1

    def _data(self, body: bytes) -> Any:
        try:
            return parsed(body)
        except (ValueError, RecursionError):
            pass
        raise self._unavailable("the response is not JSON")  # not inside of `except`: the error there holds all of it

    def _records(self, data: Any) -> tuple[Record, ...]:
        try:
            return self._extraction.records(data)
        except (ValueError, RecursionError, NoRecords):
            pass
        raise self._unavailable("records leads to something that is neither a list nor an object")

    def _unavailable(self, reason: str) -> SourceUnavailable:
        return SourceUnavailable(detail=f"{self._source.source_id}: {reason}")


def _failure(reply: Reply) -> Broken | None:
    """Why a response is none, if so."""
    if 200 <= reply.status < 300 or reply.status in _NOTHING:
        return None
    reason = f"HTTP {reply.status}"
    if reply.status not in _RETRIED:
        return Broken(reason)
    wait = _seconds(reply.headers.get("retry-after"))
    return Broken(reason, wait if wait <= MAX_RETRY_AFTER_SECONDS else None)


def _seconds(retry_after: str | None) -> float:
    """`Retry-After` in seconds; a date, or anything else, counts as too long."""
    try:
        seconds = RETRY_SECONDS if retry_after is None else float(retry_after)
    except ValueError:
        return math.inf
    return max(seconds, 0) if math.isfinite(seconds) else math.inf


def parsed(body: bytes | str) -> Any:
    """A response's JSON. Raises `ValueError` and `RecursionError`; the error holds the text."""
    return json.loads(body, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError("no JSON")  # NaN and Infinity, which Python alone takes
