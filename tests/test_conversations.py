"""Verbs that race: one question a key, and no text that a deleted session leaves behind."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from shared.conversations import Conversations, Question
from shared.errors import AnswerRunning, AppError, IdempotencyConflict
from shared.idempotency import RESERVATION_SECONDS
from shared.models import Answer, Source
from shared.storage import keys
from shared.storage.keys import Owner
from tests.app import new_session
from tests.storage.backends import HandClock
from tests.storage.interrupted import Interrupted, everything

OWNER = Owner("default", "somebody")
OLD, NEW = "정산은 언제 되나요?", "반품은 어떻게 하나요?"


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


# One question a key


def test_questions_that_come_at_once_with_one_key_are_one_turn(conversations: Conversations) -> None:
    session, question = new_session(), Question(OLD, idempotency_key="tab-1")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: conversations.ask(OWNER, session, question), range(8)))
    assert len(set(ids)) == 1
    assert [turn.streaming_id for turn in conversations.turns(OWNER, session)[0]] == ids[:1]


def test_a_key_whose_first_request_was_killed_is_refused_for_a_while_and_then_taken_anew(
    store: Interrupted, conversations: Conversations, clock: HandClock
) -> None:
    session, question = new_session(), Question(OLD, idempotency_key="tab-1")

    def killed() -> None:
        raise SystemExit

    store.calls_left, store.meanwhile = 1, killed  # the key is reserved, and nothing else
    with pytest.raises(SystemExit):
        conversations.ask(OWNER, session, question)

    began = time.monotonic()
    with pytest.raises(AnswerRunning) as refused:
        conversations.ask(OWNER, session, question)
    assert 0.5 < time.monotonic() - began < 8  # it waits for a second: the first may still be at work
    assert (refused.value.status, refused.value.retry_after_seconds) == (409, 1)
    with pytest.raises(IdempotencyConflict):
        conversations.ask(OWNER, session, Question(NEW, idempotency_key="tab-1"))
    assert conversations.sessions(OWNER) == []

    clock.advance(RESERVATION_SECONDS)
    streaming_id = conversations.ask(OWNER, session, question)
    assert conversations.ask(OWNER, session, question) == streaming_id
    assert len(conversations.turns(OWNER, session)[0]) == 1


def test_a_question_whose_writing_outlasted_its_reservation_is_accepted(
    store: Interrupted, conversations: Conversations, clock: HandClock
) -> None:
    session, question = new_session(), Question(OLD, idempotency_key="tab-1")
    store.calls_left, store.meanwhile = 1, lambda: clock.advance(RESERVATION_SECONDS)
    streaming_id = conversations.ask(OWNER, session, question)
    assert [turn.streaming_id for turn in conversations.turns(OWNER, session)[0]] == [streaming_id]


@pytest.mark.parametrize("text", [OLD, NEW])
def test_a_key_whose_session_was_deleted_is_free(conversations: Conversations, text: str) -> None:
    session = new_session()
    first = conversations.ask(OWNER, session, Question(OLD, idempotency_key="tab-1"))
    conversations.delete(OWNER, session)
    again = Question(text, idempotency_key="tab-1")
    second = conversations.ask(OWNER, session, again)
    assert second != first
    assert conversations.ask(OWNER, session, again) == second
    assert conversations.claim(second).turn.user_message == text


def test_of_questions_that_come_at_once_with_a_key_of_a_deleted_session_one_takes_it(
    conversations: Conversations,
) -> None:
    session, question = new_session(), Question(OLD, idempotency_key="tab-1")
    conversations.ask(OWNER, session, question)
    conversations.delete(OWNER, session)
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: conversations.ask(OWNER, session, question), range(8)))
    assert [turn.streaming_id for turn in conversations.turns(OWNER, session)[0]] == ids[:1]
    assert len(set(ids)) == 1


def test_what_is_kept_of_a_repeated_question_tells_nobody_without_the_secret_what_it_was(
    store: Interrupted, clock: HandClock
) -> None:
    def fingerprint(secret: str) -> str:
        session, question = new_session(), Question(OLD, idempotency_key="tab-1")
        Conversations(store, 90, clock, secret_key=lambda: secret).ask(OWNER, session, question)
        found: str = store.query("counters", keys.idempotency_pk(OWNER, session)).items[0]["fingerprint"]
        return found

    assert fingerprint("one") == fingerprint("one") != fingerprint("other")


# A session that is deleted while a question comes


@pytest.mark.parametrize("began", ["with a turn", "new"])
@pytest.mark.parametrize("first", ["question", "deletion"])
def test_deleted_while_a_question_comes_a_session_is_whole_or_leaves_no_text(
    store: Interrupted, conversations: Conversations, began: str, first: str
) -> None:
    """Whichever comes first, the other one runs between any two of its calls to the store."""
    for calls in range(100):
        session, claimable = new_session(), list[str]()
        if began == "with a turn":
            claim = conversations.claim(conversations.ask(OWNER, session, Question(OLD)))
            conversations.finish(claim, Answer(text="매일 됩니다.", decision="answer"))

        def post(session: str = session, claimable: list[str] = claimable) -> None:
            with suppress(AppError):  # an answer; anything else would be a bug
                claimable.append(conversations.ask(OWNER, session, Question(NEW)))

        def delete(session: str = session) -> None:
            with suppress(AppError):
                conversations.delete(OWNER, session)

        one, other = (post, delete) if first == "question" else (delete, post)
        store.calls_left, store.meanwhile = calls, other
        one()
        interrupted, store.calls_left = store.interrupted, -1

        left = [body for body in everything(store) if any(text in body for text in (OLD, NEW, "매일 됩니다."))]
        if conversations.sessions(OWNER):
            turns = conversations.turns(OWNER, session)[0]
            asked = [turn.user_message for turn in turns]
            assert asked[-1:] == [NEW], calls
            assert len(left) == 1 + 2 * len(turns), calls  # the session; and each turn, in the chat and in the log
            assert conversations.claim(claimable[0]).turn.user_message == NEW
            conversations.delete(OWNER, session)
        else:
            assert left == [], calls
        if not interrupted:
            break
    assert calls


def test_of_two_questions_that_replace_the_same_turn_the_later_ones_answer_is_shown(
    conversations: Conversations,
) -> None:
    session = new_session()

    def answered(text: str, replaces: str | None = None) -> str:
        claim = conversations.claim(conversations.ask(OWNER, session, Question(text, replaces=replaces)))
        conversations.finish(claim, Answer(text="답", decision="answer"))
        return claim.turn.chat_id

    answered("먼저")
    first = answered("처음")
    answered("고친 것", first)
    answered("다른 탭에서 고친 것", first)
    answered("다음")
    asked = [turn.user_message for turn in conversations.turns(OWNER, session)[0]]
    assert asked == ["먼저", "다른 탭에서 고친 것", "다음"]


def test_a_session_remembers_what_its_answers_rest_on_however_long_it_gets(conversations: Conversations) -> None:
    session = new_session()
    for n in range(9):
        claim = conversations.claim(conversations.ask(OWNER, session, Question(f"질문 {n}")))
        assert list(claim.told) == [f"faq-{one}" for one in range(n)]
        source = Source(n=1, faq_id=f"faq-{n}", title="제목", matched_subject="제목", score=1)
        conversations.finish(claim, Answer(text="답", decision="answer", sources=[source]))


def test_what_was_masked_is_given_to_who_answers_and_then_forgotten(
    conversations: Conversations, store: Interrupted
) -> None:
    question = Question("[전화번호]로 보내 주세요", values={"[전화번호]": "010-1234-5678"})
    streaming_id = conversations.ask(OWNER, new_session(), question)
    assert conversations.claim(streaming_id).values == {"[전화번호]": "010-1234-5678"}
    assert store.query("tickets", streaming_id).items[0].get("values") is None
    assert len(store.query("tickets", streaming_id).items) == 1


def test_what_was_masked_is_forgotten_when_the_answer_is_stopped_before_it_begins(
    conversations: Conversations, store: Interrupted
) -> None:
    question = Question("[전화번호]로 보내 주세요", values={"[전화번호]": "010-1234-5678"})
    conversations.stop(conversations.ask(OWNER, new_session(), question))
    assert not any("010-1234-5678" in body for body in everything(store))
