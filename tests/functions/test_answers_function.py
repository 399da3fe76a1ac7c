"""Whole answers for programs: by key, with a history, logged and without a session."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.answering.writing import MAX_ANSWER_CHARACTERS
from shared.bot import Bot
from shared.errors import LlmUnavailable, StoreUnavailable
from shared.storage.sqlite import SqliteStore
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.functions.programs import bearer, history_log, logged, nested, new_key

QUESTION = "입점 심사는 며칠 걸려요?"


@pytest.fixture
def key(served: TestClient) -> str:
    return new_key()


def ask(client: TestClient, key: str, question: str = QUESTION, **body: Any) -> Any:
    response = client.post("/v1/answers", json={"question": question, **body}, headers=bearer(key))
    assert response.status_code == 200, response.text
    return response.json()


def test_an_answer_is_the_stream_collected(served: TestClient, key: str) -> None:
    whole = ask(served, key)
    assert set(whole) == {
        "request_id",
        "question_ids",
        "answer",
        "feedback",
        "sources",
        "suggestions",
        "decision",
        "degraded",
    }
    assert (whole["decision"], whole["degraded"]) == ("answer", [])
    assert [bubble["bubble_type"] for bubble in whole["feedback"]["bubbles"]] == ["feedback_request"]
    assert (whole["answer"]["expression"], whole["answer"]["search_completed"]) == ("SMILE", True)
    assert whole["answer"]["bubbles"][0]["bubble_type"] == "text"
    assert "입점 심사는 얼마나 걸리나요?" in whole["answer"]["bubbles"][0]["description"]
    assert whole["question_ids"] == [source["faq_id"] for source in whole["sources"]]
    assert whole["suggestions"]


def test_an_off_topic_question_is_refused_without_sources(served: TestClient, key: str) -> None:
    whole = ask(served, key, "이번 주말에 볼 만한 영화 추천해 줘")
    assert (whole["decision"], whole["sources"], whole["answer"]["search_completed"]) == ("refuse", [], False)


def test_a_greeting_gets_a_fixed_answer(served: TestClient, key: str) -> None:
    assert ask(served, key, "안녕하세요")["decision"] == "fixed"


def test_a_question_and_its_answer_are_in_the_history_log_under_the_keys_id(served: TestClient, key: str) -> None:
    whole = ask(served, key, service_type="스토어")
    item = logged(whole["request_id"])
    assert (item["channel"], item["key_id"]) == ("api", wiring.get_api_key(key).key_id)
    assert (item["user_message"], item["service_type"], item["status"]) == (QUESTION, "스토어", "done")
    assert item["system_message"] == whole["answer"]["bubbles"][0]["description"]
    assert "visitor_id" not in item and "session_id" not in item


def test_no_session_is_kept_and_no_cookie_given(served: TestClient, key: str) -> None:
    ask(served, key)
    assert not served.cookies
    assert served.get("/v1/sessions").json() == []


def test_personal_data_reaches_neither_the_log_nor_the_answer(served: TestClient, key: str) -> None:
    whole = ask(served, key, "입점 심사 결과는 010-1234-5678로 오나요?")
    assert "010-1234-5678" not in str(logged(whole["request_id"]))
    assert "[전화번호]" in logged(whole["request_id"])["user_message"]


def test_personal_data_in_a_service_type_reaches_the_log_masked(served: TestClient, key: str) -> None:
    whole = ask(served, key, service_type="스토어 010-1234-5678")
    assert logged(whole["request_id"])["service_type"] == "스토어 [전화번호]"


# Keys


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer hk_",
        "Bearer hk_" + "A" * 43,
        "Bearer hk_" + "A" * 5_000,
        "Bearer hv_visitor",
        "Basic aGs6eA==",
        "hk_" + "A" * 43,
        "Bearer hk_한글".encode(),
        b"Bearer \xff\xfe",
        "Bearer hk_" + "A" * 43 + ",Bearer x",
        "Digest hk_x",
    ],
)
def test_without_a_valid_key_there_is_no_answer(client: TestClient, header: str | bytes | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = client.post("/v1/answers", json={"question": QUESTION}, headers=headers)  # type: ignore[arg-type]
    assert (response.status_code, response.json()["code"]) == (401, "invalid_api_key")
    assert set(response.json()) == {"error_message", "code", "expression", "bubbles"}
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer ", "Bearer   "])
def test_the_scheme_may_be_written_in_any_case_and_with_more_blanks(served: TestClient, key: str, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {key} "}
    assert served.post("/v1/answers", json={"question": QUESTION}, headers=headers).status_code == 200


def test_a_key_belongs_to_one_bot(served: TestClient, key: str) -> None:
    for bot_id in ("flowers", "nobody"):
        wiring.get_bots().publish(Bot(bot_id="flowers"))
        response = served.post(f"/v1/answers?bot={bot_id}", json={"question": QUESTION}, headers=bearer(key))
        assert (response.status_code, response.json()["code"]) == (404, "bot_not_found")
    assert (
        served.post("/v1/answers?bot=default", json={"question": "안녕하세요"}, headers=bearer(key)).status_code == 200
    )


def test_the_key_chooses_the_bot(served: TestClient) -> None:
    wiring.get_bots().publish(Bot(bot_id="flowers", name="꽃집"))
    whole = ask(served, new_key("flowers"), "안녕하세요")
    assert "꽃집" in whole["answer"]["bubbles"][0]["description"]
    assert logged(whole["request_id"], "flowers")["status"] == "done"


def test_each_key_has_a_rate_of_its_own(served: TestClient) -> None:
    slow, other = new_key(rate_per_minute=1), new_key(rate_per_minute=1)
    ask(served, slow, "안녕하세요")
    # The minute may end between two of them, but not twice
    responses = [served.post("/v1/answers", json={"question": "안녕하세요"}, headers=bearer(slow)) for _ in range(2)]
    refused = next(one for one in responses if one.status_code == 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    ask(served, other, "안녕하세요")


# Input


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "question 값이 필요합니다."),
        ([], "요청 본문 값은 객체여야 합니다."),
        ({"question": " \u200b"}, "질문을 입력해 주세요."),
        ({"question": "가" * 2_001}, "질문은 2,000자 이하로 입력해 주세요."),
        ({"question": 7}, "question 값은 문자열이어야 합니다."),
        ({"question": "가", "history": {}}, "history 값은 목록이어야 합니다."),
        ({"question": "가", "history": [{"user_message": "가"}] * 21}, "history 값은 20개 이하여야 합니다."),
        ({"question": "가", "history": [{"system_message": "가"}]}, "history.0.user_message 값이 필요합니다."),
        ({"question": "가", "history": [{"user_message": "가" * 2_001}]}, "질문은 2,000자 이하로 입력해 주세요."),
        (
            {"question": "가", "history": [{"user_message": "가", "system_message": "a" * 20_001}]},
            "history.0.system_message 값은 20000자 이하여야 합니다.",
        ),
        ({"question": "가", "service_type": ""}, "service_type 값은 1자 이상이어야 합니다."),
    ],
)
def test_bad_input_is_told_in_korean(client: TestClient, body: object, message: str) -> None:
    response = client.post("/v1/answers", json=body, headers=bearer(new_key()))
    assert (response.status_code, response.json()["error_message"]) == (422, message)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"question": "\xff"}', nested(100_000), '{"question": ' + nested(5_000) + "}", "null", '"x"', "NaN"],
)
def test_a_body_that_is_no_question_is_refused_whatever_it_is(client: TestClient, content: str | bytes) -> None:
    headers = {**bearer(new_key()), "Content-Type": "application/json"}
    response = client.post("/v1/answers", content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


def test_half_a_character_and_control_characters_are_no_crash(served: TestClient, key: str) -> None:
    said = '"입점\\ud800 심사는 \\u0000\\u001b[31m며칠 걸려요?"'
    body = f'{{"question": {said}, "service_type": {said}, "history": [{{"user_message": {said}}}], "\\ud800": 1}}'
    headers = {**bearer(key), "Content-Type": "application/json"}
    response = served.post("/v1/answers", content=body, headers=headers)
    assert response.status_code == 200, response.text
    assert "\0" not in logged(response.json()["request_id"])["user_message"]


def test_as_long_a_history_as_is_allowed_fits(served: TestClient, key: str) -> None:
    history = [{"user_message": "가" * 2_000, "system_message": "나" * 2_000}] * 20
    ask(served, key, "안녕하세요", history=history)


def test_what_this_api_has_said_can_be_told_to_it_again(served: TestClient, key: str) -> None:
    ask(served, key, "안녕하세요", history=[{"user_message": "가", "system_message": "나" * MAX_ANSWER_CHARACTERS}])


def test_a_larger_body_is_413(client: TestClient) -> None:
    response = client.post("/v1/answers", json={"question": "가" * 300_000}, headers=bearer(new_key()))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


# With a language model


@pytest.fixture
def llm() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as server:
        yield server


@pytest.fixture
def with_llm(llm: FakeOpenAI, data_dir: Path, configure: Callable[..., Path]) -> Iterator[TestClient]:
    configure(OPENAI_BASE_URL=llm.base_url)
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_the_model_is_told_the_history_oldest_first_without_personal_data(
    with_llm: TestClient, llm: FakeOpenAI
) -> None:
    history = [
        {"user_message": "제 번호는 010-1234-5678입니다.", "system_message": "네, 010-1234-5678 확인했습니다."},
        {"user_message": "서류는 어디에 내나요?"},
    ]
    llm.enqueue("사흘 걸립니다. [1]")
    whole = ask(with_llm, new_key(), QUESTION, history=history)
    assert whole["answer"]["bubbles"][0]["description"] == "사흘 걸립니다. [1]"
    prompt = "\n".join(message["content"] for message in llm.requests[-1].body["messages"])
    assert "010-1234-5678" not in prompt
    assert prompt.index("제 번호는 [전화번호]입니다.") < prompt.index("서류는 어디에 내나요?") < prompt.rindex(QUESTION)


# Failures


def test_an_answer_that_breaks_half_way_is_503_and_what_was_said_is_logged(
    with_llm: TestClient, llm: FakeOpenAI
) -> None:
    llm.enqueue(Reply(deltas=("심사는 영업일 ", "기준으로", "안 나옴"), disconnect_after=2))
    key = new_key()
    response = with_llm.post("/v1/answers", json={"question": QUESTION}, headers=bearer(key))
    assert (response.status_code, response.json()["code"]) == (503, LlmUnavailable.code)
    (item,) = history_log()
    assert (item["status"], item["system_message"]) == ("failed", "심사는 영업일 기준으로")
    assert [bubble["bubble_type"] for bubble in item["bubbles"]] == ["text", "error"]


def test_without_an_index_it_is_503_and_the_question_is_logged(client: TestClient) -> None:
    response = client.post("/v1/answers", json={"question": QUESTION}, headers=bearer(new_key()))
    assert (response.status_code, response.json()["code"]) == (503, "index_unavailable")
    (item,) = history_log()
    assert (item["status"], item["error_code"]) == ("failed", "index_unavailable")


def test_an_answer_that_cannot_be_logged_is_given_all_the_same(
    served: TestClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = SqliteStore.update

    def failing(self: SqliteStore, table: str, *arguments: Any, **options: Any) -> Any:
        if table == "questions":
            raise StoreUnavailable(detail="away")
        return update(self, table, *arguments, **options)

    monkeypatch.setattr(SqliteStore, "update", failing)
    assert ask(served, key, "안녕하세요")["decision"] == "fixed"
