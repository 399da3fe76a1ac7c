"""Rating answers: who may rate what, what a death between two writes leaves, and that each feedback counts once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import feedback
from shared.api_keys import ApiKey
from shared.bubbles import invitation
from shared.conversations import Conversations, Question
from shared.errors import AnswerNotFinished, AppError, FeedbackGiven, StoreUnavailable, TurnNotFound
from shared.feedback import Counts, Feedbacks, Opinion
from shared.models import Answer, Source, Turn, TurnStatus
from shared.question_log import QuestionLog
from shared.storage import keys
from shared.storage.base import Item
from shared.storage.keys import Owner
from tests.app import new_session
from tests.storage.backends import HandClock
from tests.storage.interrupted import Interrupted, everything

OWNER = Owner("default", "somebody")
COMMENT = "비밀의견"
NO_SUCH = "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Interrupted]:
    with closing(Interrupted(tmp_path / "haedap.sqlite3", clock)) as store:
        yield store


@pytest.fixture
def conversations(store: Interrupted, clock: HandClock) -> Conversations:
    return Conversations(store, 90, clock)


@pytest.fixture
def feedbacks(store: Interrupted, clock: HandClock) -> Feedbacks:
    return Feedbacks(store, 90, clock)


def finished(conversations: Conversations, session: str, answer: Answer, owner: Owner = OWNER) -> str:
    """The chat_id of an answer that has ended so."""
    claim = conversations.claim(conversations.ask(owner, session, Question("정산은 언제 되나요?")))
    conversations.finish(claim, answer)
    return claim.turn.chat_id


def resting_on(*faq_ids: str, cited: bool = True) -> Answer:
    sources = [
        Source(n=n, faq_id=one, title="정산", matched_subject="정산", score=1, cited=cited)
        for n, one in enumerate(faq_ids, 1)
    ]
    return Answer(text="매일 됩니다.", decision="answer", sources=sources)


def today(clock: HandClock) -> str:
    return keys.day_at(clock())


def given_for(store: Interrupted, chat_id: str) -> Item:
    item: Item | None = store.get("feedback", keys.feedback_pk("default"), chat_id)
    assert item is not None
    return item


# What can be rated, and by whom


def test_an_answer_that_is_to_come_or_comes_cannot_be_rated_yet(
    conversations: Conversations, feedbacks: Feedbacks
) -> None:
    session = new_session()
    streaming_id = conversations.ask(OWNER, session, Question("질문"))
    [turn] = conversations.turns(OWNER, session)[0]
    with pytest.raises(AnswerNotFinished):
        feedbacks.give(OWNER, turn.chat_id, Opinion(True))
    claim = conversations.claim(streaming_id)
    with pytest.raises(AnswerNotFinished):
        feedbacks.require_open(OWNER, turn.chat_id, mend=False)
    conversations.finish(claim, resting_on("a"))
    feedbacks.give(OWNER, turn.chat_id, Opinion(True))


def test_an_answer_that_died_on_the_way_can_be_rated(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    session = new_session()
    claim = conversations.claim(conversations.ask(OWNER, session, Question("질문")))
    clock.advance(conversations.lease_seconds)
    feedbacks.give(OWNER, claim.turn.chat_id, Opinion(False))
    assert feedbacks.counts("default", today(clock)).total == Counts(0, 1)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(text="죄송합니다.", decision="refuse"),
        Answer(text="어느 것인가요?", decision="clarify"),
        Answer(text="안녕하세요.", decision="fixed"),
        Answer(error_code="llm_unavailable"),
    ],
    ids=["refusal", "clarification", "fixed", "failed"],
)
def test_what_rests_on_no_content_can_be_rated_and_counts_in_the_total_alone(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, answer: Answer
) -> None:
    if answer.decision == "clarify":
        answer.sources = resting_on("a").sources
    feedbacks.give(OWNER, finished(conversations, new_session(), answer), Opinion(False))
    counted = feedbacks.counts("default", today(clock))
    assert (counted.total, counted.contents) == (Counts(0, 1), {})


def test_a_stopped_answer_can_be_rated(conversations: Conversations, feedbacks: Feedbacks) -> None:
    session = new_session()
    conversations.stop(conversations.ask(OWNER, session, Question("질문")))
    [turn] = conversations.turns(OWNER, session)[0]
    feedbacks.give(OWNER, turn.chat_id, Opinion(False))


def test_an_answer_that_was_asked_again_can_be_rated_still(conversations: Conversations, feedbacks: Feedbacks) -> None:
    session = new_session()
    first = finished(conversations, session, resting_on("a"))
    conversations.ask(OWNER, session, Question("질문", replaces=first))
    feedbacks.give(OWNER, first, Opinion(False))


def test_an_answer_is_another_visitors_or_another_bots_or_none(
    conversations: Conversations, feedbacks: Feedbacks, store: Interrupted
) -> None:
    chat_id = finished(conversations, new_session(), resting_on("a"))
    latest = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"  # of no day that there is
    attempts = [(Owner("default", "other"), chat_id), (Owner("other", "somebody"), chat_id)]
    for caller, request_id in [*attempts, (OWNER, NO_SUCH), (OWNER, "none"), (OWNER, latest)]:
        with pytest.raises(TurnNotFound):
            feedbacks.give(caller, request_id, Opinion(True))
    assert store.query("feedback", keys.feedback_pk("default")).items == []


def test_what_a_key_was_answered_its_own_program_rates_and_no_other(
    store: Interrupted, feedbacks: Feedbacks, clock: HandClock
) -> None:
    key, other = (
        ApiKey(key_id=one, bot_id="default", name="주문", ends_with="abcd", created_at=keys.created_at(NO_SUCH))
        for one in ("one", "other")
    )
    log, chat_id = QuestionLog(store, 90, clock), keys.new_chat_id()
    at = keys.created_at(chat_id)
    turn = Turn(session_id="", chat_id=chat_id, user_message="질문", status=TurnStatus.RUNNING, created_at=at)
    log.open(key, turn)
    clock.time = at.timestamp()
    with pytest.raises(AnswerNotFinished):
        feedbacks.give(key, chat_id, Opinion(True))
    log.close(key, turn, resting_on("a"))
    for caller in (other, OWNER):
        with pytest.raises(TurnNotFound):
            feedbacks.give(caller, chat_id, Opinion(True))
    feedbacks.give(key, chat_id, Opinion(True))
    assert feedbacks.counts("default", today(clock)).contents == {("default", "a"): Counts(1, 0)}


def test_an_answer_that_cites_nothing_counts_for_the_first_that_was_found(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    chat_id = finished(conversations, new_session(), resting_on("a", "b", cited=False))
    feedbacks.give(OWNER, chat_id, Opinion(True))
    assert set(feedbacks.counts("default", today(clock)).contents) == {("default", "a")}


def test_a_record_of_a_companys_api_is_no_content(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    answer = resting_on("order-1", "a")
    answer.sources[0].kind = "record"
    feedbacks.give(OWNER, finished(conversations, new_session(), answer), Opinion(True))
    assert set(feedbacks.counts("default", today(clock)).contents) == {("default", "a")}


# Deaths and races


def test_feedback_that_was_cut_short_is_there_and_the_next_attempt_makes_up_for_the_rest(
    store: Interrupted, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    """The process dies before any of its calls to the store; then the page sends the same again."""

    def killed() -> None:
        raise SystemExit

    for calls in range(20):
        session = new_session()
        chat_id = finished(conversations, session, resting_on("a"))
        store.calls_left, store.meanwhile = calls, killed
        with suppress(SystemExit):
            feedbacks.give(OWNER, chat_id, Opinion(False, ["wrong"], COMMENT))
        interrupted, store.calls_left = store.interrupted, -1
        with suppress(FeedbackGiven):
            feedbacks.give(OWNER, chat_id, Opinion(False, ["wrong"], COMMENT))
        assert given_for(store, chat_id)["comment"] == COMMENT
        assert feedbacks.counts("default", today(clock)).contents == {("default", "a"): Counts(0, calls + 1)}
        [turn] = conversations.turns(OWNER, session)[0]
        assert turn.feedback is not None, calls
        assert turn.feedback.reason_codes == ["wrong"]
        if not interrupted:
            break
    assert 5 < calls < 19


def test_a_deletion_counts_what_nobody_had_counted_yet(
    store: Interrupted, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    session = new_session()
    chat_id = finished(conversations, session, resting_on("a"))

    def away() -> None:
        raise StoreUnavailable

    store.calls_left, store.meanwhile = 3, away  # the feedback is there, and its tally is not
    with pytest.raises(StoreUnavailable):
        feedbacks.give(OWNER, chat_id, Opinion(True, comment=COMMENT))
    assert feedbacks.counts("default", today(clock)).total == Counts()
    conversations.delete(OWNER, session)
    assert feedbacks.counts("default", today(clock)).contents == {("default", "a"): Counts(1, 0)}
    assert not any(COMMENT in body for body in everything(store))


@pytest.mark.parametrize("first", ["feedback", "deletion"])
def test_whenever_its_session_is_deleted_no_comment_stays_and_what_was_accepted_is_counted(
    store: Interrupted, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, first: str
) -> None:
    """Whichever comes first, the other one runs between any two of its calls to the store."""
    accepted = 0
    for calls in range(60):
        session = new_session()
        chat_id = finished(conversations, session, resting_on("a"))
        took: list[bool] = []

        def give(chat_id: str = chat_id, took: list[bool] = took) -> None:
            with suppress(AppError):
                feedbacks.give(OWNER, chat_id, Opinion(True, comment=COMMENT))
                took.append(True)

        def delete(session: str = session) -> None:
            conversations.delete(OWNER, session)

        one, other = (give, delete) if first == "feedback" else (delete, give)
        store.calls_left, store.meanwhile = calls, other
        one()
        interrupted, store.calls_left = store.interrupted, -1
        accepted += len(took)
        if conversations.sessions(OWNER):  # the deletion did not run
            conversations.delete(OWNER, session)
        assert not any(COMMENT in body for body in everything(store)), calls
        assert feedbacks.counts("default", today(clock)).total == Counts(accepted, 0), calls
        if not interrupted:
            break
    assert accepted > 0
    assert calls < 59


def test_nothing_ties_a_deleted_answer_to_what_was_counted(
    store: Interrupted, conversations: Conversations, feedbacks: Feedbacks
) -> None:
    session = new_session()
    chat_id = finished(conversations, session, resting_on("비밀번호"))
    feedbacks.give(OWNER, chat_id, Opinion(True))
    conversations.delete(OWNER, session)
    telling = [json.loads(body) for body in everything(store) if "비밀번호" in body]
    tied = [json.loads(body) for body in everything(store) if chat_id in body]
    assert len(telling) == 2 and len(tied) == 2  # a tally and a rating; the logged question and its feedback
    assert chat_id not in json.dumps(telling)
    assert not any(one["sk"] in json.dumps(tied) for one in telling)
    assert not any(one.get("rated_as") for one in tied)


# Counting

_CONTENTS = ("a", "b", "c")
_answers = st.lists(st.lists(st.sampled_from(_CONTENTS), max_size=3, unique=True), min_size=1, max_size=4)
_gives = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 12)), max_size=12)


@settings(max_examples=40, deadline=None, database=None)
@given(_answers, _gives)
def test_however_often_answers_are_rated_and_whatever_is_cut_short_the_counts_are_what_was_kept(
    tmp_path_factory: pytest.TempPathFactory, answers: list[list[str]], gives: list[tuple[int, bool, int]]
) -> None:
    """Each attempt is interrupted by a death after some calls to the store, or, after 12, by nothing."""
    clock = HandClock()
    with closing(Interrupted(tmp_path_factory.mktemp("counting") / "store.sqlite3", clock)) as store:
        conversations, feedbacks = Conversations(store, 90, clock), Feedbacks(store, 90, clock)
        ids = [finished(conversations, new_session(), resting_on(*contents)) for contents in answers]
        kept: dict[int, bool] = {}

        def killed() -> None:
            raise SystemExit

        for which, helpful, calls in gives:
            index = which % len(ids)
            store.calls_left, store.meanwhile = calls, killed
            with suppress(SystemExit, FeedbackGiven):
                feedbacks.give(OWNER, ids[index], Opinion(helpful))
            store.calls_left = -1
            item = store.get("feedback", keys.feedback_pk("default"), ids[index])
            if item is not None:
                assert kept.setdefault(index, item["helpful"]) == item["helpful"]
        for index in kept:
            with suppress(FeedbackGiven):
                feedbacks.give(OWNER, ids[index], Opinion(True))
        counted = feedbacks.counts("default", today(clock))
        assert counted.total == _expected(kept.values())
        for content in _CONTENTS:
            expected = _expected(helpful for index, helpful in kept.items() if content in answers[index])
            assert counted.contents.get(("default", content), Counts()) == expected


def test_a_day_of_more_feedback_than_one_page_is_counted_whole(
    monkeypatch: pytest.MonkeyPatch, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock
) -> None:
    monkeypatch.setattr(feedback, "_PAGE", 2)
    session = new_session()
    for _ in range(5):
        feedbacks.give(OWNER, finished(conversations, session, resting_on("a")), Opinion(True))
    assert feedbacks.counts("default", today(clock)).total == Counts(5, 0)


def _expected(helpful: Iterable[bool]) -> Counts:
    counted = Counter(helpful)
    return Counts(counted[True], counted[False])


def test_a_look_at_the_form_writes_nothing_and_a_tap_makes_up_for_what_was_cut_short(
    store: Interrupted, conversations: Conversations, feedbacks: Feedbacks
) -> None:
    session = new_session()
    chat_id = finished(conversations, session, resting_on("a"))

    def away() -> None:
        raise StoreUnavailable

    store.calls_left, store.meanwhile = 3, away  # the feedback is there, and nothing that follows from it
    with pytest.raises(StoreUnavailable):
        feedbacks.give(OWNER, chat_id, Opinion(True))
    before = everything(store)
    with pytest.raises(FeedbackGiven):
        feedbacks.require_open(OWNER, chat_id, mend=False)
    assert everything(store) == before
    with pytest.raises(FeedbackGiven):
        feedbacks.require_open(OWNER, chat_id, mend=True)
    assert conversations.turns(OWNER, session)[0][0].feedback is not None


# Who is invited to


@pytest.mark.parametrize("ends", ["answered", "failed", "stopped", "interrupted"])
def test_a_turn_that_has_ended_invites_to_rate_it_until_it_is_rated(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, ends: str
) -> None:
    owner, session = Owner("flowers", "somebody"), new_session()
    streaming_id = conversations.ask(owner, session, Question("질문"))
    [pending] = conversations.turns(owner, session)[0]
    claim = conversations.claim(streaming_id)
    [running] = conversations.turns(owner, session)[0]
    assert (pending.invitation, running.invitation) == (None, None)
    match ends:
        case "stopped":
            conversations.stop(streaming_id)
        case "interrupted":
            clock.advance(conversations.lease_seconds)
        case _:
            conversations.finish(claim, resting_on("a") if ends == "answered" else Answer(error_code="bug"))
    [turn] = conversations.turns(owner, session)[0]
    assert turn.invitation == invitation("flowers", turn.chat_id)
    feedbacks.give(owner, turn.chat_id, Opinion(True))
    assert conversations.turns(owner, session)[0][0].invitation is None
