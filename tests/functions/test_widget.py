"""Which pages may embed a bot: who gets a visitor token from elsewhere, and who may frame the page."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import cross_origin, wiring
from shared.bot import Bot
from tests.app import new_session

SHOP = "https://www.shop.example"


@pytest.fixture
def shop(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The API with a bot that two origins may embed, and another one with another origin."""
    monkeypatch.setattr(cross_origin, "_told", set())
    wiring.get_store().prepare()
    wiring.get_bots().publish(Bot(bot_id="shop", allowed_origins=[SHOP, "http://localhost:3000"]))
    wiring.get_bots().publish(Bot(bot_id="bank", allowed_origins=["https://bank.example"]))
    return client


def visitor(client: TestClient, origin: str | None, bot: str = "shop", method: str = "POST") -> Any:
    headers = {"Origin": origin} if origin is not None else {}
    return client.request(method, f"/v1/visitors?bot={bot}", headers=headers)


# Visitors of pages elsewhere


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:3000"])
def test_a_page_of_an_allowed_origin_gets_a_visitor_and_may_read_it(shop: TestClient, origin: str) -> None:
    answer = visitor(shop, origin)
    assert (answer.status_code, answer.json()["token"][:3]) == (201, "hv_")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "",
        "*",
        "http://www.shop.example",
        "https://www.shop.example:8443",
        "https://www.shop.example:443",
        "https://WWW.shop.example",
        "https://shop.example",
        "https://a.www.shop.example",
        "https://www.shop.example.evil.test",
        "https://evil.test/www.shop.example",
        "https://www.shop.example@evil.test",
        "https://evilwww.shop.example",
        "https://www-shop.example",
        "https://www.shop.example/",
        "https://www.shop.example https://evil.test",
        "http://localhost",
        "http://127.0.0.1:3000",
        "https://bank.example",
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_page_of_any_other_origin_is_refused_in_korean(shop: TestClient, origin: str, method: str) -> None:
    answer = visitor(shop, origin, method=method)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert answer.json()["error_message"] == "이 페이지에서는 챗봇을 이용할 수 없습니다."
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "Origin"


def test_an_origin_is_allowed_for_the_bot_that_lists_it_alone(shop: TestClient) -> None:
    assert visitor(shop, "https://bank.example", bot="bank").status_code == 201
    assert visitor(shop, SHOP, bot="bank").status_code == 403
    assert visitor(shop, SHOP, bot="default").status_code == 403


def test_any_page_can_read_that_there_is_no_such_bot(shop: TestClient) -> None:
    answer = visitor(shop, "https://evil.test", bot="nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "bot_not_found")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_servers_own_pages_and_programs_need_no_leave(shop: TestClient) -> None:
    assert visitor(shop, None, bot="bank").status_code == 201
    assert visitor(shop, "http://testserver", bot="bank").status_code == 201
    assert visitor(shop, "https://testserver", bot="bank").status_code == 201  # a proxy speaks TLS
    assert visitor(shop, "http://testserver:81", bot="bank").status_code == 403


def test_a_preflight_allows_a_post_and_nothing_more(shop: TestClient) -> None:
    answer = visitor(shop, SHOP, method="OPTIONS")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-allow-methods"] == "POST"


def test_no_other_call_is_open_to_pages_elsewhere(shop: TestClient) -> None:
    answer = shop.get("/v1/sessions?bot=shop", headers={"Origin": SHOP})
    assert "access-control-allow-origin" not in answer.headers


def test_an_allowed_page_can_read_that_it_asked_too_often(configure: Callable[..., Path]) -> None:
    configure(RATE_LIMIT_PER_MINUTE_ADDRESS="1")
    from functions.visitors import app

    wiring.get_store().prepare()
    wiring.get_bots().publish(Bot(bot_id="shop", allowed_origins=[SHOP]))
    with TestClient(app) as client:
        answers = [visitor(client, SHOP) for _ in range(3)]  # the minute may turn in between
    refused = next(one for one in answers if one.status_code == 429)
    assert refused.headers["access-control-allow-origin"] == SHOP


def test_a_refused_origin_is_logged_once_with_its_bot(shop: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="shared.cross_origin"):
        for _ in range(3):
            visitor(shop, "https://evil.test\tfound-by 010-1234-5678")
            visitor(shop, "https://evil.test")
    assert [one.getMessage() for one in caplog.records] == [
        "bot 'shop': pages of 'what no browser sends' may not embed it (allowed_origins)",
        "bot 'shop': pages of 'https://evil.test' may not embed it (allowed_origins)",
    ]


def test_invented_origins_do_not_fill_the_log(shop: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="shared.cross_origin"):
        for number in range(120):
            visitor(shop, f"https://evil-{number}.test")
    assert len(caplog.records) == 100


def test_a_token_is_good_for_the_bot_that_it_was_made_for_alone(shop: TestClient) -> None:
    shop.headers["Authorization"] = f"Bearer {visitor(shop, SHOP).json()['token']}"
    assert shop.get("/v1/sessions?bot=shop").status_code == 200
    refused = shop.post(f"/v1/sessions/{new_session()}/chats?bot=bank", json={"user_message": "안녕하세요"})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_visitor")


# Who may frame the page


def policy(answer: Any) -> list[str]:
    """The directives of a content security policy, in order."""
    directives: list[str] = answer.headers["content-security-policy"].split("; ")
    return directives


@pytest.fixture
def framed(shop: TestClient, tmp_path: Path) -> TestClient:
    """The page as if it had been built, for the same bots."""
    from functions import page
    from shared.http import create_app

    built = tmp_path / "dist"
    built.mkdir()
    (built / "index.html").write_text("<title>해답</title>" + "<p>같은 말</p>" * 100, encoding="utf-8")
    app = create_app(page.widget(built))
    app.router.routes.append(page.page(built))
    return TestClient(app)


def test_the_page_in_a_frame_names_the_origins_of_its_bot(framed: TestClient) -> None:
    for bot, ancestors in [
        ("shop", f"frame-ancestors 'self' {SHOP} http://localhost:3000"),
        ("bank", "frame-ancestors 'self' https://bank.example"),
        ("default", "frame-ancestors 'self'"),
    ]:
        answer = framed.get(f"/widget?bot={bot}")
        assert (answer.status_code, "해답" in answer.text) == (200, True)
        assert policy(answer)[-1] == ancestors
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/?bot=shop", "/index.html", "/?embedded"])
def test_the_page_itself_is_never_framed_elsewhere(framed: TestClient, path: str) -> None:
    assert policy(framed.get(path))[-1] == "frame-ancestors 'self'"


@pytest.mark.parametrize("path", ["/", "/index.html", "/widget?bot=shop"])
def test_the_page_runs_and_calls_what_is_its_own_alone(framed: TestClient, path: str) -> None:
    assert policy(framed.get(path))[:-1] == [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "img-src 'self' https://help.gaonmarket.example",
        "media-src https://help.gaonmarket.example",
    ]


def test_the_page_in_a_frame_is_compressed_for_who_takes_that(framed: TestClient) -> None:
    packed = framed.get("/widget?bot=shop", headers={"Accept-Encoding": "gzip"})
    plain = framed.get("/widget?bot=shop", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    head = framed.head("/widget?bot=shop")
    assert (head.status_code, head.content) == (200, b"")


def test_there_is_no_frame_for_a_bot_that_is_none(framed: TestClient) -> None:
    assert framed.get("/widget?bot=nobody").status_code == 404
    assert framed.get("/widget?bot=x;script-src").status_code == 422


def test_without_a_built_page_the_frame_says_what_to_install(tmp_path: Path, shop: TestClient) -> None:
    from functions import page
    from shared.http import create_app

    answer = TestClient(create_app(page.widget(tmp_path / "none"))).get("/widget?bot=shop")
    assert (answer.status_code, "make page" in answer.text) == (503, True)
