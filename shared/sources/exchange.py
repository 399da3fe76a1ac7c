"""One request and its response: to checked addresses only, redirects followed with care, cut off at a size."""

import ssl
import zlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

import httpx

from shared.sources.addresses import Resolve, authority, is_named, is_public, origin, parse

MAX_BYTES = 1_000_000  # as received, and as unpacked
MAX_REDIRECTS = 3
MAX_ADDRESSES = 4  # of a host, tried in turn
RETRY_SECONDS = 0.1
_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}
_GZIP = 16 + zlib.MAX_WBITS


class Broken(Exception):
    """An attempt came to nothing. Raised outside of any `except`: the error there may repeat what was sent or received.

    Parameters
    ----------
    reason
        For the log: no argument, secret or part of a response.
    wait
        Seconds after which another attempt may do better; none: it will not.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.reason, self.wait = reason, wait
        super().__init__(reason)


@dataclass(frozen=True)
class Call:
    """What is asked. `headers` are for the origin of `url` alone."""

    method: str
    url: httpx.URL = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What came. The body is read only of a success."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@cache
def shared_tls() -> ssl.SSLContext:
    """Certificates of the system, or of `SSL_CERT_FILE`; made once, as that takes 57 ms."""
    return httpx.create_ssl_context()


class Exchange:
    """Sends requests.

    The host of each is resolved once, all its addresses are checked, and the connection goes to one of them: there is
    no second look-up that could answer otherwise (DNS rebinding). The certificate is checked against the name. Proxies
    of the environment are not used: they would resolve the name again.

    Parameters
    ----------
    allowed_hosts
        Those that may have addresses in private networks.
    """

    def __init__(self, allowed_hosts: Sequence[str], resolve: Resolve, tls: ssl.SSLContext) -> None:
        self._allowed_hosts, self._resolve, self._tls = allowed_hosts, resolve, tls

    async def send(self, call: Call, timeout_seconds: float) -> Reply:
        """The response, after at most three redirects; only those of a GET are followed. Raises `Broken`.

        Parameters
        ----------
        timeout_seconds
            Shared among the addresses of a host, for connecting; the caller ends the whole.
        """
        for _ in range(MAX_REDIRECTS + 1):
            reply = await self._to_host(call, timeout_seconds)
            if reply.status not in _REDIRECTS:
                return reply
            call = _redirected(call, reply.headers.get("location"))
        raise Broken("too many redirects")

    async def _to_host(self, call: Call, timeout_seconds: float) -> Reply:
        addresses = await self._checked(call.url)
        reason = ""
        for address in addresses:
            try:
                return await self._to_address(call, address, timeout_seconds / len(addresses))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                reason = f"no connection ({_root(error)})"
            except (httpx.TransportError, OSError) as error:
                reason = f"the connection broke ({_root(error)})"
                break
        raise Broken(reason, RETRY_SECONDS)

    async def _checked(self, url: httpx.URL) -> list[str]:
        """Where the host of `url` is, when a request may go there."""
        found: Sequence[str] = ()
        reason = "it has no address"
        try:
            found = await self._resolve(url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
        except (OSError, UnicodeError) as error:  # the latter for a label that is too long
            reason = type(error).__name__
        if not found:
            raise Broken(f"cannot resolve {authority(url)} ({reason})", RETRY_SECONDS)
        if not is_named(url, self._allowed_hosts) and not all(map(is_public, found)):
            raise Broken(f"{authority(url)} is not in the public internet, nor in allowed_hosts")
        return list(found)[:MAX_ADDRESSES]

    async def _to_address(self, call: Call, address: str, seconds: float) -> Reply:
        host = call.url.raw_host.decode("ascii")
        request = httpx.Request(
            call.method,
            call.url.copy_with(host=address),
            headers={"Host": authority(call.url), **_headers(call)},
            content=call.body,
            extensions={"timeout": {"connect": seconds}, "sni_hostname": host},
        )
        # a transport for one request: its connections belong to one event loop, and to one name at that address
        async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            response = await transport.handle_async_request(request)
            body = await _read(response) if response.is_success else b""
            return Reply(response.status_code, response.headers, body)


def _headers(call: Call) -> dict[str, str]:
    own = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "haedap"}
    if call.body is not None:
        own["Content-Type"] = "application/json"
    given = {name.lower() for name in call.headers}
    return {**{name: value for name, value in own.items() if name.lower() not in given}, **call.headers}


def _redirected(call: Call, location: str | None) -> Call:
    """The request that a redirect asks for: without the source's headers once it leads to another origin."""
    if call.method != "GET":
        raise Broken("a redirect of a POST")
    url = _joined(call.url, location) if location else None
    if url is None:
        raise Broken("a redirect to nowhere")
    if (call.url.scheme, url.scheme) == ("https", "http"):
        raise Broken("a redirect from https to http")
    return replace(call, url=url, headers=call.headers if origin(url) == origin(call.url) else {})


def _joined(url: httpx.URL, location: str) -> httpx.URL | None:
    try:
        return parse(str(url.join(location)))
    except (httpx.InvalidURL, ValueError):
        return None


async def _read(response: httpx.Response) -> bytes:
    """The body, unpacked piece by piece, so that neither form of it ever takes more than the limit."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Broken("the response is packed in a way that was not asked for")
    unpacking = None if encoding == "identity" else zlib.decompressobj(_GZIP)
    body, received = bytearray(), 0
    async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as pieces:
        async for piece in pieces:
            received += len(piece)
            unpacked = piece if unpacking is None else _unpacked(unpacking, piece, MAX_BYTES + 1 - len(body))
            if unpacked is None:
                raise Broken("the response cannot be unpacked")
            body += unpacked
            if max(received, len(body)) > MAX_BYTES:
                raise Broken(f"the response is larger than {MAX_BYTES} bytes")
    if unpacking is not None and not unpacking.eof:
        raise Broken("the response cannot be unpacked")
    return bytes(body)


def _unpacked(unpacking: "zlib._Decompress", piece: bytes, limit: int) -> bytes | None:
    try:
        return unpacking.decompress(piece, limit)
    except zlib.error:
        return None


def _root(error: BaseException) -> str:
    """The class of what lies at the bottom of an error; h11's own words repeat headers."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return type(error).__name__
