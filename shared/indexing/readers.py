"""Corpus files to raw rows: the SmartStore pickle, CSV, XLSX, JSONL. What a file says, unjudged."""

import csv
import io
import json
import pickle
import pickletools
import re
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

COLUMNS = (
    "id",
    "title",
    "content",
    "similar_titles",
    "related_titles",
    "category",
    "url",
    "service_type",
    "media",
)
_LISTS = ("similar_titles", "related_titles", "media")
_MAX_FILE_BYTES = 512 * 1024 * 1024
_PIECE = 1024 * 1024
_DOCTYPE = b"<!DOCTYPE"  # with it come entities, of three bytes that stand for any text; no workbook has one
_MOST_SHEET_ROWS = 1_048_576  # of Excel; the library makes up all those between two
_CELLS = re.compile(r"xl/(worksheets/|sharedStrings\.xml)")
_MAX_PARTS = 1_000  # a workbook has some twenty
_MAX_RUN = 512 * 1024  # bytes without a tag: a cell of Excel's 32,767 characters, each written out, has 300,000
_STYLE_COSTS = 20  # a style takes the library so many times the time of a cell, and a book has few
_BAR = re.compile(r"(?<!\\)\|")

Raw: TypeAlias = dict[str, Any]


def _as_text(cell: Any) -> str:
    return "" if cell is None else str(cell)


@dataclass(frozen=True)
class Layout:
    """How a table is written.

    Parameters
    ----------
    columns
        Those that a row has at least; of none of them, only what the table has.
    lists
        Those whose cells hold a list: one a line, or separated by `|`, which stands for itself behind a backslash.
    needed
        Without these it is no such table.
    names
        What columns are called besides, to what they are.
    cell
        A cell's text.
    most_bytes
        Of a workbook's parts, unpacked; without it what every file may have.
    most_tags
        In a workbook's parts, counted before any is parsed: a few bytes each, they take the parser a minute.
    most_characters, most_parts
        Of all cells of a table, and of all lists in them.
    """

    columns: Sequence[str] = COLUMNS
    lists: Sequence[str] = _LISTS
    needed: Sequence[str] = ("title", "content")
    names: Mapping[str, str] = field(default_factory=dict)
    cell: Callable[[Any], str] = _as_text
    delimiter: str = ","
    most_columns: int = 1_000
    most_bytes: int | None = None
    most_tags: int | None = None
    most_characters: int = _MAX_FILE_BYTES
    most_parts: int = _MAX_FILE_BYTES


class UnreadableCorpus(Exception):
    """The file as a whole cannot be read; one line that says why."""


@dataclass
class _Room:
    """How much of a table was read, against what its layout allows."""

    path: Path
    layout: Layout
    header: Sequence[str]
    characters: int = 0
    parts: int = 0

    def take(self, cells: Sequence[Any]) -> None:
        """Count a row's cells, before anything is made of them. Raises `UnreadableCorpus`."""
        texts = [(name, cell) for name, cell in zip(self.header, cells, strict=False) if isinstance(cell, str)]
        self.characters += sum(len(cell) for _, cell in texts)
        self.parts += sum(cell.count("|") + cell.count("\n") for name, cell in texts if name in self.layout.lists)
        most = self.layout
        if self.characters > most.most_characters:  # cells may share one long text
            raise UnreadableCorpus(f"{self.path}: unpacks to more than {most.most_characters} characters")
        if self.parts > most.most_parts:
            raise UnreadableCorpus(f"{self.path}: unpacks to more than {most.most_parts} parts of lists")


def read(path: Path, layout: Layout | None = None) -> Iterator[tuple[int, Raw | str]]:
    """Rows of a corpus file, numbered from 1 as an editor numbers lines or a sheet its rows (a pickle: its entries).

    A row is a mapping of `COLUMNS`, or of the layout's, or a string that says why this row cannot be read.

    Raises
    ------
    UnreadableCorpus
        When the file is absent, too large, of an unknown kind, or broken as a whole.
    """
    if not path.is_file():
        raise UnreadableCorpus(f"{path}: no such file")
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise UnreadableCorpus(f"{path}: larger than {_MAX_FILE_BYTES} bytes")
    readers = {".pkl": _pickle, ".pickle": _pickle, ".csv": _csv, ".xlsx": _xlsx, ".jsonl": _jsonl}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableCorpus(f"{path}: unknown kind {path.suffix!r}; one of {', '.join(sorted(readers))}")
    try:
        yield from reader(path, layout or Layout())
    except UnicodeDecodeError as error:
        raise UnreadableCorpus(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8 and try again") from error


def _jsonl(path: Path, _layout: Layout) -> Iterator[tuple[int, Raw | str]]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                yield number, f"not JSON: {error.msg} at column {error.colno}"
                continue
            except (ValueError, RecursionError) as error:  # a number of 5,000 digits, lists 100,000 deep
                yield number, f"not JSON that can be read: {error}"
                continue
            yield number, row if isinstance(row, dict) else f"not an object but {type(row).__name__}"


def _csv(path: Path, layout: Layout) -> Iterator[tuple[int, Raw | str]]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = _csv_rows(file, layout.delimiter)
        _, first, _ = next(found, (1, [], False))
        if isinstance(first, str):
            raise UnreadableCorpus(f"{path}: its header is no CSV: {first}")
        header = _header(path, first, layout)
        room = _Room(path, layout, header)
        for number, cells, again in found:
            if isinstance(cells, str):
                yield number, f"not CSV: {cells}"
            elif len(cells) > len(header) or (again and cells and len(cells) < len(header)):
                broken = "; a piece of the broken row above it?" if again else ""
                yield number, f"{len(cells)} cells, but the header has {len(header)}{broken}"
            elif cells:
                room.take(cells)
                yield number, _from_cells(header, cells, layout)


def _csv_rows(file: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | str, bool]]:
    """The cells of each row, or why it has none, with the line where it begins: a quoted cell may hold line breaks.

    A quote that is not closed takes the lines after it, to the next quote or to the end of the file. They are read
    again, from the second one on, as rows of their own: true is said with them. (In all each line is read at most a
    few times: a row gets past a line only when the line, read by itself, opens nothing.)
    """
    waiting: deque[str] = deque()
    number = 1
    while True:
        again, taken = bool(waiting), list[str]()
        try:
            cells = next(csv.reader(_taking(waiting, file, taken), strict=True, delimiter=delimiter), None)
        except csv.Error as error:
            yield number, str(error), again
            waiting.extendleft(reversed(taken[1:]))
            number += 1
            continue
        if cells is None:
            return
        yield number, cells, again
        number += len(taken)


def _taking(waiting: deque[str], file: Iterator[str], taken: list[str]) -> Iterator[str]:
    while line := waiting.popleft() if waiting else next(file, ""):
        taken.append(line)
        yield line


def _xlsx(path: Path, layout: Layout) -> Iterator[tuple[int, Raw | str]]:
    import openpyxl  # 0.2 s, for one of four kinds

    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(path, archive, layout)
        with path.open("rb") as file:  # given a path, the library leaves it open when it fails
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                yield from _sheet(path, book.worksheets[0], layout)
            finally:
                book.close()
    except UnreadableCorpus:
        raise
    except Exception as error:  # the library lets through what zlib, the XML parser and its own code raise
        raise UnreadableCorpus(f"{path}: not an XLSX workbook that can be read ({error})") from error


def _check_parts(path: Path, archive: zipfile.ZipFile, layout: Layout) -> None:
    """Refuse a workbook that is small and takes much memory, or time."""
    most, parts = layout.most_bytes or _MAX_FILE_BYTES, archive.infolist()
    if sum(part.file_size for part in parts) > most:
        raise UnreadableCorpus(f"{path}: unpacks to more than {most} bytes")
    if layout.most_tags is None:
        return
    if len(parts) > _MAX_PARTS:
        raise UnreadableCorpus(f"{path}: unpacks to more than {_MAX_PARTS} parts")
    tags = 0
    for part in parts:
        costs, end, run = 1 if _CELLS.match(part.filename) else _STYLE_COSTS, b"", 0
        with archive.open(part) as file:
            while tags <= layout.most_tags and (piece := file.read(_PIECE)):
                tags += piece.count(b"<") * costs
                first, *others = map(len, piece.split(b"<"))
                if max(run + first, *others, 0) > _MAX_RUN:
                    raise UnreadableCorpus(f"{path}: unpacks to more than {_MAX_RUN} bytes between two tags")
                run = others[-1] if others else run + first
                end = end[-len(_DOCTYPE) :] + piece.replace(b"\0", b"")  # UTF-16's, too
                if _DOCTYPE in end:
                    raise UnreadableCorpus(f"{path}: {part.filename} defines entities")
    if tags > layout.most_tags:
        raise UnreadableCorpus(f"{path}: unpacks to more than {layout.most_tags} tags")


def _sheet(path: Path, sheet: Any, layout: Layout) -> Iterator[tuple[int, Raw | str]]:
    sheet.reset_dimensions()  # what some programs write there is less than the sheet has
    header = _header(path, next(sheet.iter_rows(max_row=1, values_only=True), ()), layout)
    room = _Room(path, layout, header)
    # A row is as wide as its last cell, which may be the 16,384th of every row
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(header) or 1, values_only=True), 2):
        room.take(cells)
        if number > _MOST_SHEET_ROWS:
            raise UnreadableCorpus(f"{path}: unpacks to more than {_MOST_SHEET_ROWS} rows")
        if any(cell is not None for cell in cells):
            yield number, _from_cells(header, cells, layout)


def _pickle(path: Path, _layout: Layout) -> Iterator[tuple[int, Raw | str]]:
    """The SmartStore pickle: one `dict[str, str]` of title to answer."""
    data = path.read_bytes()
    try:
        _check_costs(data)
        corpus = _NoGlobals(io.BytesIO(data)).load()
    except RefusedPickle as error:
        raise UnreadableCorpus(f"{path}: {error}") from error
    except Exception as error:  # a broken pickle raises whatever it likes; nothing of it has run
        raise UnreadableCorpus(f"{path}: a broken pickle ({type(error).__name__})") from error
    if not isinstance(corpus, dict):
        raise UnreadableCorpus(f"{path}: the pickle holds {type(corpus).__name__}, not a dict of title to answer")
    for number, (title, content) in enumerate(corpus.items(), 1):
        if isinstance(title, str) and isinstance(content, str):
            yield number, {"title": title, "content": content}
        else:
            yield number, f"not text to text but {type(title).__name__} to {type(content).__name__}"


_GLOBALS = frozenset({"GLOBAL", "STACK_GLOBAL", "INST"})
_HASHED = frozenset({"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_TUPLE", "FROZENSET", "EMPTY_SET", "ADDITEMS"})
_CONTAINERS = frozenset({"LIST", "EMPTY_LIST", "DICT", "EMPTY_DICT"})
_MAX_CONTAINERS = 1_000
_MAX_NUMBER_BITS = 64


class RefusedPickle(Exception):
    """The pickle asks for more than plain text: a class or a function, which could run code, or too much memory."""


class _NoGlobals(pickle.Unpickler):
    """Refuses every global, so that only plain containers, text and numbers come out and nothing can run."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise RefusedPickle(f"refused: it asks for {module_name}.{global_name}; only plain text is read from a pickle")

    def persistent_load(self, pid: Any) -> Any:
        raise RefusedPickle("refused: it asks for a persistent object")


def _check_costs(data: bytes) -> None:
    """Refuse what makes the unpickler take memory that the file has not, or time: 10 bytes can ask it for 64 GB."""
    containers = 0
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _GLOBALS:
            return  # there the unpickler stops, and says what was asked for
        if opcode.name in _HASHED:  # 45 pairs, each of the one before it twice, are hashed in 2**45 steps
            raise RefusedPickle("refused: it holds a tuple or a set; only plain text is read from a pickle")
        if isinstance(argument, int) and argument.bit_length() > _MAX_NUMBER_BITS:  # hashed anew each time, like those
            raise RefusedPickle(f"refused: it holds a number of {argument.bit_length()} bits; only plain text is read")
        containers += opcode.name in _CONTAINERS
        if containers > _MAX_CONTAINERS:  # nested, they would overflow the interpreter's stack
            raise RefusedPickle(f"refused: more than {_MAX_CONTAINERS} lists and maps; only plain text is read")
        if opcode.name in ("PUT", "LONG_BINPUT") and (argument or 0) > len(data):
            raise RefusedPickle(f"refused: it numbers an object {argument}, in {len(data)} bytes")
        if opcode.name == "BYTEARRAY8":
            raise RefusedPickle("refused: it holds a bytearray; only plain text is read from a pickle")


def _header(path: Path, cells: Sequence[Any], layout: Layout) -> list[str]:
    """The columns' names."""
    header = [str(cell or "").strip() for cell in cells]
    header = [layout.names.get(name, name) for name in header]
    if len(header) > layout.most_columns:
        raise UnreadableCorpus(f"{path}: more than {layout.most_columns} columns")
    if missing := set(layout.needed) - set(header):
        raise UnreadableCorpus(f"{path}: no column {' or '.join(sorted(missing))}; known are {', '.join(COLUMNS)}")
    if twice := [name for name in dict.fromkeys([*COLUMNS, *layout.names.values()]) if header.count(name) > 1]:
        raise UnreadableCorpus(f"{path}: more than one column {' and '.join(twice)}")
    return header


def _from_cells(header: Sequence[str], cells: Sequence[Any], layout: Layout) -> Raw:
    """A row of a table; cells that it does not have are empty."""
    given = dict(zip(header, cells, strict=False))
    row: Raw = {name: layout.cell(given.get(name)) for name in layout.columns or filter(None, header)}
    for name in layout.lists:
        if name in row:
            parts = _BAR.sub("\n", row[name]).replace("\\|", "|").split("\n")
            row[name] = [part.strip() for part in parts if part.strip()]
    return row
