"""Files of contents as operators send and fetch them: CSV, XLSX, JSON Lines. The notation is `shared.content_rows`'.

A file comes from outside: its size, its rows, its columns and what it unpacks to are limited. A row that cannot be read
is told by its number and costs no other.
"""

import codecs
import csv
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from shared.content_changes import Incoming
from shared.content_editing import ContentEdit
from shared.content_rows import (
    COLUMNS,
    CONTINUED,
    HEADS,
    LISTS,
    as_date,
    escaped,
    media_of,
    plain_cell,
    rows_of_content,
    sheet_cell,
    table_rows,
)
from shared.errors import FieldProblem, InvalidInput
from shared.exports import Format, as_csv
from shared.indexing.readers import Layout, Raw, UnreadableCorpus, read
from shared.indexing.structure import MAX_CONTENT_BYTES
from shared.models import Content, heading
from shared.retrieval.text import normalize, one_line
from shared.workbook import as_xlsx

MAX_ROWS = 10_000
MAX_COLUMNS = 200
MAX_UNPACKED_BYTES = 50 * 1024 * 1024  # a workbook of 2,700 contents of the SmartStore's size unpacks to some 10 MB
_MAX_CHARACTERS = 20_000_000  # of a table; those contents have five million
_MAX_PARTS = 1_000_000  # of lists in it: a hundred for each of `MAX_ROWS`
_MAX_TAGS = 1_200_000  # of `MAX_ROWS` rows with all columns filled it has 1.1 million
_SAMPLE = 65_536  # in which the line of a table's heads ends
_MAX_IGNORED = 20
_SURE_UTF8 = 5  # syllables: so many do not come about by chance in CP949
_KNOWN = {*COLUMNS, "service_answers"}
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
_SAID = [  # what `read` says to developers, for operators
    (r"not JSON.*", "JSON으로 읽을 수 없는 줄입니다."),
    (r"not an object.*", "JSON 객체가 아닌 줄입니다."),
    (r"not CSV.*", "따옴표가 맞지 않아 읽을 수 없는 줄입니다."),
    (r"(\d+) cells, but the header has (\d+); a piece.*", "앞의 깨진 줄에 딸린 줄로 보입니다."),
    (r"(\d+) cells, but the header has (\d+)", "칸이 {0}개인데 첫 줄의 열은 {1}개입니다."),
    (r".*: more than one column (.+)", "같은 열이 둘 이상 있습니다: {0}."),
    (r".*: more than (\d+) columns", "열이 너무 많습니다. {0}개까지 쓸 수 있습니다."),
    (r".* defines entities", "직접 정의한 글자가 있어 읽을 수 없는 파일입니다. Excel에서 다시 저장해 주세요."),
    (r".*: unpacks to more than .*", "압축을 풀면 너무 커지는 파일입니다. 나누어 올려 주세요."),
    (r".*: its header is no CSV.*", "첫 줄의 열 이름을 읽을 수 없습니다."),
]
_NO_BOOK = "XLSX 파일로 읽을 수 없습니다. 암호를 풀고 Excel 통합 문서(.xlsx)로 다시 저장해 주세요."


class UnreadableFile(InvalidInput):
    """The file as a whole cannot be taken."""

    code = "unreadable_file"


@dataclass(frozen=True)
class ContentFile:
    """What a file holds, and the names of columns that mean nothing here."""

    incoming: list[Incoming]
    ignored: list[str]


def read_contents(body: bytes, kind: Format) -> ContentFile:
    """The contents of a file. Raises `UnreadableFile`."""
    if not body.strip():
        raise UnreadableFile("빈 파일입니다.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"contents.{kind}"
        layout = _layout(cell=sheet_cell)
        if kind == "xlsx":
            path.write_bytes(body)
        else:
            text = _decoded(body)
            path.write_text(text, encoding="utf-8", newline="")
            layout = _layout(cell=plain_cell, delimiter=_delimiter(text))
        try:
            rows = list(islice(read(path, layout), MAX_ROWS + 1))
        except UnreadableCorpus as error:
            raise UnreadableFile(_in_korean(str(error), _NO_BOOK)) from error
    if len(rows) > MAX_ROWS:
        raise UnreadableFile(f"한 번에 {MAX_ROWS:,}행까지 가져올 수 있습니다. 파일을 나누어 주세요.")
    named = list(dict.fromkeys(name for _, row in rows if isinstance(row, dict) for name in row))
    were_read = any(isinstance(row, dict) for _, row in rows)  # else each is told with its own reason
    if kind != "jsonl" and were_read and not {"id", "title"} & set(named):
        raise UnreadableFile("첫 줄에서 ‘ID’나 ‘제목’ 열을 찾을 수 없습니다. 내보낸 파일의 첫 줄을 참고해 주세요.")
    incoming = _incoming(rows)
    if not incoming:
        raise UnreadableFile("가져올 콘텐츠가 없는 파일입니다.")
    ignored = [normalize(str(one))[:60] for one in named if one not in _KNOWN and one != "faq_id"]
    return ContentFile(incoming, ignored[:_MAX_IGNORED])


def exported_contents(pages: Iterable[Sequence[Content]], kind: Format) -> Iterator[bytes]:
    """A file of these contents, in pieces."""
    rows = ([row for one in page for row in rows_of_content(one)] for page in pages)
    if kind == "jsonl":
        return ("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in page).encode() for page in rows)
    heads = list(HEADS.values())
    if kind == "csv":
        return as_csv(heads, ([line for row in page for line in table_rows(row, guard_all=True)] for page in rows))
    lines = ([list(map(escaped, line)) for row in page for line in table_rows(row, guard_all=False)] for page in rows)
    return as_xlsx(heads, lines, "콘텐츠")


def _decoded(body: bytes) -> str:
    """The text of a file: UTF-8 with or without a mark, UTF-16 with one, or CP949, as Excel in Korea writes."""
    if body.startswith(b"PK\x03\x04") or body.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile("엑셀 파일입니다. 파일 형식을 XLSX로 골라 주세요.")
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp949"]:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError as error:
            read_well = body[: error.start].decode(encoding, "ignore") if encoding == "utf-8-sig" else ""
            if len(re.findall("[가-힣]", read_well)) >= _SURE_UTF8:
                break  # it is UTF-8, and broken
    raise UnreadableFile("글자를 읽을 수 없는 파일입니다. UTF-8로 저장해 다시 올려 주세요.")


def _layout(**how: Any) -> Layout:
    return Layout(
        columns=(),
        lists=LISTS,
        needed=(),
        names={label: name for name, label in HEADS.items()} | {name.upper(): name for name in HEADS},
        most_columns=MAX_COLUMNS,
        most_bytes=MAX_UNPACKED_BYTES,
        most_tags=_MAX_TAGS,
        most_characters=_MAX_CHARACTERS,
        most_parts=_MAX_PARTS,
        **how,
    )


def _delimiter(text: str) -> str:
    """What stands between the columns: that which gives the most known names."""
    line = text[:_SAMPLE].split("\n", 1)[0]
    names = {*HEADS, *HEADS.values()}

    def known(delimiter: str) -> int:
        try:
            return len(names & {cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])})
        except csv.Error:
            return 0

    return max((",", "\t", ";"), key=known)


def _incoming(rows: Iterable[tuple[int, Raw | str]]) -> list[Incoming]:
    """Contents from rows: those of one id, or without ids of one title, are one with answers of services."""
    groups: dict[tuple[str, str], list[tuple[int, Raw]]] = defaultdict(list)
    of_kinds: dict[tuple[tuple[str, str], str], int] = {}  # the row that has the answer for a service
    broken: list[Incoming] = []
    for number, row in _joined(rows, broken):
        if (problem := _problem(row)) is not None:
            broken.append(_broken(number, problem.message, problem.path))
            continue
        key = _key(row) or ("row", str(number))
        group, faq_id = groups[key], key[1] if key[0] == "id" else None
        rival = of_kinds.get((key, _kind(row))) if "service_type" in row or not group else group[0][0]
        if rival is not None:
            what = "ID가" if faq_id else "제목이"
            broken.append(_broken(number, f"{rival}행과 {what} 같습니다.", "id", faq_id, _title(row)))
        elif group and "title" in row and _title(group[0][1]) != _title(row):
            told = f"{group[0][0]}행과 ID가 같은데 제목이 다릅니다."
            broken.append(_broken(number, told, "title", faq_id, _title(row)))
        else:
            of_kinds[key, _kind(row)] = number
            group.append((number, row))
    read_well = [_of_rows(group) for group in groups.values() if group]
    return sorted([*read_well, *broken], key=lambda one: one.row or 0)


def _joined(rows: Iterable[tuple[int, Raw | str]], broken: list[Incoming]) -> Iterator[tuple[int, Raw]]:
    """Rows without empty ones, each with those that go on with it; what cannot be read is put into `broken`."""
    last: tuple[int, Raw] | None = None
    for number, row in rows:
        if isinstance(row, str):
            broken.append(_broken(number, _in_korean(row, "읽을 수 없는 줄입니다.")))
        elif "faq_id" in row and "id" not in row:
            row = {**row, "id": row["faq_id"]}
        if isinstance(row, str) or not any(value not in ("", None, []) for value in row.values()):
            continue
        if row.get("id") == CONTINUED and last is not None:
            if not _goes_on(row, last[1]):
                broken.append(_broken(number, "앞의 행에 이어지지 않는 줄입니다."))
                continue
            for name in COLUMNS[1:]:
                if name in row:
                    last[1][name] = last[1][name] + row[name]
            continue
        if last is not None:
            yield last
        last = number, row
    if last is not None:
        yield last


def _goes_on(row: Raw, before: Raw) -> bool:
    """Whether a row's texts and lists can be put behind those of the row before; of JSON Lines they may be anything."""
    added = [(before.get(name), row[name]) for name in COLUMNS[1:] if name in row]
    return all(
        isinstance(one, str | list) and type(one) is type(two) and len(one) <= MAX_CONTENT_BYTES for one, two in added
    )


def _of_rows(rows: Sequence[tuple[int, Raw]]) -> Incoming:
    """One content. Of a field that several rows have, lists are joined; of others the first that is not empty holds."""
    fields: dict[str, Any] = {}
    for name in ContentEdit.model_fields:
        given = [one[name] for _, one in rows if name in one]
        if given and name not in ("content", "service_answers"):
            several = len(given) > 1 and all(isinstance(one, list) for one in given)
            joined = [one for some in given for one in some] if several else None
            fields[name] = joined if several else next((one for one in given if one), given[0])
    fields = {name: _value(name, value) for name, value in fields.items()}
    answers = {_kind(one): one["content"] for _, one in rows if "content" in one}
    general = [text for kind, text in answers.items() if not kind]
    of_services = {kind: text for kind, text in answers.items() if kind}
    if general:
        fields["content"] = general[0]
    elif of_services:
        fields["content"] = "\n\n".join(f"{heading(kind)}{text}" for kind, text in of_services.items())
    stated = next((one["service_answers"] for _, one in rows if "service_answers" in one), None)
    if stated is not None and not of_services:
        fields["service_answers"] = stated
    elif answers and any("service_type" in one for _, one in rows):
        fields["service_answers"] = of_services
    number, first = rows[0]
    return Incoming(fields, str(first.get("id") or "") or None, number)


def _value(name: str, value: Any) -> Any:
    """A field as `ContentEdit` takes it."""
    if name in LISTS:
        if name == "media" and isinstance(value, list):
            return [media_of(one) if isinstance(one, str) else one for one in value]
        return [] if value is None else value
    if name in ("effective_on", "expires_on") and isinstance(value, str):
        return as_date(value) or None
    return None if value == "" and name in ("category", "url") else value


def _problem(row: Raw) -> FieldProblem | None:
    """What is wrong with a row that says which content it is of."""
    faq_id, kind = row.get("id"), row.get("service_type")
    if not isinstance(faq_id, str | int | None) or isinstance(faq_id, bool):
        return FieldProblem("id", "ID는 문자열이어야 합니다.")
    if not isinstance(kind, str | None):
        return FieldProblem("service_type", "서비스 유형은 문자열이어야 합니다.")
    for name, value in row.items():
        if isinstance(value, str) and value.strip() in _ERRORS:
            return FieldProblem(name if name in COLUMNS else "", f"수식 오류({value.strip()})가 있는 칸이 있습니다.")
    return None


def _key(row: Raw) -> tuple[str, str] | None:
    if faq_id := one_line(str(row.get("id") or "")):
        return "id", faq_id
    return ("title", title) if (title := _title(row)) else None


def _kind(row: Raw) -> str:
    return one_line(row.get("service_type") or "")


def _title(row: Raw) -> str:
    title = row.get("title")
    return one_line(title) if isinstance(title, str) else ""


def _broken(number: int, told: str, path: str = "", faq_id: str | None = None, title: str = "") -> Incoming:
    return Incoming({"title": title} if title else {}, faq_id, number, [FieldProblem(path, told)])


def _in_korean(english: str, otherwise: str) -> str:
    for pattern, korean in _SAID:
        if (found := re.fullmatch(pattern, english, re.DOTALL)) is not None:
            return korean.format(*found.groups())
    return otherwise
