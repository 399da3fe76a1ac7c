"""What was edited or removed in the console since the last run over Notion."""

from shared.notion.pages import faq_id_of
from tests.fakes.notion_server import FakeNotion, paragraph
from tests.notion.console import Console, answers, figures


def test_a_content_that_was_edited_by_hand_is_left_and_told_until_somebody_decides(
    console: Console, notion: FakeNotion
) -> None:
    faq, page = console.published_page()
    console.edit(faq_id_of(page), "손으로 고친 답")
    assert figures(console.run(faq)) == {"unchanged": 1}  # nothing comes from Notion
    notion.edit(page, [paragraph("Notion에서 고친 답")])
    for _ in range(2):
        assert figures(console.run(faq)) == {"conflicts": 1}
        assert answers(console) == ["손으로 고친 답"]
    assert figures(console.run(faq, overwrite=True)) == {"updated": 1}
    assert answers(console) == ["Notion에서 고친 답"]
    assert figures(console.run(faq)) == {"unchanged": 1}


def test_who_writes_by_hand_what_notion_says_has_no_conflict(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답")], faq)
    console.run(faq)
    notion.edit(page, [paragraph("같은 답")])
    console.edit(faq_id_of(page), "같은 답")
    assert figures(console.run(faq)) == {"unchanged": 1}


def test_what_was_edited_by_hand_is_not_removed_and_what_was_removed_by_hand_not_made_again(
    console: Console, notion: FakeNotion
) -> None:
    faq = notion.add_database("도움말")
    edited, removed = (notion.add_page(f"{n}번", [paragraph("답")], faq) for n in range(2))
    console.run(faq)
    console.publish()
    console.edit(faq_id_of(edited), "손으로 고친 답")
    console.edit(faq_id_of(removed), None)
    notion.trash(edited)
    notion.edit(removed, [paragraph("Notion에서 고친 답")])
    for _ in range(2):
        report = console.run(faq)
        assert figures(report) == {"conflicts": 2}
    assert answers(console) == ["손으로 고친 답"]
    assert [one.why.startswith("콘솔에서") for one in report.told] == [True, True]


def test_fields_that_notion_does_not_tell_are_the_operators(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답")], faq)
    console.run(faq)
    state = console.contents.state("default", faq_id_of(page))
    assert state.draft is not None and state.draft.content is not None
    titled = state.draft.content.model_copy(update={"similar_titles": ["비슷한 말"]})
    console.contents.save(state, titled, "default", faq_id_of(page), "민지")
    notion.edit(page, [paragraph("고친 답")])
    assert figures(console.run(faq)) == {"updated": 1}
    draft = console.drafts()[faq_id_of(page)]
    assert draft is not None and (draft.content, draft.similar_titles) == ("고친 답", ["비슷한 말"])
