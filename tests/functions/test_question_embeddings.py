"""A question's vector is kept with the history log, and shown to nobody."""

import json
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from shared import wiring
from shared.models import Embedding
from shared.retrieval.embedded import unpacked
from shared.storage import keys
from tests.app import ask, new_session
from tests.functions.operators import operator
from tests.functions.programs import bearer, logged, new_key

QUESTION, FOLLOW_UP = "가입 심사는 며칠 걸려요?", "그럼 서류는 뭘 내나요?"
HISTORY = "/v1/admin/bots/default/history"


def asked(client: TestClient, session: str, question: str) -> str:
    chat_id: str = ask(client, session, question)[-1].data["chat_id"]
    return chat_id


def is_of(item: dict[str, Any], text: str) -> bool:
    """Whether an item's vector is the one that the engine gives for this text."""
    found = unpacked(Embedding.model_validate(item["embedding"]))
    (wanted,) = wiring.get_embedder().embed_queries([text])
    assert found and found.engine == wiring.get_embedder().name
    return bool(np.dot(found.vector, wanted) > 0.999)


def test_a_searched_question_keeps_its_vector_as_it_was_asked_with_the_keyboard_set_right(served: TestClient) -> None:
    session = new_session()
    assert is_of(logged(asked(served, session, QUESTION)), QUESTION)
    assert is_of(
        logged(asked(served, session, FOLLOW_UP)), "서류는 뭘 내나요?"
    )  # not what it means after the other one
    assert is_of(logged(asked(served, new_session(), "rkdlq tlatk djswp Rmxsk")), "가입 심사 언제 끝나")


def test_a_programs_question_keeps_its_vector_too(served: TestClient) -> None:
    answer = served.post("/v1/answers", json={"question": QUESTION}, headers=bearer(new_key()))
    assert is_of(logged(answer.json()["request_id"]), QUESTION)
    assert "embedding" not in answer.text


def test_a_fixed_reply_has_none(served: TestClient) -> None:
    assert "embedding" not in logged(asked(served, new_session(), "안녕하세요"))


def test_nobody_is_shown_it(served: TestClient) -> None:
    session = new_session()
    chat_id = asked(served, session, QUESTION)
    turn = f"{HISTORY}/{keys.day_of(chat_id)}/{chat_id}"
    paths = [HISTORY, f"{HISTORY}/export?format=jsonl", f"{HISTORY}/export?format=csv", turn, f"{turn}/why"]
    shown = [served.get(path, headers=operator("owner")).text for path in paths]
    shown.append(served.get(f"/v1/sessions/{session}/chats").text)
    vector = logged(chat_id)["embedding"]["vector"]
    assert all(QUESTION in one for one in (*shown[:4], shown[5]))
    assert not [one for one in shown if "embedding" in one or vector[:20] in one]


def test_it_is_nowhere_in_what_the_api_documents(client: TestClient) -> None:
    assert '"embedding"' not in json.dumps(client.get("/openapi.json").json())


def test_a_deleted_session_leaves_no_vector(served: TestClient) -> None:
    session = new_session()
    chat_id = asked(served, session, QUESTION)
    assert served.delete(f"/v1/sessions/{session}").status_code in (200, 204)
    assert not logged(chat_id).get("embedding")


def test_how_sure_the_search_was_is_recorded_where_confidence_decided(served: TestClient) -> None:
    assert 0 <= logged(asked(served, new_session(), QUESTION))["record"]["margin"] <= 1
    assert logged(asked(served, new_session(), "오늘 서울 날씨 어때요?"))["record"].get("margin") is None
