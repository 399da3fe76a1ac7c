"""Items as earlier versions wrote them, from the first shape on, read by those who read them today.

`tests/golden/items/first.json` has an item of each table as the first version that wrote to it did; the other file has
what came later and is no longer written so. They are never changed: who changes a shape adds a file.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.admin_keys import AdminKeys, Operator
from shared.answer_life import Stream
from shared.api_keys import ApiKeys
from shared.audit import Audit
from shared.bot import Bot
from shared.bots import Bots
from shared.contents import Contents
from shared.conversations import Conversations, Question
from shared.errors import FeedbackGiven
from shared.evaluations import Evaluations
from shared.faqs import Faqs
from shared.feedback import Feedbacks, Opinion
from shared.golden import Golden
from shared.history import Filters, History, Span
from shared.models import Answer, TurnStatus
from shared.notices import Notices
from shared.popular import Popular
from shared.popular_count import recount
from shared.retrieval import calibration, manifest
from shared.retrieval.calibration import CalibrationDamaged
from shared.retrieval.candidates import VECTORS_ONLY
from shared.rollup_count import RollUps
from shared.storage.base import SCHEMA, TABLES, Store
from shared.storage.keys import Owner
from shared.storage.sqlite import SqliteStore
from tests.app import ROOT
from tests.storage.backends import HandClock

FILES = sorted((ROOT / "tests" / "golden" / "items").glob("*.json"))
OWNER, SESSION = Owner("default", "-e5Do7yjTu-SA7B9E4dFxQ"), "cffe0923-fe8d-4c1e-854a-8f57bbdad8a7"
ANSWERED, REFUSED, OPEN = (
    f"01M80{tail}" for tail in ("KKB280000000000000001", "KKCMY0000000000000002", "KMZ700000000000000003")
)
LATER, PROGRAM, BLANKED = (
    f"01M80X{tail}" for tail in ("E2R00000000000000004", "FXB00000000000000005", "HQY00000000000000006")
)
VERSION = "01M835ZWMRTXD2ZWW5P6KFKVWF"
DAY = "2026-11-22"


@pytest.fixture
def clock() -> HandClock:
    clock = HandClock()
    clock.time = 1_795_316_950.0  # ten seconds after the last question of the first file
    return clock


@pytest.fixture
def old(tmp_path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    """A store that holds them all."""
    with closing(SqliteStore(tmp_path / "old.sqlite3", clock)) as store:
        for path in FILES:
            for table, items in json.loads(path.read_text(encoding="utf-8")).items():
                store.batch_put(table, items)
        yield store


@pytest.fixture
def conversations(old: Store, clock: HandClock) -> Conversations:
    return Conversations(old, 90, clock)


def test_the_first_shape_of_every_table_is_there() -> None:
    first = json.loads((ROOT / "tests" / "golden" / "items" / "first.json").read_text(encoding="utf-8"))
    assert sorted(first) == sorted(TABLES)
    assert SCHEMA == 1  # who counts it up says in docs/operations.md how what was written before is read


def test_old_sessions_and_turns_are_listed(conversations: Conversations) -> None:
    assert [one.session_id for one in conversations.sessions(OWNER)] == [SESSION]
    turns, _ = conversations.turns(OWNER, SESSION)
    assert [one.chat_id for one in turns] == [ANSWERED, REFUSED, OPEN, LATER]
    answered, refused, _, later = turns
    assert answered.system_message == "영업일로 1일에서 5일입니다. [1]"
    assert [(one.kind, one.source_id, one.faq_id, one.cited) for one in answered.sources] == [
        ("content", "default", "join-006", True),
        ("content", "default", "join-001", False),
    ]
    assert (refused.decision, refused.sources, refused.feedback) == ("refuse", [], None)
    assert later.feedback is not None and later.feedback.helpful


def test_an_old_ticket_is_claimed_and_answered_with_what_was_said_before(conversations: Conversations) -> None:
    claim = conversations.claim("A" * 22)
    assert claim.turn.chat_id == OPEN
    assert [turn.chat_id for turn in claim.history] == [ANSWERED, REFUSED]
    answer = Answer(text="없습니다.", decision="answer")
    assert conversations.finish(claim, answer) is TurnStatus.DONE
    conversations.ask(OWNER, SESSION, Question("다음 질문"))


def test_an_old_stream_is_read_again(conversations: Conversations) -> None:
    progress = conversations.progress(Stream("03xZwX3iN7vGsUV5MCSRsw", OWNER, SESSION, ANSWERED))
    assert progress.status is TurnStatus.DONE and progress.answer is not None
    assert [piece.first for piece in progress.pieces] == [1]


def test_an_old_session_is_deleted_with_all_that_was_said(conversations: Conversations, old: Store) -> None:
    conversations.delete(OWNER, SESSION)
    assert conversations.sessions(OWNER) == []
    for chat_id in (ANSWERED, REFUSED, OPEN, LATER):
        logged = old.get("questions", f"default#{DAY}", chat_id)
        assert logged and (logged["user_message"], logged["system_message"]) == ("", "")


def test_the_old_log_is_read_and_counted(old: Store, clock: HandClock) -> None:
    history = History(old, clock)
    page = history.page("default", Span(DAY, DAY), Filters())
    assert [one.chat_id for one in page.items] == [BLANKED, PROGRAM, LATER, OPEN, REFUSED, ANSWERED]
    assert [one.channel for one in page.items] == ["page", "api", *["page"] * 4]
    assert history.turn("default", DAY, ANSWERED).faq_id == "join-006"  # its sources alone tell it
    assert history.turn("default", DAY, LATER).record.category == "가입·입점"
    clock.advance(86_400)
    recount(old, Bot(), clock)
    (top, *_) = Popular(old, clock).kept("default").lists[None]
    assert (top.faq_id, top.source_id) == ("join-006", "default")
    counted = RollUps(old, 90, clock).count("default", DAY).rollup
    assert (counted.questions, counted.programs, counted.deleted, counted.helpful) == (6, 1, 1, 1)
    assert dict(counted.decisions) == {"answer": 2, "refuse": 1, "clarify": 1}
    assert [(place.faq_id, uses.used) for place, uses in counted.contents.items()] == [("join-006", 2)]


def test_old_answers_are_rated_once(old: Store, clock: HandClock) -> None:
    feedback = Feedbacks(old, 90, clock)
    feedback.give(OWNER, ANSWERED, Opinion(helpful=True))
    assert feedback.counts("default", DAY).contents[("default", "join-006")].helpful == 1
    with pytest.raises(FeedbackGiven):
        feedback.give(OWNER, REFUSED, Opinion(helpful=True))
    assert History(old, clock).turn("default", DAY, REFUSED).comment == "날씨도 알려 주세요"


def test_old_bots_serve(old: Store) -> None:
    bots = Bots(old)
    first, later = bots.published("default"), bots.published("flowers")
    assert first and later
    assert (first.source_ids, first.replies.refusal["ko"]) == (["default", "shop"], "저는 {name}만 압니다.")
    assert (later.source_ids, later.replies.refusal["ko"]) == (["flowers"], "저는 {name}만 압니다.")
    draft = bots.opened_draft("flowers")
    assert draft and draft.bot.name == "화원"
    bots.close_draft("flowers", draft.revision)  # which drafts had none of
    assert bots.draft("flowers") is None
    assert [bot.bot_id for bot in bots.all()] == ["flowers"]  # the default bot is added by who lists those that serve


def test_old_contents_and_drafts_are_read(old: Store) -> None:
    content = Faqs(old).get(Bot(), "join-006")
    assert (content.media, content.summary_titles, content.effective_on) == ([], [], None)
    state = Contents(old).state("default", "join-006")
    assert state.draft and state.draft.content and state.draft.content.title == "심사 기간"


def test_an_old_index_serves_and_an_old_calibration_is_told_apart(old: Store) -> None:
    served = manifest.current(old, "default")
    assert served and (served.version, served.categories, served.edits) == (VERSION, [], None)
    assert [one.version for one in manifest.versions(old, "default")] == [VERSION]
    with pytest.raises(CalibrationDamaged):  # answers go on with what is asked back until the next build
        calibration.read(old, "default", "default", VERSION, [VECTORS_ONLY])


def test_old_figures_and_lists_are_read(old: Store, clock: HandClock) -> None:
    (popular,) = Popular(old, clock).kept("default").lists[None]
    assert (popular.faq_id, popular.count, popular.source_id, popular.by_one) == ("join-006", 12, None, False)
    rollups = RollUps(old, 90, clock)
    kept = rollups.days("default", "2026-11-21", "2026-11-21")["2026-11-21"]
    assert (kept.rollup.questions, kept.rollup.decisions["answer"], kept.p50_ms) == (3, 2, None)
    assert "2026-11-21" in rollups.due("default")  # it lacks a shape, and is counted again
    (run,) = Evaluations(old, clock).latest("default")
    (golden,) = Golden(old, clock).all("default")
    assert (run.right, run.golden, golden.faq_ids) == (1, 2, ["join-006"])
    notice = Notices(old, clock).pinned("default")
    assert notice and notice.text == "설 연휴에는 쉽니다."


def test_old_keys_open_and_old_changes_are_listed(old: Store, clock: HandClock) -> None:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
    assert ApiKeys(old).verify(f"hk_{digits}").name == "ERP"
    operator = AdminKeys(old, None).verify(f"ha_{digits}")
    assert (operator.name, operator.role, operator.bots) == ("김운영", "editor", frozenset({"default"}))
    (entry,) = Audit(old, 365, clock).page(Operator("any", "any", "owner"), DAY).entries
    assert (entry.action, entry.outcome, entry.after) == ("draft.save", "done", {"name": "가온"})
