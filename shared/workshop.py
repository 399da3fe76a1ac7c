"""Setting up an HTTP source on a sample of its response: what there is to take, what is taken, and what is withheld.

Paths and types are told, never values that no field takes: a response that was fetched with the deployment's secrets
may hold what nobody should see.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from shared.bot import HttpSource
from shared.llm.prompts import Passage, listed
from shared.sources.base import Record
from shared.sources.extraction import Extraction, NoRecords, as_text

FieldType: TypeAlias = Literal["string", "integer", "number", "boolean", "date", "strings"]
Path: TypeAlias = tuple[str, ...]  # names, and `[]` for each member of a list

MAX_PATHS = 300  # of a sample, that are looked at
_MEMBERS = "[]"
_MAX_DEPTH = 12
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOUND_AT_MOST = 20  # members of a list that are looked at


class SampleField(BaseModel):
    """Something that a field could take: a JMESPath from the record on, and the type that fits what is there."""

    path: str
    type: FieldType
    taken: bool


class SampleList(BaseModel):
    """A list of objects in the response: what `records` could lead to."""

    path: str
    members: int


class SampleRecord(BaseModel):
    """A record as it was extracted: values by their labels."""

    title: str
    link: str | None
    fields: dict[str, str]


class Worked(BaseModel):
    """A sample, as a source reads it.

    Parameters
    ----------
    problem
        Why there are no records, in Korean.
    text
        What a language model is given of them, to the letter.
    withheld
        Paths from the response on, on which nothing of that depends.
    more_paths
        How many there are beside the first 300, which nobody has looked at.
    """

    lists: list[SampleList]
    fields: list[SampleField]
    records: list[SampleRecord]
    text: str
    withheld: list[str]
    more_paths: int
    problem: str | None = None


def work(source: HttpSource, data: Any) -> Worked:
    """Read a sample as a source would, and tell what there is besides. Raises `ValueError` as `Extraction` does."""
    extraction, of_records = Extraction(source), Extraction(source.model_copy(update={"records": "@"}))
    try:
        found, problem = extraction.found(data)[: source.max_records], None
    except NoRecords:
        found, problem = [], "기록 목록의 위치에 있는 값이 목록도 객체도 아닙니다."
    records = _read(extraction, data)
    if not found and problem is None:
        problem = "기록 목록의 위치에 해당하는 값이 응답에 없습니다."
    paths = [path for path, _ in _leaves(data)]
    short = _shortened(data)  # what is read of it is the same as a rule, and it is read once for each path
    asked = short if _read(extraction, short) == records else data
    withheld = [path for path in paths[:MAX_PATHS] if _read(extraction, _without(asked, path)) == records]
    return Worked(
        lists=[SampleList(path=_written(path), members=members) for path, members in _lists(data)],
        fields=list(_fields(of_records, found, records)),
        records=[SampleRecord(title=one.title, link=one.link, fields=dict(one.fields)) for one in records],
        text=listed([Passage(one.title, one.as_text()) for one in records]),
        withheld=list(map(_written, withheld)),
        more_paths=len(paths[MAX_PATHS:]),
        problem=problem,
    )


def _fields(extraction: Extraction, found: list[Any], records: Sequence[Record]) -> Iterator[SampleField]:
    """What the records hold, each path once; it is taken when what is extracted depends on it."""
    for path, value in _leaves(found)[:MAX_PATHS]:
        if len(path) > 1 and not isinstance(value, dict | list):  # the first part is the list of the records
            taken = _read(extraction, _without(found, path)) != records
            yield SampleField(path=_written(path[1:]), type=_type(path, value), taken=taken)


def _read(extraction: Extraction, data: Any) -> Sequence[Record]:
    try:
        return extraction.records(data)
    except NoRecords:
        return ()


def _leaves(data: Any) -> list[tuple[Path, Any]]:
    """The paths of all values that hold no others, with the first value that is there and not null.

    What is deeper than a dozen steps is one value.
    """
    found: dict[Path, Any] = {}
    for path, value in _walk(data, ()):
        if found.get(path) is None:
            found[path] = value
    return list(found.items())


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    match value:
        case dict() | list() if len(path) >= _MAX_DEPTH:
            yield path, value
        case dict():
            for name, one in value.items():
                yield from _walk(one, (*path, name))
        case list():
            for one in value:
                yield from _walk(one, (*path, _MEMBERS))
        case _:
            yield path, value


def _lists(data: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Lists of objects, the outer ones first; those inside of other lists are no list of records."""
    match data:
        case list() if any(isinstance(one, dict) for one in data):
            yield path, len(data)
        case dict() if len(path) < _MAX_DEPTH:
            for name, one in data.items():
                yield from _lists(one, (*path, name))


def _without(value: Any, path: Path) -> Any:
    """The value without what is at a path. What is not on its way is shared, not copied."""
    match value:
        case dict() if path and path[0] in value:
            if len(path) == 1:
                return {name: one for name, one in value.items() if name != path[0]}
            return {**value, path[0]: _without(value[path[0]], path[1:])}
        case list() if path and path[0] == _MEMBERS:
            return [] if len(path) == 1 else [_without(one, path[1:]) for one in value]
        case _:
            return None if not path else value


def _shortened(value: Any, depth: int = 0) -> Any:
    """The same with the first members of its lists."""
    match value:
        case dict() if depth < _MAX_DEPTH:
            return {name: _shortened(one, depth + 1) for name, one in value.items()}
        case list() if depth < _MAX_DEPTH:
            return [_shortened(one, depth + 1) for one in value[:_FOUND_AT_MOST]]
        case _:
            return value


def _written(path: Path) -> str:
    """A path as JMESPath."""
    text = ""
    for part in path:
        if part == _MEMBERS:
            text += part
        else:
            name = part if _PLAIN.fullmatch(part) else json.dumps(part, ensure_ascii=False)
            text += f".{name}" if text else name
    return text or "@"


def _type(path: Path, value: Any) -> FieldType:
    if _MEMBERS in path[1:]:
        return "strings"
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str() if as_text(value, "date") is not None and not value.isdigit():
            return "date"
        case _:
            return "string"
