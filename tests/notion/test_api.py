"""Notion's API over real HTTP: the pace, what is tried again, and what each failure is."""

import json
import threading
from typing import Any

import pytest

from shared.errors import AppError
from shared.notion.api import Notion, Pacing
from shared.notion.errors import (
    BadCursor,
    NotionForbidden,
    NotionNotFound,
    NotionRateLimited,
    NotionTokenInvalid,
    NotionUnavailable,
    OutOfTime,
)
from tests.fakes.notion_server import TOKEN, FakeNotion, Fed, paragraph
from tests.notion.reader import Watch, session
from tests.servers import free_port, silent_server

LIMITED = "rate_limited"


def test_a_database_names_its_data_sources_and_these_are_asked_for_pages(notion: FakeNotion) -> None:
    database = notion.add_database("도움말", sources=2)
    page = notion.add_page("질문", [], database, source=1)
    reader = session(notion)
    first, second = (one["id"] for one in reader.database(database)["data_sources"])
    assert reader.rows(first, None, None)["results"] == []
    assert [one["id"] for one in reader.rows(second, None, None)["results"]] == [page]


def test_no_more_than_three_requests_go_out_in_a_second(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    reader = session(notion, watch)
    for _ in range(10):
        reader.page(page)
    assert watch.at == pytest.approx(3.0)


def test_threads_share_one_pace(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    shared = Notion(TOKEN, notion.url, 5, Pacing(clock=watch.now, sleep=watch.sleep))
    threads = [threading.Thread(target=lambda: shared.session().page(page)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert shared.slot() == pytest.approx(4 / 3)


def test_retry_after_is_obeyed_and_by_who_shares_the_token_too(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    notion.enqueue(Fed(429, LIMITED, {"Retry-After": "37"}))
    assert session(notion, watch).page(page)["id"] == page
    assert watch.at >= 37
    assert max(watch.slept) <= 10  # who waits tells that they are still there


def test_an_overload_is_waited_out_like_a_limit(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    notion.enqueue(Fed(529, "service_overload", {"Retry-After": "4"}))
    assert session(notion, watch).page(page)["id"] == page
    assert watch.at >= 4


def test_a_limit_that_lasts_is_told_with_when_to_come_back(notion: FakeNotion) -> None:
    page = notion.add_page("질문")
    notion.enqueue(Fed(429, LIMITED, {"Retry-After": "900"}))
    with pytest.raises(NotionRateLimited) as caught:
        session(notion).page(page)
    assert caught.value.retry_after_seconds == 901
    notion.enqueue(*[Fed(429, LIMITED, {"Retry-After": "1"})] * 5)
    with pytest.raises(NotionRateLimited):
        session(notion).page(page)
    assert not notion.fed


def test_a_bounded_time_ends_rather_than_wait_for_a_limit(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    notion.enqueue(Fed(429, LIMITED, {"Retry-After": "30"}))
    with pytest.raises(OutOfTime) as caught:
        session(notion, watch, seconds=20).page(page)
    assert (caught.value.retry_after_seconds, watch.at) == (31, 0)


def test_a_bounded_time_ends_between_requests(notion: FakeNotion) -> None:
    page = notion.add_page("질문")
    reader = session(notion, seconds=1.1)
    for _ in range(4):
        reader.page(page)
    with pytest.raises(OutOfTime):
        reader.page(page)
    assert len(notion.received) == 4


def test_who_is_out_of_time_takes_nobodys_turn(notion: FakeNotion) -> None:
    page, watch = notion.add_page("질문"), Watch()
    shared = Notion(TOKEN, notion.url, 5, Pacing(clock=watch.now, sleep=watch.sleep))
    shared.session().page(page)
    for _ in range(10):
        with pytest.raises(OutOfTime):
            shared.session(seconds=0.1).page(page)
    shared.session(seconds=0.5).page(page)
    assert watch.at == pytest.approx(1 / 3)


@pytest.mark.parametrize("fed", [Fed(500, "internal_server_error"), Fed(503, "service_unavailable"), Fed(502)])
def test_a_failing_server_is_asked_again_also_by_queries(notion: FakeNotion, fed: Fed) -> None:
    database = notion.add_database("도움말")
    source = notion.databases[database]["data_sources"][0]["id"]
    notion.enqueue(fed, fed)
    assert session(notion).rows(source, None, None)["results"] == []
    notion.enqueue(*[fed] * 5)
    with pytest.raises(NotionUnavailable) as caught:
        session(notion).rows(source, None, None)
    assert str(fed.status) in caught.value.reason
    assert not notion.fed


@pytest.mark.parametrize(
    ("fed", "kind"),
    [
        (Fed(401, "unauthorized"), NotionTokenInvalid),
        (Fed(403, "restricted_resource"), NotionForbidden),
        (Fed(404, "object_not_found"), NotionNotFound),
        (Fed(400, "validation_error"), NotionNotFound),
    ],
)
def test_what_no_second_attempt_would_change_is_told_at_once(
    notion: FakeNotion, fed: Fed, kind: type[AppError]
) -> None:
    page = notion.add_page("질문")
    notion.enqueue(fed)
    with pytest.raises(kind) as caught:
        session(notion).page(page)
    assert len(notion.received) == 1
    assert TOKEN not in f"{caught.value} {caught.value.reason} {caught.value.message}"


def test_a_wrong_token_is_told(notion: FakeNotion) -> None:
    with pytest.raises(NotionTokenInvalid):
        session(notion, token="ntn_wrong").page(notion.add_page("질문"))


def test_a_place_in_a_list_that_is_not_known_any_more_is_told_apart(notion: FakeNotion) -> None:
    source = notion.databases[notion.add_database("도움말")]["data_sources"][0]["id"]
    with pytest.raises(BadCursor):
        session(notion).rows(source, "from-99", None)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null", b""])
def test_what_is_no_answer_is_an_outage(notion: FakeNotion, body: bytes) -> None:
    page = notion.add_page("질문")
    notion.enqueue(*[Fed(200, body=body)] * 5)
    with pytest.raises(NotionUnavailable):
        session(notion).page(page)


def test_a_server_that_is_away_or_silent_is_an_outage() -> None:
    watch = Watch()
    pacing = Pacing(clock=watch.now, sleep=watch.sleep)
    with pytest.raises(NotionUnavailable):
        Notion(TOKEN, f"http://127.0.0.1:{free_port()}", 5, pacing).session().page("x")
    with silent_server() as port, pytest.raises(NotionUnavailable) as caught:
        Notion(TOKEN, f"http://127.0.0.1:{port}", 0.1, pacing).session().page("x")
    assert "in time" in caught.value.reason


def test_who_waits_is_told_before_each_request(notion: FakeNotion) -> None:
    page, calls = notion.add_page("질문", [paragraph("답")]), list[int]()
    notion.enqueue(Fed(429, LIMITED, {"Retry-After": "25"}))
    session(notion, each=lambda: calls.append(1)).page(page)
    assert len(calls) >= 4


ODD = [
    {"results": "none"},
    {"results": [None]},
    {"results": [{"object": "block"}]},
    {"results": [{"object": "page", "id": "no id"}]},
    {"results": [], "has_more": True, "next_cursor": "again"},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_list_that_is_none_or_does_not_go_on_is_told_as_notions_failure(notion: FakeNotion, odd: Any) -> None:
    notion.enqueue(Fed(200, body=json.dumps(odd).encode()))
    with pytest.raises(NotionUnavailable):
        session(notion).children(notion.add_page("질문"), "again")


def test_a_page_and_a_database_without_ids_are_told_as_notions_failure(notion: FakeNotion) -> None:
    reader, there = session(notion), notion.add_page("질문")
    for ask, odd in ((reader.page, {"object": "page"}), (reader.database, {"data_sources": [{"name": "a"}]})):
        notion.enqueue(Fed(200, body=json.dumps(odd).encode()))
        with pytest.raises(NotionUnavailable):
            ask(there)
