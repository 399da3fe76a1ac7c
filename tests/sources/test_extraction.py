"""Values of a response, as text of their type; records, of the listed fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sources.base import Record
from shared.sources.extraction import MAX_CHARACTERS, Extraction, as_text, cut
from tests.sources.sources import FIELDS, job_search

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["string", "integer", "number", "boolean", "date", "strings"]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "  두 줄\n사이\t ", "두 줄 사이"),
        ("string", 1048576, "1048576"),
        ("string", "", None),
        ("string", " \n", None),
        ("string", True, None),
        ("string", 1.5, None),
        ("string", None, None),
        ("string", ["a"], None),
        ("string", {"a": "b"}, None),
        ("string", 10**30, None),
        ("integer", 52000000, "52,000,000"),
        ("integer", "12", "12"),
        ("integer", " -1200 ", "-1,200"),
        ("integer", 12.0, "12"),
        ("integer", 12.5, None),
        ("integer", "12.0", None),
        ("integer", "1,200", None),
        ("integer", "１２", None),
        ("integer", "12명", None),
        ("integer", False, None),
        ("integer", float("inf"), None),
        ("integer", 10**30, None),
        ("number", 1234.5, "1,234.5"),
        ("number", "3.20", "3.2"),
        ("number", 4.0, "4"),
        ("number", "-0.05", "-0.05"),
        ("number", 7, "7"),
        ("number", float("nan"), None),
        ("number", "NaN", None),
        ("number", "1e3", None),
        ("number", True, None),
        ("boolean", True, "예"),
        ("boolean", False, "아니요"),
        ("boolean", "Y", "예"),
        ("boolean", "false", "아니요"),
        ("boolean", 1, None),
        ("boolean", "있음", None),
        ("date", "2026-11-22", "2026년 11월 22일"),
        ("date", "2026.1.5", "2026년 1월 5일"),
        ("date", "20261122", "2026년 11월 22일"),
        ("date", 20261122, "2026년 11월 22일"),
        ("date", "2026-11-22 23:00:00", "2026년 11월 22일"),
        ("date", "2026-11-22T20:00:00Z", "2026년 11월 23일"),
        ("date", "2026-11-22T10:00:00+0900", "2026년 11월 22일"),
        ("date", "2026-13-01", None),
        ("date", "2026-11.22", None),
        ("date", "9999-12-31T23:59:59Z", None),
        ("date", 1763800000, None),
        ("date", "상시채용", None),
        ("date", True, None),
        ("strings", ["Python", "", None, {"a": 1}, 3], "Python, 3"),
        ("strings", "하나", "하나"),
        ("strings", [], None),
        ("strings", {"a": "b"}, None),
    ],
)
def test_a_value_is_told_in_korean_or_left_out(kind: str, value: Any, text: str | None) -> None:
    assert as_text(value, kind) == text


def test_what_only_steers_is_removed_and_what_is_long_is_cut() -> None:
    assert cut("가\u202e나\u200b다\x1b[31m라\x00\ufeff\ud800\u2028마") == "가나다 [31m라 마"
    assert cut("가" * MAX_CHARACTERS) == "가" * MAX_CHARACTERS
    assert cut("가" * (MAX_CHARACTERS + 1)) == "가" * (MAX_CHARACTERS - 1) + "…"
    assert len(as_text(["가" * 900] * 9, "strings") or "") == MAX_CHARACTERS


@given(JSON, st.sampled_from(KINDS))
def test_whatever_comes_is_one_line_that_can_be_sent(value: Any, kind: str) -> None:
    text = as_text(value, kind)
    assert text is None or (
        0 < len(text) <= MAX_CHARACTERS and text == " ".join(text.split()) and text.encode() and text.isprintable()
    )


@given(JSON)
def test_whatever_comes_makes_records_of_the_listed_fields_only(data: Any) -> None:
    labels = {field["label"] for field in FIELDS.values()}
    for record in Extraction(job_search("http://a.example", records="[@]")).records(data):
        assert record.fields and set(record.fields) <= labels


@pytest.mark.parametrize(
    ("value", "link"),
    [
        (" https://a.example/1?b=c#d ", "https://a.example/1?b=c#d"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("https://한국.example/공고", "https://한국.example/공고"),
        ("javascript:alert(1)", None),
        ("//a.example", None),
        ("/jobs/1", None),
        ("https://", None),
        ("https://user:pw@a.example", None),
        ("https://a.example/\u202efdp", None),
        ("https://a.example/ b", None),
        ('https://a.example/"><script>', None),
        ("https://a.example/" + "a" * 2_001, None),
        (7, None),
    ],
)
def test_a_link_is_an_address_of_the_web_or_none(value: Any, link: str | None) -> None:
    (record,) = Extraction(job_search("http://a.example", records="@")).records({"title": "공고", "url": value})
    assert (record.link, record.fields.get("주소")) == (link, link)


def test_a_record_is_read_line_by_line_and_cannot_be_changed() -> None:
    found = {"title": "공고\n연봉(원): 1", "salary": 2}
    (record,) = Extraction(job_search("http://a.example", records="@")).records(found)
    assert record.as_text() == "공고: 공고 연봉(원): 1\n연봉(원): 2"
    with pytest.raises(TypeError):
        record.fields["연봉(원)"] = "3"  # type: ignore[index]  # that is the point
    assert record == Record("공고 연봉(원): 1", None, {"공고": "공고 연봉(원): 1", "연봉(원)": "2"})
