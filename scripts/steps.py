"""What the three steps have in common: JSONL files, reports, errors as one line."""

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import AppError
from shared.indexing.readers import UnreadableCorpus
from shared.settings import InvalidSettings

FAILED, BAD_ROWS = 1, 3
M = TypeVar("M", bound=BaseModel)
_SHOWN = 20


def write_jsonl(path: Path, items: Iterable[BaseModel]) -> int:
    """Write one item a line, whole or not at all. Returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, count = path.with_name(path.name + ".part"), 0
    with draft.open("w", encoding="utf-8") as out:
        for item in items:
            out.write(item.model_dump_json() + "\n")
            count += 1
    draft.replace(path)
    return count


def read_jsonl(path: Path, model: type[M]) -> Iterator[M]:
    """The items of a file that `write_jsonl` wrote, or that a person has edited.

    Raises
    ------
    UnreadableCorpus
        At the first line that is not such an item, with its number and why.
    """
    if not path.is_file():
        raise UnreadableCorpus(f"{path}: no such file; run the step before it first")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield model.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(map(str, first["loc"]))
                raise UnreadableCorpus(f"{path}: line {number}: {where} {first['msg']}") from error


def report_bad(bad: Sequence[tuple[int, str]]) -> None:
    """List rows that were left out, with their numbers and why."""
    for number, problem in bad[:_SHOWN]:
        print(f"  row {number} left out: {problem}", file=sys.stderr)
    if len(bad) > _SHOWN:
        print(f"  … and {len(bad) - _SHOWN} more rows left out", file=sys.stderr)


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
        except UnreadableCorpus as error:
            print(f"haedap: {error}", file=sys.stderr)
        except AppError as error:
            print(f"haedap: {error.code}: {error.reason}", file=sys.stderr)
        except KeyboardInterrupt:
            print("haedap: interrupted; the next run goes on from here", file=sys.stderr)
        return FAILED

    return wrapper
