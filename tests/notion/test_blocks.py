"""Notion's blocks as Markdown."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.indexing.moderation import moderated_content
from shared.links import Allowed
from shared.notion.blocks import CHILDREN, render
from shared.notion.rich_text import markdown
from tests.fakes.notion_server import Json, block, paragraph, rich, table

NOTION_FILE: Json = {"type": "file", "file": {"url": "https://s3.example/secret?X-Amz-Expires=3600"}}


def read(*blocks: Json) -> list[Json]:
    """Blocks as they are after reading."""
    return [{**one, "has_children": bool(one["blocks"]), CHILDREN: read(*one["blocks"])} for one in blocks]


def text_of(*blocks: Json) -> str:
    return render(read(*blocks)).text


def left_out(*blocks: Json) -> Counter[str]:
    return render(read(*blocks)).left_out


def test_paragraphs_headings_and_dividers_stand_apart() -> None:
    said = text_of(
        block("heading_1", "배송"),
        paragraph("내일 옵니다."),
        block("divider"),
        block("heading_3", "제주"),
        paragraph("모레"),
    )
    assert said == "# 배송\n\n내일 옵니다.\n\n---\n\n### 제주\n\n모레"


def test_lists_are_nested_and_numbered_and_a_new_one_begins_anew() -> None:
    inner = [block("bulleted_list_item", "신용카드"), block("bulleted_list_item", "계좌")]
    said = text_of(
        block("numbered_list_item", "로그인", children=inner),
        block("numbered_list_item", "확인"),
        paragraph("그다음"),
        block("numbered_list_item", "다시"),
    )
    assert said == "1. 로그인\n   - 신용카드\n   - 계좌\n2. 확인\n\n그다음\n\n1. 다시"


def test_to_dos_show_what_is_done() -> None:
    assert (
        text_of(block("to_do", "신청", checked=True), block("to_do", "확인", checked=False)) == "- [x] 신청\n- [ ] 확인"
    )


def test_a_toggle_keeps_its_title_and_what_it_hides() -> None:
    said = text_of(block("toggle", rich("환불은?", bold=True), children=[paragraph("7일 안에"), paragraph("앱에서")]))
    assert said == "**환불은?**\n\n7일 안에\n\n앱에서"


def test_quotes_and_callouts_hold_what_is_in_them() -> None:
    said = text_of(
        block("quote", "규정", children=[paragraph("제3조")]),
        block("callout", "주의하세요", icon={"type": "emoji", "emoji": "⚠️"}),
    )
    assert said == "> 규정\n>\n> 제3조\n\n> ⚠️ 주의하세요"


def test_code_keeps_its_signs_and_its_fence_is_longer_than_any_inside() -> None:
    assert text_of(block("code", "a = *b*\n```", language="python")) == "````python\na = *b*\n```\n````"
    assert text_of(block("code", "x", language="plain text")) == "```\nx\n```"


def test_a_table_has_a_header_of_its_own_or_an_empty_one() -> None:
    assert (
        text_of(table(["지역", "요금"], ["제주", "3,000|원"]))
        == "| 지역 | 요금 |\n| --- | --- |\n| 제주 | 3,000\\|원 |"
    )
    assert text_of(table(["제주", "3,000원"], header=False)) == "|  |  |\n| --- | --- |\n| 제주 | 3,000원 |"


def test_columns_and_synced_blocks_give_what_is_in_them() -> None:
    columns = [block("column", children=[paragraph("왼쪽")]), block("column", children=[paragraph("오른쪽")])]
    assert text_of(block("column_list", children=columns), block("synced_block", children=[paragraph("같은 글")])) == (
        "왼쪽\n\n오른쪽\n\n같은 글"
    )


def test_images_and_links_that_stand_elsewhere_are_kept() -> None:
    external: Json = {"type": "external", "external": {"url": "https://img.example.com/a (1).png"}}
    said = text_of(
        block("image", caption=[rich("화면")], **external),
        block("bookmark", caption=[], url="https://help.example.com/a_b"),
        block("embed", caption=[rich("지도")], url="https://map.example.com/"),
    )
    assert said == (
        "![화면](https://img.example.com/a%20%281%29.png)\n\n"
        "[https://help.example.com/a_b](https://help.example.com/a_b)\n\n[지도](https://map.example.com/)"
    )


def test_what_was_uploaded_to_notion_is_told_and_not_linked_for_its_address_ends() -> None:
    blocks = [block("image", caption=[rich("화면")], **NOTION_FILE), block("pdf", caption=[], **NOTION_FILE)]
    assert text_of(*blocks) == "화면"
    assert left_out(*blocks) == {"image": 1, "pdf": 1}


def test_links_into_notion_and_insecure_ones_are_text() -> None:
    said = text_of(
        paragraph(
            rich("사내 문서", "https://www.notion.so/0123456789abcdef0123456789abcdef"),
            rich(" · "),
            rich("옛 문서", "/0123456789abcdef0123456789abcdef"),
            rich(" · "),
            rich("안내", "https://help.example.com/"),
            rich(" · "),
            rich("옛 안내", "http://help.example.com/"),
        )
    )
    assert said == "사내 문서 · 옛 문서 · [안내](https://help.example.com/) · 옛 안내"


@pytest.mark.parametrize("kind", ["unsupported", "link_to_page", "template", "transcription", "ai_block", "x_new"])
def test_blocks_without_text_are_counted_by_their_kind(kind: str) -> None:
    assert (text_of(block(kind), paragraph("답")), left_out(block(kind), block(kind))) == ("답", {kind: 2})


def test_what_is_made_from_the_page_itself_is_no_loss() -> None:
    assert left_out(block("table_of_contents"), block("breadcrumb"), block("divider"), paragraph("")) == {}


def test_blocks_inside_one_without_text_are_read_all_the_same() -> None:
    assert text_of(block("x_new", children=[paragraph("안쪽 글")])) == "안쪽 글"


def test_a_synced_block_whose_original_is_not_shared_is_counted() -> None:
    assert render([{**block("synced_block"), "has_children": True, CHILDREN: []}]).left_out == {"synced_block": 1}


def test_trashed_blocks_are_gone() -> None:
    assert text_of({**paragraph("옛 글"), "in_trash": True}, {**paragraph("더 옛 글"), "archived": True}) == ""


def test_pages_and_databases_below_are_named_and_are_no_text() -> None:
    rendered = render(
        [
            {"id": "p1", "type": "child_page", "child_page": {"title": "아래"}, "has_children": True},
            {"id": "d1", "type": "child_database", "child_database": {"title": "표"}, "has_children": True},
        ]
    )
    assert (rendered.text, rendered.pages, rendered.databases, rendered.left_out) == ("", ["p1"], ["d1"], {})


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([rich("굵게", bold=True), rich("와 "), rich("기울게", italic=True)], "**굵게**와 *기울게*"),
        ([rich("둘 다", bold=True, italic=True, strikethrough=True)], "***~~둘 다~~***"),
        ([rich("앞", bold=True), rich("뒤", bold=True)], "**앞뒤**"),
        ([rich(" 사이 ", bold=True), rich("말")], " **사이** 말"),
        ([rich("정산(매일)", bold=True), rich("은")], "정산(매일)은"),  # CommonMark would show the asterisks
        ([rich("정산(매일)", bold=True), rich(" 은")], "**정산(매일)** 은"),
        ([rich("a*b", code=True)], "`a*b`"),
        ([rich("`x`", code=True)], "`` `x` ``"),
        ([rich("2*3*4 <b> [가](나)")], "2\\*3\\*4 &lt;b> [가\\](나)"),
        ([rich("\\<b> \\< 3 </b>")], "\\\\&lt;b> \\\\< 3 &lt;/b>"),
        ([rich("[정산] 1~2일 a_b")], "[정산] 1~2일 a_b"),
        ([rich("[안내]", "https://a.example/")], "[\\[안내\\]](https://a.example/)"),
        ([rich("와!"), rich("안내", "https://a.example/")], "와\\![안내](https://a.example/)"),
        ([{"type": "equation", "plain_text": "a*b", "annotations": {}}], "`a*b`"),
        ([{"type": "mention", "plain_text": "@민지", "annotations": {}}], "@민지"),
        ([rich("")], ""),
        (None, ""),
    ],
)
def test_rich_text_looks_as_it_did_or_is_plain(pieces: Any, said: str) -> None:
    assert markdown(pieces) == said


def test_what_looks_like_a_tag_is_served_as_it_was_typed() -> None:
    said = text_of(paragraph("<script>alert(1)</script>"), block("toggle", "<img src=x onerror=y>"))
    told: list[str] = []
    assert moderated_content(said, Allowed(["a.example"]), told) == said and told == []
    assert said == "&lt;script>alert(1)&lt;/script>\n\n**&lt;img src=x onerror=y>**"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("# 제목 아님", "\\# 제목 아님"), ("> 말", "\\> 말"), ("위\n---", "위\n\\---"), ("#태그", "#태그")],
)
def test_a_line_that_only_begins_like_a_mark_is_text(typed: str, said: str) -> None:
    assert text_of(paragraph(typed)) == said


KINDS = ["paragraph", "heading_2", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout"]
WORDS = st.text(alphabet="가나다 ab1\n", min_size=1, max_size=12)
LEAVES = st.tuples(st.sampled_from([*KINDS, "code"]), WORDS).map(lambda one: block(*one))


def around(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    kinds = st.sampled_from([*KINDS, "column", "unsupported"])
    parts = st.tuples(kinds, WORDS, st.lists(inner, max_size=2))
    return parts.map(lambda one: block(one[0], one[1], children=one[2]))


@given(st.lists(around(around(LEAVES)) | LEAVES, max_size=4))
def test_no_word_of_blocks_with_text_is_lost(blocks: list[Json]) -> None:
    def words(one: Json) -> str:
        own = one[one["type"]].get("rich_text") if one["type"] in {*KINDS, "code"} else []
        return "".join(piece["plain_text"] for piece in own or []) + "".join(map(words, one["blocks"]))

    letters = Counter("".join(map(words, blocks)).replace(" ", "").replace("\n", ""))
    said = Counter(text_of(*blocks))
    assert all(said[sign] >= count for sign, count in letters.items())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
)


@given(st.sampled_from([*KINDS, "image", "table", "code", "embed", "equation", "child_page", "x"]), JSON, JSON)
def test_a_block_of_an_unknown_shape_breaks_nothing(kind: str, data: Any, inner: Any) -> None:
    render([{"type": kind, kind: data}, {"type": kind, kind: {"rich_text": inner, "url": inner, "caption": inner}}])
    json.dumps(inner)


def test_what_is_not_as_notion_says_it_is_costs_no_other_block() -> None:
    odd = {"type": "paragraph", "paragraph": {"rich_text": [{"plain_text": "글", "annotations": "bold"}, "다른 것"]}}
    rows = {"type": "table", "table": {}, CHILDREN: [{"type": "table_row", "table_row": {"cells": None}}]}
    assert render([odd, rows, {"type": None}]).text == "글"
