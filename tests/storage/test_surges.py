"""Surges and insights on every back end: what is usual is no surge, and no day is counted twice."""

import random
from typing import Any

import pytest
from ulid import ULID

from shared.bot import Bot, VectorSource
from shared.insights import FEWEST_RATINGS, insights
from shared.rollup_count import RollUps
from shared.rollups import Place, RollUp, Uses
from shared.storage import keys
from shared.storage.base import Store
from shared.surges import FEWEST, Surge, poisson_tail, surges
from tests.app import new_session
from tests.storage.backends import HandClock

DAYS, DAY = 5, 86_400


@pytest.fixture
def bot(store: Store) -> Bot:
    """That no other test uses, with three contents."""
    bot_id = new_session()
    for faq_id in ("a", "b", "c"):
        store.put("contents", {"pk": bot_id, "sk": faq_id, "title": f"제목 {faq_id}", "category": "배송"})
    return Bot(bot_id=bot_id, sources=[VectorSource(source_id=bot_id)])


@pytest.fixture
def rollups(store: Store, clock: HandClock) -> RollUps:
    return RollUps(store, DAYS, clock)


def ask(store: Store, bot: Bot, at: float, count: int, content: str | None = "a", **more: Any) -> None:
    items = []
    for n in range(count):
        chat_id = str(ULID.from_timestamp(at + n / 1_000))
        asked = {"user_message": f"결제가 안 돼요 {n}", "visitor_id": f"v{random.random()}", "latency_ms": 10 * n}
        decision: dict[str, Any] = {"decision": "refuse"}
        if content:
            source = {"n": 1, "source_id": bot.bot_id, "faq_id": content, "cited": True}
            decision = {"decision": "answer", "answered_by": [bot.bot_id, content], "sources": [source]}
        place = {"pk": keys.questions_pk(bot.bot_id, chat_id), "sk": chat_id, "status": "done"}
        items.append({**place, **asked, **decision, **more})
    store.batch_put("questions", items)


def found(store: Store, bot: Bot, rollups: RollUps, clock: HandClock) -> list[Surge]:
    return surges(store, rollups, bot.bot_id, clock).surges


def test_a_content_that_is_suddenly_asked_is_a_surge(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    ask(store, bot, clock() - 60, 12)
    (surge,) = found(store, bot, rollups, clock)
    assert (surge.kind, surge.faq_id, surge.title, surge.questions) == ("content", "a", "제목 a", 12)
    assert len(surge.examples) == 5 and surge.times_usual > 10


def test_like_questions_without_an_answer_are_a_surge(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    ask(store, bot, clock() - 60, 12, None)
    (surge,) = found(store, bot, rollups, clock)
    assert (surge.kind, surge.faq_id, surge.askers) == ("wording", None, 12)


def test_a_wording_is_found_behind_hundreds_of_others(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    for n in range(320):
        ask(store, bot, clock() - 200, 1, None, user_message="".join(map(chr, range(0xAC00 + 30 * n, 0xAC14 + 30 * n))))
    ask(store, bot, clock() - 60, 12, None)
    assert [one.questions for one in found(store, bot, rollups, clock)] == [12]


def test_what_was_asked_as_often_in_the_hour_before_is_none(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    for window in range(1, 12):
        ask(store, bot, clock() - 60 - 300 * window, 12, None)
    ask(store, bot, clock() - 60, 12, None)
    assert found(store, bot, rollups, clock) == []


def test_what_is_usual_by_the_days_before_is_none(store: Store, bot: Bot, rollups: RollUps, clock: HandClock) -> None:
    for back in (2, 3):
        counted = RollUp(contents={Place(bot.bot_id, "a"): Uses(used=400)}).as_attributes()
        day = keys.day_at(clock() - back * DAY)
        store.put("rollups", {"pk": keys.rollups_pk(bot.bot_id), "sk": day, **counted})
    ask(store, bot, clock() - 60, 12)
    assert found(store, bot, rollups, clock) == []
    ask(store, bot, clock() - 30, 30)
    assert [one.questions for one in found(store, bot, rollups, clock)] == [42]


@pytest.mark.parametrize(
    ("count", "more"),
    [(FEWEST - 1, {}), (30, {"visitor_id": "one"}), (30, {"deleted": True})],
    ids=["too few", "one visitor", "deleted"],
)
def test_what_is_no_surge(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock, count: int, more: dict[str, Any]
) -> None:
    ask(store, bot, clock() - 60, count, **more)
    assert found(store, bot, rollups, clock) == []


@pytest.mark.parametrize(("count", "rate", "wanted"), [(1, 1.0, 0.632121), (5, 1.0, 0.003660), (20, 10.0, 0.003454)])
def test_the_tail_of_poissons_distribution(count: int, rate: float, wanted: float) -> None:
    assert poisson_tail(count, rate) == (1.0 if count <= rate else pytest.approx(wanted, rel=1e-3))


# Insights


def test_a_range_adds_its_days_and_what_is_not_counted_yet(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    ask(store, bot, clock() - 2 * DAY, 10)
    ask(store, bot, clock() - 2 * DAY + 60, 5, None)
    rollups.keep_up(bot.bot_id)
    ask(store, bot, clock() - 60, 4, "b")  # since then
    days = keys.last_days(clock(), 4)
    read = insights(store, rollups, bot, days[0], days[-1], clock)
    assert [one.questions for one in read.days] == [0, 15, 0, 4]
    assert [one.complete for one in read.days][:2] == [True, True] and not read.days[-1].complete
    assert (read.total.questions, read.total.answered.count, read.total.refused.share) == (19, 14, round(5 / 19, 4))
    assert read.days[1].p95_ms == 90 and read.total.p95_ms == pytest.approx(90, abs=1)
    assert [(one.faq_id, one.used, one.title) for one in read.contents] == [("a", 10, "제목 a"), ("b", 4, "제목 b")]
    assert ([one.faq_id for one in read.unused], read.unused_count) == (["c"], 1)


def test_days_that_nobody_counted_are_counted_when_they_are_read(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    ask(store, bot, clock() - 2 * DAY, 10)
    day = keys.day_at(clock() - 2 * DAY)
    read = insights(store, rollups, bot, day, day, clock)
    assert (read.total.questions, read.days[0].missing) == (10, False)
    assert store.get("rollups", keys.rollups_pk(bot.bot_id), day) is None


def test_contents_that_are_often_rated_unhelpful_are_listed_the_surest_first(
    store: Store, bot: Bot, rollups: RollUps, clock: HandClock
) -> None:
    day = keys.day_at(clock() - 2 * DAY)
    for content, bad, good in (("a", 20, 20), ("b", FEWEST_RATINGS, 0), ("c", FEWEST_RATINGS - 1, 0)):
        ask(store, bot, clock() - 2 * DAY, bad, content, feedback={"helpful": False})
        ask(store, bot, clock() - 2 * DAY, good, content, feedback={"helpful": True})
    read = insights(store, rollups, bot, day, day, clock)
    assert [one.faq_id for one in read.unhelpful_contents] == ["b", "a"]
    assert read.total.helpful_share == round(20 / 45, 4)
