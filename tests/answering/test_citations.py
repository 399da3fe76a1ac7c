"""Citations that name nothing are left out of a stream, however it is cut; all other text comes through as it is."""

from collections.abc import AsyncGenerator
from itertools import pairwise

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answering.citations import known_citations

pytestmark = pytest.mark.anyio
# What citations are made of, so that random texts hold many
ALPHABET = "[]［］【】()01239１９, 、.\n가 "


async def pieces(*texts: str) -> AsyncGenerator[str, None]:
    for text in texts:
        yield text


async def said(*texts: str, sources: int = 2) -> list[str]:
    return [piece async for piece in known_citations(pieces(*texts), sources)]


async def whole(*texts: str, sources: int = 2) -> str:
    return "".join(await said(*texts, sources=sources))


@pytest.mark.parametrize(
    "text",
    [
        "반품은 7일 안에 됩니다. [1]",
        "가능합니다[1][2].",
        "[설정 > 탈퇴]에서 [필수] 항목을 고르세요.",
        "[1](https://help.gaonmarket.example)을 보세요.",
        "[9](https://help.gaonmarket.example)",
        "[2026]년 [1a] [1-2] [] [^1] [1;2]",
        "[",
        "끝에 [",
        "[1",
        "가 [1, ",
        "두  칸  띄운 글 ",
        "",
    ],
)
async def test_what_is_no_unknown_citation_stays_as_it_is(text: str) -> None:
    assert await whole(text) == text
    assert await whole(*text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("됩니다 [3].", "됩니다."),
        ("됩니다. [3]", "됩니다."),
        ("됩니다.[3] 다음", "됩니다. 다음"),
        ("됩니다. [3] 다음", "됩니다. 다음"),
        ("됩니다. [3]다음", "됩니다. 다음"),
        ("됩니다. [3]\n다음", "됩니다.\n다음"),
        ("됩니다 [3] [4] 다음", "됩니다 다음"),
        ("됩니다 [3][4] 다음", "됩니다 다음"),
        ("됩니다 [3][1] 다음", "됩니다 [1] 다음"),
        ("됩니다 [3] [1] 다음", "됩니다 [1] 다음"),
        ("됩니다 [0] [12] [100]", "됩니다"),
        ("[3] 다음", "다음"),
        ("앞\n[3] 다음", "앞\n다음"),
        ("- [3] 다음", "- 다음"),
        ("됩니다 [3] [필수]", "됩니다 [필수]"),
    ],
)
async def test_a_citation_that_names_nothing_goes_with_the_space_that_is_one_too_many(text: str, shown: str) -> None:
    assert await whole(text) == shown
    assert await whole(*text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("네 [1, 3].", "네 [1]."),
        ("네[3,2,1]", "네[2][1]"),
        ("네 [1,2]", "네 [1][2]"),
        ("네 [ 1、1 ]", "네 [1]"),
        ("네 ［1］", "네 [1]"),
        ("네【2】【3】.", "네[2]."),
        ("네 [1］ 그리고", "네 [1] 그리고"),
        ("네 [01]", "네 [1]"),
        ("네 ［１］［９］.", "네 [1]."),
        ("네 [２, ９] 또 [９]", "네 [2] 또"),
        ("네 [4, 3].", "네."),
    ],
)
async def test_known_numbers_are_written_one_way(text: str, shown: str) -> None:
    assert await whole(text) == shown
    assert await whole(*text) == shown


async def test_without_sources_nothing_can_be_cited() -> None:
    assert await whole("네 [1].", sources=0) == "네."


async def test_text_is_held_back_only_while_it_could_become_a_citation() -> None:
    assert await said("반품은", " 7일", " [설", "정]", " [1", "]", " 안에") == [
        "반품은",
        " 7일",
        " [설",
        "정]",
        " [1] 안에",  # what follows it might have made a link of it
    ]


@given(st.text(ALPHABET, max_size=40), st.lists(st.integers(0, 40), max_size=12), st.integers(0, 12))
def test_the_result_does_not_depend_on_how_the_text_is_cut(text: str, cuts: list[int], sources: int) -> None:
    ends = [0, *sorted(cuts), len(text)]
    parts = [text[start:end] for start, end in pairwise(ends)]
    once = anyio.run(lambda: whole(text, sources=sources))
    assert anyio.run(lambda: whole(*parts, sources=sources)) == once
    assert anyio.run(lambda: whole(*text, sources=sources)) == once


@given(st.lists(st.text(st.characters(exclude_characters="[［【"), max_size=30), max_size=8))
def test_text_without_brackets_is_unchanged(texts: list[str]) -> None:
    assert anyio.run(lambda: whole(*texts)) == "".join(texts)


class Broke(Exception):
    """The stream's own error."""


@pytest.mark.parametrize("broken", [False, True])
async def test_the_pieces_are_closed_however_the_answer_ends(broken: bool) -> None:
    closed: list[bool] = []

    async def stream() -> AsyncGenerator[str, None]:
        try:
            yield "하나 "
            if broken:
                raise Broke
            yield "둘"
        finally:
            closed.append(True)

    answer = known_citations(stream(), 1)
    assert await anext(answer) == "하나"
    if broken:
        with pytest.raises(Broke):
            await anext(answer)
    else:
        await answer.aclose()
    assert closed == [True]
