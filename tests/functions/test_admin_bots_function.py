"""Bots as operators edit them: drafts that do not overwrite each other, versions, and what nobody may reach for."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.admin_keys import Role
from shared.bot import Bot, VectorSource
from shared.bots import Bots
from tests.functions.operators import operator

BOT = "/v1/admin/bots/default"
ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", "/v1/admin/bots", None, "viewer"),
    ("POST", "/v1/admin/bots", {"bot_id": "default", "name": "x"}, "owner"),
    ("GET", BOT, None, "viewer"),
    ("PUT", f"{BOT}/draft", {"based_on": "built-in", "bot": {}}, "editor"),
    ("DELETE", f"{BOT}/draft?based_on=built-in", None, "editor"),
    ("POST", f"{BOT}/publish", {"based_on": "built-in"}, "editor"),
    ("POST", f"{BOT}/restore", {"based_on": "built-in", "version": "none"}, "editor"),
    ("GET", f"{BOT}/versions", None, "viewer"),
    ("GET", f"{BOT}/versions/published", None, "viewer"),
    ("GET", f"{BOT}/diff?after=published", None, "viewer"),
]
ROLES: Sequence[Role] = ("viewer", "editor", "owner")
ORDERS = {
    "kind": "http",
    "source_id": "orders",
    "name": "주문",
    "description": "주문을 찾습니다.",
    "url": "https://api.example.com/orders",
    "parameters": {"type": "object", "properties": {}},
    "fields": {"status": {"path": "status", "label": "상태"}},
}


@pytest.fixture
def owner(client: TestClient) -> dict[str, str]:
    return operator()


def saved(client: TestClient, headers: dict[str, str], **fields: Any) -> Any:
    """The bot `default` after its draft was saved with these fields changed."""
    state = client.get(BOT, headers=headers).json()
    bot = {**(state["draft"] or state["published"]), **fields}
    return client.put(f"{BOT}/draft", headers=headers, json={"based_on": state["based_on"], "bot": bot})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    client: TestClient, method: str, path: str, body: Any, needed: Role, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=operator(role, ["default"]))
    if ROLES.index(role) >= ROLES.index(needed):
        assert answer.status_code == 200 or answer.json()["code"] in {
            "draft_not_found",
            "version_not_found",
            "bot_exists",
        }
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(("method", "path", "body", "_needed"), ROUTES)
def test_without_a_key_it_is_401_and_of_another_tenant_the_404_of_no_bot(
    client: TestClient, method: str, path: str, body: Any, _needed: Role
) -> None:
    assert client.request(method, path, json=body).status_code == 401
    if path.startswith(BOT):
        foreign = operator("owner", ["flowers"])
        answers = [
            client.request(method, path.replace("default", one), json=body, headers=foreign) for one in ("default", "x")
        ]
        assert [one.status_code for one in answers] == [404, 404] and answers[0].text == answers[1].text


def test_a_bot_is_made_edited_published_and_listed(client: TestClient, owner: dict[str, str]) -> None:
    made = client.post("/v1/admin/bots", headers=owner, json={"bot_id": "flowers", "name": "꽃집"})
    assert made.status_code == 201
    assert (made.json()["version"], made.json()["draft"]["sources"][0]["source_id"]) == (None, "flowers")
    based_on = made.json()["based_on"]
    published = client.post("/v1/admin/bots/flowers/publish", headers=owner, json={"based_on": based_on})
    assert (published.status_code, published.json()["unbuilt_sources"]) == (200, ["flowers"])
    assert published.json()["unmatched_pins"] == []
    lines = {one["bot_id"]: one for one in client.get("/v1/admin/bots", headers=owner).json()}
    assert (lines["flowers"]["version"], lines["flowers"]["has_draft"]) == (published.json()["version"], False)
    assert lines["flowers"]["published_at"] and lines["default"]["version"] == "built-in"
    assert wiring.get_bots().published("flowers").name == "꽃집"  # type: ignore[union-attr]


def test_a_pinned_question_that_no_content_has_is_told_when_it_is_published(
    client: TestClient, owner: dict[str, str]
) -> None:
    body = {"based_on": client.get(BOT, headers=owner).json()["based_on"], "bot": {"pinned": ["없는 질문"]}}
    drafted = client.put(f"{BOT}/draft", headers=owner, json=body).json()
    published = client.post(f"{BOT}/publish", headers=owner, json={"based_on": drafted["based_on"]})
    assert (published.status_code, published.json()["unmatched_pins"]) == (200, ["없는 질문"])


def test_a_scoped_operator_sees_and_makes_their_own_bots_alone(client: TestClient, owner: dict[str, str]) -> None:
    some = operator("owner", ["flowers"])
    assert client.get("/v1/admin/bots", headers=some).json() == []
    refused = client.post("/v1/admin/bots", headers=some, json={"bot_id": "other", "name": "x"})
    assert refused.status_code == 403
    assert client.post("/v1/admin/bots", headers=some, json={"bot_id": "flowers", "name": "x"}).status_code == 201
    assert [one["bot_id"] for one in client.get("/v1/admin/bots", headers=some).json()] == ["flowers"]
    foreign = client.post("/v1/admin/bots", headers=some, json={"bot_id": "flowers", "name": "x", "copy_of": "default"})
    assert foreign.status_code == 409


def test_of_two_tabs_the_second_does_not_overwrite_the_first(client: TestClient, owner: dict[str, str]) -> None:
    based_on = client.get(BOT, headers=owner).json()["based_on"]
    first, second = ({"based_on": based_on, "bot": {"name": name}} for name in ("하나", "둘"))
    assert client.put(f"{BOT}/draft", headers=owner, json=first).status_code == 200
    refused = client.put(f"{BOT}/draft", headers=owner, json=second)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    state = client.get(BOT, headers=owner).json()
    assert (state["draft"]["name"], state["draft_differs"]) == ("하나", True)
    stale = client.post(f"{BOT}/publish", headers=owner, json={"based_on": based_on})
    assert stale.status_code == 409
    assert client.delete(f"{BOT}/draft?based_on={based_on}", headers=owner).status_code == 409


def test_a_draft_that_was_thrown_away_or_published_is_none(client: TestClient, owner: dict[str, str]) -> None:
    state = saved(client, owner, name="하나").json()
    assert client.delete(f"{BOT}/draft?based_on={state['based_on']}", headers=owner).status_code == 204
    assert client.get(BOT, headers=owner).json()["draft"] is None
    state = saved(client, owner, name="둘").json()
    assert client.post(f"{BOT}/publish", headers=owner, json={"based_on": state["based_on"]}).status_code == 200
    state = client.get(BOT, headers=owner).json()
    assert (state["draft"], state["published"]["name"], state["draft_differs"]) == (None, "둘", False)
    assert saved(client, owner, name="셋").json()["draft"]["name"] == "셋"


def test_a_bot_that_was_only_a_draft_is_gone_with_it(client: TestClient, owner: dict[str, str]) -> None:
    made = client.post("/v1/admin/bots", headers=owner, json={"bot_id": "flowers", "name": "꽃집"}).json()
    path = f"/v1/admin/bots/flowers/draft?based_on={made['based_on']}"
    assert client.delete(path, headers=owner).status_code == 204
    assert client.get("/v1/admin/bots/flowers", headers=owner).status_code == 404


def test_every_problem_of_a_form_is_a_korean_sentence_with_its_field(client: TestClient, owner: dict[str, str]) -> None:
    wrong = {**ORDERS, "timeout_seconds": 0, "method": "PUT", "headers": {"Host": "x"}, "body": {"a": 1}}
    answer = saved(client, owner, sources=[wrong], weights={"titel": 1}, persona=3, min_loading_ms=-1)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    told = {one["path"]: one["message"] for one in answer.json()["problems"]}
    assert told == {
        "persona": "성격과 말투 값은 문자열이어야 합니다.",
        "sources.0.method": "소스 1번째 › 방식 값은 다음 가운데 하나여야 합니다: 'GET', 'POST'.",
        "sources.0.headers": "소스 1번째 › 헤더: Host 헤더는 haedap이 직접 넣으므로 쓸 수 없습니다.",
        "sources.0.timeout_seconds": "소스 1번째 › 시간 제한 값은 0보다 커야 합니다.",
        "weights.titel": "점수 가중치 › ‘titel’ 항목은 없는 항목입니다. 이름을 확인해 주세요.",
        "min_loading_ms": "최소 로딩 시간 값은 0 이상이어야 합니다.",
    }
    assert answer.json()["error_message"] == answer.json()["problems"][0]["message"]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"bot_id": "other"}, "bot_id"),
        ({"categories": [{"name": "배송"}, {"name": "배송"}]}, "categories"),
        ({"replies": {"greeting": "{nmae}예요"}}, "replies.greeting.ko"),
        ({"sources": [{**ORDERS, "url": "https://a.example/{x}"}]}, "sources.0.url"),
        ({"sources": [{**ORDERS, "headers": {"X-Key": "{secret:none}"}}]}, "sources.0.headers.X-Key"),
        ({"sources": [{**ORDERS, "headers": {"Authorization": "Bearer abc"}}]}, "sources.0.headers.Authorization"),
        ({"sources": [{**ORDERS, "query": {"serviceKey": "abc"}}]}, "sources.0.query.serviceKey"),
        ({"sources": [{**ORDERS, "url": "https://a.example/?api_key=abc"}]}, "sources.0.url.api_key"),
        ({"sources": [{**ORDERS, "fields": {"a": {"path": "[", "label": "x"}}}]}, "sources.0.fields.a"),
        ({"sources": [{**ORDERS, "body": {"a": 1e400}, "method": "POST"}]}, "sources.0.body.a"),
    ],
)
def test_what_could_not_be_published_is_no_draft(
    client: TestClient, owner: dict[str, str], fields: dict[str, Any], path: str
) -> None:
    state = client.get(BOT, headers=owner).json()
    body = json.dumps({"based_on": state["based_on"], "bot": {**state["published"], **fields}})
    answer = client.put(f"{BOT}/draft", headers={**owner, "content-type": "application/json"}, content=body)
    assert (answer.status_code, [one["path"] for one in answer.json()["problems"]]) == (422, [path])
    assert "abc" not in answer.text and client.get(BOT, headers=owner).json()["draft"] is None


@pytest.mark.parametrize("keys", [("owner", ["default"]), ("editor", None)])
def test_private_hosts_and_secrets_are_opened_by_an_owner_of_all_alone(
    client: TestClient, configure: Callable[..., Path], keys: tuple[Role, list[str] | None]
) -> None:
    configure(BOT_SECRETS='{"jobs": {"value": "key-1234", "hosts": ["api.example.com"]}}')
    wiring.get_store().prepare()
    reaching = {**ORDERS, "headers": {"X-Api-Key": "{secret:jobs}"}, "allowed_hosts": ["169.254.169.254"]}
    refused = saved(client, operator(*keys), sources=[reaching])
    assert [one["path"] for one in refused.json()["problems"]] == ["sources.0.allowed_hosts", "sources.0.headers"]
    assert saved(client, operator(), sources=[reaching]).status_code == 200
    kept = saved(client, operator(*keys), name="다른 이름")  # what it has, it keeps
    assert kept.status_code == 200 and "key-1234" not in kept.text


def test_an_index_of_another_tenant_cannot_be_drawn_on(client: TestClient, owner: dict[str, str]) -> None:
    wiring.get_bots().publish(Bot(bot_id="flowers", sources=[VectorSource(source_id="flower-faq")]))
    some = operator("editor", ["default"])
    refused = saved(client, some, sources=[{"kind": "vector", "source_id": "flower-faq"}])
    assert [one["path"] for one in refused.json()["problems"]] == ["sources.0.source_id"]
    assert saved(client, some, sources=[{"kind": "vector", "source_id": "new-faq"}]).status_code == 200
    assert saved(client, owner, sources=[{"kind": "vector", "source_id": "flower-faq"}]).status_code == 200


def test_versions_are_paged_compared_and_restored(client: TestClient, owner: dict[str, str]) -> None:
    for name in ("하나", "둘", "셋"):
        based_on = saved(client, owner, name=name).json()["based_on"]
        client.post(f"{BOT}/publish", headers=owner, json={"based_on": based_on})
    page = client.get(f"{BOT}/versions?limit=2", headers=owner).json()
    assert [one["name"] for one in page["versions"]] == ["셋", "둘"]
    assert [one["published_by"] for one in page["versions"]] == ["owner", "owner"]
    rest = client.get(f"{BOT}/versions?limit=2&cursor={quote(page['cursor'])}", headers=owner).json()
    assert [one["name"] for one in rest["versions"]] == ["하나"] and rest["cursor"] is None
    first = rest["versions"][0]["version"]
    assert client.get(f"{BOT}/versions/{quote(first)}", headers=owner).json()["name"] == "하나"
    diff = client.get(f"{BOT}/diff", params={"before": first, "after": "published"}, headers=owner).json()
    assert diff == [{"path": "name", "before": "하나", "after": "셋"}]

    based_on = client.get(BOT, headers=owner).json()["based_on"]
    restored = client.post(f"{BOT}/restore", headers=owner, json={"based_on": based_on, "version": first}).json()
    assert (restored["draft"]["name"], restored["published"]["name"]) == ("하나", "셋")
    again = {"based_on": restored["based_on"], "version": first, "publish": True}
    served = client.post(f"{BOT}/restore", headers=owner, json=again).json()
    assert (served["draft"], served["published"]["name"]) == (None, "하나")
    assert served["version"] != first


@pytest.mark.parametrize("version", ["draft", "none", "published#none", "%23"])
def test_a_version_that_is_not_there_is_a_404(client: TestClient, owner: dict[str, str], version: str) -> None:
    answer = client.get(f"{BOT}/versions/{quote(version)}", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")


def test_every_change_is_recorded_as_what_differs(client: TestClient, owner: dict[str, str]) -> None:
    based_on = saved(client, owner, name="하나", min_loading_ms=10).json()["based_on"]
    client.post(f"{BOT}/publish", headers=owner, json={"based_on": based_on})
    publish, save = client.get("/v1/admin/audit", headers=owner).json()["entries"]
    assert (save["action"], save["before"], save["after"]) == (
        "draft.save",
        {"name": None, "min_loading_ms": 0},
        {"name": "하나", "min_loading_ms": 10},
    )
    assert (publish["action"], publish["outcome"], publish["bots"]) == ("bot.publish", "done", ["default"])
    assert publish["subject"] == client.get(BOT, headers=owner).json()["version"]


def test_a_draft_of_before_revisions_can_be_edited_on(client: TestClient, owner: dict[str, str]) -> None:
    body = Bot(name="옛 초안").model_dump(mode="json")
    wiring.get_store().put("bots", {"pk": "default", "sk": "draft", **body, "version": "draft"})
    assert saved(client, owner, name="새 초안").json()["draft"]["name"] == "새 초안"
    assert Bots(wiring.get_store()).draft("default") is not None
