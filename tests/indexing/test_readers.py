"""Corpus files of every kind, whole, with bad rows, broken and hostile."""

import json
import os
import pickle
import struct
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.indexing import readers
from shared.indexing.readers import Raw, UnreadableCorpus, read

ROW = {
    "id": "a-1",
    "title": "반품은 어떻게 하나요?",
    "content": "두 줄\n입니다.",
    "similar_titles": ["환불 방법", "물건을 돌려보내고 싶어요"],
    "related_titles": ["교환은 어떻게 하나요?"],
    "category": "반품",
    "url": "https://shop.example/faq/1",
    "service_type": "배달",
    "media": [],
}


def rows(path: Path) -> list[tuple[int, Raw | str]]:
    return list(read(path))


# JSONL


def test_jsonl_gives_rows_and_says_which_lines_are_none(tmp_path: Path) -> None:
    lines = [
        json.dumps(ROW, ensure_ascii=False),
        "",
        "{broken",
        "[1, 2]",
        '{"title": "둘째"}',
        "[" * 200_000,
        "9" * 5_000,
    ]
    path = written(tmp_path / "a.jsonl", "\n".join(lines).encode("utf-8-sig"))
    found = rows(path)
    assert found[0] == (1, ROW)
    assert [number for number, _ in found] == [1, 3, 4, 5, 6, 7]
    assert [row for _, row in found if isinstance(row, str)] == [
        "not JSON: Expecting property name enclosed in double quotes at column 2",
        "not an object but list",
        found[4][1],
        found[5][1],
    ]
    assert found[3] == (5, {"title": "둘째"})


# CSV


def test_csv_gives_rows_with_a_byte_order_mark_quotes_and_lists(tmp_path: Path) -> None:
    text = (
        ",".join(ROW) + ",other\r\n"
        'a-1,반품은 어떻게 하나요?,"두 줄\n입니다.",환불 방법|물건을 돌려보내고 싶어요,교환은 어떻게 하나요?,'
        "반품,https://shop.example/faq/1,배달,,ignored\r\n"
        '\r\na-2,"""따옴표""",짧음\r\n'
    )
    path = written(tmp_path / "a.CSV", text.encode("utf-8-sig"))
    empty = {name: [] if isinstance(value, list) else "" for name, value in ROW.items()}
    assert rows(path) == [(2, ROW), (5, empty | {"id": "a-2", "title": '"따옴표"', "content": "짧음"})]


def test_csv_rows_that_are_none_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    text = 'title,content\n하나,1,2\n"둘"x,2\n셋,3\n"넷,4\n다섯,5\n'
    found = rows(written(tmp_path / "a.csv", text.encode()))
    assert found[0] == (2, "3 cells, but the header has 2")
    assert (found[1][0], str(found[1][1])[:7]) == (3, "not CSV")
    assert isinstance(found[2][1], dict) and found[2][1]["title"] == "셋"
    assert (found[3][0], str(found[3][1])[:7]) == (5, "not CSV")
    assert isinstance(found[4][1], dict) and (found[4][0], found[4][1]["title"]) == (6, "다섯")


def test_an_unclosed_quote_in_a_csv_costs_its_own_row_only(tmp_path: Path) -> None:
    whole = "".join(f"질문 {n},안내 {n}\r\n" for n in range(3, 1_003))
    found = rows(written(tmp_path / "a.csv", f'title,content\r\n"질문 2,안내 2\r\n{whole}'.encode()))
    assert (found[0][0], str(found[0][1])[:7]) == (2, "not CSV")
    assert [(number, row["title"]) for number, row in found[1:] if isinstance(row, dict)] == [
        (n, f"질문 {n}") for n in range(3, 1_003)
    ]


def test_an_unclosed_quote_in_a_csv_costs_no_row_with_quotes_after_it(tmp_path: Path) -> None:
    text = 'title,content\n하나,"1\n둘,2\n"셋","3\n삼"\n넷,"사"\n'
    found = rows(written(tmp_path / "a.csv", text.encode()))
    assert [(number, str(row)[:7]) for number, row in found if isinstance(row, str)] == [(2, "not CSV")]
    read_well = [(number, row["title"], row["content"]) for number, row in found if isinstance(row, dict)]
    assert read_well == [(3, "둘", "2"), (4, "셋", "3\n삼"), (6, "넷", "사")]


def test_the_lines_of_a_broken_cell_become_no_rows(tmp_path: Path) -> None:
    text = 'id,title,content\n1,하나,"첫 줄\n둘째 줄\n셋째 "줄" 끝"\n2,둘,이\n'
    found = rows(written(tmp_path / "a.csv", text.encode()))
    assert [number for number, row in found if isinstance(row, str)] == [2, 3, 4]
    assert found[1][1] == "1 cells, but the header has 3; a piece of the broken row above it?"
    assert [row["title"] for _, row in found if isinstance(row, dict)] == ["둘"]


@pytest.mark.parametrize("line", ['"a,1', '"a""', '"""', 'a,"', '""b', ',"""",'])
def test_very_many_broken_rows_of_a_csv_take_no_time(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "a.csv", ("title,content\n" + f"{line}\n" * 30_000).encode())
    began = time.process_time()
    assert rows(path)
    assert time.process_time() - began < 10  # a busy machine: a second; were it quadratic, minutes


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "no column content or title"), ("title;content\n", "no column"), ("title,content,title\n", "more than one")],
)
def test_a_table_without_its_columns_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UnreadableCorpus, match=why):
        rows(written(tmp_path / "a.csv", text.encode()))


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_another_encoding_is_refused_with_what_to_do(tmp_path: Path, name: str, encoding: str) -> None:
    body = "title,content\n반품,안내\n" if name.endswith("csv") else '{"title": "반품", "content": "안내"}\n'
    with pytest.raises(UnreadableCorpus, match=r"not UTF-8 .*; save it as UTF-8"):
        rows(written(tmp_path / name, body.encode(encoding)))


# XLSX


def test_xlsx_gives_rows_of_the_first_sheet_numbered_as_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["title", "content", "similar_titles", "id", "url"])
    sheet.append(["반품", "안내\n둘째 줄", "환불 방법\n돌려보내기", 7, None])
    sheet.append([])
    sheet.append([2024, 3.5])
    book.create_sheet("둘째").append(["title", "content"])
    book.save(tmp_path / "a.xlsx")
    found = rows(tmp_path / "a.xlsx")
    assert [number for number, _ in found] == [2, 4]
    first, second = (row for _, row in found if isinstance(row, dict))
    assert (first["title"], first["content"], first["id"], first["url"]) == ("반품", "안내\n둘째 줄", "7", "")
    assert first["similar_titles"] == ["환불 방법", "돌려보내기"]
    assert (second["title"], second["content"]) == ("2024", "3.5")


def test_xlsx_is_read_whole_when_its_stated_size_is_wrong(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["title", "content"], ["반품", "안내"], ["교환", "안내"]):
        book.worksheets[0].append(line)
    book.save(tmp_path / "right.xlsx")
    with zipfile.ZipFile(tmp_path / "right.xlsx") as right, zipfile.ZipFile(tmp_path / "wrong.xlsx", "w") as wrong:
        for name in right.namelist():
            body = right.read(name)
            if name.endswith("sheet1.xml"):
                assert b'ref="A1:B3"' in body
                body = body.replace(b'ref="A1:B3"', b'ref="A1"')
            wrong.writestr(name, body)
    assert len(rows(tmp_path / "wrong.xlsx")) == 2


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["title", "content"])
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive, zipfile.ZipFile(tmp_path / "xml.xlsx", "w") as broken:
        for name in archive.namelist():
            body = archive.read(name)
            broken.writestr(name, body[: len(body) // 2] if name.endswith("sheet1.xml") else body)
    for path in (
        written(tmp_path / "text.xlsx", b"title,content"),
        written(tmp_path / "cut.xlsx", whole[: len(whole) // 2]),
        tmp_path / "xml.xlsx",
    ):
        with pytest.raises(UnreadableCorpus, match="not an XLSX workbook"):
            rows(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_MAX_FILE_BYTES", 1_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b" " * 5_000_000)
    with pytest.raises(UnreadableCorpus, match="unpacks to more"):
        rows(tmp_path / "bomb.xlsx")


# Pickle


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_gives_its_entries_in_order(tmp_path: Path, protocol: int) -> None:
    corpus = {"★ [정산] 정산일": "안내\xa0", "둘째": "내용", 3: "셋", "넷": b"bytes", "다섯": None}
    path = written(
        tmp_path / "a.pkl", pickle.dumps(corpus, protocol) if protocol > 2 else pickle.dumps({"둘째": "내용"}, protocol)
    )
    found = rows(path)
    if protocol <= 2:  # there bytes are made by calling a function
        assert found == [(1, {"title": "둘째", "content": "내용"})]
        return
    assert found[:2] == [
        (1, {"title": "★ [정산] 정산일", "content": "안내\xa0"}),
        (2, {"title": "둘째", "content": "내용"}),
    ]
    assert found[2:] == [
        (3, "not text to text but int to str"),
        (4, "not text to text but str to bytes"),
        (5, "not text to text but str to NoneType"),
    ]


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


def hostile(trace: Path) -> dict[str, bytes]:
    """Pickles each of which would make the file `trace` if it ran, or is a step on the way."""
    command = f"touch {trace}"
    calls = {
        "os.system": Calls(os.system, command),
        "eval": Calls(eval, f"open({str(trace)!r}, 'w')"),
        "exec": Calls(exec, f"open({str(trace)!r}, 'w')"),
        "os.mkdir": Calls(os.mkdir, str(trace)),
        "nested": {"제목": {"안": [("깊이", Calls(os.system, command))]}},
        "as a key": {Calls(os.system, command): "내용"},
        "in arguments": Calls(OrderedDict, [("제목", Calls(os.system, command))]),
        "harmless class": OrderedDict({"제목": "내용"}),
    }
    made = {f"{name}, protocol {n}": pickle.dumps(one, n) for name, one in calls.items() for n in (0, 2, 4)}
    return made | {
        "GLOBAL by hand": f"cos\nsystem\n(S'{command}'\ntR.".encode(),
        "INST": f"(S'{command}'\nios\nsystem\n.".encode(),
        "OBJ": b"(cos\nsystem\n" + f"S'{command}'\no.".encode(),
        "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        "NEWOBJ": b"\x80\x02cos\nsystem\n)\x81.",
        "BUILD": b"\x80\x02}c__main__\nx\nb.",
        "dotted": b"\x80\x04\x8c\x02os\x8c\x0bpath.os.abc\x93.",
        "extension": b"\x80\x02\x82\x01.",
        "persistent": b"Pos.system\n.",
        "binary persistent": b"\x80\x04\x8c\x02osQ.",
    }


@pytest.mark.parametrize("name", sorted(hostile(Path("/"))))
def test_a_hostile_pickle_is_refused_and_runs_nothing(tmp_path: Path, name: str) -> None:
    trace = tmp_path / "ran"
    path = written(tmp_path / "a.pkl", hostile(trace)[name])
    with pytest.raises(UnreadableCorpus, match=r"refused: |broken pickle") as refused:
        rows(path)
    assert "\n" not in str(refused.value)
    assert not trace.exists()


def test_the_hostile_pickles_are_hostile(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    pickle.loads(hostile(trace)["nested, protocol 4"])
    assert trace.exists()


def test_a_refusal_says_what_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCorpus, match=r"a\.pkl: refused: it asks for (posix|nt|os)\.system; only plain text"):
        rows(written(tmp_path / "a.pkl", pickle.dumps(Calls(os.system, "true"))))


@pytest.mark.parametrize(
    "body",
    {
        "empty": b"",
        "text": "반품,안내".encode(),
        "cut": pickle.dumps({"제목": "내용" * 100})[:-50],
        "memo of 64 GB": b"\x80\x04Nr" + struct.pack("<I", 2**31 - 1) + b".",
        "memo of 64 GB, in text": b"Np2147483647\n.",
        "text of 1 TB": b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b".",
        "bytearray of 1 TB": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".",
        "frame of 1 TB": b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b".",
        "pairs of pairs as a key": b"\x80\x04}" + b")" + b"2\x86" * 45 + b"\x8c\x01as.",
        "pairs of pairs as a value": b"\x80\x04}" + b"\x8c\x01a)" + b"2\x86" * 45 + b"s.",
        "sets of sets as a key": b"\x80\x04}" + b"(\x91" + b"(22\x91" * 45 + b"\x8c\x01as.",
        "a tuple by MARK": b"(ttp0\n.",
        "a number of 1 MB": b"\x80\x04}\x8b" + struct.pack("<I", 10**6) + b"\x01" * 10**6 + b"\x8c\x01as.",
        "unhashable key": b"\x80\x04}]]s.",
        "pop of nothing": b"0.",
        "a list": pickle.dumps(["제목", "내용"]),
        "a text": pickle.dumps("제목"),
        "nothing": pickle.dumps(None),
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_corpus_is_refused_in_one_line_without_taking_memory(
    tmp_path: Path, body: tuple[str, bytes]
) -> None:
    with pytest.raises(UnreadableCorpus, match=r"a\.pkl: (refused|a broken pickle|the pickle holds)") as refused:
        rows(written(tmp_path / "a.pkl", body[1]))
    assert "\n" not in str(refused.value)


def test_a_pickle_that_holds_one_list_ten_times_over_and_over_is_read_as_it_is(tmp_path: Path) -> None:
    bomb: Any = "lol"
    for _ in range(100):
        bomb = [bomb] * 10
    assert rows(written(tmp_path / "a.pkl", pickle.dumps({"제목": bomb}))) == [(1, "not text to text but str to list")]


# Any kind


def test_what_is_no_corpus_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableCorpus, match="no such file"):
        rows(tmp_path / "absent.csv")
    with pytest.raises(UnreadableCorpus, match="no such file"):
        rows(tmp_path)
    with pytest.raises(UnreadableCorpus, match=r"unknown kind '.txt'; one of .csv, .jsonl, .pickle, .pkl, .xlsx"):
        rows(written(tmp_path / "a.txt", b""))
    monkeypatch.setattr(readers, "_MAX_FILE_BYTES", 10)
    with pytest.raises(UnreadableCorpus, match="larger than 10 bytes"):
        rows(written(tmp_path / "a.csv", b"title,content\n"))


def written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path
