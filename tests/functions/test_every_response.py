"""What every response has, whichever it is: a request id and security headers; and whom browsers let read it."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from shared.bot import Bot
from shared.cross_origin import page_policy
from shared.http import create_app
from shared.settings import InvalidSettings, get_settings
from tests.app import new_session, post_question

APP = "https://app.example"


@pytest.mark.parametrize("given", ["abcd1234", "2f1c.a-b_c", "A" * 64])
def test_a_request_keeps_the_id_that_it_came_with(client: TestClient, given: str) -> None:
    assert client.get("/v1/health", headers={"X-Request-Id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "short", "A" * 65, "a b c d e f", "abcd1234;x", "<script>1234"])
def test_or_gets_one_where_that_is_none(client: TestClient, given: str) -> None:
    ids = {client.get("/v1/health", headers={"X-Request-Id": given}).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2 and all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


def failing() -> TestClient:
    router = APIRouter()

    @router.get("/v1/bug")
    def bug() -> None:
        raise RuntimeError

    return TestClient(create_app(router), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/health", 200),
        ("GET", "/v1/none", 404),
        ("PUT", "/v1/sessions", 405),
        ("POST", "/v1/sessions/x/chats", 422),
        ("POST", "/v1/feedback?much", 413),
        ("GET", "/v1/admin/me", 401),
        ("GET", "/openapi.json", 200),
        ("GET", "/v1/bug", 500),
    ],
)
def test_an_answer_of_the_api_is_never_a_page(client: TestClient, method: str, path: str, status: int) -> None:
    asked = failing() if status == 500 else client
    answer = asked.request(method, path, content=b"x" * 20_000 if status == 413 else None)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers
    assert len(answer.headers["x-request-id"]) == 32


def test_where_the_cookie_is_for_https_alone_so_is_all_else(configure: Callable[..., Path]) -> None:
    configure(COOKIE_SECURE="true")
    from functions.local import app

    with TestClient(app) as client:
        assert client.get("/v1/health").headers["strict-transport-security"] == "max-age=31536000"


def test_only_what_other_sites_embed_may_be_loaded_by_them(client: TestClient, tmp_path: Path) -> None:
    from functions import page

    (tmp_path / "index.html").write_text("해답", encoding="utf-8")
    (tmp_path / "widget.js").write_text("1", encoding="utf-8")
    app = create_app(page.widget(tmp_path))
    app.router.routes.append(page.page(tmp_path))
    pages = TestClient(app)
    policies = {
        path: pages.get(path).headers["cross-origin-resource-policy"] for path in ("/", "/widget.js", "/widget")
    }
    assert policies == {"/": "same-origin", "/widget.js": "cross-origin", "/widget": "cross-origin"}
    assert pages.get("/").headers["x-frame-options"] == "SAMEORIGIN"
    assert pages.get("/").headers["cross-origin-opener-policy"] == "same-origin"
    assert "x-frame-options" not in pages.get("/widget").headers  # its policy names who may


def test_a_policy_names_the_hosts_of_media_as_browsers_know_them() -> None:
    policy = page_policy(["*.cdn.example", "그림.example"], Bot(allowed_origins=[APP]))
    assert "img-src 'self' https://*.cdn.example https://xn--2i0b46t.example; " in policy
    assert "media-src https://*.cdn.example https://xn--2i0b46t.example; " in policy
    assert "media-src 'none'; " in page_policy([])


@pytest.mark.parametrize("hosts", ["cdn.example; script-src *", "a'b", "a..b", "*."])
def test_no_host_breaks_out_of_the_policy(configure: Callable[..., Path], hosts: str) -> None:
    configure(MEDIA_HOSTS=hosts)
    with pytest.raises(InvalidSettings, match="MEDIA_HOSTS"):
        get_settings()


# Programs in browsers


@pytest.fixture
def opened(configure: Callable[..., Path]) -> TestClient:
    """The API, which pages of one origin may call."""
    configure(CORS_ORIGINS=f" {APP}:443, http://localhost:5173")
    from functions.local import app
    from shared import wiring

    wiring.get_store().prepare()
    return TestClient(app)


def test_pages_of_listed_origins_call_and_read_with_a_token(opened: TestClient) -> None:
    for origin in (APP, "http://localhost:5173"):
        preflight = opened.options(
            f"/v1/sessions/{new_session()}/chats",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
            },
        )
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, origin)
        token = opened.post("/v1/visitors", headers={"Origin": origin}).json()["token"]
        listed = opened.get("/v1/sessions", headers={"Origin": origin, "Authorization": f"Bearer {token}"})
        assert (listed.status_code, listed.headers["access-control-allow-origin"]) == (200, origin)
        assert listed.headers["vary"] == "Origin"
        assert "X-Request-Id" in listed.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in listed.headers  # no cookie comes along
    missing = opened.get("/v1/none", headers={"Origin": APP})
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, APP)


@pytest.mark.parametrize("origin", ["https://evil.test", "https://app.example.evil.test", "http://app.example", "null"])
def test_pages_of_other_origins_do_not(opened: TestClient, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for answer in (opened.get("/v1/sessions", headers=headers), opened.options("/v1/sessions", headers=headers)):
        assert "access-control-allow-origin" not in answer.headers
    assert opened.post("/v1/visitors", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("path", ["/v1/admin/me", "/v1/admin/bots"])
def test_operators_calls_are_open_to_no_page_elsewhere(opened: TestClient, path: str) -> None:
    headers = {"Origin": APP, "Access-Control-Request-Method": "GET"}
    for answer in (opened.get(path, headers=headers), opened.options(path, headers=headers)):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origins", ["*", "https://app.example/", "https://*.app.example", "http://app.example", "null"]
)
def test_an_origin_that_is_not_exact_is_refused_at_the_start(configure: Callable[..., Path], origins: str) -> None:
    configure(CORS_ORIGINS=origins)
    with pytest.raises(InvalidSettings, match="CORS_ORIGINS"):
        get_settings()


# The line of a request


def test_a_request_is_one_line_with_its_route_and_without_ids(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="shared.seeing.requests"):
        session = new_session()
        streaming_id = post_question(client, session, "정산은 언제 되나요?")
        client.request("BREW", f"/v1/streaming/{streaming_id}")
        client.get("/v1/health")
        client.get("/v1/none/010-1234-5678")
    told = [record.__dict__["fields"] for record in caplog.records]
    assert [(one["method"], one["route"], one["status"]) for one in told] == [
        ("POST", "/v1/sessions/{session_id}/chats", 201),
        ("OTHER", "/v1/streaming/{streaming_id}", 405),
        ("GET", "none", 404),
    ]
    assert all(isinstance(one["ms"], int) for one in told)
    assert session not in caplog.text and streaming_id not in caplog.text and "010" not in caplog.text
