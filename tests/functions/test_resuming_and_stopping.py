"""A stream over HTTP, read again from any event on, and stopped before it begins; in one process."""

import re

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from tests.app import ask, new_session, parse, post_question, said

QUESTION = "가입 심사는 며칠 걸려요?"


def streamed(client: TestClient) -> tuple[str, str]:
    """A streaming id, and its whole stream."""
    streaming_id = post_question(client, new_session(), QUESTION)
    return streaming_id, client.post(f"/v1/streaming/{streaming_id}").text


def test_from_every_event_on_the_rest_comes_as_it_came(served: TestClient) -> None:
    streaming_id, whole = streamed(served)
    frames = whole.split("\n\n")[:-1]
    assert len(frames) > 3
    for seen in range(len(frames)):
        rest = served.get(f"/v1/streaming/{streaming_id}?last_event_id={seen}")
        assert rest.status_code == 200
        assert rest.headers["content-type"].startswith("text/event-stream")
        assert rest.headers["cache-control"] == "no-store"
        assert rest.text == "".join(f"{frame}\n\n" for frame in frames[seen:])


def test_a_post_resumes_as_a_get_does_and_the_header_is_newer_than_the_query(served: TestClient) -> None:
    streaming_id, whole = streamed(served)
    last = parse(whole)[-1]
    for call in (served.get, served.post):
        assert call(f"/v1/streaming/{streaming_id}", headers={"Last-Event-ID": "0"}).text == whole
        address = f"/v1/streaming/{streaming_id}?last_event_id=0"
        assert parse(call(address, headers={"Last-Event-ID": str(last.id - 1)}).text) == [last]


def test_at_the_end_and_behind_it_the_last_event_comes_again(served: TestClient) -> None:
    streaming_id, whole = streamed(served)
    last = parse(whole)[-1]
    assert last.event == "done"
    for seen in (last.id, last.id + 1, 999_999_999_999_999):
        again = served.get(f"/v1/streaming/{streaming_id}?last_event_id={seen}")
        assert (again.status_code, parse(again.text)) == (200, [last])


def test_who_comes_first_and_has_seen_nothing_begins_the_answer(served: TestClient) -> None:
    session = new_session()
    streaming_id = post_question(served, session, QUESTION)
    assert served.get(f"/v1/streaming/{streaming_id}?last_event_id=3").status_code == 404
    first = served.get(f"/v1/streaming/{streaming_id}?last_event_id=0")
    assert parse(first.text)[-1].event == "done"
    assert served.get(f"/v1/streaming/{streaming_id}").status_code == 404
    assert served.get(f"/v1/streaming/{streaming_id}?last_event_id=0").text == first.text
    assert len(served.get(f"/v1/sessions/{session}/chats").json()) == 1


def test_a_stream_that_failed_is_resumed_to_its_error(client: TestClient) -> None:
    streaming_id, whole = streamed(client)  # there is no index
    events = parse(whole)
    assert events[-1].event == "error"
    for seen, rest in ((0, events), (events[-2].id, events[-1:]), (events[-1].id, events[-1:])):
        assert parse(client.get(f"/v1/streaming/{streaming_id}?last_event_id={seen}").text) == rest


@pytest.mark.parametrize("seen", ["-1", "1.5", "", "abc", "٣", "1e3", "9" * 16, "0x1", "1_0", " 1"])
def test_what_is_no_event_id_is_refused_in_korean(client: TestClient, seen: str) -> None:
    streaming_id = post_question(client, new_session(), QUESTION)
    asked = [client.get(f"/v1/streaming/{streaming_id}", params={"last_event_id": seen})]
    if seen.isascii() and seen.strip() == seen:
        asked.append(client.get(f"/v1/streaming/{streaming_id}", headers={"Last-Event-ID": seen}))
    for response in asked:
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
        assert re.search(r"값(은|이|의 형식이) ", response.json()["error_message"])


@pytest.mark.parametrize("streaming_id", ["A" * 22, "none", "한글", "a" * 500])
def test_an_unknown_id_can_be_neither_resumed_nor_stopped(client: TestClient, streaming_id: str) -> None:
    for response in (
        client.get(f"/v1/streaming/{streaming_id}?last_event_id=0"),
        client.get(f"/v1/streaming/{streaming_id}", headers={"Last-Event-ID": "3"}),
        client.delete(f"/v1/streaming/{streaming_id}"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "ticket_not_found")


def test_a_deleted_session_has_no_stream_any_more(served: TestClient) -> None:
    session = new_session()
    streaming_id = post_question(served, session, QUESTION)
    served.post(f"/v1/streaming/{streaming_id}")
    assert wiring.get_store().query("streams", streaming_id).items
    served.delete(f"/v1/sessions/{session}")
    assert wiring.get_store().query("streams", streaming_id).items == []
    for response in (
        served.get(f"/v1/streaming/{streaming_id}?last_event_id=0"),
        served.delete(f"/v1/streaming/{streaming_id}"),
    ):
        assert response.status_code == 404


def test_a_question_that_is_stopped_before_its_answer_begins_is_stopped(served: TestClient) -> None:
    session = new_session()
    streaming_id = post_question(served, session, QUESTION)
    for _ in range(2):
        stopped = served.delete(f"/v1/streaming/{streaming_id}")
        assert (stopped.status_code, stopped.content) == (204, b"")
    for address in (f"/v1/streaming/{streaming_id}", f"/v1/streaming/{streaming_id}?last_event_id=0"):
        assert served.get(address).status_code == 404
    [turn] = served.get(f"/v1/sessions/{session}/chats").json()
    assert turn["status"] == "stopped" and "streaming_id" not in turn
    again = ask(served, session, QUESTION, replaces=turn["chat_id"])
    assert again[-1].event == "done"
    [turn] = served.get(f"/v1/sessions/{session}/chats").json()
    assert (turn["status"], turn["system_message"]) == ("done", said(again))


def test_stopping_what_has_ended_changes_nothing(served: TestClient) -> None:
    streaming_id, whole = streamed(served)
    assert served.delete(f"/v1/streaming/{streaming_id}").status_code == 204
    assert served.get(f"/v1/streaming/{streaming_id}?last_event_id=0").text == whole


def test_a_repeated_question_with_its_key_gets_the_id_that_resumes_the_answer(served: TestClient) -> None:
    session, headers = new_session(), {"Idempotency-Key": "tab-1"}
    path, body = f"/v1/sessions/{session}/chats", {"user_message": QUESTION}
    post_question(served, new_session(), "쿠키를 받습니다")
    first = served.post(path, json=body, headers=headers).json()["streaming_id"]
    whole = served.post(f"/v1/streaming/{first}").text
    again = served.post(path, json=body, headers=headers).json()["streaming_id"]
    assert again == first
    assert served.get(f"/v1/streaming/{again}?last_event_id=0").text == whole
