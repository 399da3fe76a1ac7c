"""What a question is about, and which links go with it."""

import pytest

from shared.answering.classify import ask_category, category_of, links_for
from shared.bot import Bot, Category, Link
from shared.errors import LlmUnavailable
from shared.llm.base import Usage
from shared.llm.openai_chat import OpenAIChat
from shared.llm.planning import CLASSIFY
from shared.models import Content
from shared.retrieval.base import Ranked
from tests.fakes.openai_replies import Reply, ToolCall
from tests.fakes.openai_server import FakeOpenAI

DELIVERY, MONEY = Category(name="배송", words=["택배", "송장"]), Category(name="정산", words=["정산금"])
BOT = Bot(categories=[DELIVERY, MONEY])


def ranked(category: str | None, score: float) -> Ranked:
    content = Content(
        faq_id=f"{category}-{score}", source_id="default", title="제목", content="내용", category=category
    )
    return Ranked(content, score, {}, "제목")


# Offline


def test_a_word_of_the_question_names_the_category() -> None:
    assert category_of(BOT, "송장 번호를 잘못 넣었어요", [ranked("정산", 0.9)]) == "배송"


def test_without_such_a_word_the_best_contents_vote_by_their_scores() -> None:
    votes = [ranked("배송", 0.9), ranked("정산", 0.5), ranked("정산", 0.5), ranked("배송", 0.9)]
    assert category_of(BOT, "언제 오나요?", votes) == "정산"


def test_a_category_that_the_bot_does_not_list_has_no_vote() -> None:
    assert category_of(BOT, "언제 오나요?", [ranked("입점", 0.9), ranked(None, 0.8)]) is None


def test_a_bot_without_categories_has_those_of_its_contents() -> None:
    assert category_of(Bot(), "언제 오나요?", [ranked("입점", 0.9)]) == "입점"


# By a model


async def chosen(llm: FakeOpenAI, *arguments: str) -> str | None:
    llm.enqueue(Reply(tool_calls=tuple(ToolCall(CLASSIFY, (one,)) for one in arguments)))
    model = OpenAIChat("any", llm.base_url, "fake-chat", 200, 5, 5)
    return await ask_category(model, BOT, "언제 오나요?", Usage())


@pytest.mark.anyio
async def test_a_model_chooses_one_of_the_bots_categories(llm: FakeOpenAI) -> None:
    assert await chosen(llm, '{"category": "정산"}') == "정산"
    function = llm.requests[0].body["tools"][0]["function"]
    assert function["parameters"]["properties"]["category"]["enum"] == ["배송", "정산", None]


@pytest.mark.anyio
@pytest.mark.parametrize("said", [(), ('{"category": null}',)])
async def test_a_model_may_know_none(llm: FakeOpenAI, said: tuple[str, ...]) -> None:
    assert await chosen(llm, *said) is None


@pytest.mark.anyio
@pytest.mark.parametrize("said", ['{"category": "환불"}', "{}", "배송", "[]", '{"category": ["배송"]}'])
async def test_what_is_no_category_of_the_bot_is_not_taken(llm: FakeOpenAI, said: str) -> None:
    with pytest.raises(LlmUnavailable):
        await chosen(llm, said)


# Links


def link(title: str, category: str | None = None, *words: str) -> Link:
    return Link(title=title, url="https://help.example.com", category=category, words=list(words))


def test_links_that_a_word_names_come_before_those_of_the_category() -> None:
    bot = Bot(links=[link("배송 조회", "배송"), link("정산 달력", "정산"), link("반품 신청", None, "반품")])
    found = links_for(bot, "배송", "반품 택배는 누가 부르나요?")
    assert [one.title for one in found] == ["반품 신청", "배송 조회"]


def test_at_most_three_links_are_shown_each_once() -> None:
    bot = Bot(links=[link(f"안내 {n}", "배송", "배송") for n in range(5)])
    assert [one.title for one in links_for(bot, "배송", "배송 언제 와요?")] == ["안내 0", "안내 1", "안내 2"]


def test_a_word_of_signs_alone_names_nothing() -> None:
    assert links_for(Bot(links=[link("모든 것", None, "?!")]), None, "배송 언제 와요?!") == []
