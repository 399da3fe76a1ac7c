"""Titles and values as text in Markdown. The page's tests render `tests/golden/text_in_markdown.json`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import bubbles
from shared.answering.generation import content_pieces
from shared.bot import Bot, Link
from shared.markdown import as_label, as_text
from shared.models import Content
from tests.app import ROOT

GOLDEN = json.loads((ROOT / "tests" / "golden" / "text_in_markdown.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("words", "markdown"), GOLDEN.items())
def test_words_are_written_so_that_markdown_shows_them(words: str, markdown: str) -> None:
    assert as_text(words) == markdown


@given(st.text("가나다 1.,?!()[]{}:~-+#/_ab", max_size=30).filter(lambda text: text.count("~") < 2))
def test_signs_that_mean_nothing_where_they_stand_stay(words: str) -> None:
    escaped = as_text(words)
    assert escaped.replace("\\", "") == words
    if "](" not in words and "_" not in words:
        assert escaped == words


def test_titles_are_shown_as_text_in_bubbles_and_answers() -> None:
    content = Content(faq_id="a", source_id="s", title="*할인* [보기](https://x.example)", content="**굵게**")
    assert bubbles.service_choice(Bot(), content, ["가"]).description.startswith(
        "'\\*할인\\* [보기\\](https://x.example)'의"
    )
    assert "".join(content_pieces(content, None)) == "**\\*할인\\* [보기\\](https://x.example)**\n\n**굵게**"
    link = Link(title="[공지] *할인*", url="https://a.example/")
    assert bubbles.link_list([link]).description == "- [\\[공지\\] \\*할인\\*](https://a.example/)"
    assert as_label("[a](b)") == "\\[a\\](b)"
