"""Each function's handler, called as AWS Lambda calls it: with raw events of API Gateway's HTTP API (payload 2.0)."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.app import environment, new_session, parse, said
from tests.functions.programs import bearer, new_key
from tests.infra import template

HOST = "abc.execute-api.ap-northeast-2.amazonaws.com"


class Context:
    """The part of Lambda's context object that is always there."""

    function_name = "haedap"
    aws_request_id = "7c0fdc0f-8a3e-4d7e-9a55-3d7d6c0f4c11"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """Mangum runs the application on the thread's own event loop, which Lambda's main thread has."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()


def event(method: str, path: str, body: object, cookies: list[str], headers: dict[str, str]) -> dict[str, Any]:
    """An event as API Gateway makes it (the documented shape of format 2.0)."""
    path, _, query = path.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": cookies,
        "headers": {
            "content-type": "application/json",
            "host": "abc.execute-api.ap-northeast-2.amazonaws.com",
            **headers,
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": HOST,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9",
                "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_305_600_000,
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def call(
    function: str, method: str, path: str, body: object = None, cookies: list[str] | None = None, **headers: str
) -> dict[str, Any]:
    """The function's answer to an event."""
    handler = import_module(f"functions.{function}").handler
    answer: dict[str, Any] = handler(event(method, path, body, cookies or [], headers), Context())
    return answer


def test_a_question_goes_through_three_functions_that_share_only_the_store(data_dir: Path) -> None:
    session = new_session()
    asked = call("chats", "POST", f"/v1/sessions/{session}/chats", {"user_message": "가입 심사는 며칠 걸려요?"})
    assert asked["statusCode"] == 201
    cookie = asked["cookies"][0].split(";")[0]
    assert "Secure" in asked["cookies"][0]

    streamed = call("streaming", "POST", f"/v1/streaming/{json.loads(asked['body'])['streaming_id']}")
    events = parse(streamed["body"])
    assert streamed["headers"]["content-type"].startswith("text/event-stream")
    assert events[-1].event == "done"

    turns = json.loads(call("chats", "GET", f"/v1/sessions/{session}/chats", None, [cookie])["body"])
    assert [(turn["status"], turn["system_message"]) for turn in turns] == [("done", said(events))]
    listed = json.loads(call("sessions", "GET", "/v1/sessions", None, [cookie])["body"])
    assert [one["session_id"] for one in listed] == [session]
    assert call("sessions", "DELETE", f"/v1/sessions/{session}", None, [cookie])["statusCode"] == 204


def test_errors_come_in_the_contracts_shape(data_dir: Path) -> None:
    missing = call("streaming", "GET", "/v1/streaming/AAAAAAAAAAAAAAAAAAAAAA")
    assert (missing["statusCode"], json.loads(missing["body"])["code"]) == (404, "ticket_not_found")
    empty = call("chats", "POST", f"/v1/sessions/{new_session()}/chats", {"user_message": " "})
    assert (empty["statusCode"], json.loads(empty["body"])["error_message"]) == (422, "질문을 입력해 주세요.")


def test_visitors_and_health_answer_events_too(data_dir: Path) -> None:
    token = json.loads(call("visitors", "POST", "/v1/visitors")["body"])["token"]
    listed = call("sessions", "GET", "/v1/sessions", authorization=f"Bearer {token}")
    assert (listed["statusCode"], listed["body"]) == (200, "[]")
    assert call("health", "GET", "/v1/health")["statusCode"] == 200


def test_a_function_logs_as_it_is_told_where_lambda_has_a_log_of_its_own(tmp_path: Path) -> None:
    code = """
import logging, sys
logging.getLogger().addHandler(logging.StreamHandler(sys.stdout))  # as the host of functions does before it loads one
from tests.functions.test_lambda import call
answer = call("sessions", "GET", "/v1/sessions?bot=nobody")
print(answer["headers"]["x-request-id"])
"""
    settings = environment(tmp_path, LOG_FORMAT="json")
    ran = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    *lines, request_id = ran.stdout.splitlines()
    (line,) = [json.loads(line) for line in lines]
    assert line.items() >= {"route": "/v1/sessions", "status": 404, "request_id": request_id}.items()


def test_a_search_answers_an_event(data_dir: Path) -> None:
    found = call("faqs", "GET", f"/v1/faqs/search?{urlencode({'q': '가입 심사는 며칠 걸려요?', 'limit': 2})}")
    assert (found["statusCode"], len(json.loads(found["body"])["contents"])) == (200, 2)


def test_programs_are_answered_whole_and_rate_what_they_got(data_dir: Path) -> None:
    headers = bearer(new_key())["Authorization"]
    answered = call("answers", "POST", "/v1/answers", {"question": "가입 심사는 며칠 걸려요?"}, authorization=headers)
    assert (answered["statusCode"], json.loads(answered["body"])["decision"]) == (200, "answer")
    for address in json.loads(answered["body"])["feedback"]["bubbles"][0]["info_map"].values():
        tapped = call("feedback", "POST", address, authorization=headers)
        assert (tapped["statusCode"], len(json.loads(tapped["body"])["bubbles"])) in {(201, 1), (409, 1)}
    refused = call("answers", "POST", "/v1/answers", {"question": "가입 심사는 며칠 걸려요?"})
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (401, "invalid_api_key")


def test_a_stream_for_openais_clients_is_answered_at_once(data_dir: Path) -> None:
    headers = bearer(new_key())["Authorization"]
    body = {"model": "default", "messages": [{"role": "user", "content": "안녕하세요"}], "stream": True}
    streamed = call("completions", "POST", "/openai/v1/chat/completions", body, authorization=headers)
    assert streamed["headers"]["content-type"].startswith("text/event-stream")
    assert streamed["body"].endswith("data: [DONE]\n\n")
    missing = call("completions", "GET", "/openai/v1/none")
    assert (missing["statusCode"], set(json.loads(missing["body"]))) == (404, {"error"})


def test_what_browsers_ask_first_is_answered_for_every_route_of_the_stack(configure: Callable[..., Path]) -> None:
    origin = "https://app.example"
    configure(CORS_ORIGINS=origin)
    declared = {one for function in template.functions().values() for one in template.routes(function)}
    asked = sorted((method, re.sub(r"\{\w+\+?\}", "x", path)) for method, path in declared if method != "OPTIONS")
    for method, path in asked:
        headers = {"origin": origin, "access-control-request-method": method}
        answer = call(template.routed("OPTIONS", path), "OPTIONS", path, None, None, **headers)
        if path.startswith("/v1/admin/"):
            assert (answer["statusCode"], answer["headers"].get("access-control-allow-origin")) == (404, None), path
        elif method != "HEAD":
            assert (answer["statusCode"], answer["headers"].get("access-control-allow-origin")) == (200, origin), path
            assert method in answer["headers"]["access-control-allow-methods"].split(", "), path
    assert template.routed("OPTIONS", "/v1/visitors") == template.routed("POST", "/v1/visitors")
