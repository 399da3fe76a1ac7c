"""Frequent questions on every back end: what is counted, what is kept."""

from typing import Any

import pytest
from ulid import ULID

from shared.bot import Bot
from shared.frequent import MOST, Frequent, FrequentQuestion
from shared.popular_count import recount
from shared.retrieval.embedded import asked_key
from shared.storage import keys
from shared.storage.base import Store
from tests.storage.backends import HandClock

HOUR, DAY = 3_600, 86_400
VECTOR = {"engine": "fake/1", "vector": "ADw="}


@pytest.fixture
def bot(pk: str) -> Bot:
    return Bot(bot_id=pk.lower())


def ask(store: Store, bot: Bot, clock: HandClock, question: str, visitor: str, ago: float = HOUR, **more: Any) -> str:
    """Log a searched question, as the pipeline does."""
    chat_id = str(ULID.from_timestamp(clock() - ago))
    logged = {"user_message": question, "visitor_id": visitor, "decision": "refuse", "embedding": VECTOR}
    item = {"pk": keys.questions_pk(bot.bot_id, chat_id), "sk": chat_id, "asked_key": asked_key(question)}
    store.put("questions", {**item, **logged, **more})
    return chat_id


def kept(store: Store, bot: Bot, clock: HandClock) -> list[tuple[str, int]]:
    recount(store, bot, clock)
    return [(one.question, one.count) for one in Frequent(store, clock).all(bot.bot_id)]


def test_what_several_asked_leads_and_each_visitor_counts_once_a_day(store: Store, bot: Bot, clock: HandClock) -> None:
    for ago in (HOUR, HOUR + 1, HOUR + 2, DAY + HOUR, 2 * DAY + HOUR):
        ask(store, bot, clock, "혼자 묻는 것", "v1", ago)
    ask(store, bot, clock, "배송비 얼마예요", "v1", 2 * HOUR)
    ask(store, bot, clock, "배송비 얼마예요?", "v2", HOUR)
    ask(store, bot, clock, "오래된 것", "v3", 15 * DAY)
    assert kept(store, bot, clock) == [("배송비 얼마예요?", 2), ("혼자 묻는 것", 3)]  # in its last words


def test_a_program_counts_once_an_hour(store: Store, bot: Bot, clock: HandClock) -> None:
    for ago in (HOUR + 1, HOUR + 2, 2 * HOUR + 1):
        ask(store, bot, clock, "재고 있나요", "", ago, key_id="k1")
    assert kept(store, bot, clock) == [("재고 있나요", 2)]


def test_a_question_keeps_its_vector_and_one_that_was_not_searched_is_none(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    ask(store, bot, clock, "배송비 얼마예요", "v1")
    ask(store, bot, clock, "안녕하세요", "v1", asked_key=None, embedding=None)
    recount(store, bot, clock)
    (one,) = Frequent(store, clock).all(bot.bot_id)
    assert one.embedding is not None and one.embedding.model_dump() == VECTOR


def test_words_of_a_deleted_session_are_gone_with_the_next_counting(store: Store, bot: Bot, clock: HandClock) -> None:
    chat_id = ask(store, bot, clock, "배송비 얼마예요", "v1")
    assert len(kept(store, bot, clock)) == 1
    blank = {"user_message": "", "asked_key": None, "embedding": None, "deleted": True}
    store.update("questions", keys.questions_pk(bot.bot_id, chat_id), chat_id, blank)
    assert kept(store, bot, clock) == []


def test_a_shorter_list_leaves_nothing_of_the_longer_one_and_all_ends_after_a_day(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    frequent = Frequent(store, clock)
    frequent.replace(bot.bot_id, [FrequentQuestion(question=f"질문 {n}", count=9) for n in range(12)])
    assert [one.question for one in frequent.all(bot.bot_id)] == [f"질문 {n}" for n in range(12)]
    frequent.replace(bot.bot_id, [FrequentQuestion(question="하나", count=3)])
    assert [one.question for one in frequent.all(bot.bot_id)] == ["하나"]
    assert Frequent(store, clock).all("other") == []
    clock.advance(DAY)
    assert frequent.all(bot.bot_id) == []


def test_no_more_than_the_most_frequent_are_kept(
    store: Store, bot: Bot, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.frequent_count.MOST", 2)
    monkeypatch.setattr("shared.frequent_count.MOST_KEPT", 3)  # so that rare ones are forgotten between days
    for n in range(5):
        ask(store, bot, clock, f"드문 질문 {n}", "v1", 2 * DAY + n)
    for visitor in ("v1", "v2", "v3"):
        ask(store, bot, clock, "흔한 질문", visitor, 2 * DAY)
    ask(store, bot, clock, "새 질문", "v9", HOUR)
    assert kept(store, bot, clock) == [("흔한 질문", 3), ("새 질문", 1)]
    assert MOST == 300
