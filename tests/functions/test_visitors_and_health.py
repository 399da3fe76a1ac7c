"""Visitor tokens; what the deployment says of itself; the documented contract."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shared import readiness
from shared.version import VERSION
from tests.app import new_session, post_question

OPERATORS = {
    "DELETE /v1/admin/bots/{bot_id}/contents/{faq_id}",
    "DELETE /v1/admin/bots/{bot_id}/contents/{faq_id}/draft",
    "DELETE /v1/admin/bots/{bot_id}/draft",
    "DELETE /v1/admin/bots/{bot_id}/golden/{golden_id}",
    "DELETE /v1/admin/bots/{bot_id}/keys/{key_id}",
    "DELETE /v1/admin/bots/{bot_id}/notice",
    "DELETE /v1/admin/keys/{key_id}",
    "GET /v1/admin/audit",
    "GET /v1/admin/bots",
    "GET /v1/admin/bots/{bot_id}",
    "GET /v1/admin/bots/{bot_id}/contents",
    "GET /v1/admin/bots/{bot_id}/contents/export",
    "GET /v1/admin/bots/{bot_id}/contents/notion",
    "GET /v1/admin/bots/{bot_id}/contents/{faq_id}",
    "GET /v1/admin/bots/{bot_id}/contents/{faq_id}/health",
    "GET /v1/admin/bots/{bot_id}/desk",
    "GET /v1/admin/bots/{bot_id}/diff",
    "GET /v1/admin/bots/{bot_id}/golden",
    "GET /v1/admin/bots/{bot_id}/golden/runs",
    "GET /v1/admin/bots/{bot_id}/history",
    "GET /v1/admin/bots/{bot_id}/history/export",
    "GET /v1/admin/bots/{bot_id}/history/{day}/{chat_id}",
    "GET /v1/admin/bots/{bot_id}/history/{day}/{chat_id}/why",
    "GET /v1/admin/bots/{bot_id}/insights",
    "GET /v1/admin/bots/{bot_id}/insights.csv",
    "GET /v1/admin/bots/{bot_id}/keys",
    "GET /v1/admin/bots/{bot_id}/notice",
    "GET /v1/admin/bots/{bot_id}/surges",
    "GET /v1/admin/bots/{bot_id}/versions",
    "GET /v1/admin/bots/{bot_id}/versions/{version}",
    "GET /v1/admin/insights.csv",
    "GET /v1/admin/keys",
    "GET /v1/admin/me",
    "POST /v1/admin/bots",
    "POST /v1/admin/bots/{bot_id}/contents",
    "POST /v1/admin/bots/{bot_id}/contents/import",
    "POST /v1/admin/bots/{bot_id}/contents/notion",
    "DELETE /v1/admin/bots/{bot_id}/contents/notion/{target_id}",
    "POST /v1/admin/bots/{bot_id}/contents/publish",
    "POST /v1/admin/bots/{bot_id}/contents/rehearse",
    "POST /v1/admin/bots/{bot_id}/contents/{faq_id}/restore",
    "POST /v1/admin/bots/{bot_id}/desk/suggestion",
    "POST /v1/admin/bots/{bot_id}/desk/handled",
    "POST /v1/admin/bots/{bot_id}/desk/settle",
    "POST /v1/admin/bots/{bot_id}/desk/try",
    "POST /v1/admin/bots/{bot_id}/golden",
    "POST /v1/admin/bots/{bot_id}/golden/run",
    "POST /v1/admin/bots/{bot_id}/keys",
    "POST /v1/admin/bots/{bot_id}/publish",
    "POST /v1/admin/bots/{bot_id}/rehearse",
    "POST /v1/admin/bots/{bot_id}/restore",
    "GET /v1/admin/insights",
    "POST /v1/admin/bots/{bot_id}/try",
    "POST /v1/admin/bots/{bot_id}/workshop",
    "POST /v1/admin/keys",
    "PUT /v1/admin/bots/{bot_id}/contents/{faq_id}",
    "PUT /v1/admin/bots/{bot_id}/draft",
    "PUT /v1/admin/bots/{bot_id}/golden/{golden_id}",
    "PUT /v1/admin/bots/{bot_id}/notice",
}


def test_a_visitor_token_is_somebody_of_their_own_without_a_cookie(client: TestClient) -> None:
    first, second = (client.post("/v1/visitors").json()["token"] for _ in range(2))
    assert first.startswith("hv_")
    session = new_session()
    client.headers["Authorization"] = f"Bearer {first}"
    post_question(client, session, "정산은 언제 되나요?")
    assert "haedap_visitor" not in client.cookies
    assert len(client.get("/v1/sessions").json()) == 1
    client.headers["Authorization"] = f"Bearer {second}"
    assert client.get("/v1/sessions").json() == []


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: TestClient) -> None:
    response = client.post(f"/v1/sessions/{new_session()}/chats", json={"user_message": "안녕하세요"})
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie


def test_the_cookie_is_secure_over_https(client: TestClient) -> None:
    url = f"https://testserver/v1/sessions/{new_session()}/chats"
    assert "Secure" in client.post(url, json={"user_message": "안녕하세요"}).headers["set-cookie"]


def test_health_names_the_back_ends_and_touches_none(configure: Callable[..., Path]) -> None:
    configure(STORAGE="mongo", MONGO_URI="mongodb://user:hidden@127.0.0.1:1", CHROMA_HOST="127.0.0.1", CHROMA_PORT="1")
    from functions.health import app

    with TestClient(app) as client:
        health = client.get("/v1/health")
        assert health.json() == {
            "version": VERSION,
            "storage": "mongo",
            "vectors": "chroma-server",
            "embedding_model": "local",
            "chat_model": None,
        }
        ready = client.get("/v1/ready")
    assert (ready.status_code, ready.json()["code"]) == (503, "store_unavailable")
    assert "hidden" not in ready.text


def test_ready_is_503_until_there_is_an_index(client: TestClient) -> None:
    response = client.get("/v1/ready")
    assert (response.status_code, response.json()["code"]) == (503, "index_unavailable")


def test_a_process_that_warms_up_lives_and_is_not_ready(served: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with readiness.not_ready("warming up"):
        refused = served.get("/v1/ready")
        assert served.get("/v1/health").status_code == 200
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "not_ready", "1")
    assert "not_ready" not in caplog.text  # it is no failure
    assert served.get("/v1/ready").status_code == 200


def test_ready_is_200_with_an_index(served: TestClient) -> None:
    assert served.get("/v1/ready").status_code == 200


def test_the_composed_application_documents_every_call_and_the_shape_of_errors(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    calls = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert {call for call in calls if "/v1/admin/" not in call} == {
        "GET /v1/sessions",
        "PATCH /v1/sessions/{session_id}",
        "DELETE /v1/sessions/{session_id}",
        "GET /v1/sessions/{session_id}/chats",
        "POST /v1/sessions/{session_id}/chats",
        "GET /v1/streaming/{streaming_id}",
        "POST /v1/streaming/{streaming_id}",
        "DELETE /v1/streaming/{streaming_id}",
        "POST /v1/answers",
        "GET /openai/v1/models",
        "GET /openai/v1/models/{model}",
        "POST /openai/v1/chat/completions",
        "GET /v1/faqs/search",
        "GET /v1/faqs/popular",
        "POST /v1/faqs/popular",
        "GET /v1/faqs/categories",
        "POST /v1/faqs/categories",
        "GET /v1/faqs/{faq_id}",
        "POST /v1/faqs/{faq_id}/ask",
        "POST /v1/feedback",
        "GET /v1/feedback/form",
        "POST /v1/feedback/form",
        "POST /v1/visitors",
        "GET /v1/health",
        "GET /v1/ready",
    }
    assert {call for call in calls if "/v1/admin/" in call} == OPERATORS
    assert "ErrorBody" in document["components"]["schemas"]
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1", "/v1/none", "/v1/sessions/", "/v1/streaming", "/v1/streaming/a/b"])
def test_an_unknown_address_of_the_api_is_404_in_the_contracts_shape_whatever_the_method(
    client: TestClient, method: str, path: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == 404
    error = response.json()
    assert (set(error), error["code"]) == ({"error_message", "code", "expression", "bubbles"}, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/faqs/popular", "GET, POST"),
        ("PUT", "/v1/faqs/categories", "GET, POST"),
        ("DELETE", "/v1/feedback/form", "GET, POST"),
        ("DELETE", "/v1/sessions/01J9ZK3V5W8XQ2R4T6Y8A0B1C2/chats", "GET, POST"),
        ("PUT", "/v1/streaming/x", "DELETE, GET, POST"),
        ("DELETE", "/v1/faqs/join-001/ask", "GET, POST"),
        ("GET", "/v1/feedback", "POST"),
    ],
)
def test_a_405_names_every_method_of_its_address(client: TestClient, method: str, path: str, allowed: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


def test_a_wrong_method_is_405_in_the_contracts_shape_and_says_which_is_right(client: TestClient) -> None:
    response = client.put("/v1/sessions")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/v1/health", "/v1/ready"])
def test_a_load_balancer_may_ask_with_head(served: TestClient, path: str) -> None:
    assert served.head(path).status_code == 200
