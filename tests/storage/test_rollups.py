"""Roll-ups on every back end: whatever the order, however often, and whoever counts at the same time."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ulid import ULID

from shared.conversations import Conversations
from shared.feedback import Feedbacks, Opinion
from shared.insights import read_days
from shared.models import Answer, AnswerRecord, Source
from shared.ratings import Ratings
from shared.rollup_count import RollUps, add
from shared.rollups import MAX_CONTENTS_CHARACTERS, Place, RollUp, Times, Uses, nearest_rank, total
from shared.storage import keys
from shared.storage.base import Store
from shared.storage.keys import Owner
from tests.app import new_session
from tests.storage.backends import HandClock
from tests.storage.racing import together
from tests.storage.test_ratings import answered

DAYS, DAY = 5, 86_400
NOT_COUNTS = ("stamp", "counted_at", "until")


@pytest.fixture
def bot_id() -> str:
    """That no other test uses."""
    return new_session()


@pytest.fixture
def rollups(store: Store, clock: HandClock) -> RollUps:
    return RollUps(store, DAYS, clock)


def question(bot_id: str, at: float, **more: Any) -> dict[str, Any]:
    """As the log holds it, without what is not counted."""
    chat_id = str(ULID.from_timestamp(at))
    plain = {"status": "done", "decision": "answer", "latency_ms": 100, "user_message": "비밀"}
    return {"pk": keys.questions_pk(bot_id, chat_id), "sk": chat_id, **plain, **more}


def source(faq_id: str, *, cited: bool = True) -> dict[str, Any]:
    return {"n": 1, "source_id": "s", "faq_id": faq_id, "cited": cited}


def counts(store: Store, bot_id: str, day: str) -> dict[str, Any]:
    """What is kept of a day, without when and by whom it was counted."""
    item = store.get("rollups", keys.rollups_pk(bot_id), day)
    assert item is not None
    return {name: value for name, value in item.items() if name not in NOT_COUNTS}


# What is counted


def test_a_day_is_counted_by_what_became_of_its_questions(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    at = clock() - 2 * DAY
    record = {"input_tokens": 100, "output_tokens": 20, "cost_won": 0.1, "category": "배송"}
    rated = {"feedback": {"helpful": False, "reason_codes": []}}
    store.batch_put(
        "questions",
        [
            question(bot_id, at, sources=[source("a"), source("b")], answered_by=["s", "a"], record=record, **rated),
            question(bot_id, at, sources=[source("a")], answered_by=["s", "a"], channel="api", degraded=["x", "y"]),
            question(bot_id, at, decision="refuse", record={"candidates": [source("a"), source("c")]}, latency_ms=900),
            question(bot_id, at, decision=None, status="running", latency_ms=None),
            question(bot_id, at, latency_ms=0, record={"tapped": True}),
        ],
    )
    counted = rollups.count(bot_id, keys.day_at(at))
    rollup = counted.rollup
    assert (rollup.questions, rollup.programs, rollup.tapped, rollup.degraded) == (5, 1, 1, 1)
    assert rollup.decisions == {"answer": 3, "refuse": 1}
    assert rollup.statuses == {"done": 4, "interrupted": 1}
    assert (rollup.helpful, rollup.unhelpful, rollup.reasons["y"]) == (0, 1, 1)
    assert (rollup.input_tokens, rollup.output_tokens, rollup.micro_won) == (100, 20, 100_000)
    assert rollup.categories == {"배송": 1}
    assert rollup.contents == {
        Place("s", "a"): Uses(used=2, cited=2, unhelpful=1, missed=1),
        Place("s", "b"): Uses(cited=1, unhelpful=1),
    }
    assert (counted.p50_ms, counted.p95_ms, counted.until) == (100, 900, None)
    assert rollups.days(bot_id, counted.day, counted.day)[counted.day] == counted


def test_a_deleted_question_still_counts_without_its_contents(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    at = clock() - 2 * DAY
    store.put("questions", question(bot_id, at, deleted=True, answered_by=[], sources=[], user_message=""))
    rollup = rollups.count(bot_id, keys.day_at(at)).rollup
    assert (rollup.questions, rollup.deleted, rollup.decisions["answer"], rollup.contents) == (1, 1, 1, {})


def test_an_answer_of_the_pipeline_is_counted_as_it_is_stored(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    found = [Source(n=1, source_id="s", faq_id="a", title="가", matched_subject="가", score=1, cited=True)]
    record = AnswerRecord(candidates=found, category="정산", cost_won=0.25)
    answer = Answer(text="네", decision="answer", sources=found, latency_ms=7, record=record)
    at = clock() - 2 * DAY
    store.put("questions", question(bot_id, at) | answer.as_attributes())
    rollup = rollups.count(bot_id, keys.day_at(at)).rollup
    assert rollup.contents == {Place("s", "a"): Uses(used=1, cited=1)}
    assert (rollup.categories["정산"], rollup.micro_won, rollup.times.quantile_ms(0.5)) == (1, 250_000, 7)


def test_counting_a_day_again_gives_the_same_item(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    at = clock() - 2 * DAY
    made = [question(bot_id, at + n, answered_by=["s", f"c{n % 3}"], record={"cost_won": 0.1 * n}) for n in range(9)]
    store.batch_put("questions", made)
    day = keys.day_at(at)
    rollups.count(bot_id, day)
    first = counts(store, bot_id, day)
    RollUps(store, DAYS, lambda: clock() + 1).count(bot_id, day)
    assert counts(store, bot_id, day) == first and first["questions"] == 9


# When it is counted


def test_without_changes_only_the_open_days_are_counted_again(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    store.put("questions", question(bot_id, clock() - 3 * DAY))
    assert len(rollups.keep_up(bot_id)) == DAYS
    assert keys.day_at(clock()) in rollups.due(bot_id) and len(rollups.due(bot_id)) <= 2
    assert len(rollups.days(bot_id, *[keys.last_days(clock(), DAYS)[n] for n in (0, -1)])) == DAYS


def test_questions_younger_than_an_hour_are_left_to_the_next_count(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    store.put("questions", question(bot_id, clock() - 60, decision=None, status="running"))
    day = keys.day_at(clock() - 60)
    counted = rollups.count(bot_id, day)
    assert counted.rollup.questions == 0 and counted.until is not None
    rest, read, whole = rollups.rest_of(bot_id, day, counted.until, 10)
    assert (rest.questions, rest.statuses["running"], read, whole) == (1, 1, 1, True)


def test_the_rest_of_a_day_is_read_up_to_a_bound(store: Store, clock: HandClock, rollups: RollUps, bot_id: str) -> None:
    store.batch_put("questions", [question(bot_id, clock() - 60) for _ in range(5)])
    rest, read, whole = rollups.rest_of(bot_id, keys.day_at(clock() - 60), None, 3)
    assert (rest.questions, read, whole) == (3, 3, False)


def rated(rollups: RollUps, bot_id: str, day: str) -> tuple[int, int, Uses | None]:
    """The figures of a counted day as they are read."""
    [(found, _)] = read_days(rollups, bot_id, day, day)
    return found.rollup.helpful, found.rollup.unhelpful, found.rollup.contents.get(Place("default", "a"))


def test_feedback_shows_at_once_whenever_it_comes_and_whoever_counts_meanwhile(store: Store, clock: HandClock) -> None:
    """Ratings, counters, a writer that died with a number and a session that is deleted, in any order."""
    owner, conversations = Owner(new_session(), "v"), Conversations(store, DAYS, clock)
    feedbacks, at = Feedbacks(store, DAYS, clock), HandClock()
    chats = [answered(conversations, owner, session := new_session(), "a") for _ in range(6)]
    day = keys.day_of(chats[0])
    at.time = keys.created_at(chats[-1]).timestamp() + 2 * DAY
    later = RollUps(store, DAYS, at)
    later.count(owner.bot_id, day)
    helpful = 0
    for n, chat_id in enumerate(chats):
        if n == 2:  # drew a number and died
            store.add("rollups", keys.changed_days_pk(owner.bot_id), day, {"ratings": 1})
        feedbacks.give(owner, chat_id, Opinion(n % 2 == 0))
        helpful += n % 2 == 0
        expected = (helpful, n + 1 - helpful)
        assert rated(later, owner.bot_id, day)[:2] == expected
        assert day in later.due(owner.bot_id)
        if n % 2:
            counted = later.count(owner.bot_id, day).rollup
            assert (counted.helpful, counted.unhelpful, counted.questions) == (*expected, 6)
            assert rated(later, owner.bot_id, day)[:2] == expected
            assert day not in later.due(owner.bot_id)
    conversations.delete(owner, session)
    assert rated(later, owner.bot_id, day) == (3, 3, Uses(used=6, cited=6, helpful=3, unhelpful=3))


def test_a_rating_whose_number_a_counter_has_closed_gets_another(store: Store, clock: HandClock) -> None:
    owner, conversations = Owner(new_session(), "v"), Conversations(store, DAYS, clock)
    chat_id = answered(conversations, owner, new_session(), "a")
    day, pk = keys.day_of(chat_id), keys.feedback_pk(owner.bot_id)
    given = {"pk": pk, "sk": chat_id, "helpful": True, "contents": [["default", "a"]], "tally_id": "t", "rated_as": 1}
    store.put("feedback", given)
    store.add("rollups", keys.changed_days_pk(owner.bot_id), day, {"ratings": 1})
    ratings = Ratings(store, DAYS * DAY, clock)
    assert ratings.closed(owner.bot_id, day) == ([], 1)  # while the writer stood still
    together(4, lambda _: ratings.keep(owner.bot_id, given))
    kept, _ = ratings.closed(owner.bot_id, day)
    assert len(ratings.above(owner.bot_id, day, 1)) == len(kept) == 1
    store.update("feedback", pk, chat_id, {"deleted": True, "rated_as": None})
    ratings.keep(owner.bot_id, {**given, "rated_as": None})
    assert len(ratings.closed(owner.bot_id, day)[0]) == 1


def test_of_two_that_count_at_once_the_one_that_began_later_stands(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    day = keys.day_at(clock() - 2 * DAY)
    store.put("questions", question(bot_id, clock() - 2 * DAY))
    counted = rollups.count(bot_id, day)
    stale = RollUps(store, DAYS, lambda: clock() - 60)
    store.put("questions", question(bot_id, clock() - 2 * DAY))
    stale.count(bot_id, day)
    assert rollups.days(bot_id, day, day)[day] == counted
    assert rollups.count(bot_id, day).rollup.questions == 2


def test_many_that_count_at_once_leave_one_day_that_is_right(
    store: Store, clock: HandClock, rollups: RollUps, bot_id: str
) -> None:
    day = keys.day_at(clock() - 2 * DAY)
    store.batch_put("questions", [question(bot_id, clock() - 2 * DAY) for _ in range(20)])
    together(4, lambda _: rollups.count(bot_id, day))
    assert rollups.days(bot_id, day, day)[day].rollup.questions == 20


# Whatever the order

PLACES = st.sampled_from(["a", "b", "c", "d"])
LOGGED = st.fixed_dictionaries(
    {
        "decision": st.sampled_from(["answer", "clarify", "refuse", "fixed", None]),
        "status": st.sampled_from(["done", "failed", "stopped", "running"]),
        "latency_ms": st.integers(0, 90_000),
        "degraded": st.lists(st.sampled_from(["x", "y"]), max_size=2),
        "sources": st.lists(PLACES.map(source), max_size=3),
        "feedback": st.sampled_from([None, {"helpful": True}, {"helpful": False}]),
        "deleted": st.booleans(),
        "record": st.fixed_dictionaries(
            {
                "cost_won": st.one_of(st.none(), st.floats(0, 50)),
                "category": st.sampled_from([None, "배송", "정산"]),
                "candidates": st.lists(PLACES.map(source), max_size=2),
                "tapped": st.booleans(),
            }
        ),
    }
)
NOW = 4_102_444_800.0


def rolled(logged: list[dict[str, Any]]) -> RollUp:
    found = RollUp()
    for one in logged:
        add(found, {"sk": str(ULID.from_timestamp(NOW - DAY)), **one}, NOW)
    return found


@given(st.lists(LOGGED, max_size=12), st.randoms(use_true_random=False), st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_neither_the_order_nor_how_it_is_cut_matters(
    logged: list[dict[str, Any]], rng: random.Random, cut: int
) -> None:
    shuffled = rng.sample(logged, len(logged))
    whole = rolled(logged).as_attributes()
    parts = [rolled(shuffled[:cut]), rolled(shuffled[cut:])]
    assert total(parts).as_attributes() == total(reversed(parts)).as_attributes() == whole
    assert RollUp.of_item(whole).as_attributes() == whole


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=60), st.floats(0.01, 1))
@settings(max_examples=25, deadline=None)
def test_a_quantile_of_the_histogram_is_off_by_one_percent_at_most(times: list[int], share: float) -> None:
    histogram = Times()
    for one in times:
        histogram.add(one)
    exact, found = nearest_rank(Counter(times), share), histogram.quantile_ms(share)
    assert exact is not None and found is not None
    assert abs(found - exact) <= 0.011 * exact + (exact >= 64)


def test_contents_without_room_are_summed() -> None:
    rollup, places = RollUp(), [Place("s", f"{n:0180}") for n in range(1_500)]
    for n, place in enumerate(places):
        rollup.of(place).used += n
    stored = rollup.as_attributes()
    assert len(str(stored["contents"]).encode()) <= MAX_CONTENTS_CHARACTERS
    again = RollUp.of_item(stored)
    assert 0 < again.rest_contents == 1_500 - len(again.contents)
    assert again.rest.used + sum(one.used for one in again.contents.values()) == sum(range(1_500))
    assert places[-1] in again.contents and places[0] not in again.contents
