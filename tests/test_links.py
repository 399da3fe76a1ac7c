"""What a model writes, as it is streamed: links and images lead where they may, however the stream is cut."""

import re
from collections.abc import AsyncGenerator

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.links import ANYWHERE, Allowed, allowed_links, moderated_text

HELD = Allowed(media_hosts=["img.example"], link_hosts=["a.example", "*.b.example"])
LINKISH = st.lists(
    st.sampled_from(
        [
            *(
                "[",
                "]",
                "(",
                ")",
                "](",
                "]:",
                "<",
                ">",
                "!",
                "![",
                "\\",
                '"',
                " ",
                "\n",
                "\n\n",
                "a",
                "가",
                "//",
                "[1]",
                "www.",
                "&#58;",
                "&sol;",
                "&#104;",
            ),
            *("http://a.b", "https://a.example/x", "https://evil.example", "javascript:", "a@b.c", "h", "t", "https"),
            *(
                "[가](https://a.example)",
                "[나](http://x)",
                "![그림](https://img.example/1.png)",
                "![x](https://a.example)",
            ),
        ]
    ),
    max_size=16,
)


def said(pieces: list[str], allowed: Allowed) -> list[str]:
    async def cut() -> AsyncGenerator[str, None]:
        for one in pieces:
            yield one

    async def take() -> list[str]:
        return [one async for one in allowed_links(cut(), allowed)]

    return anyio.run(take)


def cuts(text: str) -> list[list[str]]:
    return [[text], list(text), [text[n : n + 3] for n in range(0, len(text), 3)]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[도움말](https://a.example/x)을 보세요.", "[도움말](https://a.example/x)을 보세요."),
        ("[도움말](https://evil.example/x)을 보세요.", "도움말을 보세요."),
        ("[도움말](http://a.example/x)을 보세요.", "도움말을 보세요."),
        ("![화면](https://img.example/1.png) 끝", "![화면](https://img.example/1.png) 끝"),
        ("![화면](https://a.example/1.png?q=secret) 끝", "화면 끝"),
        (
            "[![화면](https://img.example/1.png)](https://a.example)",
            "[![화면](https://img.example/1.png)](https://a.example)",
        ),
        ("![a [b] c](https://a.example/x.png)", "![a [b] c] (https://a.example/x.png)"),
        ("![a][b]\n\n[b]: https://a.example/x.png", "![a][b]\n\n[b] : https://a.example/x.png"),
        ("<https://evil.example> <https://a.example/>", "< https:// evil.example> <https://a.example/>"),
        ("주소는 https://evil.example/x 입니다", "주소는 https:// evil.example/x 입니다"),
        ("주소는 HTTP://a.example 입니다", "주소는 HTTP:// a.example 입니다"),
        (
            "주소는 https://a.example/x, (https://c.b.example) 입니다.",
            "주소는 https://a.example/x, (https://c.b.example) 입니다.",
        ),
        ("www.evil.example www.b.example", "www. evil.example www.b.example"),
        ("https\\:\\/\\/evil.example 끝", "https:// evil.example 끝"),
        (
            "[https&colon;//evil.example] &#104;ttps&#58;&sol;/evil.example",
            "[https:// evil.example] https:// evil.example",
        ),
        ("h&#x74;tps&#x3A;//evil.example www\\.evil.example", "https:// evil.example www. evil.example"),
        ("https\\://a.example/x", "https://a.example/x"),
        ("R&D 1\\. h&b https&lt;//", "R&D 1\\. h&b https&lt;//"),
        ("https://a.example@evil.example/", "https:// a.example@evil.example/"),
        (f"https://a.example:{'0' * 300}@evil.example/", f"https:// a.example:{'0' * 300}@evil.example/"),
        ("https://a.example.evil.example/", "https:// a.example.evil.example/"),
        ("[상품관리 > 상품등록]에서 [등록]을 누르세요. [1][2]", "[상품관리 > 상품등록]에서 [등록]을 누르세요. [1][2]"),
        ("[정산](예정) 3 < 5, a <b", "[정산] (예정) 3 < 5, a <b"),
        ("how what http www", "how what http www"),
        ('<img src="https://img.example/1.png" alt="화면"> 끝', '<img src="https://img.example/1.png" alt="화면"> 끝'),
        ("<video\nsrc = https://img.example/1.mp4>", "<video\nsrc = https://img.example/1.mp4>"),
        ('<img src="https://evil.example/1.png">', '<img src="https:// evil.example/1.png">'),
        ('<img alt="https://img.example/1.png">', '<img alt="https:// img.example/1.png">'),
        ('<img data-src="https://img.example/1.png">', '<img data-src="https:// img.example/1.png">'),
        ("<img> src=https://img.example/1.png", "<img> src=https:// img.example/1.png"),
    ],
)
def test_a_model_s_links_are_held_to_the_hosts(text: str, shown: str) -> None:
    for pieces in cuts(text):
        assert "".join(said(pieces, HELD)) == shown


def test_without_hosts_links_need_https_and_images_are_not_shown() -> None:
    text = "[가](https://any.example) [나](http://any.example) ![그림](https://any.example/x.png) https://any.example"
    for pieces in cuts(text):
        assert "".join(said(pieces, ANYWHERE)) == "[가](https://any.example) 나 그림 https://any.example"


def test_what_is_no_link_is_not_held_back() -> None:
    pieces = ["심사는 ", "[영업일] 기준 ", "3일입니다. [1] ", "[보기](https://a.example/x) ", "다음 ", "문장"]
    assert said(pieces, HELD) == pieces


@given(pieces=LINKISH, allowed=st.sampled_from([HELD, ANYWHERE]))
@example(["[https](http://x)", "://evil.example"], HELD)
@example(["[!](http://x)", "[x](https://a.example)"], HELD)
@example(["[a](http://x)", "(https://evil.example)"], HELD)
def test_however_a_stream_is_cut_nothing_is_left_that_may_not_be_and_no_word_is_lost(
    pieces: list[str], allowed: Allowed
) -> None:
    text = "".join(pieces)
    for cut in (pieces, list(text)):
        joined = "".join(said(cut, allowed))
        for block in re.split(r"\n[ \t]*\n", joined):
            assert moderated_text(block, allowed, []) == block
        if "](" not in text:
            assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)


@given(st.text("가나다 .\nhtw[]!<", max_size=60))
def test_text_without_addresses_stays_as_it_is(text: str) -> None:
    assert "".join(said(list(text), HELD)) == text


@pytest.mark.parametrize(
    "text",
    ["[글][1]\n\n[1]: http://plain.example/a", "[2]: javascript:alert(1)", "[글 [안](http://plain.example/x"],
)
def test_what_is_set_apart_is_told(text: str) -> None:
    told: list[str] = []
    assert moderated_text(text, Allowed(), told) != text
    assert told and all("dropped: " in one for one in told)
