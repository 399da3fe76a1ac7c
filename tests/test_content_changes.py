"""What incoming contents are taken for: new, changed, the same, wrong."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.admin_keys import Operator
from shared.audit import Audit
from shared.content_changes import Incoming, Plan, Planned, Target, plan
from shared.content_drafting import apply_plan
from shared.contents import Contents
from shared.errors import FieldProblem
from shared.field_changes import MAX_TOLD
from shared.indexing.build import item_of
from shared.indexing.structure import derived_id
from shared.links import Allowed
from shared.models import Content, Media, SummaryTitle
from shared.storage.sqlite import SqliteStore

BY = Operator("k1", "민지", "editor")
TARGET = Target("default", ("개인", "사업자"), Allowed(["a.example"]))
SERVED = Content(
    faq_id="a",
    source_id="default",
    title="반품은 어떻게 하나요?",
    tags=["반품"],
    similar_titles=["환불 방법", "물건을 돌려보내고 싶어요"],
    summary_titles=[SummaryTitle(text="반품 절차", model="m", made_from="d", accepted=True)],
    content="마이페이지에서 접수합니다.",
    service_answers={"개인": "앱에서 접수합니다."},
    category="배송",
    media=[Media(kind="image", url="https://a.example/b.png", caption="화면")],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "store.sqlite3")) as store:
        store.prepare()
        store.batch_put("contents", [item_of(SERVED)])
        yield store


@pytest.fixture
def contents(store: SqliteStore) -> Contents:
    return Contents(store)


def only(contents: Contents, faq_id: str | None = None, **fields: Any) -> Planned:
    (found,) = plan([Incoming(fields, faq_id, 2)], TARGET, contents).planned
    return found


def applied(contents: Contents, store: SqliteStore, found: Plan) -> None:
    apply_plan(found, contents, Audit(store, 365), BY, [], "content.import")


def test_fields_that_do_not_come_stay_as_they_are(contents: Contents) -> None:
    found = only(contents, "a", expires_on="2999-01-01")
    assert [(one.field, one.before, one.after) for one in found.changes] == [("expires_on", "", "2999-01-01")]
    assert found.content is not None and found.content.summary_titles == SERVED.summary_titles
    kept = found.content.model_dump(exclude={"expires_on", "updated_at"})
    assert kept == SERVED.model_dump(exclude={"expires_on", "updated_at"})


def test_the_same_in_another_notation_is_unchanged(contents: Contents) -> None:
    same = {"title": " 반품은  어떻게 하나요? ", "media": [{"url": "https://a.example/b.png", "caption": "화면"}]}
    assert only(contents, "a", **same).kind == "unchanged"


def test_without_an_id_the_one_content_with_the_title_is_meant(contents: Contents) -> None:
    assert only(contents, title="[반품] 반품은 어떻게 하나요?").faq_id == "a"
    found = only(contents, title="[반품] 반품은 어떻게 하나요?", content="고침")
    assert (found.kind, found.faq_id) == ("update", "a")


def test_a_new_one_gets_the_id_that_a_build_would_give_it_and_its_tags(contents: Contents) -> None:
    found = only(contents, title="[정산] 정산일은?", content="매주입니다.")
    assert (found.kind, found.faq_id) == ("create", derived_id("default", "[정산] 정산일은?"))
    assert found.content is not None
    assert (found.content.tags, found.content.title) == (["정산"], "정산일은?")


def test_two_contents_of_one_title_need_an_id(contents: Contents, store: SqliteStore) -> None:
    store.batch_put("contents", [item_of(SERVED.model_copy(update={"faq_id": "b"}))])
    found = only(contents, title=SERVED.title, content="고침")
    assert (found.kind, found.problems[0].path) == ("invalid", "id")


@pytest.mark.parametrize(
    ("faq_id", "fields", "path"),
    [
        ("x", {"title": "제목뿐"}, "content"),
        (None, {"content": "답변뿐"}, "title"),
        ("a#b", {"title": "제목", "content": "본문"}, "id"),
        ("import", {"title": "제목", "content": "본문"}, "id"),
        ("a", {"expires_on": "내일"}, "expires_on"),
        ("a", {"service_answers": {"법인": "답"}}, "service_answers.법인"),
        ("a", {"similar_titles": ["가" * 301]}, "similar_titles.0"),
        ("a", {"nonsense": 1}, "nonsense"),
        ("a", {"title": 5}, "title"),
    ],
)
def test_what_is_wrong_is_told_by_its_field_in_korean(
    contents: Contents, faq_id: str | None, fields: dict[str, Any], path: str
) -> None:
    found = only(contents, faq_id, **fields)
    assert (found.kind, found.row) == ("invalid", 2)
    assert path in [one.path for one in found.problems]
    assert all("가" <= one.message[-3] <= "힣" for one in found.problems)


def test_a_wrong_one_does_not_keep_the_others_from_being_taken(contents: Contents, store: SqliteStore) -> None:
    incoming = [
        Incoming({}, None, 2, [FieldProblem("", "읽을 수 없는 줄입니다.")]),
        Incoming({"title": "새 글", "content": "본문"}, "n", 3),
        Incoming({"title": "또 새 글", "content": "본문"}, "n", 4),
    ]
    found = plan(incoming, TARGET, contents)
    assert [one.kind for one in found.planned] == ["invalid", "create", "invalid"]
    assert found.planned[2].problems[0].message == "3행과 같은 콘텐츠입니다."
    applied(contents, store, found)
    assert [one.faq_id for one in contents.drafts("default")] == ["n"]


def test_only_those_of_the_same_origin_are_removed_and_none_where_one_could_not_be_read(contents: Contents) -> None:
    def kinds(*incoming: Incoming, origin: str = "") -> list[str]:
        return [one.kind for one in plan(incoming, TARGET, contents, remove=lambda one: one.startswith(origin)).planned]

    assert kinds() == ["remove"]
    assert kinds(origin="notion-") == []
    assert kinds(Incoming({"title": ""}, "a")) == ["invalid"]  # it came, wrong as it is
    unread = plan([Incoming({}, None, 2, [FieldProblem("", "?")])], TARGET, contents, remove=lambda _: True)
    assert (unread.counts, unread.removals_held) == ({"invalid": 1}, True)


def test_a_draft_that_was_never_served_is_thrown_away_when_it_is_removed(
    contents: Contents, store: SqliteStore
) -> None:
    applied(contents, store, plan([Incoming({"title": "새 글", "content": "본문"}, "n")], TARGET, contents))
    applied(contents, store, plan([Incoming({}, "a")], TARGET, contents, remove=lambda _: True))
    assert contents.drafts("default") == []


def test_what_is_drafted_to_be_removed_and_comes_again_is_kept(contents: Contents, store: SqliteStore) -> None:
    applied(contents, store, plan([], TARGET, contents, remove=lambda _: True))
    found = plan([Incoming({}, "a")], TARGET, contents)
    assert [(one.kind, [two.field for two in one.changes]) for one in found.planned] == [("update", ["removal"])]
    applied(contents, store, found)
    assert plan([Incoming({}, "a")], TARGET, contents).counts == {"unchanged": 1}


def test_a_category_that_was_guessed_is_neither_changed_nor_lost(contents: Contents, store: SqliteStore) -> None:
    store.batch_put("contents", [item_of(SERVED.model_copy(update={"category_inferred": True}))])
    found = only(contents, "a", category=None, content="고침").content
    assert found is not None and (found.category, found.category_inferred) == ("배송", True)


def test_a_long_text_is_told_from_where_it_differs(contents: Contents, store: SqliteStore) -> None:
    long = "가나다라마" * 400
    store.batch_put("contents", [item_of(SERVED.model_copy(update={"content": long}))])
    (change,) = only(contents, "a", content=f"{long[:1_000]}차이{long[1_000:]}").changes
    assert change.after.startswith("…") and "차이" in change.after and change.after.endswith("(전체 2,002자)")
    assert len(change.before) < MAX_TOLD + 30


def test_of_a_list_only_what_is_on_one_side_is_told(contents: Contents) -> None:
    (change,) = only(contents, "a", similar_titles=["환불 방법", "반품비는요"]).changes
    assert (change.before, change.after) == ("물건을 돌려보내고 싶어요", "반품비는요")


def test_links_that_are_not_allowed_are_left_out_and_told(contents: Contents) -> None:
    found = only(contents, "a", content="[여기](http://plain.example/a)를 보세요.")
    assert found.content is not None and found.content.content == "여기를 보세요."
    assert found.left_out == ["http://plain.example/a: https 주소가 아닙니다."]
