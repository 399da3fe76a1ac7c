"""Conversations by taps: what there is to ask, one content, and the turn that a tap makes."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.bot import Bot
from shared.models import Content
from shared.storage.base import Item
from tests.app import ask, new_session, parse, post_question
from tests.functions.programs import bearer, history_log, logged, new_key

JOIN = "join-001"


def tap(client: TestClient, faq_id: str = JOIN, **body: str) -> Item:
    response = client.post(f"/v1/faqs/{faq_id}/ask", json=body)
    assert response.status_code == 200, response.text
    answer: Item = response.json()
    return answer


# The entry


def test_a_conversation_begins_with_a_greeting_and_what_there_is_to_ask(served: TestClient) -> None:
    entry = served.get("/v1/faqs/categories").json()
    greeting, listed = entry["bubbles"]
    assert (greeting["bubble_type"], listed["bubble_type"]) == ("text", "category_list")
    assert "가온마켓" in greeting["description"]
    assert list(listed["info_map"]) == entry["categories"]
    assert "가입·입점" in entry["categories"]
    assert entry["bot"]["bot_id"] == "default"


def test_the_entry_says_how_long_a_question_may_be(served: TestClient) -> None:
    most = served.get("/v1/faqs/categories").json()["max_question_characters"]
    path = f"/v1/sessions/{new_session()}/chats"
    refused = served.post(path, json={"user_message": "가" * (most + 1)})
    assert (refused.status_code, served.post(path, json={"user_message": "가" * most}).status_code) == (422, 201)


def test_the_entry_answers_a_tap_as_it_answers_a_look(served: TestClient) -> None:
    tapped, read = (served.request(method, "/v1/faqs/categories").json() for method in ("POST", "GET"))
    assert without_ids(tapped) == without_ids(read)


def without_ids(answer: Item) -> Item:
    return answer | {"bubbles": [bubble | {"bubble_id": ""} for bubble in answer["bubbles"]]}


def test_a_list_that_is_shown_again_has_ids_of_its_own(served: TestClient) -> None:
    """So that a page can dim the one that was chosen from, and leave the other."""
    paths = ["/v1/faqs/categories", "/v1/faqs/popular"] * 2
    ids = [bubble["bubble_id"] for path in paths for bubble in served.post(path).json()["bubbles"]]
    answers = [tap(served), tap(served)]
    ids += [bubble["bubble_id"] for answer in answers for bubble in answer["feedback"]["bubbles"]]
    forms = [served.post(taps(answer["feedback"]["bubbles"][0])[1]).json() for answer in answers]
    ids += [bubble["bubble_id"] for form in forms for bubble in form["bubbles"]]
    assert len(ids) == len(set(ids)) == 10


def test_looking_records_nothing(served: TestClient) -> None:
    for path in ("/v1/faqs/categories", f"/v1/faqs/{JOIN}"):
        assert "set-cookie" not in served.get(path).headers
    assert served.get("/v1/sessions").json() == []


# One content


def test_a_content_can_be_read(served: TestClient) -> None:
    faq = served.get(f"/v1/faqs/{JOIN}").json()
    assert (faq["faq_id"], faq["category"]) == (JOIN, "가입·입점")
    assert "판매자센터" in faq["content"]
    assert "summary_titles" not in faq


@pytest.mark.parametrize("path", ["/v1/faqs/none", "/v1/faqs/no%2Fne", f"/v1/faqs/{JOIN}?bot=none"])
def test_what_is_not_there_is_404_in_korean(served: TestClient, path: str) -> None:
    response = served.get(path)
    assert response.status_code == 404
    assert response.json()["bubbles"][0]["bubble_type"] == "error"


# A tap


def test_a_tap_is_answered_whole_and_stored_as_a_turn(served: TestClient) -> None:
    session = new_session()
    answer = tap(served, session_id=session)
    assert (answer["decision"], answer["session_id"]) == ("answer", session)
    assert answer["answer"]["search_completed"] is True
    (turn,) = served.get(f"/v1/sessions/{session}/chats").json()
    assert (turn["chat_id"], turn["status"]) == (answer["chat_id"], "done")
    assert turn["bubbles"] == answer["answer"]["bubbles"]
    assert "가입" in turn["user_message"]
    assert [source["faq_id"] for source in turn["sources"]] == [JOIN]


def test_a_tap_without_a_session_makes_one(served: TestClient) -> None:
    answer = tap(served)
    assert [one["session_id"] for one in served.get("/v1/sessions").json()] == [answer["session_id"]]


def test_a_tap_that_is_asked_again_takes_the_place_of_its_turn(served: TestClient) -> None:
    first = tap(served)
    again = tap(served, session_id=first["session_id"], replaces=first["chat_id"])
    turns = served.get(f"/v1/sessions/{first['session_id']}/chats").json()
    assert [turn["chat_id"] for turn in turns] == [again["chat_id"]] != [first["chat_id"]]


def test_a_tap_that_replaces_an_unknown_turn_is_404(served: TestClient) -> None:
    body = {"session_id": tap(served)["session_id"], "replaces": "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"}
    assert served.post(f"/v1/faqs/{JOIN}/ask", json=body).status_code == 404


def test_a_tap_needs_no_body(served: TestClient) -> None:
    assert served.post(f"/v1/faqs/{JOIN}/ask?bot=default").status_code == 200


def test_a_question_after_a_tap_is_a_question_of_the_same_conversation(served: TestClient) -> None:
    session = tap(served)["session_id"]
    ask(served, session, "심사는 며칠 걸려요?")
    assert len(served.get(f"/v1/sessions/{session}/chats").json()) == 2


def test_a_tap_while_an_answer_comes_is_409(served: TestClient) -> None:
    session = new_session()
    post_question(served, session, "심사는 며칠 걸려요?")
    response = served.post(f"/v1/faqs/{JOIN}/ask", json={"session_id": session})
    assert (response.status_code, response.json()["code"]) == (409, "answer_running")


@pytest.mark.parametrize(
    "body", [{"session_id": "no-uuid"}, {"service_type": ""}, {"service_type": "가" * 61}, {"replaces": ".."}, []]
)
def test_a_bad_tap_is_422_and_stores_nothing(served: TestClient, body: object) -> None:
    response = served.post(f"/v1/faqs/{JOIN}/ask", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert served.get("/v1/sessions").json() == []


def test_a_tap_on_what_is_gone_is_404_and_stores_nothing(served: TestClient) -> None:
    assert served.post("/v1/faqs/none/ask").status_code == 404
    assert served.get("/v1/sessions").json() == []


def test_a_content_whose_id_holds_a_slash_is_asked_and_read(served: TestClient) -> None:
    content = Content(faq_id="a/b ?c", source_id="default", title="슬래시가 든 번호", content="읽힙니다.")
    wiring.get_store().put("contents", {"pk": "default", "sk": content.faq_id, **content.model_dump(mode="json")})
    assert served.get("/v1/faqs/a%2Fb%20%3Fc").json()["content"] == "읽힙니다."
    assert (
        "읽힙니다."
        in served.post("/v1/faqs/a%2Fb%20%3Fc/ask?bot=default").json()["answer"]["bubbles"][0]["description"]
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_id_that_no_content_can_have_is_404(served: TestClient, method: str) -> None:
    path = "/v1/faqs/%00" if method == "GET" else "/v1/faqs/%00/ask"
    assert served.request(method, path).status_code == 404


def test_what_is_personal_in_a_service_type_is_masked(served: TestClient) -> None:
    session = tap(served, service_type="010-1234-5678")["session_id"]
    assert "1234" not in served.get(f"/v1/sessions/{session}/chats").text


def test_a_service_that_was_chosen_holds_for_the_conversation(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(service_types=["일반배송", "가온배송"]))
    asked = tap(served, "prod-009")
    (choice,) = [one for one in asked["answer"]["bubbles"] if one["bubble_type"] == "guide"]
    session = asked["session_id"]
    chosen = served.post(choice["info_map"]["가온배송"], json={"session_id": session}).json()
    assert chosen["decision"] == "answer"
    assert tap(served, "prod-009", session_id=session)["decision"] == "answer"


def test_what_is_asked_again_is_asked_for_the_same_service(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(service_types=["일반배송", "가온배송"]))
    title = wiring.get_faqs().get(wiring.get_bot("default"), "prod-009").title
    first = tap(served, "prod-009", service_type="가온배송")
    session, replaced = first["session_id"], first["request_id"]
    again = post_question(served, session, title, replaces=replaced)
    assert parse(served.post(f"/v1/streaming/{again}").text)[-1].data["decision"] == "answer"
    (turn,) = served.get(f"/v1/sessions/{session}/chats").json()
    assert (turn["bubbles"][0]["service_type"], turn["decision"]) == ("가온배송", "answer")
    tapped = tap(served, "prod-009", session_id=session, replaces=turn["chat_id"])
    assert tapped["decision"] == "answer"
    other = post_question(served, session, f"일반배송 {title}", replaces=tapped["request_id"])
    served.post(f"/v1/streaming/{other}")
    assert served.get(f"/v1/sessions/{session}/chats").json()[0]["bubbles"][0]["service_type"] == "일반배송"


def test_taps_count_for_the_limit_of_questions(configure: Callable[..., Path], indexed: Path) -> None:
    shutil.copytree(indexed, configure(RATE_LIMIT_PER_MINUTE="2"))
    from functions.local import app

    with TestClient(app) as client:
        given = [client.post(f"/v1/faqs/{JOIN}/ask").status_code for _ in range(5)]
    assert (given[:2], 429 in given) == ([200, 200], True)  # two windows at most: the minute may turn in between


# Asked again with the same key


def test_a_tap_that_comes_again_with_its_key_gets_the_same_answer(served: TestClient) -> None:
    served.post("/v1/faqs/prod-009/ask")  # a visitor is known by its cookie
    header = {"Idempotency-Key": "one"}
    for body in ({}, {"session_id": new_session()}):
        first, again = (served.post(f"/v1/faqs/{JOIN}/ask", json=body, headers=header) for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json() == first.json()
        turns = served.get(f"/v1/sessions/{first.json()['session_id']}/chats").json()
        assert [turn["chat_id"] for turn in turns] == [first.json()["chat_id"]]


def test_the_same_key_with_another_tap_is_409(served: TestClient) -> None:
    session, header = new_session(), {"Idempotency-Key": "one"}
    for body in ({}, {"session_id": session}):
        assert served.post(f"/v1/faqs/{JOIN}/ask", json=body, headers=header).status_code == 200
        for path, more in (("prod-009", {}), (JOIN, {"service_type": "가온배송"})):
            refused = served.post(f"/v1/faqs/{path}/ask", json=body | more, headers=header)
            assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")


def test_two_taps_at_once_with_one_key_are_one_turn(served: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.idempotency._CONFIRMATION_POLLS", 1_000)  # on a busy machine a second is nothing
    session = tap(served)["session_id"]
    header, path = {"Idempotency-Key": "both"}, f"/v1/faqs/{JOIN}/ask"
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(served.post, path, json={"session_id": session}, headers=header) for _ in range(4)]
        given = [one.result() for one in sent]
    assert {one.status_code for one in given} == {200}
    assert len({one.json()["chat_id"] for one in given}) == 1
    assert len(served.get(f"/v1/sessions/{session}/chats").json()) == 2


# By programs


def test_a_program_follows_the_addresses_of_its_own_answers(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(bot_id="shop", service_types=["일반배송", "가온배송"]))
    header = bearer(new_key("shop"))
    asked = served.post("/v1/faqs/prod-009/ask?bot=shop", headers=header)
    (choice,) = [one for one in asked.json()["answer"]["bubbles"] if one["bubble_type"] == "guide"]
    chosen = served.post(choice["info_map"]["가온배송"], headers=header)
    assert (chosen.status_code, chosen.json()["decision"]) == (200, "answer")
    assert "session_id" not in chosen.json() and "set-cookie" not in chosen.headers
    item = logged(chosen.json()["chat_id"], "shop")
    assert (item["status"], item["channel"], item["service_type"]) == ("done", "api", "가온배송")
    helped, _ = chosen.json()["feedback"]["bubbles"][0]["info_map"].values()
    assert served.post(helped, headers=header).status_code == 201
    assert served.get("/v1/sessions?bot=shop").json() == []


def test_a_service_that_the_bot_does_not_name_counts_for_none_whoever_says_it(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(bot_id="shop", service_types=["일반배송", "퀵"]))
    header = bearer(new_key("shop"))
    path = "/v1/faqs/prod-009/ask?bot=shop"
    said = [
        served.post(path, json=body, headers=headers).json()["answer"]["bubbles"]
        for headers in (header, {})
        for body in ({}, {"service_type": "가온배송"})
    ]
    assert said[0] == said[1] == said[2] == said[3]


def test_a_key_chooses_the_bot_where_the_address_names_none(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(bot_id="shop"))
    answer = served.post(f"/v1/faqs/{JOIN}/ask", headers=bearer(new_key("shop"))).json()
    assert "bot=shop" in answer["feedback"]["bubbles"][0]["info_map"]["도움이 됐어요"]


@pytest.mark.parametrize(
    ("key", "bot", "status", "code"),
    [("hk_none", "default", 401, "invalid_api_key"), (None, "default", 404, "bot_not_found")],
    ids=["bad", "another bot's"],
)
def test_a_key_that_is_none_or_another_bots_stores_nothing(
    served: TestClient, key: str | None, bot: str, status: int, code: str
) -> None:
    wiring.get_bots().publish(Bot(bot_id="shop"))
    response = served.post(f"/v1/faqs/{JOIN}/ask?bot={bot}", headers=bearer(key or new_key("shop")))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["bubbles"][0]["bubble_type"] == "error"
    assert "set-cookie" not in response.headers
    assert history_log() == history_log("shop") == []


def test_a_programs_taps_count_for_its_key(served: TestClient) -> None:
    header = bearer(new_key(rate_per_minute=2))
    given = [served.post(f"/v1/faqs/{JOIN}/ask", headers=header).status_code for _ in range(5)]
    assert (given[:2], 429 in given) == ([200, 200], True)


# By taps alone


def test_a_conversation_can_be_had_by_taps_alone(served: TestClient) -> None:
    """From a typed question that is not understood, over what there is to ask, to an answer."""
    session = new_session()
    refused = ask(served, session, "오늘 점심 메뉴 추천해 줘")
    guide = next(one.data for one in refused if one.event == "bubble" and one.data["bubble_type"] == "guide")
    listed = served.post(guide["next_action"]).json()["bubbles"][-1]
    assert listed["bubble_type"] == "category_list"
    assert list(listed["info_map"])


def taps(bubble: Item) -> list[str]:
    """Where a bubble leads."""
    return [*(bubble.get("info_map") or {}).values(), *filter(None, [bubble.get("next_action")])]


def test_from_the_entry_to_feedback_nothing_is_needed_but_what_the_bubbles_say(served: TestClient) -> None:
    category = served.post("/v1/faqs/categories").json()["bubbles"][-1]
    popular = served.post(taps(category)[0]).json()["bubbles"][-1]
    assert popular["bubble_type"] == "faq_list"
    answer = served.post(taps(popular)[0]).json()
    assert answer["decision"] == "answer"
    (asked,) = answer["feedback"]["bubbles"]
    helpful, not_helpful = taps(asked)
    (form,) = served.post(not_helpful).json()["bubbles"]
    reason = next(url for url in taps(form) if "reason_codes=" in url)
    thanked = served.post(reason)
    assert (thanked.status_code, thanked.json()["bubbles"][0]["bubble_type"]) == (201, "text")
    again = served.post(helpful)
    assert (again.status_code, again.json()["code"]) == (409, "feedback_given")
    (turn,) = served.get(f"/v1/sessions/{answer['session_id']}/chats").json()
    assert turn["feedback"]["helpful"] is False


def test_an_answer_s_similar_questions_are_answered_by_a_tap(served: TestClient) -> None:
    session = new_session()
    events = ask(served, session, "가입 심사는 며칠 걸려요?")
    similar = next(
        one.data for one in events if one.event == "bubble" and one.data["bubble_type"] == "similar_questions"
    )
    suggested = next(one.data["questions"] for one in events if one.event == "suggestions")
    assert list(similar["info_map"]) == [one["text"] for one in suggested]
    for text, url in similar["info_map"].items():
        answer = served.post(url, json={"session_id": session}).json()
        assert answer["decision"] == "answer"
        assert answer["sources"][0]["matched_subject"] == text
