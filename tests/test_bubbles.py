"""The bubbles that a conversation goes on by: their golden examples, their schema, and the addresses behind them."""

import json
import re
import time
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scripts import schema
from shared import bubbles
from shared.answering.afterwards import NOTE_FROM_FAQ
from shared.answering.endings import break_off
from shared.answering.tapping import tapped
from shared.bot import Bot, Category, Link, VectorSource
from shared.errors import LlmUnavailable
from shared.indexing.preprocess import CleanRow
from shared.indexing.structure import StructureReport, structure
from shared.links import Allowed
from shared.models import Answer, Bubble, BubbleType, Content, Media, Suggestion
from shared.popular import Outline, PopularQuestion, popular_answer
from tests.app import ROOT

GOLDEN = ROOT / "tests" / "golden" / "bubbles.json"
BOT = Bot(bot_id="delivery", name="가온배달", service_types=["배민1", "가게배달"])
FEE = Content(
    faq_id="fee-001",
    source_id="default",
    title="배달비는 얼마인가요?",
    content="서비스마다 다릅니다.",
    service_answers={"배민1": "거리에 따라 다릅니다.", "가게배달": "가게가 정합니다."},
    related_ids=["fee-002"],
    category="배달",
)
TIME = Content(faq_id="fee-002", source_id="default", title="배달은 얼마나 걸리나요?", content="30분쯤 걸립니다.")
SUGGESTED = [Suggestion(text=TIME.title, faq_id=TIME.faq_id)]


ASKED = [PopularQuestion(text=TIME.title, faq_id=TIME.faq_id, count=12)]
SHOWN = TIME.model_copy(
    update={
        "media": [
            Media(kind="image", url="https://img.gaonmarket.example/1.png", caption="주문 화면"),
            Media(kind="video", url="https://img.gaonmarket.example/2.mp4"),
        ]
    }
)


def said_beside() -> list[Bubble]:
    """What may stand beside an answer's text, and how an answer breaks."""
    break_off(failed := Answer(), LlmUnavailable(), time.perf_counter())
    link = Link(title="배달 안내", url="https://gaonmarket.example/delivery")
    return [bubbles.link_list([link]), bubbles.notice(NOTE_FROM_FAQ), *failed.bubbles]


def examples() -> list[Bubble]:
    """One of each type that the server makes itself, as it makes them."""
    return [
        *bubbles.entry(BOT, ["배달", "결제·환불"]),
        *bubbles.entry(BOT, [], pinned="오늘은 배달이 늦어질 수 있어요.")[1:],
        *bubbles.following(BOT, "answer", None, SUGGESTED),
        *bubbles.following(BOT, "refuse", None, SUGGESTED),
        *tapped(BOT, FEE, [TIME], None).bubbles[1:],
        *tapped(BOT, FEE, [TIME], "배민1").bubbles[:1],
        *popular_answer(BOT, None, {None: ASKED}, Outline).bubbles,
        bubbles.feedback_request(BOT.bot_id, "01JD0000000000000000000000"),
        bubbles.feedback_form(BOT, "01JD0000000000000000000000"),
        *bubbles.media_bubbles(SHOWN),
        *said_beside(),
    ]


def test_the_bubbles_are_those_of_the_golden_file() -> None:
    """`python -m tests.test_bubbles` writes it anew; pages and programs of others are made after it."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert [one.model_dump(exclude_none=True) for one in examples()] == golden


def test_an_icon_is_an_emoji_where_it_says_what_a_bubble_is() -> None:
    icons = {(one.bubble_type, one.icon) for one in examples() if one.icon}
    assert icons == {("notice", "📌"), ("link", "🔗"), ("faq_list", "🔥")}


def test_the_schema_is_the_codes() -> None:
    assert schema.main(["--check"]) == 0


def test_the_golden_bubbles_are_as_the_schema_says() -> None:
    validator = Draft202012Validator(json.loads(schema.SCHEMA.read_text(encoding="utf-8")))
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert [problem.message for one in golden for problem in validator.iter_errors(one)] == []
    assert not validator.is_valid(golden[0] | {"bubble_type": "card"})


def test_there_is_a_golden_bubble_of_every_type() -> None:
    assert {one.bubble_type for one in examples()} == set(get_args(BubbleType))


@given(st.text(min_size=1, max_size=60), st.none() | st.text(min_size=1, max_size=20))
def test_an_address_leads_back_to_what_it_was_made_of(faq_id: str, service_type: str | None) -> None:
    url = urlsplit(bubbles.ask_url(Bot(), faq_id, service_type))
    assert (url.scheme, url.netloc) == ("", "")
    assert re.fullmatch(r"/v1/faqs/[^/?#]+/ask", url.path)
    asked = parse_qs(url.query, keep_blank_values=True)
    assert asked.get("service_type", [None]) == [service_type]


def in_a_browser(keys: list[str]) -> list[str]:
    """In the order of a JavaScript object: array indexes first, by size, then what else there is."""
    indexes = [one for one in keys if one.isascii() and one.isdigit() and str(int(one)) == one and int(one) < 2**32 - 1]
    return sorted(indexes, key=int) + [one for one in keys if one not in indexes]


@given(st.lists(st.integers(0, 10**11).map(str) | st.text(min_size=1, max_size=4), unique=True))
@example(["2025", "배송", "7", "0", "10"])
def test_choices_stay_in_order_in_a_browser(labels: list[str]) -> None:
    """JavaScript puts keys that read as indexes before all others; the page and its types keep a plain object."""
    made = Bubble(
        bubble_id="b1", bubble_type="guide", description="", info_map={one: f"/v1/{n}" for n, one in enumerate(labels)}
    )
    assert made.info_map is not None
    assert in_a_browser(list(made.info_map)) == list(made.info_map)
    assert [key.removesuffix("\u2060") for key in made.info_map] == [one.removesuffix("\u2060") for one in labels]
    assert Bubble.model_validate(made.model_dump()) == made


@pytest.mark.parametrize(
    "parts",
    [
        {"next_action": "https://evil.example/v1/faqs"},
        {"next_action": "//evil.example/v1/"},
        {"next_action": "/v1/faqs'onclick"},
        {"info_map": {"보기": "javascript:alert(1)"}},
        {"info_map": {"보기": "/v2/faqs"}},
        {"source_url": ["http://img.example/1.png"]},
        {"source_url": ["https://img.example/1.png", "data:image/png;base64,AA"]},
        {"guide_url": "http://help.example"},
    ],
)
def test_the_schema_tells_where_a_bubble_may_lead(parts: dict[str, object]) -> None:
    validator = Draft202012Validator(json.loads(schema.SCHEMA.read_text(encoding="utf-8")))
    bubble = {"bubble_id": "b1", "bubble_type": "guide", "description": ""}
    right = {
        "next_action": "/v1/faqs/popular?bot=a&category=%EB%B0%B0",
        "info_map": {"보기": "/v1/faqs/a%2Fb/ask?bot=a"},
        "source_url": ["https://img.example/1.png?w=1#t"],
        "guide_url": "https://help.example/가",
    }
    assert validator.is_valid(bubble | right)
    assert not validator.is_valid(bubble | right | parts)


def test_a_stored_bubble_is_read_whatever_it_leads_to() -> None:
    kept = {"bubble_id": "b1", "bubble_type": "image", "description": "", "source_url": ["http://old.example/1.png"]}
    assert Bubble.model_validate(kept).source_url == ["http://old.example/1.png"]


# What follows a decision


def kinds(found: list[Bubble]) -> list[str]:
    return [one.bubble_type for one in found]


def test_an_answer_is_followed_by_similar_questions() -> None:
    (found,) = bubbles.following(BOT, "answer", None, SUGGESTED)
    assert found.bubble_type == "similar_questions"
    assert found.info_map == {TIME.title: "/v1/faqs/fee-002/ask?bot=delivery"}


def test_who_is_refused_is_shown_where_to_begin() -> None:
    assert kinds(bubbles.following(BOT, "refuse", None, [])) == ["guide"]
    assert kinds(bubbles.following(BOT, "refuse", None, SUGGESTED)) == ["faq_list", "guide"]


@pytest.mark.parametrize("kind", ["greeting", "thanks", "banned", "injection", "short"])
def test_no_fixed_reply_is_a_dead_end(kind: str) -> None:
    assert kinds(bubbles.following(BOT, "fixed", kind, [])) == ["guide"]


def test_a_bot_without_contents_shows_no_way_to_them() -> None:
    api = {
        "kind": "http",
        "source_id": "jobs",
        "name": "채용",
        "description": "공고를 찾습니다.",
        "url": "https://api.example/jobs",
        "parameters": {"type": "object", "properties": {}},
        "fields": {"title": {"path": "title", "label": "제목"}},
    }
    assert bubbles.following(Bot.model_validate({"sources": [api]}), "refuse", None, []) == []


# Service types


def test_a_content_with_answers_for_several_services_asks_which() -> None:
    answer = tapped(BOT, FEE, [TIME], None)
    assert (answer.decision, answer.search_completed) == ("clarify", False)
    assert kinds(answer.bubbles) == ["text", "guide"]
    assert answer.bubbles[1].info_map == {
        "배민1": "/v1/faqs/fee-001/ask?bot=delivery&service_type=%EB%B0%B0%EB%AF%BC1",
        "가게배달": "/v1/faqs/fee-001/ask?bot=delivery&service_type=%EA%B0%80%EA%B2%8C%EB%B0%B0%EB%8B%AC",
    }


def test_with_a_service_its_own_answer_is_given_and_marked() -> None:
    answer = tapped(BOT, FEE, [TIME], "가게배달")
    assert "가게가 정합니다." in answer.text
    assert "거리에" not in answer.text
    assert (answer.decision, answer.bubbles[0].service_type) == ("answer", "가게배달")


@pytest.mark.parametrize("service_type", [None, "배민1"])
def test_a_bot_without_services_does_not_ask_for_one(service_type: str | None) -> None:
    assert tapped(Bot(), FEE, [], service_type).decision == "answer"


def test_a_service_without_an_answer_of_its_own_gets_the_general_one() -> None:
    bot = BOT.model_copy(update={"service_types": [*BOT.service_types, "포장"]})
    answer = tapped(bot, FEE, [], "포장")
    assert answer.decision == "answer"
    assert "서비스마다 다릅니다." in answer.text


def test_a_content_for_other_services_alone_says_so() -> None:
    bot = BOT.model_copy(update={"service_types": [*BOT.service_types, "포장"]})
    rows = [
        CleanRow(row=n, title="배달비는?", content=f"{kind} 답", service_type=kind)
        for n, kind in enumerate(BOT.service_types)
    ]
    for some in (rows, rows[:1]):
        (content,) = structure(some, "default", StructureReport())
        answer = tapped(bot, content, [], "포장")
        told = [one.description for one in answer.bubbles if one.bubble_type == "notice"]
        assert answer.decision == "answer" and len(told) == 1
        assert all(f"'{one}'" in told[0] for one in ("포장", *(row.service_type for row in some)))
        assert "notice" not in kinds(tapped(bot, content, [], "배민1").bubbles)
        assert "notice" not in kinds(tapped(bot, content, [], None).bubbles)


def test_a_general_answer_is_for_every_service() -> None:
    bot = BOT.model_copy(update={"service_types": [*BOT.service_types, "포장"]})
    assert "notice" not in kinds(tapped(bot, FEE, [], "포장").bubbles)


def test_a_service_that_the_bot_does_not_know_is_asked_for() -> None:
    assert tapped(BOT, FEE, [], "퀵").decision == "clarify"


def test_similar_questions_are_about_the_same_service() -> None:
    (similar,) = [one for one in tapped(BOT, FEE, [TIME], "배민1").bubbles if one.bubble_type == "similar_questions"]
    assert all("service_type=" in url for url in (similar.info_map or {}).values())


def test_one_service_alone_leaves_nothing_to_choose() -> None:
    one = FEE.model_copy(update={"service_answers": {"배민1": "거리에 따라 다릅니다."}})
    assert tapped(BOT, one, [], None).decision == "answer"


def test_a_content_that_is_related_to_itself_is_not_suggested() -> None:
    assert tapped(BOT, TIME, [TIME, FEE], None).suggestions == [
        Suggestion(text=FEE.title, faq_id=FEE.faq_id, source_id="default")
    ]


# What stands beside an answer, as beside one that was typed


def test_a_tapped_answer_shows_the_links_of_its_category_where_they_may_lead() -> None:
    help_page, other = "https://help.gaonmarket.example/fee", "https://other.example/fee"
    links = [Link(title="배달 안내", url=url, category="배달") for url in (help_page, other)]
    bot = Bot(links=[*links, Link(title="정산 안내", url=help_page, category="정산")])
    answer = tapped(bot, FEE, [], None, Allowed(link_hosts=["help.gaonmarket.example"]))
    assert kinds(answer.bubbles) == ["text", "link", "guide"]
    assert answer.bubbles[1].description == f"- [배달 안내]({help_page})"
    asking = tapped(bot.model_copy(update={"service_types": BOT.service_types}), FEE, [], None)
    assert kinds(asking.bubbles) == ["text", "guide"]


def test_a_tapped_content_without_a_category_is_of_that_which_its_title_names() -> None:
    bot = Bot(categories=[Category(name="정산", words=["입금"]), Category(name="배달", words=["얼마나 걸"])])
    assert tapped(bot, TIME, [], None).record.category == "배달"
    assert tapped(bot, FEE.model_copy(update={"category": "요금"}), [], None).record.category == "요금"
    assert tapped(Bot(), TIME, [], None).record.category is None


if __name__ == "__main__":
    made = [one.model_dump(exclude_none=True) for one in examples()]
    GOLDEN.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_an_answer_after_which_nothing_is_suggested_leads_on_to_the_categories() -> None:
    leads = [one.next_action for one in tapped(BOT, TIME, [], None).bubbles if one.bubble_type == "guide"]
    assert leads == ["/v1/faqs/categories?bot=delivery"]


def test_of_a_bot_with_several_sources_an_address_says_which() -> None:
    several = Bot(sources=[VectorSource(source_id="default"), VectorSource(source_id="other")])
    choices = bubbles.faq_choices(several, [Suggestion(text="질문", faq_id="p1", source_id="other")])
    assert choices == {"질문": "/v1/faqs/p1/ask?bot=default&source=other"}
    assert bubbles.faq_choices(Bot(), [Suggestion(text="질문", faq_id="p1", source_id="default")]) == {
        "질문": "/v1/faqs/p1/ask?bot=default"
    }
