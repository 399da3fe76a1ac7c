"""Functions behind the Lambda Web Adapter: who calls them, and when what they told is sent."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.testclient import TestClient

from shared.adapter import Adapted
from shared.http import create_app, lifespan
from shared.limits import Limits
from shared.seeing import requests
from shared.seeing.base import Seeing
from tests.collector import collector
from tests.functions.operators import operator
from tests.functions.programs import bearer

EXPORT = "/v1/admin/bots/default/contents/export"


def seen_from(address: str, **headers: str) -> dict[str, str]:
    """What the adapter adds to a request that a function URL has got from this address."""
    context = {"accountId": "anonymous", "http": {"method": "GET", "sourceIp": address}, "stage": "$default"}
    return {"x-amzn-request-context": json.dumps(context), "x-forwarded-for": address, **headers}


@pytest.fixture
def guess(data_dir: Path, configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """The statuses of calls with these keys and headers of the adapter's, in one minute that takes three wrong keys."""
    minute = (int(time.time()) // 60 + 2) * 60.0  # no new one begins meanwhile
    monkeypatch.setattr("shared.admin_http.Limits", lambda store: Limits(store, lambda: minute))
    from functions.admin.exports import app

    client = TestClient(Adapted(app))

    def ask(proxies: str, calls: Iterable[tuple[dict[str, str], dict[str, str]]]) -> list[int]:
        configure(ADMIN_FAILURES_PER_MINUTE="3", TRUSTED_PROXIES=proxies)
        return [client.get(EXPORT, headers=headers | key).status_code for headers, key in calls]

    return ask


WRONG = bearer("ha_a-guess-of-a-test-that-is-long")


@pytest.mark.parametrize("proxies", ["0", "2"])
def test_wrong_keys_count_for_who_connects_whatever_their_headers_say(
    guess: Callable[..., list[int]], proxies: str
) -> None:
    invented = [f"198.51.100.{n}" for n in range(1, 6)]
    others = [
        {"x-forwarded-for": one} | ({"cloudfront-viewer-address": f"{one}:1"} if proxies == "0" else {})
        for one in invented
    ]
    assert guess(proxies, [(seen_from("203.0.113.9") | one, WRONG) for one in others]) == [401, 401, 401, 429, 429]
    right = operator("viewer")
    assert guess(proxies, [(seen_from("203.0.113.9"), right)]) == [429]
    # Neither who was named, nor who comes from elsewhere
    assert guess(proxies, [(seen_from(one), right) for one in ("198.51.100.1", "192.0.2.7")]) == [200, 200]


def test_behind_a_distribution_who_guesses_keeps_no_other_of_its_viewers_from_files(
    guess: Callable[..., list[int]],
) -> None:
    def through_the_edge(viewer: str) -> dict[str, str]:
        return seen_from("130.176.0.9", **{"cloudfront-viewer-address": viewer})

    assert guess("2", [(through_the_edge(f"2001:db8:1::9:{port}"), WRONG) for port in range(4)]) == [401, 401, 401, 429]
    right = operator("viewer")
    assert guess("2", [(through_the_edge("2001:db8:1::9:7"), right)]) == [429]
    assert guess("2", [(through_the_edge("192.0.2.7:50000"), right)]) == [200]


def test_who_invents_viewers_is_stopped_all_the_same(guess: Callable[..., list[int]]) -> None:
    invented = [seen_from("203.0.113.9", **{"cloudfront-viewer-address": f"198.51.100.{n}:1"}) for n in range(32)]
    assert guess("2", [(one, WRONG) for one in invented]) == [401] * 30 + [429] * 2


def test_rights_hold_and_no_page_of_another_origin_may_call(data_dir: Path, configure: Callable[..., Path]) -> None:
    configure(CORS_ORIGINS="https://app.example")
    from functions.admin.exports import app

    client = TestClient(Adapted(app))
    assert client.get(EXPORT, headers=seen_from("203.0.113.9")).status_code == 401
    other = client.get(EXPORT, headers=seen_from("203.0.113.9") | operator("owner", ["other"]))
    assert (other.status_code, other.json()["code"]) == (404, "bot_not_found")
    asks = {"origin": "https://app.example", "access-control-request-method": "GET"}
    before = client.options(EXPORT, headers=seen_from("203.0.113.9", **asks))
    assert before.status_code == 405 and "access-control-allow-origin" not in before.headers


def test_what_was_told_is_sent_before_a_stream_ends_since_then_a_function_is_frozen(
    configure: Callable[..., Path],
) -> None:
    router, sent = APIRouter(), list[bool]()

    @router.get("/v1/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"first", b"last"]))

    async def nothing() -> None:
        pass

    with collector() as (address, received):
        configure(OTEL_EXPORTER_OTLP_ENDPOINT=address)

        def watching(app: Any) -> Callable[..., Any]:
            async def watched(scope: Any, receive: Any, send: Any) -> None:
                async def told(message: Any) -> None:
                    if message["type"] == "http.response.body":
                        sent.append(any(span.name == "GET /v1/stream" for span in received.spans))
                    await send(message)

                await app(scope, receive, told)

            return watched

        with TestClient(watching(Adapted(create_app(router, lifespan=lifespan(nothing))))) as client:
            assert client.get("/v1/stream", headers=seen_from("203.0.113.9")).text == "firstlast"
    assert sent == [False, False, True] and "haedap_request" in received.metrics


@pytest.mark.parametrize(("rest_seconds", "times"), [(30, 1), (0, 3)])
def test_a_collector_that_is_away_is_waited_for_by_one_request_in_a_while(
    monkeypatch: pytest.MonkeyPatch, rest_seconds: float, times: int
) -> None:
    monkeypatch.setattr(requests, "_FLUSH_SECONDS", 0.02)
    monkeypatch.setattr(requests, "_REST_SECONDS", rest_seconds)
    waited = list[float]()

    class Away:
        def add(self, *_: object) -> None: ...

        def measure(self, *_: object) -> None: ...

        def close(self, seconds: float) -> None: ...

        def flush(self, seconds: float) -> None:
            waited.append(seconds)
            time.sleep(seconds)

    seeing = Seeing([Away()])
    client = TestClient(requests.Requests(PlainTextResponse("ok"), lambda: seeing, lambda headers: None))
    assert [client.get("/").text for _ in range(3)] == ["ok"] * 3
    assert len(waited) == times
