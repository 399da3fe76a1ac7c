"""DynamoDB's protocol: signed JSON over HTTP. What boto3 does, without the half second that its import and models take.

A function that only reads an item would else wait longest for its driver (`scripts/bench_cold_start.py`). Nothing is
repeated here: whoever asks knows what may be done twice.
"""

import hashlib
import hmac
import json
import selectors
import ssl
import time
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_AWS = "https://dynamodb.{region}.amazonaws.com"
_TARGET = "DynamoDB_20120810"
_TYPE = "application/x-amz-json-1.0"
_IDLE_SECONDS = 30.0  # by the clock on the wall, which goes on while a function is frozen
_MOST_IDLE = 50


class Credentials(NamedTuple):
    """Who asks, as AWS knows it."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class Refused(Exception):
    """DynamoDB said no. `code` is its word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Unreachable(Exception):
    """There was no answer: none could be asked for, or none came in time."""


class Broken(Unreachable):
    """The connection ended before the answer: what was asked may have been done."""


class Wire:
    """Connections to one DynamoDB, for any number of threads.

    Parameters
    ----------
    region
        AWS region.
    endpoint_url
        A local server; `None` for AWS.
    timeout_seconds
        For one request: a third to connect, the rest to wait for the answer.
    credentials
        Asked for at every request: those of a role change. Without any, a local server is given made-up ones.
    """

    def __init__(
        self,
        region: str,
        endpoint_url: str | None,
        timeout_seconds: float,
        credentials: Callable[[], Credentials | None],
    ) -> None:
        address = urlsplit(endpoint_url or _AWS.format(region=region))
        self._region, self._credentials, self._local = region, credentials, endpoint_url is not None
        self._secure, self._host = address.scheme == "https", address.netloc
        self._connect_seconds, self._read_seconds = timeout_seconds / 3, timeout_seconds * 2 / 3
        self._context = ssl.create_default_context() if self._secure else None
        self._idle: deque[tuple[float, HTTPConnection]] = deque()

    def ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """DynamoDB's answer.

        Parameters
        ----------
        operation
            DynamoDB's name of it, e.g. `GetItem`.
        request
            Its arguments, as DynamoDB's reference writes them.

        Raises
        ------
        Refused
            DynamoDB answered with an error.
        Unreachable
            It did not answer; `Broken` when it may have done what was asked.
        """
        body = json.dumps(request).encode()
        credentials = self._credentials() or (Credentials("local", "local") if self._local else None)
        if credentials is None:
            raise Unreachable("there are no AWS credentials")
        headers = signed(credentials, self._region, self._host, f"{_TARGET}.{operation}", body, time.gmtime())
        connection = self._connection()
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            answer = response.read()
        except TimeoutError as error:
            connection.close()
            raise Unreachable(f"{self._host}: no answer in {self._read_seconds:.3g} s") from error
        except (OSError, HTTPException) as error:
            connection.close()
            raise Broken(f"{self._host}: {error}") from error
        except BaseException:
            connection.close()
            raise
        if response.will_close or len(self._idle) >= _MOST_IDLE:
            connection.close()
        else:
            self._idle.append((time.time(), connection))
        return _read(response.status, answer)

    def close(self) -> None:
        """Close the connections that wait for use. A later request makes a new one."""
        while self._idle:
            self._idle.pop()[1].close()

    def _connection(self) -> HTTPConnection:
        """One that was used a moment ago and still stands, or a new one. Raises `Unreachable`."""
        while True:
            try:
                used, connection = self._idle.pop()
            except IndexError:
                break
            if time.time() - used < _IDLE_SECONDS and not _readable(connection):
                return connection
            connection.close()
        if self._secure:
            connection = HTTPSConnection(self._host, timeout=self._connect_seconds, context=self._context)
        else:
            connection = HTTPConnection(self._host, timeout=self._connect_seconds)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Unreachable(f"{self._host}: {error}") from error
        connection.sock.settimeout(self._read_seconds)
        return connection


def signed(
    credentials: Credentials, region: str, host: str, target: str, body: bytes, when: time.struct_time
) -> dict[str, str]:
    """The headers of a request, with AWS's signature, version 4 (IAM User Guide, "Create a signed AWS API request").

    Parameters
    ----------
    when
        Now, in UTC. A signature holds for five minutes.
    """
    instant, scope = time.strftime("%Y%m%dT%H%M%SZ", when), f"{time.strftime('%Y%m%d', when)}/{region}/dynamodb"
    headers = {"content-type": _TYPE, "host": host, "x-amz-date": instant, "x-amz-target": target}
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = b"AWS4" + credentials.secret_access_key.encode()
    for part in (*scope.split("/"), "aws4_request", f"AWS4-HMAC-SHA256\n{instant}\n{scope}/aws4_request\n{digest}"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    named = f"Credential={credentials.access_key_id}/{scope}/aws4_request, SignedHeaders={names}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {named}, Signature={key.hex()}"}


def _read(status: int, answer: bytes) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(answer)
    except ValueError:  # of something in between, which knows no JSON
        raise Refused("InternalServerError" if status in (200, *range(500, 600)) else str(status), "") from None
    if status == 200:
        return read
    code = str(read.get("__type", "InternalServerError" if status >= 500 else status)).rpartition("#")[2]
    raise Refused(code, str(read.get("message") or read.get("Message") or status))


def _readable(connection: HTTPConnection) -> bool:
    """Whether something came while nobody asked: the end of the connection, as a rule."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))
