"""What an answer suggests to ask next: never what it, or an answer before it, was drawn from."""

from collections.abc import Sequence

import pytest

from shared.answering.case import Parts
from shared.answering.pipeline import Answering
from shared.bot import Bot
from shared.llm.openai_chat import OpenAIChat
from shared.models import Answer, Content, Source, Turn
from shared.retrieval.base import Found, Ranked
from tests.answering.turns import turn
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.search import FakeSearch

QUESTION = "정산은 언제 되나요?"
TITLES = ["정산 주기", "반품 접수", "쿠폰 발급", "회원 탈퇴", "재고 확인", "포인트 적립"]
CONTENTS = [
    Content(
        faq_id=title,
        source_id="default",
        title=title,
        content=f"{title}의 내용입니다.",
        related_ids={"정산 주기": ["포인트 적립"], "반품 접수": ["재고 확인", "회원 탈퇴"]}.get(title, []),
    )
    for title in TITLES
]
FOUND = Found(
    [Ranked(one, 1.0, {"title": 0.9}, one.title, near=True, related=one.related_ids[:1]) for one in CONTENTS],
    "answer",
    QUESTION,
    0.9,
)

pytestmark = pytest.mark.anyio


async def answer(llm: FakeOpenAI | None, history: Sequence[Turn] = ()) -> Answer:
    model = OpenAIChat("any", llm.base_url, "fake-chat", 200, 10, 5) if llm else None
    answering = Answering(Parts(Bot(), {"default": FakeSearch(FOUND)}, chat_model=model), turn(QUESTION), history)
    async for _ in answering.events():
        pass
    return answering.answer


def suggested(found: Answer) -> list[str]:
    return [one.faq_id for one in found.suggestions]


async def test_related_contents_of_what_was_cited_come_first_if_they_come_near_and_what_was_cited_never(
    llm: FakeOpenAI,
) -> None:
    llm.enqueue("반품 접수의 내용입니다. [2]")
    assert suggested(await answer(llm)) == ["재고 확인", "정산 주기", "쿠폰 발급"]


async def test_without_a_model_the_first_content_leads() -> None:
    assert suggested(await answer(None)) == ["포인트 적립", "반품 접수", "쿠폰 발급"]


async def test_what_an_earlier_answer_cited_is_not_suggested_but_what_it_only_found_may_be() -> None:
    sources = [
        Source(n=n, faq_id=title, title=title, matched_subject=title, score=1.0, cited=n == 2)
        for n, title in enumerate(TITLES[1:3], 1)
    ]
    before = turn("쿠폰은요?").model_copy(update={"sources": sources, "decision": "answer"})
    assert suggested(await answer(None, [before])) == ["포인트 적립", "반품 접수", "회원 탈퇴"]
