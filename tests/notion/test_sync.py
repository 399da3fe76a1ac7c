"""Runs over Notion: what has changed since the last one, what is gone, what is told."""

from shared.admin_keys import Operator
from shared.audit import Audit
from shared.notion.memory import targets
from shared.notion.pages import faq_id_of
from shared.notion.properties import PropertyNames
from tests.fakes.notion_server import FakeNotion, block, multi_select, paragraph, rich, select, table
from tests.notion.console import Console, answers, figures


def test_a_database_becomes_drafts_and_the_same_again_changes_nothing(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말", sources=2)
    category, tags = select("배송"), multi_select("제주")
    ids = [
        notion.add_page(f"{n}번 질문", [paragraph(f"{n}번 답")], faq, n % 2, 분류=category, 태그=tags) for n in range(5)
    ]
    assert figures(console.run(faq)) == {"created": 5}
    first = console.drafts()[faq_id_of(ids[0])]
    assert first is not None
    assert (first.title, first.content, first.category, first.tags) == ("0번 질문", "0번 답", "배송", ["제주"])
    before, asked = console.drafts(), notion.asked("/children")
    assert figures(console.run(faq)) == {"unchanged": 5}
    assert (console.drafts(), notion.asked("/children")) == (before, asked)
    console.publish()
    assert figures(console.run(faq)) == {"unchanged": 5}
    assert console.drafts() == {}


def test_only_pages_that_were_edited_are_read_and_their_contents_updated(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    ids = [notion.add_page(f"{n}번 질문", [paragraph("답")], faq) for n in range(4)]
    console.run(faq)
    console.publish()
    notion.edit(ids[2], [paragraph("고친 답")])
    asked = notion.asked("/children")
    assert figures(console.run(faq)) == {"updated": 1, "unchanged": 3}
    assert (answers(console), notion.asked("/children")) == (["고친 답"], asked + 1)


def test_pages_in_the_trash_are_drafted_to_be_removed_and_come_back(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    kept, gone = (notion.add_page(f"{n}번 질문", [paragraph("답")], faq) for n in range(2))
    console.run(faq)
    console.publish()
    notion.trash(gone)
    assert figures(console.run(faq)) == {"removed": 1, "unchanged": 1}
    assert console.drafts() == {faq_id_of(gone): None}
    assert figures(console.run(faq)) == {"unchanged": 1}
    notion.pages[gone] |= {"in_trash": False, "archived": False}
    assert figures(console.run(faq)) == {"updated": 1, "unchanged": 1}
    assert answers(console) == ["답"] and kept


def test_the_draft_of_a_page_that_was_never_published_goes_with_it(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답")], faq)
    console.run(faq)
    notion.trash(page)
    assert figures(console.run(faq)) == {"removed": 1}
    assert console.drafts() == {}


def test_a_page_that_was_edited_in_the_minute_of_its_reading_is_read_once_more(
    console: Console, notion: FakeNotion
) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답")], faq)
    minute = "2026-11-22T00:00:00.000Z"
    notion.edit(page, [paragraph("첫 답")], minute)
    console.run(faq)
    notion.edit(page, [paragraph("같은 분에 고친 답")], minute)
    assert figures(console.run(faq)) == {"updated": 1}
    console.at += 200
    assert figures(console.run(faq)) == {"unchanged": 1}
    asked = notion.asked("/children")
    console.run(faq)
    assert notion.asked("/children") == asked


def test_a_page_tree_is_read_to_its_leaves_databases_too(console: Console, notion: FakeNotion) -> None:
    root = notion.add_page("안내")
    shelf = notion.add_page("배송", [paragraph("배송 안내")], root)
    notion.add_page("제주 배송", [paragraph("모레 옵니다.")], shelf)
    faq = notion.add_database("표", parent=root)
    notion.add_page("표의 질문", [paragraph("표의 답")], faq)
    assert figures(console.run(root, "page")) == {"created": 3}
    assert answers(console) == ["모레 옵니다.", "배송 안내", "표의 답"]
    asked = notion.asked("/children")
    assert figures(console.run(root, "page")) == {"unchanged": 4}
    assert notion.asked("/children") == asked


def test_a_leaf_that_was_edited_or_is_gone_is_found_below_pages_that_were_not(
    console: Console, notion: FakeNotion
) -> None:
    root = notion.add_page("안내")
    shelf = notion.add_page("배송", [], root)
    one, two = (notion.add_page(f"{n}번", [paragraph("답")], shelf) for n in range(2))
    console.run(root, "page")
    notion.edit(one, [paragraph("고친 답")])
    notion.trash(two)
    assert figures(console.run(root, "page")) == {"updated": 1, "removed": 1, "unchanged": 2}


def test_pages_below_a_databases_pages_are_told_as_left_out(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답")], faq)
    notion.add_page("아래", [paragraph("아래 답")], page)
    report = console.run(faq)
    assert (figures(report), report.left_out) == ({"created": 1}, {"child_page": 1})


def test_a_page_that_is_below_itself_is_read_once(console: Console, notion: FakeNotion) -> None:
    root = notion.add_page("안내", [paragraph("글")])
    leaf = notion.add_page("아래", [paragraph("아래 글")], root)
    again = {"object": "block", "id": root, "type": "child_page", "child_page": {}, "has_children": True}
    notion.blocks[leaf].append(again)
    assert figures(console.run(root, "page")) == {"created": 2}


def test_a_block_whose_inside_notion_refuses_is_left_out_and_its_page_stays(
    console: Console, notion: FakeNotion
) -> None:
    faq, page = console.published_page()
    meeting = block("unsupported") | {"has_children": True}  # as Notion tells the notes of a meeting
    new = block("x_new", children=[paragraph("속")])
    notion.edit(page, [paragraph("고친 답"), meeting, new])
    notion.refused |= {str(one["id"]) for one in notion.blocks[page][1:]}
    report = console.run(faq)
    assert (figures(report), report.left_out) == ({"updated": 1}, {"unsupported": 1, "x_new": 1})
    assert answers(console) == ["고친 답"]


def test_a_page_whose_blocks_notion_refuses_is_told_and_not_taken_for_gone(
    console: Console, notion: FakeNotion
) -> None:
    faq, page = console.published_page()
    notion.edit(page, [paragraph("고친 답")])
    notion.refused.add(page)
    for _ in range(2):
        assert figures(console.run(faq)) == {"unreadable": 1}
        assert console.drafts() == {}
    notion.refused.clear()
    assert figures(console.run(faq)) == {"updated": 1}


def test_blocks_media_and_pages_that_cannot_be_taken_are_told(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    image = block("image", type="external", external={"url": "https://evil.example/a.png"}, caption=[rich("그림")])
    notion.add_page("그림", [paragraph("답"), image, block("unsupported"), block("unsupported")], faq)
    notion.add_page("빈 글", [], faq)
    notion.add_page("선뿐인 글", [block("divider"), table(["", " "], ["", ""])], faq)
    notion.add_page("", [paragraph("제목이 없는 글")], faq)
    notion.add_page("서비스", [paragraph("답")], faq, 서비스=multi_select("없는 서비스"))
    report = console.run(faq)
    assert figures(report) == {"created": 1, "empty": 2, "invalid": 2}
    assert report.left_out == {"unsupported": 2}
    assert report.addresses == ["https://evil.example/a.png: 허용된 호스트가 아닙니다."]
    assert [one.why for one in report.told if one.outcome == "invalid"] == [
        "제목이 없습니다.",
        "챗봇의 서비스 유형에 없는 이름입니다.",
    ]
    assert figures(console.run(faq)) == {"invalid": 2, "unchanged": 3}


def test_other_names_of_properties_read_all_pages_once_more(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    notion.add_page("질문", [paragraph("답")], faq, Group=select("배송"))
    console.run(faq)
    names = PropertyNames(category="Group")
    assert figures(console.run(faq, names=names)) == {"updated": 1}
    assert figures(console.run(faq, names=names)) == {"unchanged": 1}
    asked = notion.asked("/children")
    assert figures(console.run(faq, names=names, full=True)) == {"unchanged": 1}
    assert notion.asked("/children") == asked + 1


def test_relations_name_contents_also_more_than_a_page_tells(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    ids = [notion.add_page(f"{n}번", [paragraph("답")], faq) for n in range(5)]
    every = [{"id": one} for one in ids[1:]]
    relation = {"id": "rel", "type": "relation", "relation": every[:2], "has_more": True, "all": every}
    notion.pages[ids[0]]["properties"]["관련"] = relation
    console.run(faq)
    first = console.drafts()[faq_id_of(ids[0])]
    assert first is not None and first.related_ids == [faq_id_of(one) for one in ids[1:]]


def test_a_page_that_moves_to_another_database_of_the_same_source_is_not_removed(
    console: Console, notion: FakeNotion
) -> None:
    first, second = notion.add_database("하나"), notion.add_database("둘")
    page = notion.add_page("질문", [paragraph("답")], first)
    console.run(first)
    source = {one: notion.databases[one]["data_sources"][0]["id"] for one in (first, second)}
    notion.rows[source[first]].remove(page)
    notion.rows[source[second]].append(page)
    assert figures(console.run(second)) == {"unchanged": 1}
    assert figures(console.run(first)) == {}
    assert answers(console) == ["답"]


def test_what_was_read_last_is_remembered_with_its_names(console: Console, notion: FakeNotion) -> None:
    first, second = notion.add_database("하나"), notion.add_page("둘")
    console.run(first, names=PropertyNames(category="Group"))
    console.run(second, "page")
    known = targets(console.store, "default")
    assert [(one.target.kind, one.target.id) for one in known] == [("page", second), ("database", first)]
    assert known[1].names.category == "Group" and not known[1].unfinished
    assert known[1].address.endswith(first) and known[1].finished_at is not None


def test_every_change_is_recorded_with_who_made_it(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    notion.add_page("질문", [paragraph("답")], faq)
    console.run(faq)
    audit = Audit(console.store, 365, lambda: console.at)
    (entry,) = audit.page(Operator("o", "소유자", "owner"), audit.today()).entries
    assert (entry.action, entry.name, entry.outcome) == ("content.notion", "민지", "done")
