"""Contents as operators edit them: drafts that nobody is answered from, then published and found at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import assembly, wiring
from shared.admin_keys import Role
from shared.bot import Bot, VectorSource
from shared.indexing.calibrate import off_topic_questions
from shared.models import Content
from tests.functions.operators import operator

CONTENTS = "/v1/admin/bots/default/contents"
ROLES: Sequence[Role] = ("viewer", "editor", "owner")
NEW = {"title": "드론 택배는 언제 시작하나요?", "content": "드론 택배는 섬 지역부터 시작합니다."}
ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", CONTENTS, None, "viewer"),
    ("POST", CONTENTS, {"content": NEW}, "editor"),
    ("GET", f"{CONTENTS}/join-001", None, "viewer"),
    ("PUT", f"{CONTENTS}/join-001", {"based_on": "x", "content": NEW}, "editor"),
    ("DELETE", f"{CONTENTS}/join-001?based_on=x", None, "editor"),
    ("DELETE", f"{CONTENTS}/join-001/draft?based_on=x", None, "editor"),
    ("POST", f"{CONTENTS}/join-001/restore", {"based_on": "x"}, "editor"),
    ("POST", f"{CONTENTS}/publish", {}, "editor"),
    ("GET", f"{CONTENTS}/join-001/health", None, "viewer"),
]


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """The composed application over a part of the sample FAQ."""
    return served


@pytest.fixture
def editor(client: TestClient) -> dict[str, str]:
    return operator("editor", name="민지")


def get(client: TestClient, editor: dict[str, str], faq_id: str) -> Any:
    return client.get(f"{CONTENTS}/{faq_id}", headers=editor).json()


def put(client: TestClient, editor: dict[str, str], faq_id: str, **fields: Any) -> Any:
    """Save it with these fields changed."""
    state = get(client, editor, faq_id)
    served = state["draft"] or state["published"]
    kept = ("title", "content", "tags", "similar_titles", "service_answers", "related_ids", "category", "url", "media")
    content = {**{name: served[name] for name in kept if served.get(name)}, **fields}
    return client.put(f"{CONTENTS}/{faq_id}", headers=editor, json={"based_on": state["based_on"], "content": content})


def publish(client: TestClient, editor: dict[str, str], *faq_ids: str) -> Any:
    answer = client.post(f"{CONTENTS}/publish", headers=editor, json={"faq_ids": list(faq_ids)} if faq_ids else {})
    assembly.get_search.cache_clear()  # as two seconds later
    return answer


def first_found(client: TestClient, question: str) -> str | None:
    found = client.get("/v1/faqs/search", params={"q": question, "limit": 1}).json()
    contents = found["contents"] if isinstance(found, dict) and "contents" in found else found
    return str(contents[0]["faq_id"]) if contents else None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    client: TestClient, method: str, path: str, body: Any, needed: Role, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=operator(role, ["default"]))
    if ROLES.index(role) >= ROLES.index(needed):
        assert answer.status_code in {200, 201} or answer.json()["code"] in {"conflict", "nothing_to_publish"}
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_another_tenants_bot_is_not_found_and_no_key_is_refused(
    client: TestClient, method: str, path: str, body: Any, needed: Role
) -> None:
    assert client.request(method, path, json=body).status_code == 401
    assert client.request(method, path, json=body, headers=operator("owner", ["other"])).status_code == 404


def test_a_new_content_is_a_draft_until_it_is_published_and_then_answers(
    client: TestClient, editor: dict[str, str]
) -> None:
    made = client.post(CONTENTS, headers=editor, json={"content": NEW}).json()
    assert (made["drafted"], made["saved_by"], made["published"]) == ("new", "민지", None)
    assert first_found(client, NEW["title"]) != made["faq_id"]
    published = publish(client, editor)
    assert published.json()["changed"] == [made["faq_id"]]
    assert first_found(client, NEW["title"]) == made["faq_id"]
    state = get(client, editor, made["faq_id"])
    assert (state["drafted"], state["published"]["content"]) == (None, NEW["content"])


def test_an_edit_is_seen_beside_what_is_served(client: TestClient, editor: dict[str, str]) -> None:
    before = get(client, editor, "join-001")["published"]
    saved = put(client, editor, "join-001", similar_titles=["우주 정거장에서도 되나요"]).json()
    assert saved["published"] == before
    assert (saved["drafted"], saved["draft"]["similar_titles"]) == ("edit", ["우주 정거장에서도 되나요"])
    publish(client, editor, "join-001")
    assert first_found(client, "우주 정거장에서도 되나요") == "join-001"


def test_of_two_tabs_the_second_does_not_overwrite_the_first(client: TestClient, editor: dict[str, str]) -> None:
    based_on = get(client, editor, "join-001")["based_on"]
    body = {"based_on": based_on, "content": NEW}
    assert client.put(f"{CONTENTS}/join-001", headers=editor, json=body).status_code == 200
    second = client.put(f"{CONTENTS}/join-001", headers=editor, json={**body, "content": {**NEW, "title": "다른 제목"}})
    assert (second.status_code, second.json()["code"]) == (409, "conflict")
    assert get(client, editor, "join-001")["draft"]["title"] == NEW["title"]


def test_a_removed_content_is_no_more_found_and_can_be_brought_back(client: TestClient, editor: dict[str, str]) -> None:
    state = get(client, editor, "join-001")
    title = state["published"]["title"]
    removal = client.delete(f"{CONTENTS}/join-001?based_on={quoted(state['based_on'])}", headers=editor).json()
    assert removal["drafted"] == "removal"
    assert first_found(client, title) == "join-001"  # until it is published
    assert publish(client, editor, "join-001").json()["removed"] == ["join-001"]
    assert first_found(client, title) != "join-001"
    gone = get(client, editor, "join-001")
    assert (gone["published"], gone["removed"]["title"]) == (None, title)
    listed = client.get(CONTENTS, headers=editor, params={"which": "removed"}).json()["contents"]
    assert [one["faq_id"] for one in listed] == ["join-001"]
    body = {"based_on": gone["based_on"]}
    assert client.post(f"{CONTENTS}/join-001/restore", headers=editor, json=body).status_code == 201
    publish(client, editor, "join-001")
    assert first_found(client, title) == "join-001"


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_a_draft_that_is_thrown_away_leaves_what_is_served(client: TestClient, editor: dict[str, str]) -> None:
    made = client.post(CONTENTS, headers=editor, json={"content": NEW}).json()
    gone = client.delete(f"{CONTENTS}/{made['faq_id']}/draft?based_on={made['based_on']}", headers=editor)
    assert gone.status_code == 204
    assert client.get(f"{CONTENTS}/{made['faq_id']}", headers=editor).status_code == 404
    assert publish(client, editor).json()["code"] == "nothing_to_publish"
    assert client.post(CONTENTS, headers=editor, json={"content": NEW}).status_code == 201


def test_the_same_title_twice_is_told(client: TestClient, editor: dict[str, str]) -> None:
    client.post(CONTENTS, headers=editor, json={"content": NEW})
    again = client.post(CONTENTS, headers=editor, json={"content": NEW})
    assert (again.status_code, again.json()["code"]) == (409, "content_exists")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": " "}, "title"),
        ({"title": "가" * 301}, "title"),
        ({"content": ""}, "content"),
        ({"content": "가" * 45_001}, "content"),
        ({"similar_titles": ["가"] * 201}, "similar_titles"),
        ({"effective_on": "2026-12-02", "expires_on": "2026-12-01"}, "expires_on"),
        ({"expires_on": "내일"}, "expires_on"),
        ({"media": [{"url": "https://a.example/file"}]}, "media.0.kind"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(
    client: TestClient, editor: dict[str, str], fields: dict[str, Any], path: str
) -> None:
    answer = put(client, editor, "join-001", **fields)
    assert answer.status_code == 422
    assert path in {one["path"] for one in answer.json()["problems"]}
    assert all("가" <= one["message"][-3] <= "힣" for one in answer.json()["problems"])
    assert path == "nonsense" or not any(path in one["message"] for one in answer.json()["problems"])
    assert get(client, editor, "join-001")["draft"] is None


def test_what_may_not_be_linked_is_left_out_and_told(client: TestClient, editor: dict[str, str]) -> None:
    saved = put(client, editor, "join-001", content="[여기](http://plain.example/a)를 보세요.").json()
    assert saved["draft"]["content"] == "여기를 보세요."
    assert saved["left_out"] == ["http://plain.example/a: https 주소가 아닙니다."]


def test_personal_data_of_new_similar_titles_is_masked_and_told(client: TestClient, editor: dict[str, str]) -> None:
    saved = put(client, editor, "join-001", similar_titles=["010-0123-4567로 문자가 왔어요", "가입이 되나요"]).json()
    assert saved["draft"]["similar_titles"] == ["[전화번호]로 문자가 왔어요", "가입이 되나요"]
    assert saved["left_out"] == ["비슷한 제목의 개인정보를 가렸습니다: [전화번호]로 문자가 왔어요"]
    body = {"based_on": saved["based_on"], "content": {**NEW, "similar_titles": saved["draft"]["similar_titles"]}}
    again = client.put(f"{CONTENTS}/join-001", headers=editor, json=body).json()
    assert (again["draft"]["similar_titles"], again["left_out"]) == (saved["draft"]["similar_titles"], [])


def test_a_source_that_others_draw_on_is_edited_by_who_may_edit_them_all(
    client: TestClient, configure: Callable[..., Path]
) -> None:
    wiring.get_bots().publish(Bot(bot_id="other", sources=[VectorSource(source_id="default")]))
    wiring.get_bot.cache_clear()
    some, both = operator("editor", ["default"]), operator("editor", ["default", "other"])
    refused = client.post(CONTENTS, headers=some, json={"content": NEW})
    assert (refused.status_code, refused.json()["error_message"]) == (
        403,
        "이 콘텐츠를 함께 쓰는 다른 챗봇의 편집 권한이 필요합니다.",
    )
    assert client.post(CONTENTS, headers=both, json={"content": NEW}).status_code == 201
    told = [client.get("/v1/admin/bots/default", headers=one).json()["editable_sources"] for one in (some, both)]
    assert told == [[], ["default"]]


def test_a_source_that_the_bot_does_not_have_is_not_found(client: TestClient, editor: dict[str, str]) -> None:
    assert client.get(CONTENTS, headers=editor, params={"source_id": "nobody"}).json()["code"] == "source_not_found"


@pytest.mark.parametrize("faq_id", ["publish", "a#b", "x/draft", "나" * 201])
def test_an_id_that_no_address_can_name_is_refused(client: TestClient, editor: dict[str, str], faq_id: str) -> None:
    answer = client.post(CONTENTS, headers=editor, json={"faq_id": faq_id, "content": NEW})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_pages_hold_each_content_once_drafts_among_them(client: TestClient, editor: dict[str, str]) -> None:
    made = client.post(CONTENTS, headers=editor, json={"faq_id": "join-0005", "content": NEW}).json()["faq_id"]
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = client.get(CONTENTS, headers=editor, params=params).json()
        found += [one["faq_id"] for one in page["contents"]]
        if (cursor := page["cursor"]) is None:
            break
    stored = [item["sk"] for item in wiring.get_store().query("contents", "default", limit=1_000).items]
    assert found == sorted([*stored, made])


def test_the_list_is_filtered(client: TestClient, editor: dict[str, str]) -> None:
    put(client, editor, "join-001", expires_on="2020-01-01")
    put(client, editor, "join-002", effective_on="2999-01-01", content="서기 2999년부터 됩니다.")

    def ids(**params: str) -> list[str]:
        page = client.get(CONTENTS, headers=editor, params=params).json()
        return [one["faq_id"] for one in page["contents"]]

    assert ids(which="drafted") == ["join-001", "join-002"]
    assert ids(which="expired") == ["join-001"]
    assert ids(which="upcoming") == ["join-002"]
    assert ids(q="서기2999년") == ["join-002"]
    assert ids(q="없는 말입니다만") == []


def test_an_expired_content_is_not_answered_from_by_any_way(client: TestClient, editor: dict[str, str]) -> None:
    title = get(client, editor, "join-001")["published"]["title"]
    put(client, editor, "join-001", expires_on="2020-01-01")
    publish(client, editor, "join-001")
    assert first_found(client, title) != "join-001"
    assert client.get("/v1/faqs/join-001").status_code == 404
    assert client.post("/v1/faqs/join-001/ask", json={}).status_code == 404


def test_changes_are_in_the_record(client: TestClient, editor: dict[str, str]) -> None:
    put(client, editor, "join-001", title="바뀐 제목")
    publish(client, editor, "join-001")
    day = wiring.get_audit().today()
    entries = client.get(f"/v1/admin/audit?day={day}", headers=operator()).json()["entries"]
    assert [(one["action"], one["subject"], one["name"], one["outcome"]) for one in entries[:2]] == [
        ("content.publish", "join-001", "민지", "done"),
        ("content.save", "join-001", "민지", "done"),
    ]
    assert entries[1]["after"]["title"] == "바뀐 제목"
    published = entries[0]
    assert published["before"] == {"join-001": entries[1]["before"]}
    assert published["after"] == {"join-001": entries[1]["after"]}


def test_the_record_tells_the_texts_of_what_was_made_removed_and_brought_back(
    client: TestClient, editor: dict[str, str]
) -> None:
    made = client.post(CONTENTS, headers=editor, json={"content": {"title": "새 제목", "content": "새 답변"}}).json()
    new = f"{CONTENTS}/{made['faq_id']}"
    client.delete(f"{new}/draft", headers=editor, params={"based_on": made["based_on"]})
    old, at = get(client, editor, "join-001"), f"{CONTENTS}/join-001"
    client.delete(at, headers=editor, params={"based_on": old["based_on"]})
    publish(client, editor, "join-001")
    gone = client.get(at, headers=editor).json()
    assert client.post(f"{at}/restore", headers=editor, json={"based_on": gone["based_on"]}).status_code == 201
    day = wiring.get_audit().today()
    found = client.get(f"/v1/admin/audit?day={day}", headers=operator()).json()["entries"]
    entries = {one["action"]: one for one in found}
    text = old["published"]["content"]
    assert entries["content.create"]["before"] is None
    assert entries["content.create"]["after"]["content"] == entries["content.discard"]["before"]["content"] == "새 답변"
    assert entries["content.remove"]["before"]["content"] == entries["content.restore"]["after"]["content"] == text
    assert entries["content.publish"]["before"]["join-001"]["content"] == text
    assert entries["content.publish"]["after"] == {"join-001": None}


def test_a_draft_that_was_saved_again_while_it_was_published_stays(client: TestClient, editor: dict[str, str]) -> None:
    put(client, editor, "join-001", title="처음 제목")
    (draft,) = wiring.get_contents().drafts("default")
    put(client, editor, "join-001", title="나중 제목")
    with pytest.raises(Exception, match="바꾸었습니다"):
        wiring.get_contents().discard(draft)
    assert get(client, editor, "join-001")["draft"]["title"] == "나중 제목"


def test_stored_contents_are_as_the_model_reads_them(client: TestClient, editor: dict[str, str]) -> None:
    put(client, editor, "join-001", expires_on="2999-01-01")
    publish(client, editor, "join-001")
    stored = Content.model_validate(wiring.get_store().get("contents", "default", "join-001"))
    assert stored.expires_on is not None and stored.expires_on.year == 2999


def test_the_health_of_a_draft_is_told_beside_its_neighbours(client: TestClient, editor: dict[str, str]) -> None:
    other = get(client, editor, "join-002")["published"]
    put(client, editor, "join-001", title=other["title"], similar_titles=[])
    told = client.get(f"{CONTENTS}/join-001/health", headers=editor).json()
    assert [(one["kind"], one["faq_id"]) for one in told if one["kind"] == "duplicate"] == [("duplicate", "join-002")]
    assert "no_similar_title" in {one["kind"] for one in told}


def test_the_health_of_a_first_content_is_told_beside_other_drafts(client: TestClient) -> None:
    owner = operator()
    client.post("/v1/admin/bots", headers=owner, json={"bot_id": "flowers", "name": "꽃집"})
    contents = "/v1/admin/bots/flowers/contents"
    made = client.post(contents, headers=owner, json={"content": {"title": "꽃 배달", "content": "됩니다."}}).json()
    told = client.get(f"{contents}/{made['faq_id']}/health", headers=owner)
    assert (told.status_code, [one["kind"] for one in told.json()]) == (200, ["no_similar_title"])
    other = {"title": "꽃 배송", "similar_titles": ["꽃 배달"], "content": "안 됩니다."}
    again = client.post(contents, headers=owner, json={"content": other}).json()
    (twice, _) = client.get(f"{contents}/{made['faq_id']}/health", headers=owner).json()
    assert (twice["kind"], twice["faq_id"]) == ("duplicate", again["faq_id"])


def test_a_bot_that_was_just_made_gets_its_first_contents_and_answers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = off_topic_questions()[::30]
    for module in ("first", "publish"):
        monkeypatch.setattr(f"shared.indexing.{module}.off_topic_questions", lambda: few)
    owner = operator()
    made = client.post("/v1/admin/bots", headers=owner, json={"bot_id": "shop", "name": "새 가게"}).json()
    contents = "/v1/admin/bots/shop/contents"
    for title in ("드론 택배는 언제 시작하나요?", "명함은 어디서 주문하나요?"):
        body = {"content": {"title": title, "content": f"{title} 자주 묻는 질문입니다."}}
        assert client.post(contents, headers=owner, json=body).status_code == 201
    published = client.post(f"{contents}/publish", headers=owner, json={})
    assert (published.status_code, published.json()["contents"]) == (200, 2)
    served = client.post("/v1/admin/bots/shop/publish", headers=owner, json={"based_on": made["based_on"]})
    assert (served.status_code, served.json()["unbuilt_sources"]) == (200, [])
    found = client.get("/v1/faqs/search", params={"bot": "shop", "q": "드론 택배는 언제 시작하나요?"})
    assert found.status_code == 200 and "드론 택배는" in found.text
