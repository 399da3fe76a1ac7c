"""What no item can be called, given where an id or a cursor is asked for: not found or refused, never a 500."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.functions.operators import operator

BOT = "/v1/admin/bots/default"
NUL = "a\0"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"{BOT}/versions?cursor=%00", None, 422, "invalid_input"),
        ("GET", f"{BOT}/contents?cursor=%00", None, 422, "invalid_input"),
        ("GET", f"{BOT}/history?cursor=%00", None, 422, "invalid_input"),
        ("GET", "/v1/admin/audit?cursor=%00", None, 422, "invalid_input"),
        ("DELETE", "/v1/admin/keys/%00", None, 404, "admin_key_not_found"),
        ("DELETE", f"{BOT}/keys/%00", None, 404, "api_key_not_found"),
        ("POST", f"{BOT}/contents/publish", {"faq_ids": [NUL]}, 404, "draft_not_found"),
        ("POST", f"{BOT}/contents/rehearse", {"faq_ids": [NUL]}, 404, "draft_not_found"),
        ("POST", f"{BOT}/golden", {"question": "가", "faq_ids": [NUL, "\ud800"]}, 422, "invalid_input"),
        ("POST", f"{BOT}/contents", {"content": {"title": "\ud800", "content": "가"}}, 422, "invalid_input"),
    ],
)
def test_an_id_that_cannot_be_is_no_bug(
    client: TestClient, method: str, path: str, body: Any, status: int, code: str
) -> None:
    headers = operator() | {"Content-Type": "application/json"}
    answer = client.request(method, path, content=json.dumps(body), headers=headers)  # escaped, halves of pairs too
    assert (answer.status_code, answer.json().get("code")) == (status, code)
