"""Questions that no FAQ can answer, however near its titles are; and those like them that it can."""

import json

import pytest

from shared.models import Content
from shared.retrieval.intents import beyond
from tests.app import ROOT

FEES = Content(
    faq_id="a", source_id="s", title="판매 수수료는 몇 퍼센트인가요?", content="판매 수수료는 매출의 3%입니다."
)


@pytest.mark.parametrize(
    "question",
    [
        "제 이번 달 정산금이 얼마예요?",
        "이번달 저희 매출이 몇 원인지 보여주세요",
        "이번 달 정산금 얼마 들어와요?",
        "주문번호 2024-0311-8821 배송 어디까지 왔나요",
        "쿠팡이랑 여기 중에 수수료가 어디가 더 싼가요?",
        "SSG 수수료는요?",
        "이 건으로 소송하면 되나요?",
        "간이과세자로 두는 게 나을까요?",
        "내년에 수수료가 오를 예정인가요?",
        "내 이번 주 매출이 얼마예요?",
        "이번 달 내 정산금 얼마예요?",
        "어제 몇 건 팔렸어요?",
        "매출이 오늘 얼마인가요?",
        "우리 가게 방문자가 몇 명인지 알려 주세요",
        "토스로 결제되나요?",
    ],
)
def test_what_an_faq_cannot_know_is_beyond_it(question: str) -> None:
    assert beyond(question, [FEES])


@pytest.mark.parametrize(
    "question",
    [
        "판매 수수료는 몇 퍼센트인가요?",
        "수수료가 얼마인지 어디에서 보나요?",
        "제 수수료율은 어디에서 확인하나요?",
        "이번 달부터 수수료가 바뀌었나요?",
        "주문번호는 어디에 있나요?",
        "우리 가게 수수료를 줄이려면 무엇을 하면 좋을까요?",
        "오늘 주문하면 언제 도착하나요?",
        "결제 수수료는 얼마인지 알려주세요",
        "현재 가온페이 결제 수수료는 얼마인가요?",
        "지금 주문하면 배송비는 얼마예요?",
        "이번 달 판매 수수료는 얼마인가요?",
        "문제 상품 이미지 몇 개인지 조회 방법 알려주세요",
        "국내 배송비가 얼마인지 알려 주세요",
        "기간 내 반품은 몇 개까지인지 조회할 수 있나요?",
        "7일 내 취소는 몇 번까지인지 알려 주세요",
        "제 3자 제공 동의는 몇 번 하는지 알려 주세요",
        "포토스튜디오 예약은 어떻게 하나요?",
        "토스트기 등록은 어떤 카테고리인가요?",
        "광고소재는 어디에 올리나요?",
    ],
)
def test_what_it_may_know_is_not(question: str) -> None:
    assert not beyond(question, [FEES])


def test_an_faq_that_speaks_of_the_same_knows_it() -> None:
    about = FEES.model_copy(
        update={"content": "쿠팡과 달리 월 이용료가 없습니다. 소송에 필요한 자료는 고객센터가 드립니다."}
    )
    assert not beyond("쿠팡처럼 월 이용료가 있나요?", [FEES, about])
    assert not beyond("소송에 쓸 자료를 받고 싶어요", [about, FEES])


def test_no_title_of_the_sample_is_beyond_its_own_content() -> None:
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    contents = [Content(faq_id=one["id"], source_id="s", title=one["title"], content=one["content"]) for one in rows]
    assert [one.title for one in contents if beyond(one.title, [one])] == []
