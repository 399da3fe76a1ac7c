"""The words of an answer: held back while they could be the marker, cut without loss, cited by numbers that exist."""

from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answering.generation import NoAnswer, cited_numbers, content_pieces, without_marker
from shared.llm.prompts import NO_ANSWER
from shared.models import Content

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def pieces(*texts: str) -> AsyncGenerator[str, None]:
    for text in texts:
        yield text


async def collected(*texts: str) -> str:
    return "".join([piece async for piece in without_marker(pieces(*texts))])


@pytest.mark.parametrize(
    "texts", [(NO_ANSWER,), tuple(NO_ANSWER), (f"\n {NO_ANSWER}입니다.",), ("[답변불", "가] 죄송")]
)
async def test_the_marker_is_recognized_however_it_is_cut(texts: tuple[str, ...]) -> None:
    with pytest.raises(NoAnswer):
        await collected(*texts)


@pytest.mark.parametrize("texts", [("[답변", "드립니다]"), ("[1] 네",), ("네", " [답변"), ("[",), ("[답변불",)])
async def test_text_that_only_begins_like_the_marker_comes_through_whole(texts: tuple[str, ...]) -> None:
    assert await collected(*texts) == "".join(texts)


@given(st.text(min_size=1, max_size=2_000))
def test_a_contents_pieces_are_its_text_unchanged(text: str) -> None:
    content = Content(faq_id="a", source_id="s", title="제목", content=text)
    assert "".join(content_pieces(content, None)) == f"**제목**\n\n{text}"


def test_a_contents_answer_is_the_one_for_the_service_type_and_ends_with_its_link() -> None:
    content = Content(
        faq_id="a",
        source_id="s",
        title="제목",
        content="모두",
        service_answers={"가온배송": "새벽"},
        url="https://help.gaonmarket.example/faq/a",
    )
    link = "\n\n[자세히 보기](https://help.gaonmarket.example/faq/a)"
    assert "".join(content_pieces(content, "가온배송")) == f"**제목**\n\n새벽{link}"
    assert "".join(content_pieces(content, "없는 서비스")) == f"**제목**\n\n모두{link}"


async def test_what_is_said_before_the_marker_comes_through_and_nothing_after_it() -> None:
    said = []
    with pytest.raises(NoAnswer):
        async for piece in without_marker(pieces("죄송합니다. [답", f"변불가]{NO_ANSWER} 뒤")):
            said.append(piece)
    assert "".join(said) == "죄송합니다. "


def test_only_numbers_of_sources_are_citations() -> None:
    assert list(cited_numbers("가 [2] 나 [1][2] 다 [0] [9] [12] [a]", 5)) == [2, 1]
