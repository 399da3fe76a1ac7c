"""GET and POST /v1/faqs/popular, and the function that a schedule calls."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from functions import popular
from shared import assembly, wiring
from shared.bot import Bot, VectorSource
from shared.callers import asked_from
from shared.models import OTHER, Content
from shared.popular import MOST
from shared.retrieval import manifest
from tests.app import ask, forget, new_session
from tests.functions.programs import history_log

QUESTION = "가입 심사는 며칠 걸려요?"


def five_seconds_later() -> None:
    """What lists were remembered is forgotten."""
    memo: Any = assembly.get_popular
    memo.cache.expire(time.monotonic() + 5)


def test_what_was_asked_is_popular_once_it_is_counted(served: TestClient) -> None:
    for address in ("203.0.113.7", "203.0.113.8"):
        ask(TestClient(served.app, client=(address, 1)), new_session(), QUESTION)
    assert popular.handler({}, None) == {"default": 2}
    body = served.get("/v1/faqs/popular").json()
    found = body["questions"][0]
    assert "심사" in found["text"] and found["count"] == 2
    assert len(body["questions"]) == MOST  # filled with what stands in
    (bubble,) = body["bubbles"]
    assert (bubble["bubble_type"], bubble["badge"], bubble["icon"]) == ("faq_list", "인기", "🔥")
    assert body["expression"] == "SMILE"
    assert bubble["info_map"][found["text"]] == f"/v1/faqs/{found['faq_id']}/ask?bot=default"


def test_what_was_removed_since_is_not_offered(served: TestClient) -> None:
    for _ in range(2):
        served.cookies.clear()
        ask(served, new_session(), QUESTION)
    popular.handler({}, None)
    asked, stands_in = [one["faq_id"] for one in served.get("/v1/faqs/popular").json()["questions"][:2]]
    for gone in (asked, stands_in):
        wiring.get_store().delete("contents", "default", gone)
    five_seconds_later()
    assert not {asked, stands_in} & {one["faq_id"] for one in served.get("/v1/faqs/popular").json()["questions"]}


@pytest.mark.parametrize("category", [None, "가입·입점"])
def test_for_five_seconds_a_list_is_given_without_the_store(
    served: TestClient, monkeypatch: pytest.MonkeyPatch, category: str | None
) -> None:
    bot = wiring.get_bot("default")
    given = assembly.get_popular(bot, category, None)
    memos: list[Any] = [assembly.get_counted, assembly.get_outline, wiring.get_faqs]
    for memo in memos:
        memo.cache.clear()
    with monkeypatch.context() as patch:
        patch.delattr(wiring, "get_store")
        assert assembly.get_popular(bot, category, None) == given
        five_seconds_later()
        with pytest.raises(NameError):
            assembly.get_popular(bot, category, None)


def test_contents_without_a_category_have_a_topic_of_their_own(served: TestClient) -> None:
    assert OTHER not in served.get("/v1/faqs/categories").json()["categories"]
    store, bare = wiring.get_store(), Content(faq_id="bare", source_id="default", title="따로 있는 질문", content="답")
    store.put("contents", {"pk": "default", "sk": "bare", **bare.model_dump(mode="json")})
    served_now = manifest.current(store, "default")
    assert served_now is not None
    manifest.switch(store, served_now.model_copy(update={"uncategorized": True}))
    listed = served.get("/v1/faqs/categories").json()
    assert (listed["categories"][-1], list(listed["bubbles"][-1]["info_map"])[-1]) == (OTHER, OTHER)
    asked = served.post(listed["bubbles"][-1]["info_map"][OTHER]).json()
    assert [one["faq_id"] for one in asked["questions"]] == ["bare"]


def test_a_tap_gets_what_a_reader_gets_and_neither_records_anything(served: TestClient) -> None:
    posted, read = (served.request(method, "/v1/faqs/popular") for method in ("POST", "GET"))
    assert posted.json()["questions"] == read.json()["questions"]
    assert posted.json()["bubbles"][0]["info_map"] == read.json()["bubbles"][0]["info_map"]
    assert posted.status_code == 200 and "set-cookie" not in posted.headers
    assert served.get("/v1/sessions").json() == []
    assert popular.handler({}, None) == {"default": 0}


def test_before_anything_was_counted_contents_stand_in_without_a_badge(served: TestClient) -> None:
    body = served.get("/v1/faqs/popular").json()
    assert len(body["questions"]) == MOST == len(body["bubbles"][0]["info_map"])
    assert "badge" not in body["bubbles"][0] and "count" not in body["questions"][0]


def test_a_category_gives_its_own_questions(client: TestClient, configure: Callable[..., Path]) -> None:
    store = wiring.get_store()
    store.prepare()
    bot = wiring.get_bots().publish(Bot(bot_id="flowers", sources=[VectorSource(source_id="flowers")]))
    for faq_id, category in (("c1", "배송 & 픽업"), ("c2", "결제")):
        made = Content(faq_id=faq_id, source_id="flowers", title=f"질문 {faq_id}", content="답", category=category)
        store.put("contents", {"pk": "flowers", "sk": faq_id, **made.model_dump(mode="json")})
    asked = client.get("/v1/faqs/popular", params={"bot": bot.bot_id, "category": "배송 & 픽업"}).json()
    assert asked["category"] == "배송 & 픽업"
    assert [one["faq_id"] for one in asked["questions"]] == ["c1"]
    assert "'배송 & 픽업'" in asked["bubbles"][0]["description"]
    (address,) = asked["bubbles"][0]["info_map"].values()
    assert unquote(address) == "/v1/faqs/c1/ask?bot=flowers"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("category=없는분류", 404, "category_not_found"),
        ("bot=nobody", 404, "bot_not_found"),
        ("category=", 422, "invalid_input"),
    ],
)
def test_what_is_not_there_is_told_in_a_bubble(
    served: TestClient, method: str, query: str, status: int, code: str
) -> None:
    answer = served.request(method, f"/v1/faqs/popular?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["bubbles"][0]["bubble_type"] == "error"


def test_an_address_is_limited(configure: Callable[..., Path]) -> None:
    from functions.local import app

    configure(RATE_LIMIT_PER_MINUTE_ADDRESS="1")
    forget()
    with TestClient(app, raise_server_exceptions=False) as client:
        statuses = [client.get("/v1/faqs/popular").status_code for _ in range(5)]
    assert 429 in statuses


def test_one_computer_without_cookies_does_not_make_a_question_popular(served: TestClient) -> None:
    for _ in range(6):
        served.cookies.clear()
        served.post("/v1/faqs/join-001/ask")
    (logged,) = {one["asked_from"] for one in history_log()}
    assert re.fullmatch("[0-9a-f]{4}", logged)
    popular.handler({}, None)
    offered = served.get("/v1/faqs/popular").json()
    (counted,) = [one for one in offered["questions"] if "count" in one]
    assert (counted["faq_id"], counted["count"], counted["by_one"]) == ("join-001", 3, True)
    assert "badge" not in offered["bubbles"][0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:200::1", "2001:db8:1:2ff:9::2", True),
        ("2001:db8:1:200::1", "2001:db8:1:300::1", False),
        ("unknown", "unknown", True),
    ],
)
def test_a_network_is_an_ipv4_address_or_a_households_ipv6(data_dir: Path, one: str, other: str, same: bool) -> None:
    told = [asked_from(Request({"type": "http", "headers": [], "client": (said, 1)})) for said in (one, other)]
    assert (told[0] == told[1]) is same


def test_without_the_secret_and_on_another_day_a_network_is_another_group(
    configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request({"type": "http", "headers": [], "client": ("203.0.113.7", 1)})
    told = set()
    for secret, day in (("a" * 16, "2026-11-22"), ("b" * 16, "2026-11-22"), ("a" * 16, "2026-11-23")):
        configure(SECRET_KEY=secret)
        forget()
        monkeypatch.setattr("shared.callers.day_at", lambda _, day=day: day)
        told.add(asked_from(request))
    assert len(told) == 3
