"""An answer's life in the store: who ends it when several want to, what a reader sees, what a deletion leaves."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from shared.answer_life import EVENT_SECONDS, LEASE_SECONDS, TICKET_SECONDS, Claim
from shared.conversations import Conversations, Question
from shared.errors import AnswerRunning, AppError, TicketNotFound, TurnNotFound
from shared.models import Answer, Bubble, Source, Turn, TurnStatus
from shared.storage import keys
from shared.storage.base import Item
from shared.storage.keys import Owner
from shared.stored_events import Piece
from tests.app import new_session
from tests.storage.backends import HandClock
from tests.storage.interrupted import Interrupted, everything

OWNER = Owner("default", "somebody")
WHOLE = Answer(
    text="매일 됩니다. [1]",
    bubbles=[Bubble(bubble_id="b1", bubble_type="text", description="매일 됩니다. [1]")],
    sources=[Source(n=1, faq_id="정산", title="정산은 언제?", matched_subject="정산은 언제?", score=0.93, cited=True)],
    decision="answer",
    expression="SMILE",
    search_completed=True,
    latency_ms=42,
)


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


def asked(conversations: Conversations) -> tuple[str, str]:
    """A session and the streaming id of its question."""
    session = new_session()
    return session, conversations.ask(OWNER, session, Question("정산은 언제 되나요?"))


def the_turn(conversations: Conversations, session: str) -> Turn:
    [turn] = conversations.turns(OWNER, session)[0]
    return turn


def logged(store: Interrupted, chat_id: str) -> Item:
    item: Item | None = store.get("questions", keys.questions_pk("default", chat_id), chat_id)
    assert item is not None
    return item


def can_ask(conversations: Conversations, session: str) -> bool:
    try:
        conversations.ask(OWNER, session, Question("다음 질문"))
    except AnswerRunning:
        return False
    return True


# Following


def test_the_owner_gets_the_streaming_id_until_the_end(conversations: Conversations) -> None:
    session, streaming_id = asked(conversations)
    assert the_turn(conversations, session).streaming_id == streaming_id
    claim = conversations.claim(streaming_id)
    assert the_turn(conversations, session).streaming_id == streaming_id
    conversations.finish(claim, WHOLE)
    assert the_turn(conversations, session).streaming_id is None


def test_what_was_said_so_far_is_a_bubble(conversations: Conversations) -> None:
    session, streaming_id = asked(conversations)
    conversations.checkpoint(conversations.claim(streaming_id), "매일")
    turn = the_turn(conversations, session)
    assert (turn.status, [bubble.description for bubble in turn.bubbles]) == (TurnStatus.RUNNING, ["매일"])


def test_a_reader_sees_pieces_once_and_the_answer_at_the_end(conversations: Conversations) -> None:
    _, streaming_id = asked(conversations)
    claim = conversations.claim(streaming_id)
    stream = conversations.stream(streaming_id)
    assert (conversations.progress(stream).pieces, conversations.progress(stream).answer) == ([], None)
    conversations.checkpoint(claim, "매일", [Piece(1, ["a", "b"]), Piece(3, ["c"])])
    first = conversations.progress(stream)
    assert [piece.first for piece in first.pieces] == [1, 3]
    conversations.finish(claim, WHOLE, [Piece(4, ["d"])])
    rest = conversations.progress(stream, 3)
    assert ([piece.first for piece in rest.pieces], rest.status, rest.answer) == ([4], TurnStatus.DONE, WHOLE)


def test_the_events_are_in_the_store_before_the_turn_ends(store: Interrupted, conversations: Conversations) -> None:
    """Between any two calls of the end, who sees an ended turn sees all of its events."""
    for calls in range(100):
        _, streaming_id = asked(conversations)
        claim, seen = conversations.claim(streaming_id), list[tuple[bool, int]]()

        def look(streaming_id: str = streaming_id, seen: list[tuple[bool, int]] = seen) -> None:
            progress = conversations.progress(conversations.stream(streaming_id))
            seen.append((progress.answer is not None, len(progress.pieces)))

        store.calls_left, store.meanwhile = calls, look
        conversations.finish(claim, WHOLE, [Piece(1, ["a"]), Piece(2, ["b"])])
        interrupted, store.calls_left = store.interrupted, -1
        assert all(count == 2 for ended, count in seen if ended)
        if not interrupted:
            break
    assert calls > 3


def test_a_stream_can_be_read_again_for_ten_minutes_after_its_end(
    conversations: Conversations, clock: HandClock
) -> None:
    _, streaming_id = asked(conversations)
    claim = conversations.claim(streaming_id)
    conversations.finish(claim, WHOLE, [Piece(1, ["a"])])
    clock.advance(EVENT_SECONDS - 1)
    assert conversations.progress(conversations.stream(streaming_id)).pieces == [Piece(1, ["a"])]
    clock.advance(1)
    with pytest.raises(TicketNotFound):
        conversations.stream(streaming_id)


def test_a_lapsed_lease_ends_a_stream_and_the_session_is_free(conversations: Conversations, clock: HandClock) -> None:
    session, streaming_id = asked(conversations)
    claim = conversations.claim(streaming_id)
    conversations.checkpoint(claim, "매일", [Piece(1, ["a"])])
    clock.advance(LEASE_SECONDS - 0.01)
    assert conversations.progress(conversations.stream(streaming_id)).answer is None
    assert not can_ask(conversations, session)
    clock.advance(0.01)
    progress = conversations.progress(conversations.stream(streaming_id))
    assert (progress.status, len(progress.pieces)) == (TurnStatus.INTERRUPTED, 1)
    assert progress.answer is not None
    turn = the_turn(conversations, session)
    assert (turn.status, turn.streaming_id, turn.bubbles[0].description) == ("interrupted", None, "매일")
    assert can_ask(conversations, session)


def test_an_unclaimed_id_has_no_stream_and_ends_after_a_minute(conversations: Conversations, clock: HandClock) -> None:
    _, streaming_id = asked(conversations)
    with pytest.raises(TicketNotFound):
        conversations.stream(streaming_id)
    clock.advance(TICKET_SECONDS)
    with pytest.raises(TicketNotFound):
        conversations.claim(streaming_id)
    with pytest.raises(TicketNotFound):
        conversations.stream(streaming_id)


# Stopping


def test_a_pending_question_that_is_stopped_cannot_be_claimed_and_leaves_the_session_free(
    store: Interrupted, conversations: Conversations
) -> None:
    session, streaming_id = asked(conversations)
    for _ in range(2):
        conversations.stop(streaming_id)
        turn = the_turn(conversations, session)
        assert (turn.status, turn.streaming_id) == (TurnStatus.STOPPED, None)
        assert logged(store, turn.chat_id)["status"] == "stopped"
        for use in (conversations.claim, conversations.stream):
            with pytest.raises(TicketNotFound):
                use(streaming_id)
    assert can_ask(conversations, session)


def test_a_running_answer_that_is_stopped_frees_the_session_and_keeps_what_was_said(
    store: Interrupted, conversations: Conversations
) -> None:
    session, streaming_id = asked(conversations)
    claim = conversations.claim(streaming_id)
    assert conversations.checkpoint(claim, "매일", [Piece(1, ["a"])])
    assert conversations.goes_on(claim)
    conversations.stop(streaming_id)
    assert can_ask(conversations, session)
    assert not conversations.goes_on(claim)
    assert not conversations.checkpoint(claim, "매일 됩", [Piece(2, ["b"])])

    following = conversations.progress(conversations.stream(streaming_id))
    assert following.answer is None  # who answers may still add what was said until it saw the stop
    for _ in range(2):
        said = WHOLE.model_copy(update={"text": "매일 됩니"})
        assert conversations.finish(claim, said, [Piece(3, ["c"])]) is TurnStatus.STOPPED
    ended = conversations.progress(conversations.stream(streaming_id))
    assert (ended.status, len(ended.pieces)) == (TurnStatus.STOPPED, 3)
    turn = conversations.turns(OWNER, session)[0][0]
    assert (turn.status, turn.system_message) == (TurnStatus.STOPPED, "매일 됩니")
    log = logged(store, turn.chat_id)
    assert (log["status"], log["system_message"]) == ("stopped", "매일 됩니")
    assert not can_ask(conversations, session)  # the next question still waits: it was not this one's to release


def test_a_stopped_answer_whose_process_is_gone_ends_with_its_lease(
    conversations: Conversations, clock: HandClock
) -> None:
    _, streaming_id = asked(conversations)
    conversations.checkpoint(conversations.claim(streaming_id), "매일", [Piece(1, ["a"])])
    conversations.stop(streaming_id)
    clock.advance(LEASE_SECONDS)
    progress = conversations.progress(conversations.stream(streaming_id))
    assert progress.status is TurnStatus.STOPPED
    assert progress.answer is not None and progress.answer.text == "매일"


def test_stopping_after_the_end_changes_nothing(conversations: Conversations) -> None:
    session, streaming_id = asked(conversations)
    conversations.finish(conversations.claim(streaming_id), WHOLE)
    before = the_turn(conversations, session)
    conversations.stop(streaming_id)
    assert the_turn(conversations, session) == before


def test_what_cannot_be_known_cannot_be_stopped(conversations: Conversations) -> None:
    session, streaming_id = asked(conversations)
    conversations.delete(OWNER, session)
    for unknown in ("A" * 22, streaming_id):
        with pytest.raises(TicketNotFound):
            conversations.stop(unknown)


@pytest.mark.parametrize("first", ["finish", "stop"])
def test_of_a_stop_and_an_end_one_wins_and_all_that_is_stored_agrees(
    store: Interrupted, conversations: Conversations, first: str
) -> None:
    """Whichever comes first, the other one runs between any two of its calls to the store."""
    won = set()
    for calls in range(100):
        session, streaming_id = asked(conversations)
        claim = conversations.claim(streaming_id)

        def finish(claim: Claim = claim) -> None:
            conversations.finish(claim, WHOLE, [Piece(1, ["a"])])

        def stop(streaming_id: str = streaming_id) -> None:
            conversations.stop(streaming_id)

        one, other = (finish, stop) if first == "finish" else (stop, finish)
        store.calls_left, store.meanwhile = calls, other
        one()
        interrupted, store.calls_left = store.interrupted, -1
        if not interrupted:
            other()
        turn = the_turn(conversations, session)
        log = logged(store, turn.chat_id)
        assert (turn.system_message, log["system_message"]) == (WHOLE.text, WHOLE.text), calls
        assert log["status"] == turn.status, calls
        assert can_ask(conversations, session)
        won.add(turn.status)
        if not interrupted:
            break
    assert won == {TurnStatus.DONE, TurnStatus.STOPPED}


def test_of_many_that_end_one_answer_at_once_one_wins(conversations: Conversations) -> None:
    for _ in range(5):
        session, streaming_id = asked(conversations)
        claim = conversations.claim(streaming_id)
        calls: list[Callable[[], object]] = [partial(conversations.finish, claim, WHOLE)]
        calls += [partial(conversations.stop, streaming_id)] * 7
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda call: call(), calls))
        assert the_turn(conversations, session).status == results[0]


# Deleting


@pytest.mark.parametrize("late", [0, EVENT_SECONDS + 1])
def test_a_deleted_session_leaves_no_event_whether_or_not_it_had_expired(
    store: Interrupted, conversations: Conversations, clock: HandClock, late: int
) -> None:
    session, streaming_id = asked(conversations)
    claim = conversations.claim(streaming_id)
    conversations.checkpoint(claim, "비밀", [Piece(1, ["비밀"])])
    conversations.finish(claim, WHOLE.model_copy(update={"text": "비밀"}), [Piece(2, ["비밀"])])
    assert sum("비밀" in body for body in everything(store)) == 4
    clock.advance(late)
    conversations.delete(OWNER, session)
    assert [body for body in everything(store) if "비밀" in body or streaming_id in body] == []


@pytest.mark.parametrize("verb", ["checkpoint", "finish"])
@pytest.mark.parametrize("first", ["answer", "deletion"])
def test_deleted_while_it_is_answered_a_session_leaves_no_text(
    store: Interrupted, conversations: Conversations, verb: str, first: str
) -> None:
    for calls in itertools.count():
        session, streaming_id = asked(conversations)
        claim = conversations.claim(streaming_id)

        def answer(claim: Claim = claim) -> None:
            if verb == "checkpoint" and conversations.checkpoint(claim, "비밀", [Piece(1, ["비밀"])]):
                return
            with suppress(TurnNotFound):
                conversations.finish(claim, Answer(text="비밀"), [Piece(1, ["비밀"]), Piece(2, ["비밀"])])

        def delete(session: str = session) -> None:
            with suppress(AppError):
                conversations.delete(OWNER, session)

        one, other = (answer, delete) if first == "answer" else (delete, answer)
        store.calls_left, store.meanwhile = calls, other
        one()
        interrupted, store.calls_left = store.interrupted, -1
        if not interrupted and first == "answer":
            delete()
        assert [body for body in everything(store) if "비밀" in body] == [], calls
        if not interrupted:
            break
    assert calls


def test_who_follows_a_stream_learns_that_its_session_was_deleted(conversations: Conversations) -> None:
    session, streaming_id = asked(conversations)
    conversations.claim(streaming_id)
    stream = conversations.stream(streaming_id)
    conversations.delete(OWNER, session)
    with pytest.raises(TurnNotFound):
        conversations.progress(stream)
