"""Rating answers over HTTP: by taps alone, by a form, by programs; once, and only one's own."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.bot import Bot, Reason
from shared.feedback import Counts
from shared.storage import keys
from tests.app import Client, ask, new_session, post_question
from tests.functions.programs import bearer, logged, new_key

QUESTION = "입점 심사는 며칠 걸려요?"
ULID = "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"


@pytest.fixture
def session() -> str:
    return new_session()


@pytest.fixture
def request_id(served: TestClient, session: str) -> Iterator[str]:
    """Of an answer that the client's visitor got."""
    yield ask(served, session, QUESTION)[-1].data["request_id"]


def rate(client: Client, request_id: str, status: int = 201, **body: Any) -> Any:
    response = client.post("/v1/feedback", json={"request_id": request_id, "helpful": False, **body})
    assert response.status_code == status, response.text
    return response.json()


def kept(request_id: str) -> Any:
    return wiring.get_store().get("feedback", keys.feedback_pk("default"), request_id)


def counted() -> Counts:
    return wiring.get_feedback().counts("default", keys.day_at(time.time())).total


def turns(client: Client, session: str) -> Any:
    return client.get(f"/v1/sessions/{session}/chats").json()


# Once


def test_an_answer_is_rated_with_thanks_and_its_turn_shows_it(
    served: TestClient, session: str, request_id: str
) -> None:
    assert "feedback" not in turns(served, session)[0]
    taken = rate(served, request_id, helpful=True)
    assert (taken["request_id"], taken["helpful"]) == (request_id, True)
    assert [bubble["bubble_type"] for bubble in taken["bubbles"]] == ["text"]
    assert turns(served, session)[0]["feedback"] == {"helpful": True, "reason_codes": []}
    rested = wiring.get_feedback().counts("default", keys.day_at(time.time())).contents
    assert set(rested.values()) == {Counts(1, 0)}


def test_what_was_bad_is_kept_with_the_comment_masked(served: TestClient, session: str, request_id: str) -> None:
    rate(served, request_id, reason_codes=["wrong", "outdated"], comment="  010-1234-5678로 연락 주세요\n틀렸어요 ")
    assert kept(request_id)["comment"] == "[전화번호]로 연락 주세요\n틀렸어요"
    shown = {"helpful": False, "reason_codes": ["wrong", "outdated"]}
    assert turns(served, session)[0]["feedback"] == logged(request_id)["feedback"] == shown


def test_a_second_time_is_refused_with_a_bubble_and_the_first_stays(served: TestClient, request_id: str) -> None:
    rate(served, request_id, helpful=True)
    refused = rate(served, request_id, status=409, comment="마음이 바뀌었어요")
    assert (refused["code"], [bubble["bubble_type"] for bubble in refused["bubbles"]]) == ("feedback_given", ["error"])
    assert refused["error_message"] == "이 답변에는 이미 의견을 남겨 주셨어요. 소중한 의견 감사합니다."
    assert refused["expression"] == "SMILE"
    assert (kept(request_id)["helpful"], kept(request_id)["comment"], counted()) == (True, None, Counts(1, 0))


def test_older_answers_and_refusals_are_rated_too(served: TestClient, session: str, request_id: str) -> None:
    refused = ask(served, session, "이번 주말에 볼 만한 영화 추천해 줘")[-1].data
    assert refused["decision"] == "refuse"
    rate(served, refused["request_id"], reason_codes=["off_point"])
    rate(served, request_id, helpful=True)
    assert [turn["feedback"]["helpful"] for turn in turns(served, session)] == [True, False]


def test_an_answer_that_has_not_ended_is_not_to_be_rated_yet(served: TestClient, session: str) -> None:
    post_question(served, session, QUESTION)
    early = rate(served, turns(served, session)[0]["chat_id"], status=409)
    assert early["code"] == "answer_not_finished"


# By taps


def test_a_tap_on_the_invitation_of_a_stream_says_that_it_helped(served: TestClient, session: str) -> None:
    done = ask(served, session, QUESTION)[-1].data
    [bubble] = done["feedback"]["bubbles"]
    assert bubble["bubble_type"] == "feedback_request"
    helped, _ = bubble["info_map"].values()
    assert served.post(helped).json()["helpful"] is True
    assert kept(done["request_id"])["helpful"] is True


def test_a_tap_on_what_was_bad_goes_over_the_form(served: TestClient, session: str) -> None:
    done = ask(served, session, QUESTION)[-1].data
    _, asks_why = done["feedback"]["bubbles"][0]["info_map"].values()
    [form] = served.post(asks_why).json()["bubbles"]
    assert (form["bubble_type"], form["guide_text"]) == ("feedback_form", "의견 보내기")
    assert kept(done["request_id"]) is None
    assert served.post(form["info_map"]["예전 내용이에요"], json={}).status_code == 201
    assert kept(done["request_id"])["reason_codes"] == ["outdated"]
    assert served.post(asks_why).json()["code"] == "feedback_given"


def test_the_form_is_sent_with_reasons_and_words_alone(served: TestClient, request_id: str) -> None:
    [form] = served.get(f"/v1/feedback/form?request_id={request_id}").json()["bubbles"]
    sent = served.post(form["next_action"], json={"reason_codes": ["wrong"], "comment": "틀려요"})
    assert (sent.status_code, sent.json()["request_id"], sent.json()["helpful"]) == (201, request_id, False)
    assert (kept(request_id)["reason_codes"], kept(request_id)["comment"]) == (["wrong"], "틀려요")


def test_what_stands_in_the_body_wins_over_the_address(served: TestClient, request_id: str) -> None:
    address = f"/v1/feedback?request_id={ULID}&helpful=true&comment=a"
    assert served.post(address, json={"request_id": request_id, "helpful": False}).status_code == 201
    assert (kept(request_id)["helpful"], kept(request_id)["comment"]) == (False, "a")


def test_the_form_of_a_bot_without_reasons_asks_for_words_alone(served: TestClient, request_id: str) -> None:
    wiring.get_bots().publish(Bot(feedback_reasons=[]))
    wiring.get_bot.cache_clear()
    [form] = served.post(f"/v1/feedback/form?request_id={request_id}").json()["bubbles"]
    assert "info_map" not in form and form["next_action"]


# Whose


def test_a_stranger_finds_no_answer_and_gets_no_cookie(served: TestClient, request_id: str) -> None:
    served.cookies.clear()
    for address in ("/v1/feedback", "/v1/feedback/form"):
        response = served.post(f"{address}?request_id={request_id}&helpful=true")
        assert (response.status_code, response.json()["code"]) == (404, "chat_not_found")
        assert "set-cookie" not in response.headers
    assert kept(request_id) is None


def test_another_visitors_answer_is_as_good_as_none(served: TestClient, request_id: str) -> None:
    served.cookies.clear()
    post_question(served, new_session(), QUESTION)
    assert rate(served, request_id, status=404) == rate(served, ULID, status=404)


def test_a_visitor_is_known_by_a_token_too(served: TestClient, session: str) -> None:
    headers = {"Authorization": f"Bearer {served.post('/v1/visitors').json()['token']}"}
    served.cookies.clear()
    asked = served.post(f"/v1/sessions/{session}/chats", json={"user_message": QUESTION}, headers=headers)
    served.post(f"/v1/streaming/{asked.json()['streaming_id']}")
    chat_id = served.get(f"/v1/sessions/{session}/chats", headers=headers).json()[0]["chat_id"]
    tap = f"/v1/feedback?request_id={chat_id}&helpful=true"
    assert served.post(tap).status_code == 404
    assert served.post(tap, headers=headers).status_code == 201
    forged = {"Authorization": "Bearer hv_forged"}
    assert served.post(tap, headers=forged).json()["code"] == "invalid_visitor"


def test_an_answer_of_a_deleted_session_is_none_and_its_comment_is_gone(
    served: TestClient, session: str, request_id: str
) -> None:
    rate(served, request_id, comment="틀렸어요")
    served.delete(f"/v1/sessions/{session}")
    assert rate(served, request_id, status=404)["code"] == "chat_not_found"
    assert kept(request_id)["comment"] is None
    assert counted() == Counts(0, 1)


def test_a_program_rates_what_its_own_key_was_answered(served: TestClient) -> None:
    key, other = new_key(), new_key()
    whole = served.post("/v1/answers", json={"question": QUESTION}, headers=bearer(key)).json()
    [bubble] = whole["feedback"]["bubbles"]
    helped, asks_why = bubble["info_map"].values()
    assert served.post(helped, headers=bearer(other)).status_code == 404
    assert served.post(helped).status_code == 404
    assert served.post(asks_why, headers=bearer(key)).json()["bubbles"][0]["bubble_type"] == "feedback_form"
    assert served.post(helped, headers=bearer(key)).status_code == 201
    assert served.post(asks_why, headers=bearer(key)).status_code == 409
    assert logged(whole["request_id"])["feedback"]["helpful"] is True


def test_a_key_of_another_bot_or_none_rates_nothing(served: TestClient, request_id: str) -> None:
    tap = f"/v1/feedback?bot=another&request_id={request_id}&helpful=true"
    assert served.post(tap, headers=bearer(new_key())).json()["code"] == "bot_not_found"
    assert served.post(tap).json()["code"] == "bot_not_found"
    unknown = served.post(tap, headers=bearer("hk_" + "a" * 43))
    assert (unknown.status_code, unknown.json()["code"]) == (401, "invalid_api_key")


def test_taps_are_limited_like_questions(served: TestClient, configure: Any) -> None:
    configure(RATE_LIMIT_PER_MINUTE="1")
    headers = {"Authorization": f"Bearer {served.post('/v1/visitors').json()['token']}"}
    tap = f"/v1/feedback?request_id={ULID}&helpful=true"
    first, *later = (served.post(tap, headers=headers) for _ in range(3))  # of three, two are in one minute
    assert first.status_code == 404
    limited = [one for one in later if one.status_code == 429]
    assert limited and int(limited[0].headers["retry-after"]) > 0


# What is refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"request_id": None}, "request_id 값이 필요합니다."),
        ({"helpful": None}, "helpful 값이 필요합니다."),
        ({"request_id": "none"}, "request_id 값의 형식이 올바르지 않습니다."),
        ({"helpful": "아마도"}, "helpful 값은 true 또는 false여야 합니다."),
        ({"reason_codes": ["unheard-of"]}, "reason_codes에 이 챗봇에 없는 값이 있습니다."),
        ({"reason_codes": ["wrong", "wrong"]}, "reason_codes에 같은 값이 두 번 있습니다."),
        ({"reason_codes": [str(n) for n in range(11)]}, "reason_codes 값은 10개 이하여야 합니다."),
        ({"helpful": True, "reason_codes": ["wrong"]}, "reason_codes는 helpful 값이 false일 때만 보낼 수 있습니다."),
        ({"comment": "가" * 1_001}, "의견은 1,000자 이하로 입력해 주세요."),
        ({"comment": 5}, "comment 값은 문자열이어야 합니다."),
    ],
)
def test_what_cannot_be_is_refused_in_korean_and_keeps_nothing(
    served: TestClient, request_id: str, body: dict[str, Any], message: str
) -> None:
    response = served.post("/v1/feedback", json={"request_id": request_id, "helpful": False, **body})
    assert response.status_code == 422
    refused = response.json()
    assert (refused["error_message"], refused["code"]) == (message, "invalid_input")
    assert kept(request_id) is None


def test_a_comment_of_the_full_length_is_taken_and_an_empty_one_is_none(
    served: TestClient, session: str, request_id: str
) -> None:
    rate(served, request_id, comment=f" {'가' * 1_000} ")
    assert len(kept(request_id)["comment"]) == 1_000
    second = ask(served, session, QUESTION)[-1].data["request_id"]
    rate(served, second, comment="  \n ")
    assert kept(second)["comment"] is None


def test_no_comment_is_logged(served: TestClient, request_id: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "shared")
    rate(served, request_id, comment="비밀의견")
    rate(served, request_id, status=409, comment="비밀의견")
    assert not re.search("비밀의견", caplog.text)


def test_a_bots_own_reasons_hold(served: TestClient, request_id: str) -> None:
    wiring.get_bots().publish(Bot(feedback_reasons=[Reason(code="rude", label="불친절해요")]))
    wiring.get_bot.cache_clear()
    rate(served, request_id, status=422, reason_codes=["wrong"])
    rate(served, request_id, reason_codes=["rude"])
