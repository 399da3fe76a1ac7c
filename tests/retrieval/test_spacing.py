"""Spaces are put in where the texts of an index have them, and nothing else is changed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retrieval.lexicon import Lexicon
from shared.retrieval.readings import Readings, read
from shared.retrieval.spacing import FEWEST_SYLLABLES, MOST_CHARACTERS, Spacing, is_crowded
from tests.app import ROOT

LEARNED = Spacing.of(
    ["배송비는 어떻게 정하나요?", "반품 배송비를 바꾸고 싶어요", "정산은 언제 되나요", "상품 등록은 어떻게 하나요"] * 3
)


@pytest.mark.parametrize(
    ("typed", "spaced"),
    [
        ("배송비는어떻게하나요?", "배송비는 어떻게 하나요?"),
        ("상품등록은어떻게하나요", "상품 등록은 어떻게 하나요"),
        ("a몰에서 반품배송비를바꾸고싶어요 3번째", "a몰에서 반품 배송비를 바꾸고 싶어요 3번째"),
        (
            "정산은언제되나요배송비는어떻게정하나요",
            "정산은 언제 되나요배송비는 어떻게 정하나요",
        ),  # 나요 and 배송 never met
        ("정산은언제되", "정산은언제되"),  # a word of six syllables is left alone
        ("상품 등록은 어떻게 하나요", "상품 등록은 어떻게 하나요"),
        ("", ""),
    ],
)
def test_spaces_stand_where_the_texts_have_them(typed: str, spaced: str) -> None:
    assert LEARNED.spaced(typed) == spaced


@given(st.text(st.sampled_from("가배송비는어떻게 정하나요반품a1?\n\t\ud800👍"), max_size=60))
def test_nothing_but_spaces_is_put_in(text: str) -> None:
    found = LEARNED.spaced(text)
    assert found.replace(" ", "") == text.replace(" ", "")
    assert len(found) >= len(text)
    if not is_crowded(text):
        assert found == text


def test_most_spaces_of_unseen_titles_are_found() -> None:
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()
    contents = [json.loads(line) for line in lines]
    learned = Spacing.of(text for one in contents[::2] for text in (one["title"], one["content"]))
    unseen = [one["title"] for one in contents[1::2]]
    right = put = wanted = 0
    for title in unseen:
        typed = title.replace(" ", "")
        own, found = places(title), places(learned.spaced(typed))
        right, put, wanted = right + len(own & found), put + len(found), wanted + len(own)
    assert right > 0.9 * put
    assert right > 0.5 * wanted


def places(text: str) -> set[int]:
    """How many letters stand before each space."""
    return {len(text[:at].replace(" ", "")) for at, one in enumerate(text) if one == " "}


def test_what_saw_nothing_changes_nothing() -> None:
    for nothing in (Spacing.unknown(), Spacing.of([]), Spacing.of(["abc", "가", "1 2"])):
        assert nothing.is_whole
        assert nothing.spaced("배송비는어떻게정하나요") == "배송비는어떻게정하나요"


@pytest.mark.parametrize("text", ["배송비", "가 나"])
def test_texts_that_never_or_always_have_spaces_say_nothing_of_other_words(text: str) -> None:
    assert Spacing.of([text]).spaced("정산은언제되나요") == "정산은언제되나요"


def test_so_many_characters_are_counted_and_no_more() -> None:
    filler = "x" * (MOST_CHARACTERS - 10)
    assert len(Spacing.of([filler, "배송비 정산"]).keys)
    assert not len(Spacing.of([filler, "x" * 20, "배송비 정산"]).keys)


def test_counts_that_do_not_belong_together_are_not_whole() -> None:
    assert LEARNED.is_whole
    assert not Spacing(LEARNED.keys[1:], LEARNED.seen, LEARNED.parted).is_whole
    assert not Spacing(LEARNED.keys, LEARNED.seen, LEARNED.seen + np.uint32(1)).is_whole


def test_spaces_add_a_reading_and_what_was_typed_is_kept() -> None:
    lexicon = Lexicon([])
    typed = "배송비는어떻게하나요"
    assert read(typed, lexicon, LEARNED) == Readings(typed, "배송비는 어떻게 하나요", "배송비는 어떻게 하나요")
    assert read("배 송 비 는 어 떻 게 하 나 요", lexicon, LEARNED).repaired == "배송비는 어떻게 하나요"
    assert read(typed, lexicon) == Readings(typed, typed, typed)
    assert is_crowded("가" * FEWEST_SYLLABLES) and not is_crowded("가" * (FEWEST_SYLLABLES - 1))
