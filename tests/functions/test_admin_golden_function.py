"""Golden questions: kept by operators, asked of what serves, and asked before contents are published."""

from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import wiring
from shared.admin_keys import Role
from shared.bot import VectorSource
from shared.indexing.calibrate import off_topic_questions
from shared.popular_count import recount
from shared.storage import keys
from tests.app import ask, new_session
from tests.functions.operators import operator

GOLDEN = "/v1/admin/bots/default/golden"
CONTENTS = "/v1/admin/bots/default/contents"
ROLES: Sequence[Role] = ("viewer", "editor", "owner")
ROUTES: list[tuple[str, str, Any, Role]] = [
    ("GET", GOLDEN, None, "viewer"),
    ("POST", GOLDEN, {"question": "가입은 어떻게 하나요?"}, "editor"),
    ("PUT", f"{GOLDEN}/none", {"question": "가입은 어떻게 하나요?", "based_on": "1"}, "editor"),
    ("DELETE", f"{GOLDEN}/none?based_on=1", None, "editor"),
    ("POST", f"{GOLDEN}/run", None, "editor"),
    ("GET", f"{GOLDEN}/runs", None, "viewer"),
    ("POST", f"{CONTENTS}/rehearse", {}, "editor"),
]


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """The composed application over a part of the sample FAQ."""
    return served


@pytest.fixture
def editor(client: TestClient) -> dict[str, str]:
    return operator("editor")


def title_of(client: TestClient, editor: dict[str, str], faq_id: str) -> str:
    return str(client.get(f"{CONTENTS}/{faq_id}", headers=editor).json()["published"]["title"])


def keep(client: TestClient, editor: dict[str, str], question: str, *faq_ids: str) -> Any:
    body = {"question": question, "faq_ids": list(faq_ids)}
    answer = client.post(GOLDEN, headers=editor, json=body)
    assert answer.status_code == 201
    return answer.json()


def draft_removal(client: TestClient, editor: dict[str, str], faq_id: str) -> None:
    based_on = client.get(f"{CONTENTS}/{faq_id}", headers=editor).json()["based_on"]
    removed = client.delete(f"{CONTENTS}/{faq_id}", headers=editor, params={"based_on": based_on})
    assert removed.status_code == 200


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    client: TestClient, method: str, path: str, body: Any, needed: Role, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=operator(role, ["default"]))
    if ROLES.index(role) >= ROLES.index(needed):
        assert answer.status_code in {200, 201} or answer.json()["code"] in {"golden_not_found", "nothing_to_publish"}
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert client.request(method, path, json=body).status_code == 401
    assert client.request(method, path, json=body, headers=operator("owner", ["other"])).status_code == 404


def test_a_golden_question_is_kept_changed_and_thrown_away(client: TestClient, editor: dict[str, str]) -> None:
    made = keep(client, editor, " 가입비가 있나요? ", "join-001", "join-001")
    assert (made["question"], made["faq_ids"]) == ("가입비가 있나요?", ["join-001"])
    (listed,) = client.get(GOLDEN, headers=editor).json()
    assert listed["contents"] == [{"faq_id": "join-001", "title": title_of(client, editor, "join-001")}]
    path, edit = f"{GOLDEN}/{made['golden_id']}", {"question": "입점비가 있나요?", "faq_ids": []}
    changed = client.put(path, headers=editor, json={**edit, "based_on": made["revision"]}).json()
    assert [{**one, "masked": False} for one in client.get(GOLDEN, headers=editor).json()] == [
        {**changed, "contents": []}
    ]
    assert client.delete(path, headers=editor, params={"based_on": changed["revision"]}).status_code == 204
    assert client.get(GOLDEN, headers=editor).json() == []
    gone = client.delete(path, headers=editor, params={"based_on": changed["revision"]})
    assert gone.json()["code"] == "golden_not_found"


def test_of_two_editors_the_second_overwrites_nothing_and_is_told(client: TestClient, editor: dict[str, str]) -> None:
    made = keep(client, editor, "가입비가 있나요?", "join-001")
    path, seen = f"{GOLDEN}/{made['golden_id']}", {"based_on": made["revision"]}
    first = client.put(path, headers=editor, json={"question": "입점비가 있나요?", "faq_ids": ["join-002"], **seen})
    second = client.put(path, headers=operator("editor"), json={"question": "가입비는 얼마인가요?", **seen})
    removed = client.delete(path, headers=operator("editor"), params=seen)
    for answer in (second, removed):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "먼저 바꾸었습니다" in answer.json()["error_message"]
    (kept,) = client.get(GOLDEN, headers=editor).json()
    assert (kept["question"], kept["revision"]) == ("입점비가 있나요?", first.json()["revision"])


def test_one_that_an_earlier_version_kept_has_no_revision_and_is_changed_all_the_same(
    client: TestClient, editor: dict[str, str]
) -> None:
    old = {"pk": keys.golden_pk("default"), "sk": "g1", "golden_id": "g1", "question": "가입비?", "faq_ids": []}
    wiring.get_store().put("evaluations", {**old, "updated_at": "2026-11-22T00:00:00Z"})
    for based_on, status in (("1", 409), ("", 200), ("", 409)):
        change = {"question": "가입비는요?", "based_on": based_on}
        assert client.put(f"{GOLDEN}/g1", headers=editor, json=change).status_code == status


def test_personal_data_is_kept_nowhere_and_the_operator_is_told(client: TestClient, editor: dict[str, str]) -> None:
    number = "010-0123-4567"
    body = {"question": f"{number}로 전화 주실래요?", "note": f"{number} 고객님"}
    made = client.post(GOLDEN, headers=editor, json=body).json()
    assert (made["question"], made["note"]) == ("[전화번호]로 전화 주실래요?", "[전화번호] 고객님")
    assert made["masked"] is True
    path = f"{GOLDEN}/{made['golden_id']}"
    for question, masked in ((f"{number}로요?", True), ("전화 주실래요?", False)):
        change = {"question": question, "based_on": made["revision"]}
        made = client.put(path, headers=editor, json=change).json()
        assert made["masked"] is masked
    kept = [client.get(path, headers=operator()).text for path in (GOLDEN, "/v1/admin/audit")]
    assert "golden.add" in kept[1] and not any("4567" in one for one in kept)


def test_a_question_of_signs_that_nobody_sees_is_none_and_an_id_that_cannot_be_is_not_found(
    client: TestClient, editor: dict[str, str]
) -> None:
    assert client.post(GOLDEN, headers=editor, json={"question": "\u200b"}).status_code == 422
    assert client.delete(f"{GOLDEN}/{'a' * 5_000}?based_on=1", headers=editor).status_code == 404


def test_a_content_that_is_not_there_is_named(client: TestClient, editor: dict[str, str]) -> None:
    answer = client.post(GOLDEN, headers=editor, json={"question": "?!가", "faq_ids": ["join-001", "nobody"]})
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"path": "faq_ids.1", "message": "챗봇에 그런 콘텐츠가 없습니다."}]


def test_a_run_tells_which_are_not_answered_rightly_and_is_kept(client: TestClient, editor: dict[str, str]) -> None:
    right = keep(client, editor, title_of(client, editor, "join-001"), "join-001")
    wrong = keep(client, editor, title_of(client, editor, "join-002"), "join-003")
    keep(client, editor, "오늘 서울 날씨 알려줘")  # is not to be answered
    run = client.post(f"{GOLDEN}/run", headers=editor).json()
    assert (run["golden"], run["right"]) == (3, 2)
    (missed,) = run["missed"]
    assert (missed["golden_id"], missed["decision"], missed["faq_id"]) == (wrong["golden_id"], "answer", "join-002")
    assert missed["golden_id"] != right["golden_id"]
    (kept,) = client.get(f"{GOLDEN}/runs", headers=editor).json()
    assert (kept["golden"], kept["right"], kept["at"]) == (3, 2, run["at"])


def test_a_run_asks_as_customers_do_behind_the_gate(client: TestClient, editor: dict[str, str]) -> None:
    title = title_of(client, editor, "join-001")
    keep(client, editor, title, "join-001")
    wiring.get_bots().publish(wiring.get_bot("default").model_copy(update={"banned_words": [title.split()[0]]}))
    wiring.get_bot.cache_clear()
    run = client.post(f"{GOLDEN}/run", headers=editor).json()
    assert (run["right"], run["missed"][0]["decision"]) == (0, "fixed")


def test_what_would_lose_a_golden_question_needs_a_second_yes(client: TestClient, editor: dict[str, str]) -> None:
    title = title_of(client, editor, "join-001")
    kept = keep(client, editor, title, "join-001")
    draft_removal(client, editor, "join-001")
    compared = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()
    assert (compared["drafts"], compared["more"]) == (
        [{"faq_id": "join-001", "title": title, "drafted": "removal"}],
        0,
    )
    (told,) = compared["rehearsals"]
    (change,) = told["rehearsal"]["changes"]
    assert (change["question"], change["golden"], change["verdict"]) == (title, True, "worse")
    assert change["golden_id"] == kept["golden_id"]
    assert (change["before"]["decision"], change["before"]["faq_id"]) == ("answer", "join-001")
    assert change["after"]["faq_id"] != "join-001"
    refused = client.post(f"{CONTENTS}/publish", headers=editor, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")
    assert refused.json()["problems"] == [{"path": "default", "message": title}]
    assert wiring.get_store().get("contents", "default", "join-001") is not None

    other = title_of(client, editor, "join-002")
    keep(client, editor, other, "join-002")
    draft_removal(client, editor, "join-002")  # after that was shown
    yes = {"lose_golden": [kept["golden_id"]]}
    refused = client.post(f"{CONTENTS}/publish", headers=editor, json=yes)
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")
    assert refused.json()["problems"] == [{"path": "default", "message": other}]
    assert wiring.get_store().get("contents", "default", "join-001") is not None
    shown = {**yes, "faq_ids": ["join-001"]}
    assert client.post(f"{CONTENTS}/publish", headers=editor, json=shown).status_code == 200
    assert wiring.get_store().get("contents", "default", "join-001") is None
    assert wiring.get_store().get("contents", "default", "join-002") is not None


def test_what_loses_nothing_is_published_at_once_and_a_new_text_is_told(
    client: TestClient, editor: dict[str, str]
) -> None:
    title = title_of(client, editor, "join-001")
    keep(client, editor, title, "join-001")
    state = client.get(f"{CONTENTS}/join-001", headers=editor).json()
    body = {"based_on": state["based_on"], "content": {"title": title, "content": "새 답변입니다."}}
    assert client.put(f"{CONTENTS}/join-001", headers=editor, json=body).status_code == 200
    (told,) = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()["rehearsals"]
    assert (told["rehearsal"]["right_before"], told["rehearsal"]["right_after"]) == (1, 1)
    (change,) = told["rehearsal"]["changes"]
    assert (change["verdict"], change["text_differs"]) == ("changed", True)
    assert client.post(f"{CONTENTS}/publish", headers=editor, json={}).status_code == 200


def test_an_edit_that_answers_a_golden_question_is_told_as_better(client: TestClient, editor: dict[str, str]) -> None:
    question = "우주 정거장으로도 배달되나요"
    keep(client, editor, question, "join-001")
    state = client.get(f"{CONTENTS}/join-001", headers=editor).json()
    served = state["published"]
    content = {"title": served["title"], "content": served["content"], "similar_titles": [question]}
    client.put(f"{CONTENTS}/join-001", headers=editor, json={"based_on": state["based_on"], "content": content})
    (told,) = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()["rehearsals"]
    assert [one["verdict"] for one in told["rehearsal"]["changes"]] == ["better"]
    assert (told["rehearsal"]["right_before"], told["rehearsal"]["right_after"]) == (0, 1)


def test_a_source_that_was_never_built_hinders_neither_a_run_nor_a_rehearsal(
    client: TestClient, editor: dict[str, str]
) -> None:
    title = title_of(client, editor, "join-001")
    keep(client, editor, title, "join-001")
    sources = [VectorSource(source_id="default"), VectorSource(source_id="empty")]
    wiring.get_bots().publish(wiring.get_bot("default").model_copy(update={"sources": sources}))
    wiring.get_bot.cache_clear()
    assert client.post(f"{GOLDEN}/run", headers=editor).json()["right"] == 1
    draft_removal(client, editor, "join-001")
    (told,) = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()["rehearsals"]
    assert [one["verdict"] for one in told["rehearsal"]["changes"]] == ["worse"]


def test_the_first_contents_of_another_source_are_compared_with_what_serves(
    client: TestClient, editor: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = off_topic_questions()[::30]
    monkeypatch.setattr("shared.indexing.first.off_topic_questions", lambda: few)
    title = title_of(client, editor, "join-001")
    other = "우주 정거장으로도 배달되나요?"
    keep(client, editor, title, "join-001")
    keep(client, editor, other)
    sources = [VectorSource(source_id="default"), VectorSource(source_id="second")]
    for bot_id, drawn in (("default", sources), ("shop", sources[1:])):
        wiring.get_bots().publish(wiring.get_bot("default").model_copy(update={"bot_id": bot_id, "sources": drawn}))
    wiring.get_bot.cache_clear()
    wiring.get_golden().add("shop", other, [])
    for content in ({"title": title, "content": "다른 소스의 답입니다."}, {"title": other, "content": "배달됩니다."}):
        made = client.post(f"{CONTENTS}?source_id=second", headers=editor, json={"content": content})
        assert made.status_code == 201
    compared = client.post(f"{CONTENTS}/rehearse?source_id=second", headers=editor, json={}).json()
    told = {one["bot_id"]: one for one in compared["rehearsals"]}
    assert (told["default"]["first"], told["default"]["rehearsal"]["right_before"]) == (False, 2)
    changes = {one["question"]: one for one in told["default"]["rehearsal"]["changes"]}
    assert changes[other]["verdict"] == "worse" and changes[other]["after"]["source_id"] == "second"
    ((first,)) = told["shop"]["rehearsal"]["changes"]  # nothing answers there so far: nothing is lost
    assert (told["shop"]["first"], first["verdict"], first["after"]["decision"]) == (True, "changed", "answer")
    lost = [one["golden_id"] for one in changes.values() if one["verdict"] == "worse"]
    refused = client.post(f"{CONTENTS}/publish?source_id=second", headers=editor, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")
    assert client.get(f"{CONTENTS}?source_id=second", headers=editor).json()["contents"]
    yes = client.post(f"{CONTENTS}/publish?source_id=second", headers=editor, json={"lose_golden": lost})
    assert (yes.status_code, yes.json()["contents"]) == (200, 2)
    run = client.post(f"{GOLDEN}/run", headers=editor).json()
    assert run["right"] == told["default"]["rehearsal"]["right_after"]


def test_what_customers_ask_most_is_asked_again_and_hinders_nothing(client: TestClient, editor: dict[str, str]) -> None:
    asked = title_of(client, editor, "join-001").replace("?", "요?")  # not its very title
    for _ in range(2):
        client.cookies.clear()
        ask(client, new_session(), asked)
    ask(client, new_session(), "안녕하세요")  # not searched
    assert recount(wiring.get_store(), wiring.get_bot("default")).frequent == 1
    draft_removal(client, editor, "join-001")
    (told,) = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()["rehearsals"]
    rehearsal = told["rehearsal"]
    assert (rehearsal["asked"], rehearsal["golden"], rehearsal["frequent"]) == (1, 0, 1)
    (change,) = rehearsal["changes"]
    assert (change["question"], change["golden"], change["count"]) == (asked, False, 2)
    assert change["before"]["faq_id"] == "join-001" != change["after"]["faq_id"]
    assert client.post(f"{CONTENTS}/publish", headers=editor, json={}).status_code == 200


def test_what_the_log_has_a_vector_of_is_not_embedded_again(client: TestClient, editor: dict[str, str]) -> None:
    asked, golden = "가입 심사는 며칠 걸려요?", "입점비가 따로 있나요"
    ask(client, new_session(), asked)
    recount(wiring.get_store(), wiring.get_bot("default"))
    keep(client, editor, golden, "join-001")
    draft_removal(client, editor, "join-002")
    (told,) = client.post(f"{CONTENTS}/rehearse", headers=editor, json={}).json()["rehearsals"]
    assert told["rehearsal"]["asked"] == 2
    engine = wiring.get_embedder().name
    kept = wiring.get_store().query("evaluations", keys.vectors_pk("default"), limit=20, only=["engine"]).items
    made = {item["sk"] for item in kept}
    assert keys.vector_sk(engine, golden) in made  # for the next time
    assert keys.vector_sk(engine, asked) not in made
