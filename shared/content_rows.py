"""A content as rows of a file and back: a row for its general answer, then one for each service's.

It is the notation that a build reads (`shared.indexing.readers`), with more columns. In a table a list is written one a
line, an image or a video that its address alone does not tell as JSON. What a cell of Excel cannot hold goes on in rows
below it whose id is `CONTINUED`. Written and read again, a content is the same.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from shared.content_editing import LABELS, fields_of
from shared.exports import FORMULA
from shared.indexing.moderation import kind_of
from shared.indexing.readers import Raw
from shared.models import Content
from shared.workbook import MOST_CHARACTERS

HEADS = {"id": "ID", "title": LABELS["title"], "service_type": "서비스 유형"}
HEADS |= {name: label for name, label in LABELS.items() if name not in ("title", "service_answers")}
COLUMNS = tuple(HEADS)
LISTS = ("similar_titles", "tags", "related_ids", "media", "accepted_summaries")
OF_EACH_ROW = ("id", "title", "service_type", "content")
CONTINUED = "(이어짐)"
_GUARDED = re.compile(rf"'+{FORMULA.pattern}")
_ESCAPE = re.compile(
    "_x([0-9A-Fa-f]{4})_"
)  # how a workbook's text holds what XML cannot (ECMA-376, part 1, ST_Xstring)
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DATE = re.compile(r"(\d{4})[-./] ?(\d{1,2})[-./] ?(\d{1,2})\.?(?:[ T]00:00(?::00)?)?")


def rows_of_content(content: Content) -> Iterator[Raw]:
    """Its rows, with lists and empty texts as JSON Lines hold them."""
    fields = fields_of(content)
    answers = fields.pop("service_answers")
    same = {"id": content.faq_id, "title": content.title}
    first = {**same, "service_type": "", **fields}
    yield {name: first[name] if first[name] is not None else "" for name in COLUMNS}
    for kind, text in answers.items():
        yield {**same, "service_type": kind, "content": text}


def table_rows(row: Mapping[str, Any], *, guard_all: bool) -> Iterator[list[str]]:
    """A row as cells, in as many lines of the table as it takes.

    Parameters
    ----------
    guard_all
        Whether what a spreadsheet would compute gets an apostrophe in front: in CSV. What has one already gets another,
        so that one can be taken off.
    """
    texts = {name: _lines(row[name]) if name in LISTS and name in row else str(row.get(name, "")) for name in COLUMNS}
    pieces = {name: list(_pieces(text, whole_lines=name in LISTS)) for name, text in texts.items()}
    guarded = FORMULA if guard_all else _GUARDED
    for at in range(max(map(len, pieces.values()))):
        cells = [pieces[name][at] if at < len(pieces[name]) else "" for name in COLUMNS]
        if at:
            cells[0] = CONTINUED
        yield [f"'{one}" if guarded.match(one) or _GUARDED.match(one) else one for one in cells]


def plain_cell(value: Any) -> str:
    """The text of a cell, without the apostrophe that keeps it from being computed."""
    match value:
        case None:
            return ""
        case datetime() | date():
            return value.strftime("%Y-%m-%d")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            text = str(value)
            return text[1:] if _GUARDED.match(text) else text


def sheet_cell(value: Any) -> str:
    """The same, of a workbook's cell."""
    text = plain_cell(value)
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def escaped(text: str) -> str:
    """A text as a workbook holds it."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def as_date(text: str) -> str:
    """A day as it is written in Korea, in ISO's form; anything else as it is."""
    found = _DATE.fullmatch(text.strip())
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text.strip()


def media_of(line: str) -> Any:
    """An image or a video from a line of a cell."""
    if line.startswith("{"):
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            pass  # then it is told as an address that is none
    return {"url": line}


def _lines(values: list[Any]) -> str:
    return "\n".join((one if isinstance(one, str) else _media_line(one)).replace("|", "\\|") for one in values)


def _media_line(one: Mapping[str, Any]) -> str:
    if one["kind"] == kind_of(one["url"]) and not one["caption"] and not one["service_type"]:
        return str(one["url"])
    return json.dumps({name: value for name, value in one.items() if value is not None}, ensure_ascii=False)


def _pieces(text: str, whole_lines: bool) -> Iterator[str]:
    """Parts that each fit a cell, with an apostrophe."""
    if len(escaped(text).encode("utf-16-le", "surrogatepass")) // 2 < MOST_CHARACTERS:
        yield text
        return
    middle = len(text) // 2
    if whole_lines:
        middle = text.find("\n", middle) + 1 or text.rfind("\n") + 1 or middle
    yield from _pieces(text[:middle], whole_lines)
    yield from _pieces(text[middle:], whole_lines)
