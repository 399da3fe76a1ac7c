"""Runs over Notion that are tried, bounded, limited, broken off, held by others, or refused."""

from itertools import pairwise
from typing import Any, get_args

import pytest

from shared.errors import AppError
from shared.notion.errors import NotionForbidden, NotionNotFound, NotionSyncRunning, NotionUnavailable
from shared.notion.memory import HELD_SECONDS, Memory, Node, Run, targets
from shared.notion.pages import faq_id_of
from shared.notion.properties import PropertyNames
from shared.notion.report import NotionReport, Outcome
from shared.notion.sync import _MAX_WAITING
from shared.notion.target import Kind, Target
from shared.storage.items import sealed
from tests.fakes.notion_server import FakeNotion, Fed, block, paragraph
from tests.notion.console import Console, figures


def test_a_dry_run_tells_the_same_and_changes_nothing(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    ids = [notion.add_page(f"{n}번", [paragraph("답")], faq) for n in range(3)]
    for _ in range(2):
        assert figures(console.run(faq, dry=True)) == {"dry_run": True, "created": 3}
    assert (console.drafts(), targets(console.store, "default")) == ({}, [])
    console.run(faq)
    notion.edit(ids[0], [paragraph("고친 답")])
    notion.trash(ids[1])
    for _ in range(2):
        assert figures(console.run(faq, dry=True)) == {"dry_run": True, "updated": 1, "removed": 1, "unchanged": 1}
    assert figures(console.run(faq)) == {"updated": 1, "removed": 1, "unchanged": 1}


@pytest.mark.parametrize("dry", [False, True])
def test_a_bounded_run_goes_on_where_it_ended(console: Console, notion: FakeNotion, dry: bool) -> None:
    faq = notion.add_database("도움말")
    for n in range(7):
        notion.add_page(f"{n}번", [paragraph("답")], faq)
    calls = [console.run(faq, dry=dry, seconds=1.2)]
    while calls[-1].more:
        calls.append(console.run(faq, dry=dry, seconds=1.2))
    assert len(calls) > 2 and calls[-1].created == calls[-1].pages == 7
    assert all(one.pages < two.pages for one, two in pairwise(calls))
    assert len(console.drafts()) == (0 if dry else 7)
    assert notion.asked("/children") == 7  # none was read twice


def test_a_bounded_run_over_a_tree_removes_nothing_before_its_end(console: Console, notion: FakeNotion) -> None:
    root = notion.add_page("안내")
    leaves = [notion.add_page(f"{n}번", [paragraph("답")], root) for n in range(6)]
    console.run(root, "page")
    notion.trash(leaves[0])
    report = console.run(root, "page", seconds=1)
    while report.more:
        assert report.removed == 0
        report = console.run(root, "page", seconds=1)
    assert figures(report) == {"removed": 1, "unchanged": 6}


def test_a_page_that_no_bounded_run_can_read_is_told_and_the_others_go_on(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    long = notion.add_page("긴 글", [block("toggle", "접힘", children=[paragraph("속")])] * 20, faq)
    notion.add_page("짧은 글", [paragraph("답")], faq)
    reports = [console.run(faq, seconds=3)]
    while reports[-1].more:
        reports.append(console.run(faq, seconds=3))
    assert figures(reports[-1]) == {"created": 1, "unreadable": 1}
    assert "scripts/notion_sync.py" in reports[-1].told[0].why
    assert figures(console.run(faq)) == {"created": 1, "unchanged": 1}
    assert faq_id_of(long) in console.drafts()


def test_a_limit_that_outlasts_a_bounded_run_tells_when_to_come_back(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    notion.add_page("질문", [paragraph("답")], faq)
    notion.enqueue(Fed(429, "rate_limited", {"Retry-After": "40"}))
    report = console.run(faq, seconds=20)
    assert figures(report) == {"more": True, "retry_after_seconds": 41}
    assert figures(console.run(faq)) == {"created": 1}


def test_a_run_that_broke_half_way_has_lost_nothing_and_is_gone_on_with(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    for n in range(6):
        notion.add_page(f"{n}번", [paragraph("답")], faq)
    server_error = Fed(500, "internal_server_error")
    _break_at(notion, "/children", 4, *[server_error] * 5)
    with pytest.raises(NotionUnavailable):
        console.run(faq)
    assert len(console.drafts()) == 3
    assert figures(console.run(faq)) == {"created": 6}
    assert notion.asked("/children") == 6 + 5


def _break_at(notion: FakeNotion, part: str, times: int, *fed: Fed) -> None:
    """Feed answers once so many requests of a kind have come."""
    usual = notion._usual
    count = 0

    def counting(method: str, path: list[str], asked: Any) -> tuple[int, bytes]:
        nonlocal count
        count += part in f"/{'/'.join(path)}"
        if count == times:
            count += 1
            notion.enqueue(*fed[1:])
            return fed[0].status, b'{"object": "error", "code": "%s", "message": "no"}' % fed[0].code.encode()
        return usual(method, path, asked)

    notion._usual = counting  # type: ignore[method-assign]


def test_a_run_that_was_killed_is_gone_on_with_once_its_time_is_over(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    notion.add_page("질문", [paragraph("답")], faq)
    killed = Memory(console.store, "default", Target(kind="database", id=faq), clock=lambda: console.at)
    killed.begin("another", "", PropertyNames())
    with pytest.raises(NotionSyncRunning):
        console.run(faq)
    console.at += HELD_SECONDS
    assert figures(console.run(faq)) == {"created": 1}


def test_a_run_whose_place_was_taken_ends(console: Console, notion: FakeNotion) -> None:
    target = Target(kind="database", id=notion.add_database("도움말"))
    slow = Memory(console.store, "default", target, clock=lambda: console.at)
    run = slow.begin("m", "", PropertyNames())
    console.at += HELD_SECONDS + 1
    Memory(console.store, "default", target, clock=lambda: console.at).begin("m", "", PropertyNames())
    with pytest.raises(NotionSyncRunning):
        slow.save(run)
    with pytest.raises(NotionSyncRunning):
        slow.renew()
    with pytest.raises(NotionSyncRunning):
        slow.leave(run)


def test_a_place_that_notion_has_forgotten_is_read_from_its_beginning(console: Console, notion: FakeNotion) -> None:
    faq = notion.add_database("도움말")
    for n in range(5):
        notion.add_page(f"{n}번", [paragraph("답")], faq)
    report = console.run(faq, seconds=2.5)
    assert report.more and report.pages > 2
    (head,) = console.store.query("contents", "default#notion").items
    head["run"]["waiting"][0]["cursor"] = "long-ago"
    console.store.update("contents", "default#notion", faq, {"run": head["run"]})
    assert figures(console.run(faq)) == {"created": 5}


def test_a_database_of_more_pages_than_a_query_gives_is_read_whole(console: Console, notion: FakeNotion) -> None:
    notion.query_limit = 4
    faq = notion.add_database("도움말")
    for n in range(9):
        notion.add_page(f"{n}번", [paragraph("답")], faq)
    assert figures(console.run(faq)) == {"created": 9}
    assert figures(console.run(faq)) == {"unchanged": 9}


@pytest.mark.parametrize("kind", ["database", "page"])
def test_what_is_not_shared_any_more_is_an_error_and_removes_nothing(
    console: Console, notion: FakeNotion, kind: Kind
) -> None:
    root = notion.add_database("도움말") if kind == "database" else notion.add_page("안내")
    notion.add_page("질문", [paragraph("답")], root)
    console.run(root, kind)
    before = console.drafts()
    notion.unshared.add(root)
    for _ in range(2):
        with pytest.raises(NotionNotFound):
            console.run(root, kind)
    assert console.drafts() == before
    notion.unshared.clear()
    assert figures(console.run(root, kind))["unchanged"] >= 1


@pytest.mark.parametrize(("fed", "error"), [(Fed(403, "restricted_resource"), NotionForbidden)])
def test_a_right_that_was_taken_away_ends_a_run_and_removes_nothing(
    console: Console, notion: FakeNotion, fed: Fed, error: type[AppError]
) -> None:
    faq = notion.add_database("도움말")
    notion.add_page("질문", [paragraph("답")], faq)
    console.run(faq)
    before = console.drafts()
    notion.enqueue(fed)
    with pytest.raises(error):
        console.run(faq)
    assert console.drafts() == before
    assert figures(console.run(faq)) == {"unchanged": 1}


def test_a_part_of_a_tree_that_is_not_shared_is_told_and_the_rest_is_read(console: Console, notion: FakeNotion) -> None:
    root = notion.add_page("안내")
    hidden = notion.add_page("숨은 글", [paragraph("숨은 답")], root)
    foreign = notion.add_database("남의 표", parent=root)
    notion.add_page("보이는 글", [paragraph("답")], root)
    notion.unshared |= {hidden, foreign}
    assert figures(console.run(root, "page")) == {"created": 1, "unreadable": 2}


def test_the_longest_report_and_all_that_may_wait_fit_an_item_of_the_store() -> None:
    run = Run(report=NotionReport(), waiting=[Node(kind="data_source", id="x" * 36, cursor="c" * 36)] * _MAX_WAITING)
    for outcome in get_args(Outcome):
        for _ in range(50):
            run.report.tell(outcome, "가" * 500, "notion-" + "0" * 32, "나" * 500)
    run.report.tell_addresses(["다" * 500] * 50)
    sealed({"pk": "p", "sk": "s", "run": run.model_dump(mode="json")}, None)
    assert (run.report.created, run.report.conflicts) == (50, 50)
