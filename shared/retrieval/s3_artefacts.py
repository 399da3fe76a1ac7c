"""Artefacts in S3, or in a server that speaks its protocol, with a cache of those that were fetched.

`<prefix>/<source_id>/<version>/files/…` are the files and `…/<version>/complete.json`, written last, says what belongs
to them: without it there is no artefact, and what does not agree with it is damaged. Every failure is an
`ArtefactsUnavailable` or an `ArtefactMissing`, after at most two attempts.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from urllib3.exceptions import HTTPError

from shared.errors import AppError
from shared.retrieval.artefacts import (
    ArtefactMissing,
    ArtefactsUnavailable,
    check_file_name,
    check_names,
    draft_beside,
    file_names,
    flush,
    place,
    remove,
    stands,
)
from shared.storage.per_process import PerProcess

log = logging.getLogger(__name__)

_ATTEMPTS = 2  # at one request, and at one file, whose connection may break after the request was answered
_KEPT = 3  # versions of a source in the cache: the served one, the one before it, one in reserve
_WAIT_SECONDS = 60.0  # for another thread or process that downloads the same
_POLL_SECONDS = 0.02
_CHUNK = 1 << 20
_MAX_MARKER_BYTES = 1 << 20
_MARKER = "complete.json"


class _Sealed(BaseModel):
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Marker(BaseModel):
    """What a whole artefact consists of. `format` changes when an older haedap could not read it."""

    format: Literal[1] = 1
    files: dict[Annotated[str, AfterValidator(check_file_name)], _Sealed]


class S3Artefacts:
    """`Artefacts` in a bucket.

    Parameters
    ----------
    bucket, prefix
        Where; the prefix without slashes around it, or empty.
    region
        AWS region.
    endpoint_url
        Another server than AWS's; `None` for AWS. Without AWS credentials it is given made-up ones.
    cache
        A local directory that holds up to three versions of each source, those fetched last. Processes may share it.
    timeout_seconds
        For one request, and for each silence while a file comes: a third to connect, the rest to wait.
    credentials
        Key id, secret and session token; without them they are looked for where AWS's tools look.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        region: str,
        endpoint_url: str | None,
        cache: Path,
        timeout_seconds: float,
        credentials: tuple[str, str, str | None] | None = None,
    ) -> None:
        config = Config(
            connect_timeout=timeout_seconds / 3,
            read_timeout=timeout_seconds * 2 / 3,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            tcp_keepalive=True,
            # The server compares the body's SHA-256, which also those know that do not know AWS's newer checksums
            s3={"payload_signing_enabled": True, "addressing_style": "path" if endpoint_url else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )

        def connect() -> Any:  # mypy-boto3-s3 is not worth its 400 KB for four calls
            key, secret, token = credentials or (None, None, None)
            session = Session(key, secret, token, region)
            if endpoint_url and session.get_credentials() is None:
                session = Session("local", "local", region_name=region)
            try:
                return session.client("s3", endpoint_url=endpoint_url, config=config)
            except ValueError as error:  # botocore refuses host names that others take
                raise ArtefactsUnavailable(detail=str(error)) from error

        self._client: PerProcess[Any] = PerProcess(connect)
        self._bucket, self._prefix, self._cache = bucket, prefix, cache
        self._failures: dict[Path, tuple[float, AppError]] = {}  # when, by place in the cache

    def save(self, source_id: str, version: str, folder: Path) -> None:
        check_names(source_id, version)
        names = file_names(folder)
        with self._as_unavailable():
            if self._marker_text(source_id, version) is not None:
                raise stands(source_id, version)
            marker = _Marker(files={name: _sealed(folder / name) for name in names})
            for name in names:
                with (folder / name).open("rb") as file:
                    self._put(self._file_key(source_id, version, name), file)
            self._put(self._key(source_id, version) + _MARKER, marker.model_dump_json().encode())
        shutil.rmtree(folder, ignore_errors=True)

    def fetch(self, source_id: str, version: str) -> Path:
        target = place(self._cache, source_id, version)
        with self._as_unavailable():
            if _touched(target):
                return target
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._alone(target):
                if not _touched(target):
                    self._download(source_id, version, target)
                    _trim(target.parent)
        return target

    def drop(self, source_id: str, version: str) -> None:
        target = place(self._cache, source_id, version)
        with self._as_unavailable():
            client, prefix = self._client.get(), self._key(source_id, version)
            # The marker first: without it nobody sees what is left. One by one: not every server can delete many
            client.delete_object(Bucket=self._bucket, Key=prefix + _MARKER)
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for key in [one["Key"] for page in pages for one in page.get("Contents", [])]:
                client.delete_object(Bucket=self._bucket, Key=key)
            remove(target)

    def close(self) -> None:
        """Close the connections. A later call makes new ones."""
        if client := self._client.pop():
            client.close()

    def _key(self, source_id: str, version: str) -> str:
        return f"{self._prefix}/{source_id}/{version}/".removeprefix("/")

    def _file_key(self, source_id: str, version: str, name: str) -> str:
        return f"{self._key(source_id, version)}files/{name}"

    def _put(self, key: str, body: Any) -> None:
        self._client.get().put_object(Bucket=self._bucket, Key=key, Body=body)

    def _get(self, key: str) -> Any:
        """The answer to a `GetObject`, or `None` when there is no such object."""
        try:
            return self._client.get().get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def _marker_text(self, source_id: str, version: str) -> bytes | None:
        answer = self._get(self._key(source_id, version) + _MARKER)
        if answer is None:
            return None
        with closing(answer["Body"]) as body:
            text: bytes = body.read(_MAX_MARKER_BYTES)
        return text

    def _download(self, source_id: str, version: str, target: Path) -> None:
        """Make `target` from the bucket, whole or not at all. Raises `ArtefactMissing`."""
        for left in target.parent.glob(".*.*"):  # by killed processes: who downloads is alone
            shutil.rmtree(left, ignore_errors=True)
        text = self._marker_text(source_id, version)
        if text is None:
            raise self._missing(source_id, version, "it was not saved, or not to its end")
        try:
            marker = _Marker.model_validate_json(text)
        except ValidationError as error:
            raise self._missing(source_id, version, f"{_MARKER} is damaged") from error
        draft = draft_beside(target)
        try:
            draft.mkdir()
            for name, sealed in marker.files.items():
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                if not self._download_file(self._file_key(source_id, version, name), draft / name, sealed):
                    raise self._missing(source_id, version, f"{name} is absent or damaged")
            flush(draft)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _download_file(self, key: str, path: Path, sealed: _Sealed) -> bool:
        """Whether `path` now holds the object as it was uploaded."""
        for attempt in range(_ATTEMPTS):
            answer = self._get(key)
            if answer is None:
                return False
            try:
                with closing(answer["Body"]) as body:
                    return answer.get("ContentLength") == sealed.size and _copied(body, path) == sealed.sha256
            except (BotoCoreError, HTTPError) as error:  # the connection broke half-way, which botocore does not mend
                if attempt == _ATTEMPTS - 1:
                    raise
                log.warning("%s: asked for again: %s", key, error)
        return False

    @contextmanager
    def _alone(self, target: Path) -> Iterator[None]:
        """Of all threads and processes that share the cache, one at a time may change a source's part of it.

        The failure of one is that of all threads that wait for it: with S3 away, waiting is not done in turns. The
        lock is the system's, so that it ends with a process that is killed.
        """
        began = time.monotonic()
        with target.with_name(".lock").open("ab") as lock:
            while not _locked(lock.fileno()):
                self._share_failure(target, began)
                if time.monotonic() - began > _WAIT_SECONDS:
                    raise ArtefactsUnavailable(detail=f"{target}: another download takes over {_WAIT_SECONDS:g} s")
                time.sleep(_POLL_SECONDS)
            self._share_failure(target, began)
            try:
                with self._as_unavailable():
                    yield
            except AppError as error:
                self._failures[target] = time.monotonic(), error
                raise
            self._failures.pop(target, None)

    def _share_failure(self, target: Path, began: float) -> None:
        when, error = self._failures.get(target, (-1.0, None))
        if error is not None and when > began:
            raise type(error)(detail=error.reason)

    def _missing(self, source_id: str, version: str, why: str) -> ArtefactMissing:
        return ArtefactMissing(detail=f"s3://{self._bucket}/{self._key(source_id, version)}: {why}")

    @contextmanager
    def _as_unavailable(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError, HTTPError, OSError) as error:  # OSError: the cache, or the folder to save
            raise ArtefactsUnavailable(detail=f"s3://{self._bucket}/{self._prefix}: {error}") from error


def _sealed(path: Path) -> _Sealed:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _Sealed(size=path.stat().st_size, sha256=digest)


def _copied(body: Any, path: Path) -> str:
    """Write a response's body to a file; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in body.iter_chunks(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()


def _touched(target: Path) -> bool:
    """Whether `target` is in the cache, where it now is the one fetched last."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    except PermissionError:  # a cache that somebody else filled
        return target.is_dir()
    return True


def _trim(folder: Path) -> None:
    """Of a source's cached versions, keep those fetched last."""
    try:
        versions = [path for path in folder.iterdir() if not path.name.startswith(".")]
        for old in sorted(versions, key=lambda path: path.stat().st_mtime_ns, reverse=True)[_KEPT:]:
            remove(old)
    except OSError as error:  # the next download tries again
        log.warning("%s: old versions are left: %s", folder, error)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
