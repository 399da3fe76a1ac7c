"""Who may do what with keys, and what everybody else is told."""

import re
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from shared import wiring
from shared.admin_keys import Role
from shared.bot import Bot
from shared.callers import hashed_address
from shared.limits import Limits
from tests.functions import grants
from tests.functions.operators import operator
from tests.functions.programs import bearer, new_key
from tests.infra import template

ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", "/v1/admin/me", None, "viewer"),
    ("GET", "/v1/admin/keys", None, "owner"),
    ("POST", "/v1/admin/keys", {"name": "x", "role": "viewer", "bots": ["default"]}, "owner"),
    ("DELETE", "/v1/admin/keys/none", None, "owner"),
    ("GET", "/v1/admin/audit", None, "owner"),
    ("GET", "/v1/admin/bots/default/keys", None, "owner"),
    ("POST", "/v1/admin/bots/default/keys", {"name": "x"}, "owner"),
    ("DELETE", "/v1/admin/bots/default/keys/none", None, "owner"),
]
OF_A_BOT = [one for one in ROUTES if "/bots/" in one[1]]
ROLES: Sequence[Role] = ("viewer", "editor", "owner")


def send(client: TestClient, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    return client.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    client: TestClient, method: str, path: str, body: Any, needed: Role, role: Role
) -> None:
    answer = send(client, method, path, body, operator(role, ["default"]))
    if ROLES.index(role) >= ROLES.index(needed):
        assert answer.status_code in (200, 201, 404), answer.text
        assert answer.status_code != 404 or path.endswith("none")
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert answer.json()["bubbles"][0]["bubble_type"] == "error"


@pytest.mark.parametrize(("method", "path", "body", "_needed"), ROUTES)
def test_without_an_admin_key_nothing_is_told(
    client: TestClient, method: str, path: str, body: Any, _needed: Role
) -> None:
    for headers in ({}, bearer(""), bearer("ha_" + "x" * 43), bearer(new_key()), {"Authorization": "Basic eDp5"}):
        answer = send(client, method, path, body, headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_admin_key")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path", "body", "_needed"), OF_A_BOT)
def test_another_tenants_bot_and_one_that_is_not_there_are_the_same_404(
    client: TestClient, method: str, path: str, body: Any, _needed: Role
) -> None:
    wiring.get_bots().publish(Bot(bot_id="flowers"))
    mine = operator("owner", ["default", "planned"])
    paths = [path.replace("default", name) for name in ("flowers", "nobody", "planned", "%23", "Default")]
    answers = [send(client, method, one, body, mine) for one in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["code"] == "bot_not_found"
    viewer = send(client, method, paths[0], body, operator("viewer", ["default"]))
    assert (viewer.status_code, viewer.text) == (404, answers[0].text)


def test_the_configured_key_is_an_owner_of_all_bots(client: TestClient, configure: Callable[..., Path]) -> None:
    configure(ADMIN_API_KEY="the-key-of-the-setting")
    answer = client.get("/v1/admin/me", headers=bearer("the-key-of-the-setting"))
    assert answer.json() == {"key_id": "setting", "name": "ADMIN_API_KEY", "role": "owner", "bots": None}
    assert client.get("/v1/admin/me", headers=bearer("the-key-of-the-settinG")).status_code == 401


def test_a_key_is_shown_once_works_at_once_and_ends_when_it_is_revoked(client: TestClient) -> None:
    owner = operator()
    made = client.post("/v1/admin/keys", headers=owner, json={"name": " 상담 ", "role": "editor", "bots": ["default"]})
    assert made.status_code == 201
    key, token = made.json(), made.json()["key"]
    assert (key["name"], key["role"], key["bots"], key["revoked_at"]) == ("상담", "editor", ["default"], None)
    assert client.get("/v1/admin/me", headers=bearer(token)).json()["key_id"] == key["key_id"]
    listed = client.get("/v1/admin/keys", headers=owner)
    assert token not in listed.text and key["key_id"] in listed.text
    vars(wiring.get_operator)["cache"].clear()  # as two seconds later
    assert client.delete(f"/v1/admin/keys/{key['key_id']}", headers=owner).json()["revoked_at"] is not None
    assert client.get("/v1/admin/me", headers=bearer(token)).status_code == 401


def test_the_last_owner_is_told_why_the_key_stays(client: TestClient) -> None:
    owner = operator()
    mine = client.get("/v1/admin/me", headers=owner).json()["key_id"]
    answer = client.delete(f"/v1/admin/keys/{mine}", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")


@pytest.mark.parametrize("bots", [None, ["flowers"], ["default", "flowers"]])
def test_an_owner_of_some_bots_makes_keys_for_these_alone(client: TestClient, bots: list[str] | None) -> None:
    body = {"name": "x", "role": "viewer", "bots": bots}
    refused = client.post("/v1/admin/keys", headers=operator("owner", ["default"]), json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_an_owner_of_some_bots_sees_and_revokes_no_key_of_others(client: TestClient) -> None:
    foreign, _ = wiring.get_admin_keys().create("x", "viewer", ["flowers", "default"])
    own, _ = wiring.get_admin_keys().create("y", "viewer", ["default"])
    some = operator("owner", ["default"], "z")
    assert [one["name"] for one in client.get("/v1/admin/keys", headers=some).json()] == ["y", "z"]
    unknown = client.delete("/v1/admin/keys/01J9ZK3V5W8XQ2R4T6Y8A0B1C2", headers=some)
    refused = client.delete(f"/v1/admin/keys/{foreign.key_id}", headers=some)
    assert (refused.status_code, refused.text) == (404, unknown.text)
    assert client.delete(f"/v1/admin/keys/{own.key_id}", headers=some).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "", "role": "viewer"}, {"name": "x", "role": "root"}, {"name": "x", "role": "owner", "bots": []}],
)
def test_what_is_not_allowed_makes_no_key(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/admin/keys", headers=operator(), json=body).status_code == 422


def test_a_programs_key_is_made_listed_and_revoked(client: TestClient) -> None:
    owner, path = operator("owner", ["default"]), "/v1/admin/bots/default/keys"
    made = client.post(path, headers=owner, json={"name": "주문", "rate_per_minute": 5}).json()
    assert wiring.get_api_keys().verify(made["key"]).rate_per_minute == 5
    listed = client.get(path, headers=owner)
    assert [one["key_id"] for one in listed.json()] == [made["key_id"]] and made["key"] not in listed.text
    assert client.delete(f"{path}/{made['key_id']}", headers=owner).json()["revoked_at"] is not None
    assert client.get("/openai/v1/models", headers=bearer(made["key"])).status_code == 401


def test_every_change_is_recorded_without_the_key(client: TestClient) -> None:
    owner = operator(name="김운영")
    admin = client.post(
        "/v1/admin/keys", headers=owner, json={"name": "x", "role": "viewer", "bots": ["default"]}
    ).json()
    program = client.post("/v1/admin/bots/default/keys", headers=owner, json={"name": "y"}).json()
    client.delete(f"/v1/admin/keys/{admin['key_id']}", headers=owner)
    client.delete(f"/v1/admin/bots/default/keys/{program['key_id']}", headers=owner)
    answer = client.get("/v1/admin/audit", headers=owner)
    entries = answer.json()["entries"]
    assert [(one["action"], one["subject"], one["outcome"], one["name"]) for one in reversed(entries)] == [
        ("admin_key.create", admin["key_id"], "done", "김운영"),
        ("bot_key.create", program["key_id"], "done", "김운영"),
        ("admin_key.revoke", admin["key_id"], "done", "김운영"),
        ("bot_key.revoke", program["key_id"], "done", "김운영"),
    ]
    assert admin["key"] not in answer.text and program["key"] not in answer.text


def test_a_day_that_is_none_is_refused_in_korean(client: TestClient) -> None:
    answer = client.get("/v1/admin/audit?day=yesterday", headers=operator())
    assert (answer.status_code, answer.json()["error_message"]) == (422, "day는 2026-11-22와 같은 날짜여야 합니다.")


def test_who_guesses_is_slowed_and_a_right_key_from_there_does_not_tell_itself_apart(
    client: TestClient, configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(ADMIN_FAILURES_PER_MINUTE="3")
    wiring.get_store().prepare()
    minute = (int(time.time()) // 60 + 2) * 60.0  # to come, so that its counter lives
    monkeypatch.setattr("shared.admin_http.Limits", lambda store: Limits(store, lambda: minute))
    right = operator()
    guesses = [client.get("/v1/admin/me", headers=bearer(f"ha_guess-{n}")) for n in range(4)]
    assert [one.status_code for one in guesses] == [401, 401, 401, 429]
    refused = client.get("/v1/admin/me", headers=right)
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "rate_limited", "60")
    assert refused.json()["error_message"].startswith("관리자 인증에")
    assert client.get("/v1/admin/me").status_code == 401  # no key is no guess
    monkeypatch.setattr("shared.admin_http.Limits", lambda store: Limits(store, lambda: minute + 60))
    assert client.get("/v1/admin/me", headers=right).status_code == 200


def test_who_guesses_from_all_addresses_of_a_household_is_one(data_dir: Path) -> None:
    household = ("2001:db8:1:200::1", "2001:db8:1:2ff:9::2", "[2001:db8:1:200::1]:443")
    machine = ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7:51234")  # some gateways tell a port, too
    addresses = (*household, *machine, "2001:db8:1:300::1")
    told = [hashed_address(Request({"type": "http", "headers": [], "client": (one, 1)})) for one in addresses]
    assert len(set(told[:3])) == len(set(told[3:6])) == 1 and len(set(told)) == 3


def test_right_keys_are_not_counted(client: TestClient, configure: Callable[..., Path]) -> None:
    configure(ADMIN_FAILURES_PER_MINUTE="1")
    wiring.get_store().prepare()
    right = operator()
    assert {client.get("/v1/admin/me", headers=right).status_code for _ in range(5)} == {200}


def test_each_function_of_operators_counts_wrong_keys_and_may_do_so(
    client: TestClient, configure: Callable[..., Path], _touched: grants.Touched
) -> None:
    configure(ADMIN_FAILURES_PER_MINUTE="100")
    wiring.get_store().prepare()
    modules = [module for module in template.functions() if module.startswith("admin.")]
    for module in modules:
        route = import_module(f"functions.{module}").router.routes[0]
        path = re.sub(r"\{\w+(:path)?\}", "x", route.path)
        assert client.request(min(route.methods), path, headers=bearer("ha_guess")).status_code == 401, path
    assert {module for module, verb, table in _touched if (verb, table) == ("add", "counters")} == set(modules)
