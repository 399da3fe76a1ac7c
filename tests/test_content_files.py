"""Files of contents: what is written reads the same again, and what comes from outside breaks nothing."""

import csv
import io
import json
import time
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.content_changes import Incoming
from shared.content_editing import fields_of, read_edit
from shared.content_files import MAX_COLUMNS, MAX_ROWS, UnreadableFile, exported_contents, read_contents
from shared.content_rows import COLUMNS, CONTINUED, HEADS
from shared.errors import InvalidFields
from shared.exports import Format
from shared.links import Allowed
from shared.models import Content

KINDS: tuple[Format, ...] = ("csv", "xlsx", "jsonl")
ALLOWED = Allowed(["a.example"])
TRICKY = [
    "=1+1",
    "'=1+1",
    "''-2",
    "- 첫째\n- 둘째",
    "@몫",
    "a|b",
    "a\\|b\\",
    "_x0041_",
    '{"a": 1}',
    "\ufffe끝",
    "'",
    "007",
]
texts = st.one_of(st.sampled_from(TRICKY), st.text(max_size=12)).map(str.strip).filter(lambda one: "://" not in one)
lists = st.lists(texts.filter(bool), max_size=3)
forms = st.fixed_dictionaries(
    {
        "title": texts,
        "content": texts,
        "tags": lists,
        "similar_titles": lists,
        "related_ids": lists,
        "service_answers": st.dictionaries(texts, texts, max_size=2),
        "category": st.none() | texts.filter(bool),
        "url": st.none() | st.just("https://a.example/faq|1"),
        "media": st.lists(
            st.fixed_dictionaries(
                {"url": st.sampled_from(["https://a.example/a.png", "https://a.example/b"]), "kind": st.just("image")},
                optional={"caption": texts, "service_type": texts.filter(bool)},
            ),
            max_size=2,
        ),
        "effective_on": st.none() | st.dates(),
    }
)


def written(contents: list[Content], kind: Format) -> bytes:
    return b"".join(exported_contents([contents[:1], contents[1:]], kind))


def saved(**form: Any) -> Content:
    """As an operator's form would have it."""
    return read_edit(form, "one", "default", None, (), ALLOWED).content


def csv_of(*rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def book_of(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def told(file: list[Incoming]) -> list[tuple[int | None, str]]:
    return [(one.row, one.problems[0].message) for one in file if one.problems]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(form=forms)
def test_what_is_written_reads_the_same_again(kind: Format, form: dict[str, Any]) -> None:
    try:
        content = saved(**form)
    except InvalidFields:
        assume(False)
    (found,) = read_contents(written([content], kind), kind).incoming
    assert (found.faq_id, found.problems) == ("one", ())
    assert {**found.fields, "media": fields_of(content)["media"]} == fields_of(content)
    again = saved(**found.fields)
    assert again == content


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_no_cell_holds_goes_on_below_and_comes_back_whole(kind: Format) -> None:
    content = saved(
        title="긴 글", content="ab cd\n=e" * 5_000, similar_titles=[f"{n} " + "a" * 290 for n in range(150)]
    )
    body = written([content], kind)
    (found,) = read_contents(body, kind).incoming
    assert saved(**found.fields) == content
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        assert {row[0] for row in rows[2:]} == {CONTINUED}
        assert all(len(cell) <= 32_767 and not cell.startswith("=") for row in rows for cell in row)


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+82", "-1", "@SUM(1)", "\t=1", "＝1"])
def test_no_cell_of_a_file_is_a_formula(text: str) -> None:
    content = Content(faq_id="=1", source_id="default", title=text, content=text, similar_titles=["a", text])
    rows = list(csv.reader(io.StringIO(written([content], "csv").decode("utf-8-sig"), newline="")))
    assert all(not cell.strip().startswith(("=", "+", "-", "@", "＝")) for cell in rows[1])
    sheet = openpyxl.load_workbook(io.BytesIO(written([content], "xlsx"))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_are_read_as_programs_write_them(encoding: str, delimiter: str) -> None:
    body = csv_of(["ID", "제목", "답변"], ["a", "반품", "접수, 그리고; 회수"], delimiter=delimiter, encoding=encoding)
    (found,) = read_contents(body, "csv").incoming
    assert (found.faq_id, found.row, found.fields) == ("a", 2, {"title": "반품", "content": "접수, 그리고; 회수"})


def test_only_columns_that_a_file_has_are_fields_and_empty_cells_are_empty() -> None:
    body = book_of(["id", "category", "expires_on", "메모"], ["a", None, date(2026, 12, 31), "x"], [7, "정산"])
    file = read_contents(body, "xlsx")
    assert [(one.faq_id, one.fields) for one in file.incoming] == [
        ("a", {"category": None, "expires_on": "2026-12-31"}),
        ("7", {"category": "정산", "expires_on": None}),
    ]
    assert file.ignored == ["메모"]


@pytest.mark.parametrize("written_day", ["2026-01-02", "2026.1.2", "2026. 1. 2.", "2026/01/02", "2026-01-02 00:00:00"])
def test_days_are_read_as_they_are_written_in_korea(written_day: str) -> None:
    (found,) = read_contents(csv_of(["id", "시작일"], ["a", written_day]), "csv").incoming
    assert found.fields == {"effective_on": "2026-01-02"}


def test_rows_of_one_id_are_one_content_with_answers_of_services() -> None:
    head = ["id", "title", "service_type", "content", "media"]
    body = csv_of(
        head, ["a", "반품", "", "공통", ""], ["b", "교환", "개인", "개인은", ""], ["a", "반품", "개인", "앱에서", ""]
    )
    first, second = read_contents(body, "csv").incoming
    assert (first.fields["content"], first.fields["service_answers"]) == ("공통", {"개인": "앱에서"})
    assert (second.fields["content"], second.fields["service_answers"]) == ("**개인**\n\n개인은", {"개인": "개인은"})


def test_rows_that_are_wrong_are_told_by_their_number_and_the_others_are_taken() -> None:
    lines = ['{"id": "a", "title": "하나", "content": "x"}', "{broken", "[1]", "", '{"id": {}, "title": "넷"}']
    lines += ['{"id": "a", "title": "다섯", "content": "y"}', '{"title": "여섯", "content": "z"}', "{}"]
    file = read_contents("\n".join(lines).encode(), "jsonl")
    assert told(file.incoming) == [
        (2, "JSON으로 읽을 수 없는 줄입니다."),
        (3, "JSON 객체가 아닌 줄입니다."),
        (5, "ID는 문자열이어야 합니다."),
        (6, "1행과 ID가 같습니다."),
    ]
    assert [one.row for one in file.incoming if not one.problems] == [1, 7]


def test_a_broken_table_costs_its_own_rows_only() -> None:
    text = 'ID,제목,답변\r\na,하나,"가\r\nb,둘,나\r\nc,셋,다,라\r\n,,\r\nd,넷,#REF!\r\na,다섯,마\r\n'
    file = read_contents(text.encode(), "csv")
    assert [number for number, _ in told(file.incoming)] == [2, 4, 6]
    assert [one.faq_id for one in file.incoming if not one.problems] == ["b", "a"]


def test_formulas_count_as_what_they_last_gave() -> None:
    body = book_of(["id", "title", "content"], ["a", "=1+1", "본문"])
    (found,) = read_contents(body, "xlsx").incoming
    assert found.fields["title"] == ""  # nobody has computed it: the plan will say that a title is missing


def bomb(name: str, body: bytes) -> bytes:
    """A workbook one part of which is another."""
    whole, file = io.BytesIO(book_of(["id", "title"], ["a", "b"])), io.BytesIO()
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for one in given.namelist():
            made.writestr(one, body if one.endswith(name) else given.read(one))
    return file.getvalue()


ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 20 if n else b"x" * 100) for n in range(9))


def test_of_a_file_with_one_broken_row_the_row_is_told() -> None:
    (row,) = read_contents('ID,제목,답변\n1,"열린 따옴표,답\n'.encode(), "csv").incoming
    assert (row.row, [one.message for one in row.problems]) == (2, ["따옴표가 맞지 않아 읽을 수 없는 줄입니다."])


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"", "csv", "빈 파일"),
        (b"\xef\xbb\xbf \n", "jsonl", "가져올 콘텐츠가 없는"),
        (csv_of(["ID", "제목"]), "csv", "가져올 콘텐츠가 없는"),
        (csv_of(["a", "b"], ["1", "2"]), "csv", "‘ID’나 ‘제목’ 열"),
        (csv_of(["ID", "id", "제목"], ["1", "2", "3"]), "csv", "같은 열이 둘 이상"),
        (csv_of([f"열{n}" for n in range(MAX_COLUMNS + 1)], ["1"]), "csv", "열이 너무 많습니다"),
        (csv_of(["ID"], *[[f"{n}"] for n in range(MAX_ROWS + 1)]), "csv", "10,000행까지"),
        ("ID,제목\n가나다라마바사,".encode() + b"\xff\xfe\n", "csv", "글자를 읽을 수 없는"),
        (b"\xff\xff\xff\xff", "jsonl", "글자를 읽을 수 없는"),
        (book_of(["ID"], ["a"]), "csv", "XLSX로 골라"),
        (b"ID,title\n", "xlsx", "XLSX 파일로 읽을 수 없습니다"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "xlsx", "암호를 풀고"),
        (book_of([f"열{n}" for n in range(5_000)], ["1"]), "xlsx", "열이 너무 많습니다"),
        (bomb("sheet1.xml", b" " * 60_000_000), "xlsx", "압축을 풀면"),
        (bomb("sheet1.xml", b"<worksheet><sheetData>" + b"<row/>" * 1_200_001), "xlsx", "압축을 풀면"),
        (bomb("styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * 60_001), "xlsx", "압축을 풀면"),
        (
            bomb("sheet1.xml", b"<!DOCTYPE w [" + ENTITIES + b"]><worksheet>&e8;</worksheet>"),
            "xlsx",
            "Excel에서 다시 저장",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_file_that_cannot_be_taken_says_why(body: bytes, kind: Format, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why) as refused:
        read_contents(body, kind)
    assert refused.value.status == 422


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda one: f"ID,제목,답변\n{one}".encode()))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    for kind in KINDS:
        try:
            read_contents(body, kind)
        except UnreadableFile:
            pass


SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def sheet_with(sheet_data: str, shared: str = "", doctype: str = "") -> bytes:
    """A workbook whose first sheet holds this XML behind its heads."""
    whole = io.BytesIO()
    book = zipfile.ZipFile(io.BytesIO(book_of(["ID", "제목", "답변", "비슷한 제목"], ["a", "b", "c", "d"])))
    with book, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        for part in book.namelist():
            text = book.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                text = doctype + text.replace("</sheetData>", f"{sheet_data}</sheetData>")
            if part == "[Content_Types].xml":
                text = text.replace(
                    "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{STRINGS}"/></Types>'
                )
            made.writestr(part, text)
        made.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEETS}"><si><t>{shared}</t></si></sst>')
    return whole.getvalue()


def test_a_workbook_that_defines_entities_is_refused_unread() -> None:
    doctype = f'<!DOCTYPE worksheet [<!ENTITY a "{"a" * 200}">]>'
    row = f'<row r="3"><c r="C3" t="inlineStr"><is><t>{"&a;" * 1_000}</t></is></c></row>'
    with pytest.raises(UnreadableFile, match="Excel에서 다시 저장"):
        read_contents(sheet_with(row, doctype=doctype), "xlsx")


def test_one_long_text_in_many_cells_counts_in_each_of_them() -> None:
    rows = "".join(f'<row r="{n}"><c r="D{n}" t="s"><v>0</v></c></row>' for n in range(3, 120))
    with pytest.raises(UnreadableFile, match="너무 커지는"):
        read_contents(sheet_with(rows, shared="a|" * 250_000), "xlsx")


def inline(cell: str, text: str) -> str:
    return f'<row r="{cell[1:]}"><c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c></row>'


@pytest.mark.parametrize(
    "body",
    [
        sheet_with(inline("C3", "😀" + "가" * 200_000)),  # one text that takes four bytes a character in memory
        sheet_with("".join(inline(f"D{n}", "ab|" * 10_000) for n in range(3, 110))),
        bomb("sheet1.xml", b"<worksheet><!--" + b"a" * 600_000 + b"--></worksheet>"),
        bomb("sheet1.xml", b"<worksheet " + b" ".join(b'a%d="1"' % n for n in range(60_000)) + b"></worksheet>"),
    ],
    ids=["text", "lists", "comment", "attributes"],
)
def test_a_small_file_that_takes_much_memory_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableFile, match="너무 커지는"):
        read_contents(body, "xlsx")


def test_a_list_of_many_parts_is_refused_in_a_table_of_text_too() -> None:
    with pytest.raises(UnreadableFile, match="너무 커지는"):
        read_contents(f"제목,비슷한 제목\n가,{'ab|' * 1_000_001}\n".encode(), "csv")


def test_a_workbook_of_thousands_of_parts_is_refused_unread() -> None:
    whole = io.BytesIO(book_of(["ID", "제목"], ["a", "b"]))
    with zipfile.ZipFile(whole, "a") as book:
        for n in range(1_001):
            book.writestr(f"x/{n}", b"")
    with pytest.raises(UnreadableFile, match="너무 커지는"):
        read_contents(whole.getvalue(), "xlsx")


def test_rows_with_a_cell_in_the_last_column_cost_no_more_than_the_heads() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>1</v></c></row>' for n in range(3, 3_000))
    began = time.process_time()
    found = read_contents(sheet_with(rows), "xlsx")
    assert len(found.incoming) == 2_998 and "ID" not in found.ignored
    assert time.process_time() - began < 1.5  # 3 s with all 16,384 cells of each


def test_rows_that_a_sheet_only_says_to_have_end() -> None:
    far = '<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>a</t></is></c></row>'
    with pytest.raises(UnreadableFile, match="너무 커지는"):
        read_contents(sheet_with(far), "xlsx")


@pytest.mark.parametrize("more", [{"content": 5}, {"tags": "c"}, {"url": "c"}])
def test_a_line_of_json_that_goes_on_with_nothing_is_told(more: dict[str, Any]) -> None:
    first = {"id": "a", "title": "제목", "content": "답변", "tags": ["태그"]}
    body = "\n".join(json.dumps(one) for one in (first, {"id": CONTINUED, **more}))
    told = read_contents(body.encode(), "jsonl").incoming
    assert [(one.row, bool(one.problems)) for one in told] == [(1, False), (2, True)]


def test_a_name_that_utf8_cannot_hold_is_told_in_another_way() -> None:
    found = read_contents(b'{"title": "t", "content": "c", "\\ud800x": 1}', "jsonl")
    assert found.ignored == ["\ufffdx"]


def test_a_content_with_thousands_of_services_takes_no_time_for_each_pair_of_them() -> None:
    rows = "".join(f"제목,답변,서비스 {n}\r\n" for n in range(MAX_ROWS))
    began = time.process_time()
    (one,) = read_contents(f"제목,답변,서비스 유형\r\n{rows}".encode(), "csv").incoming
    assert len(one.fields["service_answers"]) == MAX_ROWS
    assert time.process_time() - began < 10  # comparing them all took minutes


def test_every_column_is_known_by_its_label_and_its_name() -> None:
    row = {name: "a" if name in ("id", "title", "content") else "" for name in COLUMNS}
    by_label = read_contents(csv_of(list(HEADS.values()), list(row.values())), "csv")
    by_name = read_contents(csv_of(list(row), list(row.values())), "csv")
    assert by_label == by_name and by_label.ignored == []


def test_json_lines_hold_a_row_for_each_service() -> None:
    content = saved(title="반품", content="공통", service_answers={"개인": "앱에서"})
    lines = [json.loads(line) for line in written([content], "jsonl").splitlines()]
    assert [(line["id"], line["service_type"], line["content"]) for line in lines] == [
        ("one", "", "공통"),
        ("one", "개인", "앱에서"),
    ]
