"""Contents as files: what one would change is told, then drafted; what is exported and imported changes nothing."""

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared import content_list, wiring
from shared.admin_keys import Operator, Role
from shared.bot import Bot, VectorSource
from shared.content_drafting import MAX_APPLIED
from shared.exports import Format
from shared.storage.keys import today
from tests.functions.operators import operator

CONTENTS = "/v1/admin/bots/default/contents"
OWNER = Operator("k0", "소유자", "owner")
KINDS: tuple[Format, ...] = ("csv", "xlsx", "jsonl")
FILE = "ID,제목,답변\r\nnew-1,드론 택배는 언제 시작하나요?,섬 지역부터 시작합니다.\r\njoin-001,고친 제목,고친 답변\r\n"


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """The composed application over a part of the sample FAQ."""
    return served


@pytest.fixture
def editor(client: TestClient) -> dict[str, str]:
    return operator("editor", name="민지")


def sent(client: TestClient, who: dict[str, str], body: str | bytes, **params: Any) -> Any:
    content = body.encode() if isinstance(body, str) else body
    return client.post(f"{CONTENTS}/import", headers=who, content=content, params={"format": "csv", **params})


def applied(client: TestClient, who: dict[str, str], body: str | bytes, **params: Any) -> Any:
    """A dry run, then the same for good."""
    seen = sent(client, who, body, **params).json()
    return sent(client, who, body, dry_run=False, fingerprint=seen["fingerprint"], **params).json()


def put(client: TestClient, who: dict[str, str], faq_id: str, title: str) -> None:
    based_on = client.get(f"{CONTENTS}/{faq_id}", headers=who).json()["based_on"]
    body = {"based_on": based_on, "content": {"title": title, "content": "동료가 고친 답변"}}
    assert client.put(f"{CONTENTS}/{faq_id}", headers=who, json=body).status_code == 200


@pytest.mark.parametrize(("role", "may_import"), [("viewer", False), ("editor", True), ("owner", True)])
def test_a_viewer_may_export_and_an_editor_import_too(client: TestClient, role: Role, may_import: bool) -> None:
    who = operator(role, ["default"])
    assert client.get(f"{CONTENTS}/export", headers=who).status_code == 200
    answer = sent(client, who, FILE)
    assert answer.status_code == (200 if may_import else 403)
    assert may_import or answer.json()["code"] == "not_allowed"


def test_another_tenants_bot_is_not_found_and_no_key_is_refused(client: TestClient) -> None:
    for who, status in (({}, 401), (operator("owner", ["other"]), 404)):
        assert sent(client, who, FILE).status_code == status
        assert client.get(f"{CONTENTS}/export", headers=who).status_code == status


def test_a_source_that_others_draw_on_is_imported_by_who_may_edit_them_all(client: TestClient) -> None:
    wiring.get_bots().publish(Bot(bot_id="other", sources=[VectorSource(source_id="default")]))
    wiring.get_bot.cache_clear()
    assert sent(client, operator("editor", ["default"]), FILE).json()["code"] == "not_allowed"


def test_a_dry_run_tells_what_would_change_and_changes_nothing(client: TestClient, editor: dict[str, str]) -> None:
    seen = sent(client, editor, FILE).json()
    assert seen["counts"] == {"create": 1, "update": 1, "unchanged": 0, "remove": 0, "invalid": 0, "conflict": 0}
    new, edit = seen["contents"]
    assert (new["kind"], new["faq_id"], new["row"]) == ("create", "new-1", 2)
    assert [one["field"] for one in edit["changes"]] == ["title", "content"]
    assert edit["changes"][1]["after"] == "고친 답변"
    assert wiring.get_contents().drafts("default") == []


def test_what_was_seen_becomes_drafts_and_the_same_file_changes_nothing_more(
    client: TestClient, editor: dict[str, str]
) -> None:
    done = applied(client, editor, FILE)["applied"]
    assert done == {"created": ["new-1"], "updated": ["join-001"], "removed": [], "conflicts": [], "remaining": 0}
    drafts = wiring.get_contents().drafts("default")
    assert [(one.faq_id, one.saved_by) for one in drafts] == [("join-001", "민지"), ("new-1", "민지")]
    assert client.get("/v1/faqs/join-001").json()["title"] != "고친 제목"  # nobody is answered from it
    assert sent(client, editor, FILE).json()["counts"]["unchanged"] == 2
    entries = wiring.get_audit().page(OWNER, wiring.get_audit().today()).entries
    assert [(one.action, one.subject, one.name) for one in entries] == [("content.import", "new-1, join-001", "민지")]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_and_imported_changes_nothing(
    client: TestClient, editor: dict[str, str], kind: Format
) -> None:
    applied(client, editor, FILE.replace("섬 지역부터", "=1+1|섬 지역부터"))
    file = client.get(f"{CONTENTS}/export", headers=operator("viewer"), params={"format": kind})
    assert file.headers["content-disposition"].endswith(f'.{kind}"')
    seen = sent(client, editor, file.content, format=kind, remove_missing=True).json()
    assert (seen["counts"], seen["ignored"]) == (
        {"create": 0, "update": 0, "unchanged": 30, "remove": 0, "invalid": 0, "conflict": 0},
        [],
    )


def test_an_export_is_of_what_was_filtered(client: TestClient, editor: dict[str, str]) -> None:
    applied(client, editor, FILE)
    file = client.get(f"{CONTENTS}/export", headers=editor, params={"which": "drafted"})
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["ID", "join-001", "new-1"]


def test_an_export_that_finds_nothing_goes_on_in_sight(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_list, "_AT_ONCE", 10)
    wanted = content_list.Wanted("all", None, "찾을 수 없는 말")
    assert list(content_list.every(wiring.get_contents(), "default", wanted, today())) == [[]] * 3  # of 29


def test_what_a_colleague_edits_between_the_two_is_not_overwritten_but_told(
    client: TestClient, editor: dict[str, str]
) -> None:
    seen = sent(client, editor, FILE).json()
    put(client, operator("editor", name="지우"), "join-001", "동료가 고친 제목")
    done = sent(client, editor, FILE, dry_run=False, fingerprint=seen["fingerprint"]).json()
    assert (done["applied"]["conflicts"], done["applied"]["created"]) == (["join-001"], ["new-1"])
    assert done["contents"][0]["kind"] == "conflict"
    draft = wiring.get_contents().state("default", "join-001").draft
    assert draft is not None and draft.content is not None and draft.content.title == "동료가 고친 제목"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"fingerprint": None}, 422, "invalid_input"),
        ({"fingerprint": "nonsense"}, 409, "plan_mismatch"),
        ({"fingerprint": "fffffffffffffff-" + "0" * 32}, 409, "plan_mismatch"),
        ({"body": FILE + "x,y,z\r\n"}, 409, "plan_mismatch"),
        ({"remove_missing": True}, 409, "plan_mismatch"),
        ({"format": "jsonl"}, 409, "plan_mismatch"),
        ({"format": "pkl"}, 422, "invalid_input"),
    ],
)
def test_only_what_was_seen_is_applied(
    client: TestClient, editor: dict[str, str], change: dict[str, Any], status: int, code: str
) -> None:
    call = {"fingerprint": sent(client, editor, FILE).json()["fingerprint"], "body": FILE, "dry_run": False, **change}
    answer = sent(client, editor, **{name: value for name, value in call.items() if value is not None})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert wiring.get_contents().drafts("default") == []


def test_a_fingerprint_of_the_future_is_none(client: TestClient, editor: dict[str, str]) -> None:
    made, digest = sent(client, editor, FILE).json()["fingerprint"].split("-")
    forged = f"{int(made, 16) + 10**9:x}-{digest}"
    assert sent(client, editor, FILE, dry_run=False, fingerprint=forged).json()["code"] == "plan_mismatch"


def test_rows_that_are_wrong_are_told_and_the_others_taken(client: TestClient, editor: dict[str, str]) -> None:
    body = f'{FILE}new-2,,본문만\r\n"깨진 줄\r\nnew-3,제목,본문\r\n'
    seen = sent(client, editor, body).json()
    assert [(one["row"], one["problems"][0]["path"]) for one in seen["contents"] if one["kind"] == "invalid"] == [
        (4, "title"),
        (5, ""),
    ]
    assert applied(client, editor, body)["applied"]["created"] == ["new-1", "new-3"]


def test_what_the_file_does_not_have_is_removed_only_when_asked(client: TestClient, editor: dict[str, str]) -> None:
    assert sent(client, editor, FILE).json()["counts"]["remove"] == 0
    seen = sent(client, editor, FILE, remove_missing=True).json()
    assert seen["counts"]["remove"] == 28
    broken = sent(client, editor, f'{FILE}"x', remove_missing=True).json()
    assert (broken["counts"]["remove"], broken["removals_held"]) == (0, True)
    assert len(applied(client, editor, FILE, remove_missing=True)["applied"]["removed"]) == 28


def test_many_are_drafted_over_some_calls(client: TestClient, editor: dict[str, str]) -> None:
    body = "ID,제목,답변\r\n" + "".join(f"n-{n:04},질문 {n},답변 {n}\r\n" for n in range(MAX_APPLIED + 1))
    seen = sent(client, editor, body).json()
    assert len(seen["contents"]) == 200
    left = [
        sent(client, editor, body, dry_run=False, fingerprint=seen["fingerprint"]).json()["applied"]["remaining"]
        for _ in range(2)
    ]
    assert left == [1, 0]


def test_what_is_too_much_to_be_published_at_once_is_told_to_be_waiting(
    client: TestClient, editor: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.admin.publishing._MAX_PUBLISHED", 1)
    applied(client, editor, FILE)
    published = [client.post(f"{CONTENTS}/publish", headers=editor, json={}).json() for _ in range(2)]
    assert [(one["changed"], one["waiting"]) for one in published] == [(["join-001"], 1), (["new-1"], 0)]


@pytest.mark.parametrize(
    ("body", "params", "status", "code"),
    [
        (b"", {}, 422, "unreadable_file"),
        (b"a,b\n1,2\n", {}, 422, "unreadable_file"),
        (b"PK\x03\x04", {"format": "xlsx"}, 422, "unreadable_file"),
        (b"x" * 20_971_521, {}, 413, "body_too_large"),
        (FILE.encode(), {"source_id": "nobody"}, 404, "source_not_found"),
    ],
)
def test_what_cannot_be_taken_is_an_error_in_the_contracts_shape(
    client: TestClient, editor: dict[str, str], body: bytes, params: dict[str, str], status: int, code: str
) -> None:
    answer = sent(client, editor, body, **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "가" <= answer.json()["error_message"][0] <= "힣" or answer.json()["error_message"][0] in "‘X"
