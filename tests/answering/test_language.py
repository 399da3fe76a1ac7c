"""The language of a fixed reply."""

import pytest

from shared.answering.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("반품하고 싶어요", "ko"),
        ("VAT 포함인가요", "ko"),
        ("How do I return an item?", "en"),
        ("返品したいです", "ja"),
        ("怎么退货", "zh"),
        ("BSB", "ko"),
        ("tmakxmtmxhdj rkdlq", "ko"),
        ("123", "ko"),
        ("", "ko"),
    ],
)
def test_korean_unless_enough_of_it_is_something_else(text: str, language: str) -> None:
    assert language_of(text) == language
