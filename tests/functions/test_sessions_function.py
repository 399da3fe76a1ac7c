"""Sessions over HTTP: the caller's own, renamed, deleted with their text."""

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path

from fastapi.testclient import TestClient

from shared import wiring
from shared.conversations import Conversations, Question
from shared.models import Answer, AnswerRecord, Bubble, Call, Problem, Source, StepTime, Suggestion, UnsupportedClaim
from shared.storage import keys
from tests.app import new_session, post_question


def test_a_newcomer_has_no_sessions_and_gets_no_cookie_for_looking(client: TestClient) -> None:
    response = client.get("/v1/sessions")
    assert (response.status_code, response.json()) == (200, [])
    assert "set-cookie" not in response.headers


def test_sessions_are_listed_newest_first_with_their_first_message(client: TestClient) -> None:
    first, second = new_session(), new_session()
    post_question(client, first, "정산은 언제 되나요?")
    post_question(client, second, "반품 배송비는 누가 내나요?")
    listed = client.get("/v1/sessions").json()
    assert [one["session_id"] for one in listed] == [second, first]
    assert listed[1]["first_message"] == "정산은 언제 되나요?"
    assert set(listed[0]) == {"session_id", "first_message", "created_at", "updated_at"}


def test_a_new_session_was_updated_when_it_was_created(configure: object) -> None:
    moments = itertools.count(time.time())
    conversations, owner = Conversations(wiring.get_store(), 90, lambda: next(moments)), keys.Owner("default", "v")
    conversations.ask(owner, new_session(), Question("정산은 언제 되나요?"))
    [session] = conversations.sessions(owner)
    assert session.created_at == session.updated_at


def test_a_renamed_session_shows_its_title(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    assert client.patch(f"/v1/sessions/{session}", json={"title": "  정산 문의 "}).json()["title"] == "정산 문의"
    assert client.get("/v1/sessions").json()[0]["title"] == "정산 문의"


def test_an_empty_title_is_refused(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    response = client.patch(f"/v1/sessions/{session}", json={"title": "   "})
    assert response.status_code == 422
    assert response.json()["error_message"] == "title 값은 1자 이상이어야 합니다."


def test_deleting_a_session_removes_its_turns_and_blanks_its_text_in_the_history(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    chat_id = client.get(f"/v1/sessions/{session}/chats").json()[0]["chat_id"]
    assert client.delete(f"/v1/sessions/{session}").status_code == 204
    assert client.get("/v1/sessions").json() == []
    assert client.get(f"/v1/sessions/{session}/chats").status_code == 404
    logged = wiring.get_store().get("questions", keys.questions_pk("default", chat_id), chat_id)
    assert logged is not None
    assert (logged["user_message"], logged["system_message"], logged["deleted"]) == ("", "", True)


def test_nothing_that_was_asked_or_answered_survives_a_deletion_in_the_history(configure: object) -> None:
    conversations, owner, session = wiring.get_conversations(), keys.Owner("default", "v"), new_session()
    question = Question("비밀질문", service_type="비밀서비스")
    source = Source(n=1, faq_id="비밀번호", title="비밀제목", matched_subject="비밀제목", score=0.9)
    claim = conversations.claim(conversations.ask(owner, session, question))
    bubble = Bubble(bubble_id="b1", bubble_type="text", description="비밀답변")
    answer = Answer(text="비밀답변", bubbles=[bubble], sources=[source], decision="answer")
    answer.suggestions = [Suggestion(text="비밀제안", faq_id="비밀번호")]
    conversations.finish(claim, answer)
    conversations.delete(owner, session)
    logged = wiring.get_store().get("questions", keys.questions_pk("default", claim.turn.chat_id), claim.turn.chat_id)
    assert logged is not None
    assert "비밀" not in json.dumps(logged, ensure_ascii=False)
    assert (logged["status"], logged["decision"], logged["deleted"]) == ("done", "answer", True)


def test_of_how_an_answer_came_about_a_deletion_leaves_what_it_cost_and_how_long_it_took(configure: object) -> None:
    conversations, owner, session = wiring.get_conversations(), keys.Owner("default", "v"), new_session()
    claim = conversations.claim(conversations.ask(owner, session, Question("비밀질문")))
    record = AnswerRecord(
        model="some-model",
        prompt_version="7",
        input_tokens=900,
        output_tokens=80,
        tokens_estimated=True,
        cost_won=1.5,
        requests=2,
        retries=1,
        steps=[StepTime(step="search", ms=12)],
        calls=[Call(source_id="비밀배송", arguments={"keyword": "비밀상품"}, outcome="invalid", ms=3)],
        fixed="비밀인사",
        category="비밀분류",
        unsupported=[UnsupportedClaim(sentence="비밀문장", reason="figure", what="비밀금액")],
        candidates=[Source(n=1, faq_id="a", title="비밀제목", matched_subject="비밀제목", score=1)],
        problems=[Problem(step="write", reason="비밀이유")],
        margin=0.5,
    )
    conversations.finish(claim, Answer(text="비밀답변", decision="answer", record=record))
    conversations.delete(owner, session)
    logged = wiring.get_store().get("questions", keys.questions_pk("default", claim.turn.chat_id), claim.turn.chat_id)
    assert logged is not None
    assert "비밀" not in json.dumps(logged, ensure_ascii=False)
    told = {"calls", "fixed", "category", "unsupported", "candidates", "problems", "left_out"}
    assert logged["record"] == record.model_dump(exclude=told)


def test_no_file_holds_the_text_of_a_deleted_session(configure: Callable[..., Path]) -> None:
    data_dir, conversations, owner = configure(), wiring.get_conversations(), keys.Owner("default", "v")
    kept, deleted = new_session(), new_session()
    for number in range(10):
        for session, text in ((kept, "남는글" * 99), (deleted, "비밀글" * 99)):
            claim = conversations.claim(conversations.ask(owner, session, Question(f"{text} {number}")))
            conversations.checkpoint(claim, text)
            bubble = Bubble(bubble_id="b1", bubble_type="text", description=text * 9)
            conversations.finish(claim, Answer(text=text * 9, bubbles=[bubble], decision="answer"))
    files = list(data_dir.glob("haedap.sqlite3*"))
    assert any("비밀글".encode() in file.read_bytes() for file in files)
    conversations.delete(owner, deleted)
    for file in files:
        assert "비밀글".encode() not in file.read_bytes(), file.name
    assert any("남는글".encode() in file.read_bytes() for file in files)


def test_a_question_of_a_deleted_session_cannot_be_answered_any_more(client: TestClient) -> None:
    session = new_session()
    streaming_id = post_question(client, session, "정산은 언제 되나요?")
    client.delete(f"/v1/sessions/{session}")
    assert client.post(f"/v1/streaming/{streaming_id}").status_code == 404


def test_another_visitors_session_is_not_found_whatever_is_done_with_it(client: TestClient) -> None:
    session = new_session()
    post_question(client, session, "정산은 언제 되나요?")
    client.cookies.clear()
    for response in (
        client.get(f"/v1/sessions/{session}/chats"),
        client.patch(f"/v1/sessions/{session}", json={"title": "내 것"}),
        client.delete(f"/v1/sessions/{session}"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "session_not_found")
    assert client.get("/v1/sessions").json() == []


def test_another_bots_sessions_are_not_this_ones(client: TestClient) -> None:
    response = client.get("/v1/sessions?bot=another")
    assert (response.status_code, response.json()["code"]) == (404, "bot_not_found")
    assert client.get("/v1/sessions?bot=../x").status_code == 422


def test_the_oldest_session_makes_room_for_the_two_hundred_and_first(client: TestClient, configure: object) -> None:
    conversations, owner = wiring.get_conversations(), keys.Owner("default", "somebody")
    sessions = [new_session() for _ in range(201)]
    for session in sessions:
        conversations.ask(owner, session, Question("질문"))
    kept = {one.session_id for one in conversations.sessions(owner)}
    assert kept == set(sessions[1:])
