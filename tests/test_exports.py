"""Files of the log: what spreadsheets read, what they must not compute, and how much memory it takes."""

import csv
import gzip
import io
import itertools
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import workbook
from shared.exports import HEAD, Format, as_csv, exported, gzipped
from shared.history import HistoryTurn, as_turn
from shared.storage import keys
from shared.workbook import Cell, as_xlsx

FORMULAS = ["=1+1", "+82 10", "-3", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "＝1"]


def turn(question: str = "정산은 언제 되나요?", answer: str = '매일, 또는\n"매주"', **more: Any) -> HistoryTurn:
    chat_id = keys.new_chat_id()
    item = {"pk": keys.questions_pk("default", chat_id), "sk": chat_id, "status": "done", "decision": "answer"}
    return as_turn({**item, "user_message": question, "system_message": answer, **more}, 0)


def file(turns: list[HistoryTurn], kind: Format) -> bytes:
    return b"".join(exported([turns[:1], turns[1:]], kind))


def csv_rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def sheet_rows(body: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def test_csv_is_utf8_with_a_mark_for_excel_and_holds_what_was_said() -> None:
    body = file([turn(), turn("둘째")], "csv")
    assert body.startswith(b"\xef\xbb\xbf")
    head, first, second = csv_rows(body)
    assert tuple(head) == HEAD
    assert (first[1], first[2], first[3], second[1]) == ("정산은 언제 되나요?", '매일, 또는\n"매주"', "답변", "둘째")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_file_is_a_formula(formula: str) -> None:
    in_csv = csv_rows(file([turn(formula, formula)], "csv"))[1]
    assert (in_csv[1], in_csv[2]) == (f"'{formula}", f"'{formula}")
    (_, row) = openpyxl.load_workbook(io.BytesIO(file([turn(formula)], "xlsx"))).worksheets[0].iter_rows()
    assert row[1].data_type == "s"
    assert row[1].value == formula.replace("\r\n", "\n")


@given(st.text(max_size=20))
@settings(max_examples=20, deadline=None)
def test_no_text_breaks_the_rows_of_csv(text: str) -> None:
    rows = csv_rows(b"".join(as_csv(["a"], [[[text], ["end"]]])))
    assert (len(rows), rows[-1]) == (3, ["end"]) and not rows[1][0].startswith(("=", "+", "-", "@"))


def test_what_no_xml_can_hold_is_replaced_and_what_is_too_long_cut() -> None:
    (_, first, second) = sheet_rows(file([turn("가\x00나", "긴" * 40_000), turn(answer="😀" * 20_000)], "xlsx"))
    assert (first[1], len(first[2])) == ("가\ufffd나", 32_767)
    assert second[2] == "😀" * 16_383  # Excel counts two for each


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    rows = sheet_rows(file([turn(str(n)) for n in range(3)], "xlsx"))
    assert [row[1] for row in rows] == ["질문", "0", "1", "질문", "2"]


def test_jsonl_holds_every_turn_whole() -> None:
    made = [turn(), turn("둘째", record={"model": "gpt"})]
    lines = file(made, "jsonl").decode().splitlines()
    assert [HistoryTurn.model_validate(json.loads(line)) for line in lines] == made


def test_a_deleted_question_says_so() -> None:
    assert csv_rows(file([turn("", "", deleted=True)], "csv"))[1][1] == "(삭제된 대화)"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_memory_does_not_grow_with_the_rows(kind: Format) -> None:
    one = turn(answer="긴 답변입니다. " * 50)

    def most(pages: int) -> int:
        tracemalloc.start()
        for _ in exported(([one] * 20 for _ in range(pages)), kind):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(1)  # what is loaded once
    assert most(12) < most(2) + 300_000


def test_who_unpacks_a_file_that_broke_off_notices_and_one_that_goes_on_says_so() -> None:
    whole = b"".join(gzipped(iter([b"a" * 100_000, b"", b"end"])))
    assert gzip.decompress(whole) == b"a" * 100_000 + b"end"

    def broken() -> Iterator[bytes]:
        yield b"a" * 100_000
        yield b""  # nothing matched for a while
        raise OSError("the store is away")

    packed = gzipped(broken())
    pieces = list(itertools.islice(packed, 2))
    with pytest.raises(OSError):
        next(packed)
    assert all(pieces) and len(pieces) == 2
    unpacked = zlib.decompressobj(31)
    assert unpacked.decompress(b"".join(pieces)) == b"a" * 100_000 and not unpacked.eof


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_begins_before_all_rows_are_read(kind: str) -> None:
    read = list[int]()

    def pages() -> Iterator[list[list[Cell]]]:
        for n in range(3):
            read.append(n)
            yield [[n]]

    pieces = as_csv(["n"], pages()) if kind == "csv" else as_xlsx(["n"], pages(), "수")
    assert all([next(pieces), *([next(pieces)] if kind == "csv" else [])]) and read == [0]
