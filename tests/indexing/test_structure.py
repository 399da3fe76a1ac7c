"""Clean rows to contents: tags, marks, ids, answers by service type, related titles."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.indexing.preprocess import CleanRow
from shared.indexing.structure import (
    MAX_CONTENT_BYTES,
    StructureReport,
    derived_id,
    restore_lines,
    split_title,
    structure,
)
from shared.models import Content


def structured(*rows: CleanRow) -> tuple[list[Content], StructureReport]:
    report = StructureReport()
    return structure(rows, "shop", report), report


def row(n: int, title: str = "", content: str = "안내입니다.", **more: Any) -> CleanRow:
    return CleanRow(row=n, title=title or f"질문 {n}", content=content, **more)


# Titles


@pytest.mark.parametrize(
    ("title", "tags", "rest"),
    [
        ("화분 포장 방법", [], "화분 포장 방법"),
        ("★ 화분 포장 방법", [], "화분 포장 방법"),
        ("[화분] 포장 방법", ["화분"], "포장 방법"),
        ("★ [화분] ☆ [개인 회원 전용]포장 방법", ["화분", "개인 회원 전용"], "포장 방법"),
        ("[화분]★포장", ["화분"], "포장"),
        ("포장 [화분] 방법", [], "포장 [화분] 방법"),
        ("[화분]", [], "[화분]"),
        ("★", [], "★"),
        ("[] 포장", [], "[] 포장"),
        ("[화분] [ ] 포장", ["화분"], "[ ] 포장"),
        ("[" + "가" * 61 + "] 포장", [], "[" + "가" * 61 + "] 포장"),
    ],
)
def test_leading_tags_and_marks_are_split_off(title: str, tags: list[str], rest: str) -> None:
    assert split_title(title) == (tags, rest)


@given(st.text(st.sampled_from("[]★☆ 가나a"), min_size=1))
def test_no_title_becomes_empty(title: str) -> None:
    tags, rest = split_title(title)
    assert rest or not title.strip()
    assert all(tags)


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("[화분] 포장", "화분"),
        ("[개인 회원 전용] 포장", None),
        ("[공통] 포장", None),
        ("[개인 회원 전용] [화분] 포장", "화분"),
        ("[화분(도매 회원 전용)] 포장", "화분"),
        ("포장", None),
    ],
)
def test_the_first_tag_that_names_a_topic_is_the_category(title: str, category: str | None) -> None:
    (content,), _ = structured(row(1, title))
    assert (content.category, content.category_inferred) == (category, False)


def test_a_given_category_goes_before_a_tag() -> None:
    (content,), _ = structured(row(1, "[화분] 포장", category="배송"))
    assert content.category == "배송"


# Ids


def test_an_id_is_the_given_one_or_follows_from_source_and_original_title() -> None:
    (given_id, derived), _ = structured(row(1, "첫째", id="a-1"), row(2, "[화분] 둘째"))
    assert given_id.faq_id == "a-1"
    assert derived.faq_id == derived_id("shop", "[화분] 둘째") == "d4982e5364f0e5858b4d"
    assert derived_id("other", "[화분] 둘째") != derived.faq_id


def test_a_title_or_id_that_comes_again_is_told_and_left_out() -> None:
    contents, report = structured(
        row(1, "질문"),
        row(2, "질문", "다른 안내"),
        row(3, "하나", id="a"),
        row(4, "하나", id="a"),
        row(5, "둘", id="a", service_type="배달"),
    )
    assert [(one.title, one.content) for one in contents] == [("질문", "안내입니다."), ("하나", "안내입니다.")]
    assert report.bad == [
        (2, "same title as row 1"),
        (4, "same id as row 3"),
        (5, "same id as row 3, but another title"),
    ]


def test_titles_that_differ_in_their_tags_are_two_contents() -> None:
    contents, report = structured(row(1, "[화분] 포장"), row(2, "[꽃] 포장"))
    assert ([one.title for one in contents], report.bad) == (["포장", "포장"], [])


# Answers by service type


def test_rows_of_one_title_are_one_content_with_an_answer_for_each_service_type() -> None:
    contents, report = structured(
        row(1, "취소 방법", "일반 안내", similar_titles=["취소", "철회"], url="https://a.example"),
        row(2, "취소 방법", "배달 안내", service_type="배달", similar_titles=["철회", "배달 취소"]),
        row(3, "취소 방법", "포장 안내", service_type="포장"),
    )
    assert report.bad == []
    (content,) = contents
    assert content.content == "일반 안내"
    assert content.service_answers == {"배달": "배달 안내", "포장": "포장 안내"}
    assert content.answer_for("배달") == "배달 안내"
    assert content.answer_for("퀵") == content.answer_for(None) == "일반 안내"
    assert content.similar_titles == ["취소", "철회", "배달 취소"]
    assert content.url == "https://a.example"


def test_without_a_general_answer_it_is_all_of_them() -> None:
    (content,), _ = structured(
        row(1, "취소", "배달 안내", service_type="배달"), row(2, "취소", "포장 안내", service_type="포장")
    )
    assert content.content == "**배달**\n\n배달 안내\n\n**포장**\n\n포장 안내"


def test_a_content_too_large_for_the_store_is_told_and_left_out() -> None:
    large = [row(n, "취소", "가" * 50_000, service_type=f"종류 {n}") for n in range(2, 5)]
    contents, report = structured(row(1, related_titles=["취소"]), *large)
    assert [one.title for one in contents] == ["질문 1"]
    assert [number for number, _ in report.bad] == [2, 3, 4]
    assert report.bad[0][1].endswith(f"at most {MAX_CONTENT_BYTES}")
    assert report.unresolved == [(1, "취소")]


# Related titles


def test_related_titles_become_ids_in_their_order() -> None:
    contents, report = structured(
        row(1, "포장", related_titles=["★ [화분] 물주기", "[화분]  물주기", "꽃 배송", "포장", "없는 질문", "분갈이"]),
        row(2, "★ [화분] 물주기"),
        row(3, "[꽃] 꽃 배송"),
        row(4, "분갈이", id="d"),
    )
    ids = [one.faq_id for one in contents]
    assert contents[0].related_ids == [ids[1], ids[2], "d"]
    assert report.unresolved == [(1, "없는 질문")]


def test_a_full_title_goes_before_one_that_is_the_same_without_its_tags() -> None:
    contents, _ = structured(row(1, "[화분] 포장"), row(2, "포장"), row(3, related_titles=["포장"]))
    assert contents[2].related_ids == [contents[1].faq_id]


# Lost line breaks


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("눌러 주세요.1. 메뉴를 엽니다.2. 저장합니다.", "눌러 주세요.\n1. 메뉴를 엽니다.\n2. 저장합니다."),
        ("눌러 주세요 2) '저장'을 누릅니다", "눌러 주세요\n2) '저장'을 누릅니다"),
        ("됩니다.※ 참고. 안내· 하나", "됩니다.\n※ 참고. 안내· 하나"),
        ("됩니다. ·화분은 제외", "됩니다.\n·화분은 제외"),
        ("(선택) · 화분 (필수)· 꽃", "(선택)\n· 화분 (필수)\n· 꽃"),
        ("필요합니다· 화분", "필요합니다\n· 화분"),
        ("다음과 같습니다.① 하나② 둘", "다음과 같습니다.\n① 하나② 둘"),
        ("됩니다.■ 안내", "됩니다.\n■ 안내"),
    ],
)
def test_steps_notes_and_items_begin_a_line_again(text: str, restored: str) -> None:
    assert restore_lines(text) == restored


@pytest.mark.parametrize(
    "text",
    [
        "기준일은 2024. 06. 18. 이후입니다",
        "기준일은 2024.06.18. 이전입니다",
        "비율 1:1) 이미지, 17:00) 새 상품",
        "비중이 작은데(0.02) 금액은",
        "수요·공급과 필요·충분 그리고 수요 · 공급",
        "3.5점 이상, 버전 2.1) 이하",
        "총 10. 개",
        "하나\n둘\n셋\n됩니다.1. 메뉴",
    ],
    ids=["date", "tight date", "ratio and time", "decimal", "middle dot", "version", "number", "has its lines"],
)
def test_what_only_looks_like_an_item_stays(text: str) -> None:
    assert restore_lines(text) == text


@given(st.text(st.sampled_from("가다요. )]:》·※■①123\n'[") | st.characters(codec="utf-8"), max_size=60))
def test_restoring_lines_changes_nothing_but_space(text: str) -> None:
    restored = restore_lines(text)
    assert re.sub(r"\s", "", restored) == re.sub(r"\s", "", text)
    assert restored.count("\n") >= text.count("\n")
