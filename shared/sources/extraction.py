"""From a response to records: the listed fields, each of its type, and nothing else. No I/O."""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import httpx
import jmespath
from jmespath.exceptions import JMESPathError

from shared.bot import HttpSource
from shared.sources.base import Record

MAX_CHARACTERS = 1_000  # of a value; a job's description in full would fill a prompt
_MAX_DIGITS = 30
_SEOUL = timezone(timedelta(hours=9))  # no daylight saving since 1988
_INTEGER = re.compile(r"[+-]?\d{1,30}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_DATE = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})", re.ASCII)
_LINK = re.compile(r"https?://[^\s\"'<>\\^`{|}]{1,2000}", re.IGNORECASE)
_YES, _NO = {"true", "y", "yes"}, {"false", "n", "no"}  # Korean APIs like to say Y and N


class NoRecords(Exception):
    """What `records` leads to is neither a list nor an object."""


class Extraction:
    """The way from a source's response to its records.

    Raises
    ------
    ValueError
        When one of its JMESPath expressions does not compile; the field is named.
    """

    def __init__(self, source: HttpSource) -> None:
        self._source = source
        self._records = _compiled("records", source.records)
        self._fields = {name: _compiled(f"fields.{name}", one.path) for name, one in source.fields.items()}

    def found(self, data: Any) -> list[Any]:
        """What the records are read from, all of them as they came. Raises `NoRecords`."""
        found = _search(self._records, data)
        if isinstance(found, dict):
            return [found]
        if found is None:
            return []
        if not isinstance(found, list):
            raise NoRecords
        return found

    def records(self, data: Any) -> tuple[Record, ...]:
        """The first of the records, those left out that have none of the fields. Raises `NoRecords`."""
        read = [self._record(one) for one in self.found(data)[: self._source.max_records]]
        return tuple(record for record in read if record.fields)

    def _record(self, found: Any) -> Record:
        source = self._source
        values: dict[str, str] = {}
        for name, field in source.fields.items():
            value = _search(self._fields[name], found)
            text = _link(value) if name == source.link else as_text(value, field.type)
            if text:
                values[name] = text
        return Record(
            values.get(source.title or "", source.name),
            values.get(source.link or ""),
            MappingProxyType({source.fields[name].label: text for name, text in values.items()}),
        )


def as_text(value: Any, kind: str) -> str | None:
    """A value of the response as a Korean reader writes it; `None` when it is not of its kind.

    Parameters
    ----------
    kind
        See `HttpField.type`. A number is given as text, too (`"12"`), `Y` and `N` for a boolean, a day as `2026-11-22`,
        `2026.11.22`, `20261122` or an ISO 8601 instant.
    """
    match kind:
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "boolean":
            return _boolean(value)
        case "date":
            return _date(value)
        case "strings":
            return _strings(value)
        case _:
            return _string(value)


def _string(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**_MAX_DIGITS else None
    return cut(value) if isinstance(value, str) else None


def cut(text: str) -> str | None:
    """One line without control and format characters, of at most 1,000 characters; `None` when nothing is left."""
    # no more is looked at than can be needed: what is removed is rarely longer than what stays
    shown = (_visible(character) for character in text[: 4 * MAX_CHARACTERS])
    line = " ".join("".join(shown).split())
    return (line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1] + "…") or None


def _visible(character: str) -> str:
    """Itself; a space for white space and controls; nothing for what only steers (bidi, zero width, surrogates)."""
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    return " " if category == "Cc" else "" if category in ("Cf", "Cs", "Co", "Cn") else character


def _integer(value: Any) -> str | None:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**_MAX_DIGITS:
        return None
    return f"{value:,}"


def _number(value: Any) -> str | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and math.isfinite(value) and not value.is_integer() and 1e-6 < abs(value) < 1e15:
        return f"{value:,.6f}".rstrip("0")
    return _integer(value)


def _boolean(value: Any) -> str | None:
    word = str(value).strip().lower() if isinstance(value, bool | str) else ""
    return "예" if word in _YES else "아니요" if word in _NO else None


def _date(value: Any) -> str | None:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        if (parts := _DATE.fullmatch(text)) is not None:
            day = date(int(parts[1]), int(parts[3]), int(parts[4]))
        else:
            instant = datetime.fromisoformat(text)
            day = (instant.astimezone(_SEOUL) if instant.tzinfo else instant).date()
    except (ValueError, OverflowError):
        return None
    return f"{day.year}년 {day.month}월 {day.day}일"


def _strings(value: Any) -> str | None:
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    texts = [text for one in values[:MAX_CHARACTERS] if (text := _string(one)) is not None]
    return cut(", ".join(texts))


def _link(value: Any) -> str | None:
    """An address that a browser can be sent to, or none: nothing that could run, nothing with a password in it."""
    text = value.strip() if isinstance(value, str) else ""
    if not _LINK.fullmatch(text) or not text.isprintable():
        return None
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None
    return text if url.host and not url.userinfo else None


def _compiled(where: str, expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except (JMESPathError, RecursionError) as error:
        problem = " ".join(str(error).split())[:200] or type(error).__name__
    raise ValueError(f"{where}: no JMESPath: {problem}")


def _search(compiled: Any, data: Any) -> Any:
    """What an expression finds; nothing, too, where one of its functions meets the wrong type."""
    try:
        return compiled.search(data)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
        return None
