"""The workshop's route: pasted and fetched samples, and where requests may go."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.admin_keys import Role
from tests.fakes.company_api import PLANTED, CompanyApi, Fed
from tests.functions.operators import operator

PATH = "/v1/admin/bots/default/workshop"
JOBS: dict[str, Any] = {
    "source_id": "jobs",
    "name": "채용",
    "description": "채용 공고를 찾습니다.",
    "url": "https://api.example.com/jobs",
    "parameters": {"type": "object", "properties": {"keyword": {"type": "string"}}},
    "query": {"keyword": "{keyword}"},
    "records": "result.jobs",
    "retries": 0,
}
TITLE = {"title": {"path": "title", "label": "제목"}}


@pytest.fixture
def api() -> Iterator[CompanyApi]:
    with CompanyApi() as api:
        yield api


def at(api: CompanyApi, **fields: Any) -> dict[str, Any]:
    """The source at this server, with leave to go there."""
    return {**JOBS, "url": f"{api.url}/jobs", "allowed_hosts": [f"127.0.0.1:{api.port}"], **fields}


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 200), ("owner", 200)])
def test_the_workshop_is_for_editors(client: TestClient, role: Role, status: int) -> None:
    body = {"source": {**JOBS, "fields": TITLE}, "sample": "{}"}
    assert client.post(PATH, headers=operator(role), json=body).status_code == status
    assert client.post(PATH, json=body).status_code == 401
    foreign = client.post(PATH, headers=operator("owner", ["flowers"]), json=body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "bot_not_found")


def test_a_pasted_sample_shows_what_to_tick_before_any_field_is_chosen(client: TestClient) -> None:
    sample = json.dumps({"result": {"jobs": [{"title": "개발자", "salary": 1}]}}, ensure_ascii=False)
    worked = client.post(PATH, headers=operator("editor"), json={"source": JOBS, "sample": sample}).json()
    assert [(one["path"], one["type"], one["taken"]) for one in worked["fields"]] == [
        ("title", "string", False),
        ("salary", "integer", False),
    ]
    assert (worked["text"], worked["withheld"]) == ("", ["result.jobs[].title", "result.jobs[].salary"])


def test_a_real_response_is_fetched_and_what_no_field_takes_is_not_told(client: TestClient, api: CompanyApi) -> None:
    body = {"source": at(api, fields=TITLE), "arguments": {"keyword": "파이썬"}}
    answer = client.post(PATH, headers=operator(), json=body)
    assert answer.status_code == 200, answer.text
    assert "제목: 파이썬 백엔드 개발자" in answer.json()["text"] and answer.json()["withheld"]
    assert not [one for one in PLANTED if one in answer.text]
    assert len(api.received) == 1


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://127.0.0.1:9/", "http://localhost:9/"])
def test_requests_go_to_no_address_in_a_private_network(client: TestClient, url: str) -> None:
    answer = client.post(PATH, headers=operator(), json={"source": {**JOBS, "url": url}})
    assert (answer.status_code, answer.json()["code"]) == (503, "source_unavailable")


def test_who_does_not_own_all_bots_gives_no_leave_to_go_there(client: TestClient, api: CompanyApi) -> None:
    for headers in (operator("editor"), operator("owner", ["default"])):
        answer = client.post(PATH, headers=headers, json={"source": at(api)})
        assert [one["path"] for one in answer.json()["problems"]] == ["allowed_hosts"]
    assert api.received == []


def test_a_secret_is_sent_and_never_told(client: TestClient, api: CompanyApi, configure: Callable[..., Path]) -> None:
    configure(BOT_SECRETS=json.dumps({"jobs": {"value": "key-1234", "hosts": [f"127.0.0.1:{api.port}"]}}))
    wiring.get_store().prepare()
    source = at(api, fields=TITLE, headers={"X-Api-Key": "{secret:jobs}"})
    answer = client.post(PATH, headers=operator(), json={"source": source, "arguments": {"keyword": "파이썬"}})
    assert answer.status_code == 200 and "key-1234" not in answer.text
    assert api.received[0].headers["x-api-key"] == "key-1234"
    refused = client.post(PATH, headers=operator("editor"), json={"source": {**source, "allowed_hosts": []}})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("fed", "said"),
    [(Fed(status=500), "서버가 HTTP 500(으)로 답했습니다."), (Fed(body=b"<html>"), "응답이 JSON이 아닙니다.")],
)
def test_what_went_wrong_at_the_source_is_told(client: TestClient, api: CompanyApi, fed: Fed, said: str) -> None:
    api.enqueue(fed)
    answer = client.post(PATH, headers=operator(), json={"source": at(api)})
    assert (answer.status_code, answer.json()["error_message"]) == (503, f"응답을 받지 못했습니다. {said}")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"source": {**JOBS, "url": "ftp://x"}}, "url"),
        ({"source": {**JOBS, "records": "["}}, "records"),
        ({"source": JOBS, "sample": "<html>"}, "sample"),
    ],
)
def test_what_is_wrong_with_the_form_is_told_by_its_field(client: TestClient, body: dict[str, Any], path: str) -> None:
    answer = client.post(PATH, headers=operator(), json=body)
    assert (answer.status_code, [one["path"] for one in answer.json()["problems"]]) == (422, [path])


def test_arguments_that_the_source_does_not_take_are_refused_before_anything_is_sent(
    client: TestClient, api: CompanyApi
) -> None:
    answer = client.post(PATH, headers=operator(), json={"source": at(api), "arguments": {"keyword": 3}})
    assert (answer.status_code, api.received) == (422, [])
    said = "이 인자로는 물어볼 수 없습니다. keyword의 형식은 string이어야 합니다."
    assert answer.json()["error_message"] == said
