"""What a model is shown of a long content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answering.excerpt import PIECE, excerpt

LIMIT = 1_000
FILLER = "채널은 고객이 들어온 경로입니다. "


def test_a_short_content_is_shown_whole() -> None:
    assert excerpt("짧은 답변입니다.", "무엇인가요?", LIMIT) == "짧은 답변입니다."


def test_the_part_that_was_asked_for_is_shown_wherever_it_stands() -> None:
    text = FILLER * 150 + "\ngclid가 있으면 검색광고로 봅니다.\n" + FILLER * 150
    shown = excerpt(text, "gclid가 있으면 어느 채널인가요?", LIMIT)
    assert "gclid가 있으면 검색광고로 봅니다." in shown
    assert shown.startswith(FILLER) and "\n…\n" in shown


def test_a_content_without_any_word_of_the_question_is_shown_from_its_beginning() -> None:
    text = "\n".join(f"{n}번째 줄입니다." for n in range(500))
    shown = excerpt(text, "weather", LIMIT)
    assert text.startswith(shown.split("\n…\n")[0])
    assert len(shown) > LIMIT - PIECE


@given(st.text(max_size=5_000), st.text(max_size=100), st.integers(2 * PIECE + 3, 3_000))
def test_it_is_never_longer_than_the_limit_and_made_of_the_text_alone(text: str, question: str, limit: int) -> None:
    shown = excerpt(text, question, limit)
    assert len(shown) <= limit or shown == text
    if len(text) > limit and "…" not in text:
        assert all(piece.strip() in text for piece in shown.split("\n…\n"))


def test_a_limit_that_would_show_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        excerpt("가" * 5_000, "나", 100)
