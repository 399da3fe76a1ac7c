"""What is shown as a source, and what is suggested."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.answering.decision import MAX_SOURCES, MAX_SUGGESTIONS, led_by, margin_of, sources_of, suggest
from shared.models import Answer, Content, Decision, rests_on
from shared.retrieval.base import Found, Measured, Ranked
from tests.answering.turns import answered

TITLES = ["반품 신청", "교환 접수", "정산 주기", "쿠폰 발급", "회원 탈퇴", "포인트 적립", "재고 확인"]


def content(title: str, **others: Any) -> Content:
    return Content(faq_id=title, source_id="s", title=title, content="내용", **others)


def found(decision: Decision, contents: Sequence[Content], near: Collection[int] = range(99)) -> Found:
    """The contents, best first, of which those at the places `near` come near."""
    ranked = [Ranked(one, 0.9 - n / 100, {}, one.title, near=n in near) for n, one in enumerate(contents)]
    return Found(ranked, decision, "질문", 0.7)


def suggested(
    decision: Decision,
    contents: Sequence[Content],
    near: Collection[int] = range(99),
    related: Sequence[Content] = (),
    asked: Sequence[str] = (),
    told: Collection[str] = (),
    service_type: str | None = None,
) -> list[str]:
    given = suggest(found(decision, contents, near), related, service_type, asked=asked, told=told)
    return [one.faq_id for one in given]


CONTENTS = [content(title) for title in TITLES]


def test_sources_are_the_best_five_numbered_from_one_with_those_marked_that_are_cited() -> None:
    sources = sources_of(found("answer", CONTENTS), cited=[2])
    assert [source.n for source in sources] == list(range(1, MAX_SOURCES + 1))
    assert [source.faq_id for source in sources] == TITLES[:MAX_SOURCES]
    assert [source.n for source in sources if source.cited] == [2]


def test_after_an_answer_the_next_best_are_suggested_never_the_answer_itself() -> None:
    assert suggested("answer", CONTENTS, told=[TITLES[0]]) == TITLES[1 : 1 + MAX_SUGGESTIONS]


def test_what_the_operator_related_to_the_answer_comes_first() -> None:
    related = [CONTENTS[6], CONTENTS[0], CONTENTS[5]]
    assert suggested("answer", CONTENTS, related=related, told=[TITLES[0]]) == ["재고 확인", "포인트 적립", "교환 접수"]


@pytest.mark.parametrize("decision", ["answer", "refuse", "clarify"])
def test_only_what_comes_near_is_suggested_wherever_it_is_ranked(decision: Decision) -> None:
    assert suggested(decision, CONTENTS, near={1, 4}) == [TITLES[1], TITLES[4]]


@pytest.mark.parametrize("decision", ["answer", "refuse"])
def test_where_nothing_comes_near_nothing_is_suggested(decision: Decision) -> None:
    assert suggested(decision, CONTENTS, near=()) == []


def test_who_is_asked_back_has_the_first_to_choose_however_far() -> None:
    assert suggested("clarify", CONTENTS, near=()) == TITLES[:1]
    assert suggested("clarify", CONTENTS, near=(), told=TITLES[:2]) == [TITLES[2]]


@pytest.mark.parametrize("decision", ["answer", "clarify", "refuse"])
def test_what_was_answered_in_the_session_is_not_suggested_again(decision: Decision) -> None:
    related = [CONTENTS[0], CONTENTS[2]]
    shown = suggested(decision, CONTENTS, related=related, told=[TITLES[0], TITLES[1]])
    assert shown == ["정산 주기", "쿠폰 발급", "회원 탈퇴"]


def test_an_answer_rests_on_what_it_cites_else_on_the_first_and_nothing_else_is_an_answer() -> None:
    cited = sources_of(found("answer", CONTENTS), cited=[2, 4])
    assert [one.n for one in rests_on(Answer(decision="answer", sources=cited))] == [2, 4]
    assert [one.n for one in rests_on(Answer(decision="answer", sources=sources_of(found("answer", CONTENTS))))] == [1]
    assert rests_on(answered("질문", "FAQ", "clarify")) == []
    assert rests_on(Answer(decision="answer")) == []


def test_the_first_cited_content_leads_not_the_first_that_was_ranked() -> None:
    searched = found("answer", CONTENTS)
    lead = led_by(searched, rests_on(Answer(decision="answer", sources=sources_of(searched, cited=[3, 2]))))
    assert lead and lead.content is CONTENTS[1]
    assert led_by(searched, []) is None


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
    assert suggested("answer", [CONTENTS[0], content("반품 신청?"), CONTENTS[1]], told=[TITLES[0]]) == ["교환 접수"]


def test_what_is_for_another_service_type_only_is_not_suggested() -> None:
    other, own = (
        content("셀러 정산", service_answers={"셀러": "답"}),
        content("구매 확정", service_answers={"구매": "답"}),
    )
    contents = [other, own, CONTENTS[0]]
    assert suggested("clarify", contents, service_type="구매") == ["구매 확정", "반품 신청"]
    assert suggested("clarify", contents) == ["셀러 정산", "구매 확정", "반품 신청"]


def test_a_suggestion_is_asked_with_its_tags() -> None:
    [one] = suggest(found("clarify", [content("교환 접수", tags=["배송", "주문"])]), [], None)
    assert one.text == "[배송] [주문] 교환 접수"


@pytest.mark.parametrize(
    ("decision", "confidence", "answer_from", "margin"),
    [
        ("answer", 0.9, 0.8, 0.5),
        ("answer", 0.8, 0.8, 0.0),
        ("clarify", 0.6, 0.8, -1.0),
        ("answer", 1.0, 1.0, 0.0),
        ("refuse", 0.9, 0.8, None),
    ],
)
def test_a_margin_is_how_sure_a_search_was_beyond_what_answers_take(
    decision: Decision, confidence: float, answer_from: float, margin: float | None
) -> None:
    searched = replace(found(decision, CONTENTS), confidence=confidence, measured=Measured(3.0, 1.0, answer_from))
    assert margin_of(searched) == margin


def test_what_no_confidence_decided_has_no_margin() -> None:
    measured = Measured(3.0, 1.0, 0.8)
    assert margin_of(found("answer", CONTENTS)) is None
    assert margin_of(replace(found("clarify", []), measured=measured)) is None
    assert margin_of(replace(found("answer", CONTENTS), asked=f"{TITLES[0]}?", measured=measured)) is None
