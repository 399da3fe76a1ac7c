"""Plans of incoming contents and their application, on each back end."""

from shared.admin_keys import Operator
from shared.audit import Audit
from shared.content_changes import Incoming, Target, plan
from shared.content_drafting import apply_plan
from shared.contents import Contents
from shared.indexing.build import item_of
from shared.links import Allowed
from shared.models import Content
from shared.storage.base import MAX_MANY, Store
from tests.storage.backends import HandClock

BY = Operator("k1", "민지", "editor")


def stored(store: Store, source_id: str, clock: HandClock, *faq_ids: str) -> Contents:
    """Contents that are served."""
    contents = Contents(store, clock)
    for faq_id in faq_ids:
        one = Content(
            faq_id=faq_id, source_id=source_id, title=f"{faq_id} 안내", content="본문", updated_at=contents.now()
        )
        store.batch_put("contents", [item_of(one)])
    return contents


def test_a_plan_that_is_applied_in_parts_ends_with_nothing_to_do(store: Store, pk: str, clock: HandClock) -> None:
    contents = stored(store, pk, clock, "a", "b", "gone")
    clock.advance(1)
    audit, target = Audit(store, 365, clock), Target(pk, (), Allowed())
    many = [Incoming({"title": f"새 글 {n}", "content": "본문"}, f"new-{n:02}") for n in range(MAX_MANY + 3)]
    incoming = [Incoming({"title": "a 안내", "content": "고친 본문"}, "a"), Incoming({}, "b"), *many]
    found = plan(incoming, target, contents, remove=lambda _: True)
    assert found.counts == {"create": MAX_MANY + 3, "update": 1, "unchanged": 1, "remove": 1}
    left = [MAX_MANY + 5]
    while left[-1]:
        again = plan(incoming, target, contents, remove=lambda _: True)
        left.append(apply_plan(again, contents, audit, BY, ["default"], "content.import", limit=20).remaining)
    assert left == [45, 25, 5, 0]
    assert plan(incoming, target, contents, remove=lambda _: True).counts == {"unchanged": MAX_MANY + 5}
    drafts = {one.faq_id: one.content for one in contents.drafts(pk)}
    assert (len(drafts), drafts["gone"]) == (MAX_MANY + 5, None)
    assert drafts["a"] is not None and drafts["a"].content == "고친 본문"
    entries = audit.page(BY, audit.today(), "default").entries
    assert {(one.action, one.outcome) for one in entries} == {("content.import", "done")}
    (edit,) = [one for one in entries if "a" in (one.after or {})]
    assert (edit.before["a"], edit.after["a"]) == ({"content": "본문"}, {"content": "고친 본문"})


def test_what_somebody_has_edited_since_the_plan_was_seen_is_left_and_told(
    store: Store, pk: str, clock: HandClock
) -> None:
    contents = stored(store, pk, clock, "a", "b", "c")
    target, audit = Target(pk, (), Allowed()), Audit(store, 365, clock)
    incoming = [Incoming({"content": "파일의 본문"}, faq_id) for faq_id in ("a", "b", "c")]
    clock.advance(1)
    seen = contents.now()
    planned_before = plan(incoming, target, contents)
    clock.advance(1)
    own = Content(faq_id="a", source_id=pk, title="a 안내", content="동료의 본문")
    contents.save(contents.state(pk, "a"), own, pk, "a", "지우")
    found = plan(incoming, target, contents, since=seen)
    assert {one.faq_id: one.kind for one in found.planned} == {"a": "conflict", "b": "update", "c": "update"}
    assert apply_plan(found, contents, audit, BY, [], "content.import").conflicts == ["a"]
    # a race within the application itself ends alike
    late = apply_plan(planned_before, contents, audit, BY, [], "content.import")
    assert (late.conflicts, late.updated) == (["a", "b", "c"], [])
    assert [one.saved_by for one in contents.drafts(pk)] == ["지우", "민지", "민지"]


def test_what_was_removed_is_new_again_and_removed_since_is_told(store: Store, pk: str, clock: HandClock) -> None:
    contents = stored(store, pk, clock, "a")
    incoming, target = [Incoming({"title": "a 안내", "content": "고친 본문"}, "a")], Target(pk, (), Allowed())
    seen = contents.now()
    clock.advance(5)
    published = contents.state(pk, "a").published
    assert published is not None
    contents.keep_removed([published])
    store.delete("contents", pk, "a")
    assert plan(incoming, target, contents, since=seen).counts == {"conflict": 1}
    assert plan(incoming, target, contents).counts == {"create": 1}
