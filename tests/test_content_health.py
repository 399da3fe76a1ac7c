"""What an operator is told of a content beside its neighbours, and what nobody is bothered with."""

import json
from pathlib import Path

import pytest

from shared.content_health import NEIGHBOURS, beside, findings
from shared.desk_suggestion import REVIEW
from shared.models import Content, SummaryTitle

ROOT = Path(__file__).parent.parent
WORDS = ("배송 지연과 보상을", "정산 주기와 수수료를", "쿠폰 발급과 사용처를", "탈퇴 절차와 유예를")


def content(faq_id: str, title: str, text: str, *similar: str, **services: str) -> Content:
    return Content(
        faq_id=faq_id,
        source_id="default",
        title=title,
        content=text,
        similar_titles=list(similar),
        service_answers=services,
    )


REFUND = content("refund", "환불은 며칠 걸리나요?", "환불은 접수하고 나서 3일 안에 처리됩니다.", "환불 언제 되나요")


def kinds(one: Content, *others: Content, services: tuple[str, ...] = ()) -> list[str]:
    return [found.kind for found in findings(one, others, services)]


@pytest.mark.parametrize(
    ("text", "contradicts"),
    [
        ("환불은 접수하고 나서 5일 안에 처리됩니다.", True),
        ("환불은 접수하고 나서 사흘 안에 처리됩니다.", False),
        ("환불은 접수하고 나서 빠르게 처리됩니다.", False),
        ("교환 상품은 5일 뒤에 발송됩니다.", False),
        ("환불은 접수하고 나서 3일 안에 처리되며 수수료는 1,000원입니다.", False),
    ],
)
def test_figures_of_sentences_that_say_the_same_are_compared(text: str, contradicts: bool) -> None:
    other = content("other", "취소하면 돈은 언제 돌려받나요?", text, "돈 언제 들어와요")
    assert ("contradiction" in kinds(REFUND, other)) is contradicts


def test_a_contradiction_shows_both_sentences() -> None:
    other = content(
        "other",
        "취소",
        "환불은 접수하고 나서 5일 안에 처리됩니다.\n문의는 채팅으로 해 주세요. 담당자가 확인한 뒤에 알려 드립니다.",
        "취소",
    )
    (found,) = findings(REFUND, [other], ())
    assert (found.faq_id, found.title) == ("other", "취소")
    assert found.here is not None and "3" in found.here
    assert found.there is not None and "5" in found.there


@pytest.mark.parametrize(
    ("other", "duplicates"),
    [
        (
            content("other", "환불은 며칠 걸리나요", "전혀 다른 글입니다. 여기에는 다른 내용만 있습니다.", "다른 제목"),
            True,
        ),
        (content("other", "다른 제목", "전혀 다른 글입니다.", "환불 언제 되나요?"), True),
        (content("other", "다른 제목", f"{REFUND.content} 감사합니다.", "다른"), True),
        (content("other", "교환은 며칠 걸리나요?", "교환은 상품을 받은 뒤에 새 상품을 보냅니다.", "교환 언제"), False),
    ],
)
def test_a_title_or_a_text_that_another_has_is_a_duplicate(other: Content, duplicates: bool) -> None:
    assert ("duplicate" in kinds(REFUND, other)) is duplicates


def test_neighbours_are_compared_as_they_are_drafted_with_the_drafts_that_no_search_finds() -> None:
    found = [content("claim", "취소는 어떻게 하나요?", "취소"), content("gone", "사라질 콘텐츠", "없음")]
    drafts = {
        "claim": content("claim", "취소는 어떻게 하나요?", "취소는 마이페이지에서 합니다."),
        "gone": None,
        "refund": REFUND,
        **{f"far-{n}": content(f"far-{n}", f"전혀 다른 이야기 {n}", "쿠폰을 받습니다.") for n in range(9)},
        "twin": content("twin", "환불은 며칠이나 걸려요?", "환불은 접수하고 나서 5일 안에 처리됩니다.", "환불"),
    }
    chosen = beside(REFUND, found, drafts)
    assert [one.faq_id for one in chosen[:2]] == ["claim", "twin"]
    assert chosen[0].content == "취소는 마이페이지에서 합니다."
    assert len(chosen) == 1 + NEIGHBOURS
    assert kinds(REFUND, *chosen) == ["duplicate", "contradiction"]  # both of the twin


def test_what_is_missing_is_told() -> None:
    assert kinds(content("a", "제목", "글")) == ["no_similar_title"]
    accepted = SummaryTitle(text="돈 언제 와요", model="m", made_from="x", accepted=True)
    assert kinds(content("a", "제목", "글").model_copy(update={"summary_titles": [accepted]})) == []
    some = content("a", "제목", "글", "비슷한", 배민1="답")
    (found,) = findings(some, [], ("배민1", "가게배달"))
    assert (found.kind, found.message) == ("missing_services", "답변이 없는 서비스 유형이 있습니다: 가게배달")
    assert kinds(content("a", "제목", "글", "비슷한"), services=("배민1", "가게배달")) == []


def test_the_line_of_a_draft_that_nobody_has_reviewed_is_told() -> None:
    (found,) = findings(content("a", "제목", f"{REVIEW}\n\n글", "비슷한"), [], ())
    assert (found.kind, found.here) == ("not_reviewed", REVIEW)
    assert kinds(content("a", "제목", "글", "비슷한", 배민1=f"{REVIEW}\n글")) == ["not_reviewed"]


def test_a_sentence_that_several_repeat_is_boilerplate() -> None:
    tail = "더 궁금한 점은 고객센터로 문의해 주시기 바랍니다."
    one = content("a", "가", f"첫째 글이며 가입 방법을 자세히 알려 드립니다.\n{tail}", "가나")
    others = [content(f"b{n}", f"제목 {n}", f"{WORDS[n]} 설명합니다.\n{tail}", f"나{n}") for n in range(4)]
    (found,) = findings(one, others, ())
    assert (found.kind, found.here) == ("boilerplate", tail)
    assert kinds(one, *others[:2]) == []


def test_of_the_sample_faq_hardly_anything_is_told() -> None:
    """Every content beside every other of its category: it repeats nothing, and contradicts itself nowhere."""
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()
    groups: dict[str, list[Content]] = {}
    for n, row in enumerate(map(json.loads, lines)):
        groups.setdefault(str(row.get("category")), []).append(content(str(n), row["title"], row["content"], "x"))
    found = [
        finding
        for group in groups.values()
        for one in group
        for finding in findings(one, [other for other in group if other is not one], ())
        if finding.kind in ("duplicate", "contradiction") and "제목" not in finding.message
    ]
    assert len(found) <= 15, [(one.here, one.there) for one in found]
