"""Trying a question: its whole way is told, by the pipeline that customers have, and nothing is logged."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.admin_keys import Role
from tests.fakes.openai_server import FakeOpenAI
from tests.functions.operators import operator
from tests.functions.programs import history_log

BOT = "/v1/admin/bots/default"
QUESTION = "가입 심사는 며칠 걸려요?"


def tried(client: TestClient, **body: Any) -> Any:
    answer = client.post(f"{BOT}/try", headers=operator("editor"), json={"question": QUESTION, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def drafted(client: TestClient, **fields: Any) -> None:
    headers = operator("owner")
    state = client.get(BOT, headers=headers).json()
    edit = {"based_on": state["based_on"], "bot": {**state["published"], **fields}}
    assert client.put(f"{BOT}/draft", headers=headers, json=edit).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 404), ("owner", 404)])
def test_trying_is_for_editors_as_it_spends(client: TestClient, role: Role, status: int) -> None:
    body = {"question": QUESTION, "version": "none"}
    answer = client.post(f"{BOT}/try", headers=operator(role), json=body)
    assert answer.status_code == status
    assert client.post(f"{BOT}/try", json=body).status_code == 401
    foreign = client.post(f"{BOT}/try", headers=operator("owner", ["flowers"]), json=body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "bot_not_found")


def test_the_whole_way_of_a_question_is_told_and_nothing_is_logged(served: TestClient) -> None:
    told = tried(served)
    assert (told["decision"], told["gate"], told["error"]) == ("answer", None, None)
    [search] = told["searches"]
    assert (search["source_id"], search["asked"], search["decision"]) == ("default", QUESTION, "answer")
    assert search["relevance"] >= search["refuse_below"] and search["confidence"] >= search["answer_from"]
    first = search["contents"][0]
    assert first["matched_subject"] and {"title", "content", "sentence", "ngram_title"} <= first["parts"].keys()
    assert told["sources"][0]["faq_id"] == first["faq_id"]
    assert [call["outcome"] for call in told["plan"]] == ["found"]
    assert {"gate", "look_up", "write"} <= {step["step"] for step in told["steps"]}
    assert told["text"] and told["bubbles"][0]["bubble_type"] == "text"
    assert history_log() == []


def test_the_gates_reply_is_told_as_such(served: TestClient) -> None:
    told = tried(served, question="안녕하세요")
    assert (told["gate"], told["decision"], told["searches"]) == ("greeting", "fixed", [])


def test_personal_data_is_masked_as_in_customers_questions(served: TestClient) -> None:
    told = tried(served, question="010-1234-5678로 가입 심사 결과 알려 주나요?")
    assert "010-1234-5678" not in str(told) and "[전화번호]" in told["question"]


def test_a_draft_is_tried_before_it_is_published(served: TestClient) -> None:
    drafted(served, replies={"refusal": "초안의 거절이에요."}, thresholds={"off_topic_refused": 1, "answer_from": 1})
    published, draft = tried(served, version="published"), tried(served, version="draft")
    assert (published["decision"], published["bot_version"]) == ("answer", wiring.get_bot("default").version)
    assert draft["bot_version"].startswith("draft#")
    ours, theirs = (told["searches"][0] for told in (draft, published))
    assert ours["answer_from"] > theirs["answer_from"] and ours["refuse_below"] > theirs["refuse_below"]
    assert draft["decision"] != "answer"
    drafted_again = tried(served, version="published")
    assert drafted_again["searches"][0]["answer_from"] == theirs["answer_from"]  # nothing of it is stored


def test_the_prompt_that_the_model_got_and_its_tokens_are_told(with_llm: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue("영업일로 이틀 걸려요. [1]")
    told = tried(with_llm, history=[{"user_message": "가입하고 싶어요", "system_message": "네, 가입할 수 있어요."}])
    assert told["text"] == "영업일로 이틀 걸려요. [1]"
    prompt = told["prompts"][-1]
    sent = llm.requests[-1].body["messages"]
    assert (prompt["step"], [one["content"] for one in prompt["messages"]]) == (
        "write",
        [one["content"] for one in sent],
    )
    assert told["input_tokens"] > 0 and told["model"] == prompt["model"]


def test_without_an_index_the_trial_tells_why_there_is_no_answer(client: TestClient) -> None:
    told = tried(client)
    assert told["error"]["code"] == "index_unavailable" and told["problems"]
