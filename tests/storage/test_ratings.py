"""Feedback on each back end: of all that race one is kept, and each is counted once."""

import pytest

from shared.conversations import Conversations, Question
from shared.errors import FeedbackGiven, TurnNotFound
from shared.feedback import Counts, DayOfFeedback, Feedbacks, Opinion
from shared.models import Answer, Source
from shared.storage import keys
from shared.storage.base import Store
from shared.storage.keys import Owner
from tests.app import new_session
from tests.storage.backends import HandClock
from tests.storage.racing import together

DAYS = 90


@pytest.fixture
def owner() -> Owner:
    """Of a bot that no other test uses."""
    return Owner(new_session(), "somebody")


@pytest.fixture
def conversations(store: Store, clock: HandClock) -> Conversations:
    return Conversations(store, DAYS, clock)


@pytest.fixture
def feedbacks(store: Store, clock: HandClock) -> Feedbacks:
    return Feedbacks(store, DAYS, clock)


def answered(conversations: Conversations, owner: Owner, session: str, *faq_ids: str) -> str:
    """The chat_id of an answer that cites these contents."""
    claim = conversations.claim(conversations.ask(owner, session, Question("정산은 언제 되나요?")))
    sources = [
        Source(n=n, faq_id=one, title="정산", matched_subject="정산", score=1, cited=True)
        for n, one in enumerate(faq_ids, 1)
    ]
    conversations.finish(claim, Answer(text="매일 됩니다.", decision="answer", sources=sources))
    return claim.turn.chat_id


def test_of_tabs_that_race_one_is_kept_and_counted_and_the_others_are_told(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, owner: Owner
) -> None:
    session = new_session()
    chat_id = answered(conversations, owner, session, "a", "b")

    def give(n: int) -> bool | None:
        try:
            feedbacks.give(owner, chat_id, Opinion(n % 2 == 0))
        except FeedbackGiven:
            return None
        return n % 2 == 0

    [kept] = [one for one in together(8, give) if one is not None]
    one = Counts(int(kept), int(not kept))
    counted = DayOfFeedback(one, {("default", "a"): one, ("default", "b"): one})
    assert feedbacks.counts(owner.bot_id, keys.day_at(clock())) == counted
    [turn] = conversations.turns(owner, session)[0]
    assert turn.feedback is not None
    assert turn.feedback.helpful is kept


def test_a_second_look_tells_what_was_given_first(
    store: Store, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, owner: Owner
) -> None:
    session = new_session()
    chat_id = answered(conversations, owner, session, "a")
    feedbacks.require_open(owner, chat_id, mend=True)
    feedbacks.give(owner, chat_id, Opinion(False, ["wrong"], "010-1234-5678로 전화 주세요"))
    with pytest.raises(FeedbackGiven):
        feedbacks.give(owner, chat_id, Opinion(True))
    with pytest.raises(FeedbackGiven):
        feedbacks.require_open(owner, chat_id, mend=True)
    given = store.get("feedback", keys.feedback_pk(owner.bot_id), chat_id)
    assert given is not None
    assert (given["helpful"], given["reason_codes"], given["comment"]) == (False, ["wrong"], "[전화번호]로 전화 주세요")
    logged = store.get("questions", keys.questions_pk(owner.bot_id, chat_id), chat_id)
    assert logged is not None
    assert logged["feedback"] == {"helpful": False, "reason_codes": ["wrong"]}
    assert given["expires_at"] == logged["expires_at"]
    assert feedbacks.counts(owner.bot_id, keys.day_at(clock())).total == Counts(0, 1)


def test_an_answer_of_an_earlier_day_is_counted_on_the_day_of_the_feedback(
    conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, owner: Owner
) -> None:
    chat_id = answered(conversations, owner, new_session(), "a")
    before = keys.day_at(clock())
    clock.advance(86_400)
    feedbacks.give(owner, chat_id, Opinion(True))
    assert feedbacks.counts(owner.bot_id, before).total == Counts()
    assert feedbacks.counts(owner.bot_id, keys.day_at(clock())).total == Counts(1, 0)


def test_a_deleted_answer_leaves_its_count_and_no_word(
    store: Store, conversations: Conversations, feedbacks: Feedbacks, clock: HandClock, owner: Owner
) -> None:
    session = new_session()
    rated, unrated = (answered(conversations, owner, session, "a") for _ in range(2))
    feedbacks.give(owner, rated, Opinion(False, ["wrong"], "틀렸어요"))
    conversations.delete(owner, session)
    for chat_id in (rated, unrated):
        with pytest.raises(TurnNotFound):
            feedbacks.give(owner, chat_id, Opinion(True, comment="다시"))
        kept = store.get("feedback", keys.feedback_pk(owner.bot_id), chat_id)
        assert kept is not None
        assert (kept.get("comment"), kept.get("contents", []), kept.get("tally_id")) == (None, [], None)
    one = Counts(0, 1)
    assert feedbacks.counts(owner.bot_id, keys.day_at(clock())) == DayOfFeedback(one, {("default", "a"): one})
