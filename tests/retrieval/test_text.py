"""Texts made regular, and cut into pieces that lose nothing."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.retrieval.text import chunks, normalize, one_line, unescape

# Any code points, lone surrogates too, with those that matter here more often
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(" \n\r\t\xa0\u200b\ufeff\u2028\x85가.다요\ud800각\u200d\ufe0f\u3164\u2800\u115f\u1160"),
    )
)


@given(TEXTS)
def test_a_text_that_looks_regular_is_what_the_whole_way_makes_of_it(text: str) -> None:
    assert normalize(text) == normalize(f"\u200b{text}")  # which is dropped, and has it go the whole way


@given(TEXTS)
@example(" \n \n \n ")
@example("\u1100\u200b\u1161")  # jamo that a zero-width space keeps apart
@example("\ud83d\ude00")
@example("a\x1c\n\x1cb")
def test_normalizing_is_total_and_idempotent(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert one_line(one_line(text)) == one_line(text)
    once.encode()


@given(TEXTS)
def test_normalized_text_is_regular(text: str) -> None:
    found = normalize(text)
    assert unicodedata.is_normalized("NFC", found)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xa0\u200b\u2060\ufeff\u2028\u2029]|\n{3}|  | \n|\n ", found)
    assert found == found.strip()
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    "unseen", ["\u200d", "\u3164", "\u115f\u1160", "\uffa0", "\ufe0f", "\u2800", "\u2063", "\U000e0061"]
)
def test_what_nobody_sees_is_nothing(unseen: str) -> None:
    assert normalize(unseen) == normalize(f" {unseen} \n{unseen}{unseen}") == ""
    assert normalize(f"반품{unseen} {unseen}접수").replace(unseen, "") == "반품 접수"


@given(st.text(st.characters(categories=("Lo", "Ll", "Nd"), exclude_characters="\u115f\u1160\u3164\uffa0"), min_size=1))
def test_letters_and_digits_stay(text: str) -> None:
    assert normalize(text) == unicodedata.normalize("NFC", text).strip()


def test_what_web_pages_hold_is_cleaned() -> None:
    assert (
        normalize("\ufeff 정산\xa0\xa0주기\u200b는\r\n\r\n\r\n\r\n\t7일 \u00ad\n입니다. ")
        == "정산 주기는\n\n7일\n입니다."
    )
    assert normalize("\u1112\u1161\u11ab\u1100\u1173\u11af") == "한글"
    assert normalize("가족 👨‍👩‍👧") == "가족 👨‍👩‍👧"
    assert normalize("❤️ 최고") == "❤️ 최고"
    assert one_line("두 줄\n\n제목 ") == "두 줄 제목"


def test_entities_are_resolved_once_and_twice_escaped_ones_too() -> None:
    assert unescape("A&amp;B &lt;표&gt; &quot;&#44032;&quot;") == 'A&B <표> "가"'
    assert unescape("&amp;lt;b&amp;gt;") == "<b>"
    assert unescape("수수료 3% & 배송비") == "수수료 3% & 배송비"


@given(TEXTS | st.text(st.sampled_from("ab 다.\n"), min_size=30), st.integers(1, 40), st.data())
@example("가" * 100, 10, None)
def test_pieces_overlap_and_lose_nothing(text: str, size: int, data: st.DataObject | None) -> None:
    overlap = data.draw(st.integers(0, (size - 1) // 2)) if data else 3
    pieces = chunks(text, size, overlap)
    assert all(len(piece) <= size for piece in pieces)
    assert pieces[0] + "".join(piece[overlap:] for piece in pieces[1:]) == text
    assert all(len(piece) > overlap for piece in pieces[1:])
    for before, after in pairwise(pieces):
        assert before.endswith(after[:overlap])


@pytest.mark.parametrize(("size", "overlap"), [(10, 5), (10, -1), (0, 0)])
def test_pieces_that_would_not_advance_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        chunks("가나다", size, overlap)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("가" * 330 + "\n" + "나" * 20 + "입니다. " + "다" * 200, "가" * 330 + "\n"),
        ("가" * 330 + "입니다.나 " + "다 " * 200, "가" * 330 + "입니다."),
        ("가" * 330 + " " + "나" * 200, "가" * 330 + " "),
        ("가" * 600, "가" * 400),
        ("문장입니다. " + "가" * 600, "문장입니다. " + "가" * 393),  # too far back
    ],
    ids=["line", "sentence", "word", "nowhere", "too far"],
)
def test_a_piece_ends_where_a_reader_would_pause(text: str, first: str) -> None:
    assert chunks(text)[0] == first


def test_a_short_text_is_one_piece() -> None:
    assert chunks("") == [""]
    assert chunks("가" * 400) == ["가" * 400]
