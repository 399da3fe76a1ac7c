"""Artefacts: what a build makes of one version of a source's index and keeps as files, beside the vectors.

An artefact is a folder of files (NumPy arrays, a BM25 index, JSON), `<root>/<source_id>/<version>/…`. It is derived
from contents, made anew by each build, written once and never changed; a reader finds all of it or nothing. The form
in a directory is here, that in S3 in `s3_artefacts.py`, and one contract suite holds for both.
"""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from shared.errors import IndexUnavailable

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")  # no dot: what is unfinished starts with one
_FILE_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_STANDS = frozenset({errno.EEXIST, errno.ENOTEMPTY})


class ArtefactMissing(IndexUnavailable):
    """The version has no artefact: it was never saved whole, was dropped, or is damaged."""

    code = "artefact_missing"


class ArtefactsUnavailable(IndexUnavailable):
    """The place where artefacts are kept is away, is full, or refused the request."""

    code = "artefacts_unavailable"


class InvalidArtefact(ValueError):
    """A name or a folder that no artefact can have, or a version that has one already: the caller's bug."""


class Artefacts(Protocol):
    """Where artefacts are kept. Thread-safe.

    Source ids and versions are 1 to 64 letters, digits, "-" and "_", the last two only inside. An artefact holds
    regular files, in folders or not, whose names are letters, digits and "_.-", not starting with "." or "-". Of an
    empty folder in it nothing is kept.
    """

    def save(self, source_id: str, version: str, folder: Path) -> None:
        """Take over a finished local folder. Readers see all of it or nothing.

        The folder is gone afterwards. After a failure it may have lost some of its files.

        Raises
        ------
        ArtefactsUnavailable
            Nothing can be fetched of it, but something may be left, which `drop` removes.
        InvalidArtefact
            On a name or a file that no artefact can have, and when the version has an artefact already.
        """

    def fetch(self, source_id: str, version: str) -> Path:
        """A local folder to read, or memory-map, from; not to write to.

        Raises
        ------
        ArtefactMissing, ArtefactsUnavailable, InvalidArtefact
        """

    def drop(self, source_id: str, version: str) -> None:
        """Remove an artefact, and what an interrupted `save` left of one. That it is absent is no error.

        Who has memory-mapped its files goes on reading them.

        Raises
        ------
        ArtefactsUnavailable, InvalidArtefact
        """


class DirectoryArtefacts:
    """`Artefacts` in a directory, which may be shared by machines. `fetch` gives the folder itself.

    Parameters
    ----------
    root
        Made by the first `save`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, source_id: str, version: str, folder: Path) -> None:
        target, names = place(self._root, source_id, version), file_names(folder)
        draft = draft_beside(target)
        with _as_unavailable(self._root):
            if target.exists():
                raise stands(source_id, version)
            try:
                draft.mkdir(parents=True)  # not the folder itself: a temporary one is closed to other users
                for name in names:
                    (draft / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(folder / name, draft / name)  # copies from another file system
                flush(draft)
                try:
                    draft.rename(target)
                except OSError as error:
                    if error.errno in _STANDS:  # another process was first
                        raise stands(source_id, version) from error
                    raise
                flush_entry(target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)

    def fetch(self, source_id: str, version: str) -> Path:
        target = place(self._root, source_id, version)
        with _as_unavailable(self._root):
            if target.is_dir():
                return target
        raise ArtefactMissing(detail=f"{target}: no such artefact")

    def drop(self, source_id: str, version: str) -> None:
        target = place(self._root, source_id, version)
        with _as_unavailable(self._root):
            remove(target)
            for draft in target.parent.glob(f".{target.name}.*"):  # of saves and drops that were killed
                _discard(draft)


def place(root: Path, source_id: str, version: str) -> Path:
    """`<root>/<source_id>/<version>`. Raises `InvalidArtefact` for names that could lead elsewhere."""
    check_names(source_id, version)
    return root / source_id / version


def check_names(source_id: str, version: str) -> None:
    """Raise `InvalidArtefact` unless both are plain names."""
    for kind, name in (("source id", source_id), ("version", version)):
        if not _NAME.fullmatch(name):
            raise InvalidArtefact(f"{kind} {name[:80]!r}: letters, digits, '-' and '_' inside, at most 64")


def check_file_name(name: str) -> str:
    """The path of a file inside an artefact, with "/" on all systems. Raises `InvalidArtefact`."""
    if not all(_FILE_PART.fullmatch(part) for part in name.split("/")):
        raise InvalidArtefact(
            f"file {name[:200]!r}: letters, digits and '_.-' only, the first of a name not '.' or '-'"
        )
    return name


def file_names(folder: Path) -> list[str]:
    """The files of a folder that is to be saved, as paths inside it, in order.

    Raises
    ------
    InvalidArtefact
        When it is no folder, or holds a link, a special file, or a name that not every form can keep.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise InvalidArtefact(f"{folder}: not a folder")
    names = []
    for path in sorted(folder.rglob("*")):
        name = check_file_name(path.relative_to(folder).as_posix())
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise InvalidArtefact(f"{path}: neither a file nor a folder")
        if path.is_file():
            names.append(name)
    return names


def stands(source_id: str, version: str) -> InvalidArtefact:
    """The error of saving what was saved."""
    return InvalidArtefact(f"source {source_id!r} has an artefact of version {version} already")


def draft_beside(target: Path) -> Path:
    """A name of nobody's for what becomes `target` when it is whole, or was `target` until it was dropped."""
    return target.with_name(f".{target.name}.{secrets.token_hex(8)}")


def remove(target: Path) -> None:
    """Remove a folder, at once for who looks for it. That it is absent is no error."""
    draft = draft_beside(target)
    try:
        target.rename(draft)
    except FileNotFoundError:
        return
    _discard(draft)


def _discard(folder: Path) -> None:
    while folder.exists():  # of two that remove it at once each stops at what the other was faster to remove
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def flush(folder: Path) -> None:
    """Have the disk hold what is in a folder, so that a rename that survives a power cut is one of whole files."""
    if os.name == "posix":  # elsewhere a folder cannot be opened, nor a file be flushed by who only reads it
        for path in [*folder.rglob("*"), folder]:
            _flush(path)


def flush_entry(path: Path) -> None:
    """Have the disk hold that `path` is there: its name in its folder, and its folder's in the one above."""
    if os.name == "posix":
        _flush(path.parent)
        _flush(path.parent.parent)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _as_unavailable(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtefactsUnavailable(detail=f"{root}: {error}") from error
