"""Taking questions and reading turns over HTTP: what is accepted, what is refused and how."""

import asyncio
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from shared import wiring
from shared.answer_life import LEASE_SECONDS, TICKET_SECONDS
from shared.body_limit import BodyLimit
from shared.conversations import Conversations, Question
from shared.errors import IdempotencyConflict, TurnNotFound
from shared.models import Answer
from shared.storage.keys import Owner
from tests.app import new_session, post_question


def test_a_question_is_stored_as_pending_with_the_id_that_streams_its_answer(client: TestClient) -> None:
    session = new_session()
    streaming_id = post_question(client, session, "  정산은 언제\u200b 되나요?  ")
    turn = client.get(f"/v1/sessions/{session}/chats").json()[0]
    assert (turn["user_message"], turn["status"], turn["streaming_id"]) == (
        "정산은 언제 되나요?",
        "pending",
        streaming_id,
    )


@pytest.mark.parametrize("session", ["01J9ZK3V5W8XQ2R4T6Y8A0B1C2", "0192d5f0-7b1e-7c3a-9d4e-5f6a7b8c9d0e"])
def test_a_session_id_is_a_ulid_or_a_uuid_in_any_case(client: TestClient, session: str) -> None:
    post_question(client, session.lower(), "정산은 언제 되나요?")
    assert len(client.get(f"/v1/sessions/{session.upper()}/chats").json()) == 1


@pytest.mark.parametrize(
    "session", ["1", "a b", "01J9ZK3V5W8XQ2R4T6Y8A0B1CU", "z" * 36, "한글", "%00", "0" * 25 + "\u212a", "0" * 25 + "ſ"]
)
def test_another_session_id_is_refused(client: TestClient, session: str) -> None:
    response = client.post(f"/v1/sessions/{session}/chats", json={"user_message": "안녕하세요"})
    assert response.status_code in (404, 422)
    assert response.json()["error_message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"user_message": ""}, "질문을 입력해 주세요."),
        ({"user_message": " \u200b\n\u3000 "}, "질문을 입력해 주세요."),
        ({"user_message": "가" * 2_001}, "질문은 2,000자 이하로 입력해 주세요."),
        ({"user_message": 7}, "user_message 값은 문자열이어야 합니다."),
        ({"user_message": None}, "user_message 값이 필요합니다."),
        ({}, "user_message 값이 필요합니다."),
        ([], "요청 본문 값은 객체여야 합니다."),
        ({"user_message": "안녕하세요", "replaces": "../.."}, "replaces 값의 형식이 올바르지 않습니다."),
        ({"user_message": "안녕하세요", "service_type": ""}, "service_type 값은 1자 이상이어야 합니다."),
    ],
)
def test_bad_input_gets_a_korean_sentence_and_a_bubble_and_stores_nothing(
    client: TestClient, body: object, message: str
) -> None:
    session = new_session()
    response = client.post(f"/v1/sessions/{session}/chats", json=body)
    assert response.status_code == 422
    error = response.json()
    assert (error["error_message"], error["code"]) == (message, "invalid_input")
    assert error["bubbles"] == [{"bubble_id": "b1", "bubble_type": "error", "description": message}]
    assert client.get(f"/v1/sessions/{session}/chats").status_code == 404


def test_broken_json_is_named_as_such(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post(f"/v1/sessions/{new_session()}/chats", content=b'{"user_message": "\xff', headers=headers)
    assert response.status_code == 422
    assert response.json()["code"] == "invalid_input"


def test_two_thousand_characters_are_accepted(client: TestClient) -> None:
    post_question(client, new_session(), "가" * 2_000)


def test_a_lone_surrogate_is_accepted_as_a_replacement_character(client: TestClient) -> None:
    session = new_session()
    headers = {"Content-Type": "application/json"}
    body = b'{"user_message": "\\ud800 \xea\xb0\x80"}'
    assert client.post(f"/v1/sessions/{session}/chats", content=body, headers=headers).status_code == 201
    assert client.get(f"/v1/sessions/{session}/chats").json()[0]["user_message"] == "\ufffd 가"


def test_a_body_over_16_kib_is_refused_whether_or_not_it_says_its_length(client: TestClient) -> None:
    path, big = f"/v1/sessions/{new_session()}/chats", b'{"user_message": "' + b"a" * 17_000 + b'"}'
    headers = {"Content-Type": "application/json"}

    def in_chunks() -> object:
        yield big[:9_000]
        yield big[9_000:]

    for content in (big, in_chunks()):
        response = client.post(path, content=content, headers=headers)  # type: ignore[arg-type]  # a generator streams
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_a_body_in_very_many_pieces_is_taken_in_time_that_grows_with_their_number() -> None:
    taken: list[Message] = []
    pieces: list[Message] = [{"type": "http.request", "body": b"a", "more_body": True}] * 40_000

    async def receive() -> Message:
        return pieces.pop() if pieces else {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        pass

    async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (message := await receive())["more_body"]:
            taken.append(message)

    began = time.process_time()
    limited = BodyLimit(application, lambda _scope: 100_000, lambda _scope: application)
    asyncio.run(limited({"type": "http", "headers": []}, receive, send))
    assert time.process_time() - began < 5  # summed anew at each piece it is a minute
    assert len(taken) == 40_000


@pytest.mark.parametrize("length", ["-5", "many", "1e9"])
def test_a_content_length_that_is_no_number_is_an_answer_not_a_crash(client: TestClient, length: str) -> None:
    response = client.post(f"/v1/sessions/{new_session()}/chats", content=b"{}", headers={"Content-Length": length})
    assert response.status_code in (400, 413, 422)


def test_a_second_question_waits_for_the_first_answer(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    response = client.post(f"/v1/sessions/{session}/chats", json={"user_message": "반품은요?"})
    assert (response.status_code, response.json()["code"]) == (409, "answer_running")
    assert len(client.get(f"/v1/sessions/{session}/chats").json()) == 1
    post_question(client, new_session(), "다른 대화에서는 물어볼 수 있나요?")


def test_an_unclaimed_question_reads_as_interrupted_after_a_minute_and_can_be_asked_anew(configure: object) -> None:
    clock = Clock()
    conversations, owner, session = Conversations(wiring.get_store(), 90, clock), Owner("default", "v"), new_session()
    conversations.ask(owner, session, Question("정산은 언제 되나요?"))
    clock.now += TICKET_SECONDS
    old = conversations.turns(owner, session)[0][0]
    assert (old.status, old.streaming_id) == ("interrupted", None)
    conversations.ask(owner, session, Question("정산은 언제 되나요?", replaces=old.chat_id))
    turns = conversations.turns(owner, session)[0]
    assert [turn.status for turn in turns] == ["pending"]


def test_a_claimed_question_reads_as_interrupted_when_its_lease_is_not_renewed(configure: object) -> None:
    clock = Clock()
    conversations, owner, session = Conversations(wiring.get_store(), 90, clock), Owner("default", "v"), new_session()
    claim = conversations.claim(conversations.ask(owner, session, Question("정산은 언제 되나요?")))
    clock.now += LEASE_SECONDS - 1
    conversations.checkpoint(claim, "정산은")
    clock.now += LEASE_SECONDS - 1
    assert conversations.turns(owner, session)[0][0].status == "running"
    clock.now += 1
    turn = conversations.turns(owner, session)[0][0]
    assert (turn.status, turn.system_message) == ("interrupted", "정산은")
    for _ in range(2):  # a store that failed after writing makes the caller try again
        conversations.finish(claim, Answer(text="정산은 매일", decision="answer"))
    assert conversations.turns(owner, session)[0][0].status == "done"
    conversations.delete(owner, session)
    with pytest.raises(TurnNotFound):
        conversations.finish(claim, Answer(text="정산은 매일", decision="answer"))


def test_the_same_idempotency_key_gives_the_same_streaming_id(client: TestClient) -> None:
    session, headers = new_session(), {"Idempotency-Key": "tab-1"}
    client.post("/v1/sessions/" + new_session() + "/chats", json={"user_message": "쿠키를 받습니다"})
    path, body = f"/v1/sessions/{session}/chats", {"user_message": "정산은 언제 되나요?"}
    first = client.post(path, json=body, headers=headers)
    again = client.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(client.get(path).json()) == 1
    other = client.post(path, json={"user_message": "반품은요?"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_what_came_with_an_idempotency_key_is_recognized_with_the_deployments_secret(
    configure: Callable[..., Path],
) -> None:
    owner, session = Owner("default", "v"), new_session()
    question = Question("정산은 언제 되나요?", idempotency_key="tab-1")
    configure(SECRET_KEY="a" * 16)
    first = wiring.get_conversations().ask(owner, session, question)
    configure(SECRET_KEY="a" * 16)  # another process
    assert wiring.get_conversations().ask(owner, session, question) == first
    configure(SECRET_KEY="b" * 16)
    with pytest.raises(IdempotencyConflict):
        wiring.get_conversations().ask(owner, session, question)


def test_a_question_that_replaces_an_unknown_turn_is_refused(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    body = {"user_message": "반품은요?", "replaces": "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"}
    assert client.post(f"/v1/sessions/{new_session()}/chats", json=body).status_code == 404


def test_turns_come_oldest_first_in_pages_linked_by_a_header(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "질문 0")
    owner = Owner("default", wiring.get_visitors().verify(client.cookies["haedap_visitor"], "default"))
    conversations = wiring.get_conversations()
    for number in range(1, 106):
        open_turn = conversations.turns(owner, session, limit=100, after=None)
        last = (conversations.turns(owner, session, after=open_turn[1])[0] if open_turn[1] else open_turn[0])[-1]
        assert last.streaming_id is not None
        conversations.finish(conversations.claim(last.streaming_id), Answer(text="답", decision="answer"))
        conversations.ask(owner, session, Question(f"질문 {number}"))
    first = client.get(f"/v1/sessions/{session}/chats")
    address, relation = first.headers["link"].split("; ")
    rest = client.get(address.strip("<>"))
    messages = [turn["user_message"] for turn in first.json() + rest.json()]
    assert (len(first.json()), relation) == (100, 'rel="next"')
    assert messages == [f"질문 {number}" for number in range(106)]
    assert "link" not in rest.headers


def test_thirty_questions_a_minute_are_the_limit_of_a_visitor(configure: Callable[..., Path]) -> None:
    configure(RATE_LIMIT_PER_MINUTE="2")
    from functions.chats import app

    with TestClient(app) as client:
        token = wiring.get_visitors().issue()[1]
        client.headers["Authorization"] = f"Bearer {token}"
        answers = [
            client.post(f"/v1/sessions/{new_session()}/chats", json={"user_message": "안녕하세요"}) for _ in range(5)
        ]
    refused = [one for one in answers if one.status_code == 429]
    assert len(refused) >= 1  # two windows at most: the minute may turn in between
    assert refused[0].json()["code"] == "rate_limited"
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60


def test_an_address_has_a_limit_of_its_own_and_is_not_stored_in_clear(configure: Callable[..., Path]) -> None:
    data_dir = configure(RATE_LIMIT_PER_MINUTE_ADDRESS="3", TRUSTED_PROXIES="1")
    from functions.chats import app

    with TestClient(app) as client:
        statuses = []
        for _ in range(8):
            client.cookies.clear()
            headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
            body = {"user_message": "안녕하세요"}
            statuses.append(client.post(f"/v1/sessions/{new_session()}/chats", json=body, headers=headers).status_code)
    assert 429 in statuses
    stored = b"".join(path.read_bytes() for path in data_dir.glob("haedap.sqlite3*"))
    assert b"rate#address#" in stored
    assert b"203.0.113.9" not in stored


def test_the_lines_of_a_header_that_names_addresses_are_one_list(configure: Callable[..., Path]) -> None:
    configure(RATE_LIMIT_PER_MINUTE_ADDRESS="3", TRUSTED_PROXIES="1")
    from functions.visitors import app

    with TestClient(app) as client:
        claimed = [
            httpx.Headers([("X-Forwarded-For", f"198.51.100.{n}"), ("X-Forwarded-For", "203.0.113.9")])
            for n in range(8)
        ]
        assert 429 in [client.post("/v1/visitors", headers=one).status_code for one in claimed]


def test_a_service_type_is_normalized_as_the_corpus_is(client: TestClient) -> None:
    session = new_session()
    body = {"user_message": "반품 배송비", "service_type": unicodedata.normalize("NFD", " 해외  판매 ")}
    assert client.post(f"/v1/sessions/{session}/chats", json=body).status_code == 201
    assert client.get(f"/v1/sessions/{session}/chats").json()[0]["service_type"] == "해외 판매"


def test_personal_data_in_a_service_type_is_masked(client: TestClient) -> None:
    session = new_session()
    body = {"user_message": "반품 배송비", "service_type": "스토어 010-1234-5678"}
    assert client.post(f"/v1/sessions/{session}/chats", json=body).status_code == 201
    assert client.get(f"/v1/sessions/{session}/chats").json()[0]["service_type"] == "스토어 [전화번호]"


def test_a_forged_visitor_token_is_401_and_a_forged_cookie_is_a_newcomer(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    mine = client.cookies["haedap_visitor"]
    forged = mine[:-9] + ("A" if mine[-9] != "A" else "B") + mine[-8:]
    client.cookies.clear()
    response = client.get("/v1/sessions", headers={"Authorization": f"Bearer {forged}"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_visitor")
    assert client.get("/v1/sessions", headers={"Cookie": f"haedap_visitor={forged}"}).json() == []
    assert len(client.get("/v1/sessions", headers={"Authorization": f"Bearer {mine}"}).json()) == 1


class Clock:
    """A clock that stands still until it is moved. It starts now: the store's own clock goes on beside it."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now
