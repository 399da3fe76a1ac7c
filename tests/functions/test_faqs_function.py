"""GET /v1/faqs/search: what a question finds, and why."""

import pytest
from fastapi.testclient import TestClient

from shared.retrieval.base import PARTS

QUESTION = "가입 심사는 며칠 걸려요?"


def test_ranked_contents_come_with_the_parts_of_their_scores(served: TestClient) -> None:
    body = served.get("/v1/faqs/search", params={"q": QUESTION, "limit": 3}).json()
    assert body["decision"] == "answer"
    assert "심사" in body["contents"][0]["title"]
    assert len(body["contents"]) == 3
    for content in body["contents"]:
        assert set(content["parts"]) == set(PARTS)
    scores = [content["score"] for content in body["contents"]]
    assert scores == sorted(scores, reverse=True)


def test_a_search_records_nothing(served: TestClient) -> None:
    served.get("/v1/faqs/search", params={"q": QUESTION})
    assert served.get("/v1/sessions").json() == []
    assert "set-cookie" not in served.get("/v1/faqs/search", params={"q": QUESTION}).headers


@pytest.mark.parametrize(
    "asked", ["😀👍🛒", "'; DROP TABLE faq; --", "<img src=x onerror=alert(1)>", "ㅋ" * 2_000, "\u200b a"]
)
def test_whatever_is_asked_gets_a_decision(served: TestClient, asked: str) -> None:
    answer = served.get("/v1/faqs/search", params={"q": asked})
    assert answer.status_code == 200
    assert answer.json()["decision"] in ("answer", "clarify", "refuse")


@pytest.mark.parametrize(
    "query",
    [
        "q=",
        "q=%20%E2%80%8B",
        "q=%E2%80%8D",
        "q=%E3%85%A4",
        "q=%E1%85%9F",
        "q=%EF%B8%8F",
        "q=%E2%A0%80",
        "",
        "q=a&limit=0",
        "q=a&limit=21",
        "q=a&bot=..",
        f"q={'a' * 2_001}",
    ],
)
def test_bad_queries_are_told_in_korean(served: TestClient, query: str) -> None:
    answer = served.get(f"/v1/faqs/search?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
    assert answer.json()["bubbles"][0]["bubble_type"] == "error"


def test_without_an_index_it_is_a_503(client: TestClient) -> None:
    answer = client.get("/v1/faqs/search", params={"q": QUESTION})
    assert (answer.status_code, answer.json()["code"]) == (503, "index_unavailable")
