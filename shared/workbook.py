"""A workbook of Excel (XLSX, ECMA-376), written from its front while its rows are still read.

It is an archive whose parts are written one after another, none of which is gone back to: nothing is kept but the piece
that is being written, and no file. Every text stands in its cell as text, which no spreadsheet computes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import IO, TypeAlias
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

Cell: TypeAlias = str | int | float | None

MOST_ROWS = 1_048_575  # of a sheet of Excel, besides its head
MOST_CHARACTERS = 32_767  # of a cell of Excel, which counts in UTF-16: 😀 are two
MOST_BYTES = 1 << 30  # of a sheet: parts over 2 GB need a form that Excel does not read where lengths come last
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML 1.0
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS_OF = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Whatever is no part of another kind is a sheet, so that how many there will be need not be known before
_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_SHEETS_OF}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETS_OF}.sheet.main+xml"/></Types>'
)


class _Pieces:
    """What the archive takes for a file: it keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self) -> bytes:
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def as_xlsx(head: Sequence[str], pages: Iterable[Iterable[Sequence[Cell]]], name: str) -> Iterator[bytes]:
    """A workbook of as many sheets as it takes, a piece for each page of rows, which may be empty."""
    pieces, rows = _Pieces(), _and_ends(pages)
    with ZipFile(_file(pieces), "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        names, goes_on = list[str](), True
        while goes_on:
            names.append(f"{name} {len(names) + 1}")
            with archive.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as sheet:
                written = sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{_row(1, head)}'.encode())
                count, goes_on = 0, False
                for row in rows:
                    if row is None:
                        yield pieces.take()
                        continue
                    count += 1
                    written += sheet.write(_row(count + 1, row).encode())
                    if goes_on := count == MOST_ROWS or written > MOST_BYTES:
                        break
                sheet.write(b"</sheetData></worksheet>")
        archive.writestr("xl/workbook.xml", _book(names))
        sheets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(sheets))
    yield pieces.take()


def _and_ends(pages: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[Sequence[Cell] | None]:
    """Their rows, and nothing where a page ends."""
    for page in pages:
        yield from page
        yield None


def _file(pieces: _Pieces) -> IO[bytes]:
    return pieces  # type: ignore[return-value]  # what is only written to needs no more


def _row(number: int, cells: Sequence[Cell]) -> str:
    written = "".join(_cell(f"{_column(at)}{number}", one) for at, one in enumerate(cells) if one is not None)
    return f'<row r="{number}">{written}</row>'


def _cell(place: str, value: str | float) -> str:
    if not isinstance(value, str):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = _ILLEGAL.sub("\ufffd", value)
    if len(text) > MOST_CHARACTERS // 2:
        text = text.encode("utf-16-le")[: MOST_CHARACTERS * 2].decode("utf-16-le", "ignore")  # not half a character
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


@cache
def _column(at: int) -> str:
    """A, B … Z, AA …"""
    return _column(at // 26 - 1) + chr(65 + at % 26) if at >= 26 else chr(65 + at)


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheets}</sheets></workbook>'


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(parts, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'
