"""What the three steps have in common: JSONL files, reports, errors as one line."""

import argparse
import functools
import os
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import AppError
from shared.indexing.readers import UnreadableCorpus
from shared.settings import InvalidSettings, get_settings

FAILED, BAD_ROWS = 1, 3
M = TypeVar("M", bound=BaseModel)
Bad: TypeAlias = list[tuple[int, str]]
_SHOWN = 20
_SOURCE_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")  # what Chroma takes in a collection's name


def step_file(name: str) -> Path:
    """Where a step writes and the next one reads, unless told otherwise: in `DATA_DIR`."""
    return get_settings().data_dir / "steps" / name


def source_id(text: str) -> str:
    """`text`, when it can name a source: the type of `--source`."""
    if not _SOURCE_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: lower-case letters, digits, '-' and '_' inside, at most 64")
    return text


def natural(text: str) -> int:
    """`text`, when it is a whole number and not negative: the type of counts that may be none."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number, not negative")
    return int(text)


def positive(text: str) -> int:
    """`text`, when it is a whole number from 1: the type of other counts."""
    if not natural(text):
        raise argparse.ArgumentTypeError(f"{text!r}: 1 or more")
    return int(text)


def write_jsonl(path: Path, items: Iterable[BaseModel]) -> int:
    """Write one item a line, whole or not at all. Returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, count = path.with_name(path.name + ".part"), 0
    try:
        with draft.open("w", encoding="utf-8") as out:
            for item in items:
                out.write(item.model_dump_json() + "\n")
                count += 1
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def read_jsonl(path: Path, model: type[M], bad: Bad) -> Iterator[tuple[int, M]]:
    """The items, with their line numbers, of a file that `write_jsonl` wrote and a person may have edited.

    A line that is no such item is put into `bad`, with why.

    Raises
    ------
    UnreadableCorpus
        When the file is absent or not UTF-8.
    """
    if not path.is_file():
        raise UnreadableCorpus(f"{path}: no such file; run the step before it first")
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield number, model.model_validate_json(line)
                except ValidationError as error:
                    first = error.errors(include_url=False, include_input=False)[0]
                    bad.append((number, " ".join([*map(str, first["loc"]), first["msg"]])))
    except UnicodeDecodeError as error:
        raise UnreadableCorpus(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8 and try again") from error


def end_with_a_whole_line(path: Path, model: type[BaseModel]) -> None:
    """Let a file that a script appends items to end with a whole line: cut off the half one that a killed run left.

    Raises
    ------
    CannotRun
        When what the file ends with is nothing that the script began to write: it is left as it is.
    """
    if not path.is_file():
        return
    *lines, last = path.read_bytes().removeprefix(BOM_UTF8).split(b"\n")
    if not last.strip():
        return
    if _is_one(last, model):  # whole; an editor has taken its end away
        with path.open("ab") as file:
            file.write(b"\n")
        return
    begins = f'{{"{next(iter(model.model_fields))}":'.encode()
    begun = b"".join(last.split())[: len(begins)]
    if begins.startswith(begun) and all(_is_one(line, model) for line in lines if line.strip()):
        os.truncate(path, path.stat().st_size - len(last))
        return
    raise CannotRun(f"{path}: its last line is not whole, and none of this script's: end it, or name another file")


def _is_one(line: bytes, model: type[BaseModel]) -> bool:
    try:
        model.model_validate_json(line)
    except ValidationError:
        return False
    return True


def report_bad(bad: Bad, what: str = "row") -> None:
    """List rows that were left out, with their numbers and why."""
    for number, problem in bad[:_SHOWN]:
        print(f"  {what} {number} left out: {problem}", file=sys.stderr)
    if len(bad) > _SHOWN:
        print(f"  … and {len(bad) - _SHOWN} more {what}s left out", file=sys.stderr)


def report_warnings(warnings: Iterable[tuple[int, str]] | Iterable[tuple[str, str]], what: str = "row") -> None:
    """List what was dropped of rows, or contents, that went on without it."""
    for where, reason in warnings:
        print(f"  {what} {where}: {reason}", file=sys.stderr)


class CannotRun(Exception):
    """A script cannot do what it is asked to; one line that says why."""


class Main(Protocol):
    """A script's entry point: takes the command line's arguments, returns an exit code."""

    def __call__(self, arguments: list[str] | None = None) -> int: ...


def guarded(main: Main) -> Main:
    """A script's `main` whose expected failures end in one line and exit code 1."""

    @functools.wraps(main)
    def wrapper(arguments: list[str] | None = None) -> int:
        try:
            return main(arguments)
        except InvalidSettings as error:
            print(error, file=sys.stderr)
        except (CannotRun, UnreadableCorpus, OSError) as error:
            print(f"haedap: {error}", file=sys.stderr)
        except AppError as error:
            print(f"haedap: {error.code}: {error.reason}", file=sys.stderr)
        except KeyboardInterrupt:
            print("haedap: interrupted; the next run goes on from here", file=sys.stderr)
        return FAILED

    return wrapper
