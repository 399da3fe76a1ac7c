"""Notion's route: rights, what an operator is told, a run from a database to an answered question."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import assembly, wiring
from shared.admin_keys import Role
from shared.bot import Bot, VectorSource
from shared.notion.pages import faq_id_of
from tests.fakes.notion_server import TOKEN, FakeNotion, Fed, block, paragraph, select
from tests.functions.operators import operator
from tests.servers import free_port

PATH = "/v1/admin/bots/default/contents/notion"


@pytest.fixture
def notion(_environment: None) -> Iterator[FakeNotion]:
    with FakeNotion() as server:
        yield server


@pytest.fixture
def faq(notion: FakeNotion) -> str:
    faq = notion.add_database("도움말")
    notion.add_page("해답은 무엇인가요?", [paragraph("챗봇입니다.")], faq, 분류=select("안내"))
    notion.add_page("그림뿐인 글", [block("image", type="file", file={"url": "https://s3.example/a"})], faq)
    return faq


@pytest.fixture
def client(notion: FakeNotion, faq: str, configure: Callable[..., Path]) -> Iterator[TestClient]:
    configure(
        NOTION_TOKEN=TOKEN, NOTION_BASE_URL=notion.url, NOTION_TARGETS=json.dumps({"default": [faq.replace("-", "")]})
    )
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def body(target: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "database", "address": f"https://www.notion.so/gaon/{target.replace('-', '')}?v=1", **fields}


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 200), ("owner", 200)])
def test_reading_notion_is_for_editors(client: TestClient, faq: str, role: Role, status: int) -> None:
    assert client.post(PATH, headers=operator(role), json=body(faq)).status_code == status
    assert client.get(PATH, headers=operator(role)).status_code == 200
    assert client.post(PATH, json=body(faq)).status_code == client.get(PATH).status_code == 401
    foreign = client.post(PATH, headers=operator("owner", ["flowers"]), json=body(faq))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "bot_not_found")


def test_a_source_that_another_bot_draws_on_needs_the_right_to_it_too(client: TestClient, faq: str) -> None:
    wiring.get_bots().publish(Bot(bot_id="flowers", sources=[VectorSource(source_id="default")]))
    answer = client.post(PATH, headers=operator("editor", ["default"]), json=body(faq))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_what_is_not_open_to_a_bot_is_named_by_an_owner_of_all_alone(client: TestClient, notion: FakeNotion) -> None:
    other = notion.add_database("인사 규정")
    notion.add_page("연봉", [paragraph("비밀")], other)
    for some in (operator("editor"), operator("owner", ["default"])):
        answer = client.post(PATH, headers=some, json=body(other))
        assert (answer.status_code, answer.json()["code"]) == (403, "notion_target_closed")
    assert notion.received == []

    owner, editor = operator(), operator("editor", ["default"])
    assert client.post(PATH, headers=owner, json=body(other)).json()["created"] == 1  # a dry run opens nothing
    assert client.post(PATH, headers=editor, json=body(other)).status_code == 403
    client.post(PATH, headers=owner, json=body(other, dry_run=False))
    assert other in client.get(PATH, headers=editor).json()["open_ids"]
    assert client.post(PATH, headers=editor, json=body(other, dry_run=False)).json()["unchanged"] == 1

    assert client.delete(f"{PATH}/{other}", headers=operator("owner", ["default"])).status_code == 403
    assert client.delete(f"{PATH}/{other}", headers=owner).status_code == 204
    assert client.post(PATH, headers=editor, json=body(other)).status_code == 403
    assert client.delete(f"{PATH}/{other}", headers=owner).json()["code"] == "notion_not_found"


def test_a_dry_run_tells_and_a_real_one_drafts(client: TestClient, faq: str) -> None:
    editor = operator("editor", name="민지")
    told = {"configured": True, "targets": [], "any": False, "open_ids": [faq]}
    assert client.get(PATH, headers=editor).json() == told
    tried = client.post(PATH, headers=editor, json=body(faq)).json()
    assert (tried["dry_run"], tried["created"], tried["empty"], tried["left_out"]) == (True, 1, 1, {"image": 1})
    assert client.get("/v1/admin/bots/default/contents", headers=editor).json()["contents"] == []
    done = client.post(PATH, headers=editor, json=body(faq, dry_run=False)).json()
    assert (done["dry_run"], done["created"], done["more"]) == (False, 1, False)
    (line,) = client.get("/v1/admin/bots/default/contents", headers=editor).json()["contents"]
    assert (line["title"], line["category"], line["drafted"]) == ("해답은 무엇인가요?", "안내", "new")
    (known,) = client.get(PATH, headers=editor).json()["targets"]
    assert (known["target"], known["unfinished"]) == ({"kind": "database", "id": faq}, False)
    again = client.post(PATH, headers=editor, json=body(faq, dry_run=False)).json()
    assert (again["unchanged"], again["created"]) == (2, 0)


def test_a_list_in_a_list_stays_one(client: TestClient, notion: FakeNotion, faq: str) -> None:
    card = block("bulleted_list_item", "카드", children=[block("bulleted_list_item", "할부")])
    page = notion.add_page("결제는요?", [block("numbered_list_item", "고르기", children=[card])], faq)
    editor = operator("editor")
    client.post(PATH, headers=editor, json=body(faq, dry_run=False))
    path = f"/v1/admin/bots/default/contents/{faq_id_of(page)}"
    state = client.get(path, headers=editor).json()
    assert state["draft"]["content"] == "1. 고르기\n   - 카드\n     - 할부"
    again = client.post(PATH, headers=editor, json=body(faq, dry_run=False, full=True)).json()
    assert (again["updated"], again["unchanged"]) == (0, 2)


def test_a_long_run_is_gone_on_with_by_calling_again(
    client: TestClient, notion: FakeNotion, faq: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notion.add_page("둘째", [paragraph("답")], faq)
    monkeypatch.setattr("functions.admin.notion._SECONDS", 0.9)
    editor = operator("editor")
    calls = [client.post(PATH, headers=editor, json=body(faq, dry_run=False)).json()]
    while calls[-1]["more"] and len(calls) < 20:
        calls.append(client.post(PATH, headers=editor, json=body(faq, dry_run=False)).json())
    assert len(calls) > 1 and not calls[-1]["more"]
    assert (calls[-1]["pages"], calls[-1]["created"]) == (3, 2)


@pytest.mark.parametrize(
    ("fed", "status", "code"),
    [
        (Fed(401, "unauthorized"), 409, "notion_token_invalid"),
        (Fed(403, "restricted_resource"), 409, "notion_forbidden"),
        (Fed(404, "object_not_found"), 404, "notion_not_found"),
    ],
)
def test_what_notion_refuses_is_told_in_korean_and_without_the_token(
    client: TestClient, notion: FakeNotion, faq: str, fed: Fed, status: int, code: str
) -> None:
    notion.enqueue(fed)
    answer = client.post(PATH, headers=operator("editor"), json=body(faq, dry_run=False))
    error = answer.json()
    assert (answer.status_code, error["code"]) == (status, code)
    assert set(error) == {"error_message", "code", "bubbles", "expression"}
    assert "Notion" in error["error_message"] and TOKEN not in answer.text


def test_without_a_token_nothing_is_asked(configure: Callable[..., Path], notion: FakeNotion, faq: str) -> None:
    configure(NOTION_BASE_URL=notion.url)
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        owner = operator()
        assert client.get(PATH, headers=owner).json()["configured"] is False
        answer = client.post(PATH, headers=owner, json=body(faq))
    assert (answer.status_code, answer.json()["code"]) == (409, "notion_token_missing")
    assert "NOTION_TOKEN" in answer.json()["error_message"] and notion.received == []


def test_a_limit_is_told_with_when_to_call_again(client: TestClient, notion: FakeNotion, faq: str) -> None:
    notion.enqueue(Fed(429, "rate_limited", {"Retry-After": "50"}))
    answer = client.post(PATH, headers=operator("editor"), json=body(faq, dry_run=False)).json()
    assert (answer["more"], answer["retry_after_seconds"], answer["pages"]) == (True, 51, 0)


def test_notion_that_is_away_is_503(configure: Callable[..., Path], faq: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(NOTION_TOKEN=TOKEN, NOTION_BASE_URL=f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("functions.admin.notion._SECONDS", 0.4)
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post(PATH, headers=operator(), json=body(faq))
    assert (answer.status_code, answer.json()["code"]) == (503, "notion_unavailable")


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "도움말"},
        {"address": ""},
        {"kind": "wiki"},
        {"names": {"title": "x"}},
        {"address": "https://a.example/"},
    ],
)
def test_what_is_no_order_is_refused(client: TestClient, notion: FakeNotion, faq: str, wrong: dict[str, Any]) -> None:
    answer = client.post(PATH, headers=operator("editor"), json=body(faq) | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert notion.received == []


def test_what_came_from_notion_is_answered_from_once_it_is_published(
    data_dir: Path, notion: FakeNotion, faq: str, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., Path]
) -> None:
    monkeypatch.setenv("NOTION_TOKEN", TOKEN)
    monkeypatch.setenv("NOTION_BASE_URL", notion.url)
    from functions.local import app
    from tests.app import forget

    forget()
    (page_id,) = [one for one, page in notion.pages.items() if "해답은" in str(page["properties"])]
    with TestClient(app, raise_server_exceptions=False) as client:
        owner = operator()
        assert client.post(PATH, headers=owner, json=body(faq, dry_run=False)).json()["created"] == 1
        ids = {"faq_ids": [faq_id_of(page_id)]}
        published = client.post("/v1/admin/bots/default/contents/publish", headers=owner, json=ids)
        assert published.json()["changed"] == ids["faq_ids"]
        assembly.get_search.cache_clear()  # as two seconds later
        found = client.get("/v1/faqs/search", params={"q": "해답은 무엇인가요?", "limit": 1}).json()
        assert faq_id_of(page_id) in str(found)
        assert client.post(PATH, headers=owner, json=body(faq, dry_run=False)).json()["unchanged"] == 2
