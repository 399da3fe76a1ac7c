"""What is shown as a source, and what is suggested."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.answering.decision import MAX_SOURCES, MAX_SUGGESTIONS, sources_of, suggest
from shared.models import Content, Decision
from shared.retrieval.base import Found, Ranked
from tests.answering.turns import answered, turn

TITLES = ["반품 신청", "교환 접수", "정산 주기", "쿠폰 발급", "회원 탈퇴", "포인트 적립", "재고 확인"]


def content(title: str, **others: Any) -> Content:
    return Content(faq_id=title, source_id="s", title=title, content="내용", **others)


def found(decision: Decision, contents: Sequence[Content], suggested: int = 99) -> Found:
    ranked = [Ranked(one, 0.9 - n / 100, {}, one.title) for n, one in enumerate(contents)]
    return Found(ranked, decision, "질문", 0.7, min(suggested, len(ranked)))


def suggested(
    decision: Decision,
    contents: Sequence[Content],
    near: int = 99,
    related: Sequence[Content] = (),
    asked: Sequence[str] = (),
    service_type: str | None = None,
) -> list[str]:
    history = [turn(message) for message in asked]
    return [one.faq_id for one in suggest(found(decision, contents, near), related, history, service_type)]


CONTENTS = [content(title) for title in TITLES]


def test_sources_are_the_best_five_numbered_from_one_with_those_marked_that_are_cited() -> None:
    sources = sources_of(found("answer", CONTENTS), cited=[2])
    assert [source.n for source in sources] == list(range(1, MAX_SOURCES + 1))
    assert [source.faq_id for source in sources] == TITLES[:MAX_SOURCES]
    assert [source.n for source in sources if source.cited] == [2]


def test_after_an_answer_the_next_best_are_suggested_never_the_answer_itself() -> None:
    assert suggested("answer", CONTENTS) == TITLES[1 : 1 + MAX_SUGGESTIONS]


def test_what_the_operator_related_to_the_answer_comes_first() -> None:
    related = [CONTENTS[6], CONTENTS[0], CONTENTS[5]]
    assert suggested("answer", CONTENTS, related=related) == ["재고 확인", "포인트 적립", "교환 접수"]


def test_after_an_answer_only_neighbours_that_come_near_are_suggested() -> None:
    assert suggested("answer", CONTENTS, near=2) == ["교환 접수"]
    assert suggested("answer", CONTENTS, near=0) == []


def test_who_is_asked_back_may_choose_among_the_best_however_far() -> None:
    assert suggested("clarify", CONTENTS, near=0) == TITLES[:MAX_SUGGESTIONS]


def test_what_was_answered_in_the_session_is_not_suggested_again() -> None:
    history = [answered("처음", TITLES[1]), answered("반품 어떻게 해요", TITLES[0])]
    shown = [one.faq_id for one in suggest(found("clarify", CONTENTS), [], history, None)]
    assert not {TITLES[0], TITLES[1]} & set(shown) and shown


def test_after_a_refusal_only_what_came_near_is_suggested() -> None:
    assert suggested("refuse", CONTENTS, near=2) == TITLES[:2]
    assert suggested("refuse", CONTENTS, near=0) == []


@pytest.mark.parametrize("decision", ["answer", "clarify", "refuse"])
def test_where_nothing_was_found_nothing_is_suggested(decision: Decision) -> None:
    assert suggested(decision, []) == []


@pytest.mark.parametrize("asked", ["교환 접수", " 교환 접수 ", "교환접수?", "[배송] 교환 접수", "물건 바꾸기"])
def test_what_was_asked_in_the_session_is_not_suggested_again(asked: str) -> None:
    contents = [*CONTENTS[:1], content("교환 접수", tags=["배송"], similar_titles=["물건 바꾸기"]), *CONTENTS[2:]]
    assert suggested("clarify", contents, asked=["처음 질문", asked, "마지막 질문"]) == [
        "반품 신청",
        "정산 주기",
        "쿠폰 발급",
    ]


def test_of_titles_that_ask_the_same_only_the_first_is_suggested() -> None:
    alike = [content("스마트스토어 반품 신청 방법"), content("스마트스토어 반품 신청방법은?"), content("★")]
    assert suggested("clarify", [*alike, CONTENTS[2]]) == ["스마트스토어 반품 신청 방법", "★", "정산 주기"]


def test_titles_that_their_tags_alone_tell_apart_are_both_suggested() -> None:
    twins = [content("대출 자격 기준", tags=[tag]).model_copy(update={"faq_id": tag}) for tag in ("은행", "카드")]
    assert suggested("clarify", twins) == ["은행", "카드"]


def test_what_asks_the_same_as_the_answer_is_not_suggested() -> None:
    assert suggested("answer", [CONTENTS[0], content("반품 신청?"), CONTENTS[1]]) == ["교환 접수"]


def test_what_is_for_another_service_type_only_is_not_suggested() -> None:
    other, own = (
        content("셀러 정산", service_answers={"셀러": "답"}),
        content("구매 확정", service_answers={"구매": "답"}),
    )
    contents = [other, own, CONTENTS[0]]
    assert suggested("clarify", contents, service_type="구매") == ["구매 확정", "반품 신청"]
    assert suggested("clarify", contents) == ["셀러 정산", "구매 확정", "반품 신청"]


def test_a_suggestion_is_asked_with_its_tags() -> None:
    [one] = suggest(found("clarify", [content("교환 접수", tags=["배송", "주문"])]), [], [], None)
    assert one.text == "[배송] [주문] 교환 접수"
