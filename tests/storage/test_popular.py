"""Popular questions on every back end: what is counted, what is kept, what stands in."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ulid import ULID

from shared.bot import Bot, Category, VectorSource
from shared.errors import CategoryNotFound
from shared.models import OTHER, Answer, Content, Source, rests_on
from shared.popular import MOST, Outline, Popular, PopularQuestion, outline, popular_answer, unmatched_pins
from shared.popular_count import MOST_OF_A_NETWORK, Place, recount, tally_day
from shared.storage import keys
from shared.storage.base import Store
from shared.storage.keys import SEOUL
from tests.storage.backends import HandClock

HOUR, DAY = 3_600, 86_400
CONTENTS = {  # id → category; `gone` is in no store
    "c1": "배송",
    "c2": "배송",
    "c3": "정산",
    "bare": None,
}


@dataclass(frozen=True)
class Asking:
    """One logged question, so many seconds before now."""

    ago: int
    content: str = "c1"
    visitor: str | None = "v1"
    key: str | None = None
    decision: str | None = "answer"
    deleted: bool = False
    category: str | None = None
    source: str = ""
    first_shape: bool = False  # logged before `answered_by` was
    network: str | None = None

    def item(self, bot: Bot, at: float, chat_id: str = "") -> dict[str, Any]:
        """As the log holds it, without what no count needs."""
        chat_id = chat_id or str(ULID.from_timestamp(at - self.ago))
        asker = {"key_id": self.key} if self.key else {"visitor_id": self.visitor, "asked_from": self.network}
        source = {"n": 1, "source_id": self.source or bot.source_ids[0], "faq_id": self.content, "cited": True}
        return {
            "pk": keys.questions_pk(bot.bot_id, chat_id),
            "sk": chat_id,
            "user_message": "비밀",
            **asker,
            **({"decision": self.decision} if self.decision else {}),
            **({"deleted": True} if self.deleted else {}),
            **({} if self.first_shape else {"answered_by": [source["source_id"], self.content]}),
            "sources": [{**source, "n": 0, "faq_id": "c3", "cited": False}, source],
            "record": {"category": self.category},
        }


@pytest.fixture
def bot(store: Store, pk: str) -> Bot:
    return new_bot(store, pk.lower())


def new_bot(store: Store, bot_id: str, **more: Any) -> Bot:
    bot = Bot(bot_id=bot_id, sources=[VectorSource(source_id=bot_id)], **more)
    store.batch_put(
        "contents",
        [content(bot_id, faq_id, f"질문 {faq_id}", category) for faq_id, category in CONTENTS.items()],
    )
    return bot


def content(source_id: str, faq_id: str, title: str, category: str | None) -> dict[str, Any]:
    made = Content(faq_id=faq_id, source_id=source_id, title=title, content="답", category=category)
    return {"pk": source_id, "sk": faq_id, **made.model_dump(mode="json")}


def log(store: Store, bot: Bot, clock: HandClock, *askings: Asking) -> None:
    store.batch_put("questions", [one.item(bot, clock()) for one in askings])


def counts(store: Store, bot: Bot, clock: HandClock) -> dict[str | None, list[tuple[str, int | None]]]:
    lists = recount(store, bot, clock).lists
    assert Popular(store, clock).kept(bot.bot_id).lists == lists
    return {name: [(one.faq_id, one.count) for one in found] for name, found in lists.items()}


# What counts


def test_contents_are_counted_in_their_own_category_and_in_all(store: Store, bot: Bot, clock: HandClock) -> None:
    log(store, bot, clock, Asking(9, "c2", "a"), Asking(8, "c2", "b"), Asking(7, "c1", "a"), Asking(6, "c3", "a"))
    assert counts(store, bot, clock) == {
        None: [("c2", 2), ("c3", 1), ("c1", 1)],
        "배송": [("c2", 2), ("c1", 1)],
        "정산": [("c3", 1)],
    }


def test_a_content_without_a_category_is_in_that_of_the_answer_to_its_last_question_else_in_other(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    log(store, bot, clock, Asking(9, "bare", "a", category="정산"), Asking(8, "bare", "b", category="회원"))
    assert counts(store, bot, clock)["회원"] == [("bare", 2)]
    log(store, bot, clock, Asking(7, "bare", "c"))
    assert counts(store, bot, clock)[OTHER] == [("bare", 3)]


@pytest.mark.parametrize(
    "asking",
    [
        Asking(5, decision="refuse"),
        Asking(5, decision="clarify"),
        Asking(5, decision=None),
        Asking(5, deleted=True),
        Asking(5, "gone"),
        Asking(5, source="another"),
        Asking(15 * DAY),
    ],
    ids=["refused", "asked back", "never answered", "deleted", "content gone", "foreign source", "15 days ago"],
)
def test_what_does_not_count(store: Store, bot: Bot, clock: HandClock, asking: Asking) -> None:
    log(store, bot, clock, asking)
    assert counts(store, bot, clock) == {}


def test_the_window_is_fourteen_days_of_seoul_with_today(store: Store, bot: Bot, clock: HandClock) -> None:
    today = datetime.fromtimestamp(clock(), SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    oldest = int(clock() - (today - timedelta(days=13)).timestamp())
    log(store, bot, clock, Asking(oldest, "c1"), Asking(oldest + 1, "c2"))
    assert counts(store, bot, clock)[None] == [("c1", 1)]


def test_a_visitor_counts_once_a_day_for_each_content(store: Store, bot: Bot, clock: HandClock) -> None:
    log(store, bot, clock, *(Asking(ago, "c1", "a") for ago in range(1, 50)), Asking(60, "c2", "a"))
    assert counts(store, bot, clock)[None] == [("c1", 1), ("c2", 1)]
    log(store, bot, clock, Asking(DAY, "c1", "a"))
    assert counts(store, bot, clock)[None] == [("c1", 2), ("c2", 1)]


def test_who_sends_no_cookie_is_counted_three_times_a_day_at_most(store: Store, bot: Bot, clock: HandClock) -> None:
    pushed = [Asking(n, "c1", f"new{n}", network="1a2b") for n in range(1, 60)]
    honest = [Asking(100 + n, "c2", f"v{n}", network=f"000{n}") for n in range(4)]
    log(store, bot, clock, *pushed, *honest)
    assert counts(store, bot, clock)[None] == [("c2", 4), ("c1", MOST_OF_A_NETWORK)]
    log(store, bot, clock, *(Asking(DAY + n, "c1", f"old{n}", network="1a2b") for n in range(60)))
    assert counts(store, bot, clock)[None] == [("c1", 2 * MOST_OF_A_NETWORK), ("c2", 4)]


@given(askings=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["1a2b", "3c4d"])), max_size=40))
def test_a_network_never_weighs_more_than_three_askers_and_never_less_than_it_has(
    askings: list[tuple[str, str]],
) -> None:
    items = [Asking(0, visitor=who, network=network).item(Bot(), 0, str(ULID())) for who, network in askings]
    first = dict(reversed(askings))  # where each asker was met first
    networks = list(first.values())
    expected = sum(min(networks.count(one), MOST_OF_A_NETWORK) for one in set(networks))
    assert sum(tally.count for tally in tally_day(items).values()) == expected


def test_a_program_counts_once_an_hour(store: Store, bot: Bot, clock: HandClock) -> None:
    hours = [int(clock() % HOUR) + n * HOUR for n in (1, 2)]
    askings = [Asking(hour + second, "c1", key="01KEY") for hour in hours for second in range(1, 6)]
    log(store, bot, clock, *askings)
    assert counts(store, bot, clock)[None] == [("c1", 2)]


def test_what_one_program_alone_asks_is_not_popular_in_however_many_hours(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    hourly = [Asking(n * HOUR, "c1", key="01KEY") for n in range(1, 9)]
    log(store, bot, clock, *hourly, Asking(9, "c2", "a"), Asking(8, "c2", "b"))
    found = {one.faq_id: one for one in recount(store, bot, clock).lists["배송"]}
    assert list(found) == ["c2", "c1"]
    assert [one.is_popular for one in found.values()] == [True, False]
    log(store, bot, clock, Asking(7, "c1", key="01ANOTHER"))
    assert recount(store, bot, clock).lists["배송"][0].is_popular


def test_ties_go_to_the_one_that_was_asked_last(store: Store, bot: Bot, clock: HandClock) -> None:
    log(store, bot, clock, Asking(5, "c2", "a"), Asking(9, "c1", "a"))
    assert counts(store, bot, clock)["배송"] == [("c2", 1), ("c1", 1)]
    log(store, bot, clock, Asking(3, "c2", "a"), Asking(2, "c1", "a"))  # repeated: the first of the day counts
    assert counts(store, bot, clock)["배송"] == [("c2", 1), ("c1", 1)]


def test_a_category_has_seven_questions_of_different_titles(store: Store, bot: Bot, clock: HandClock) -> None:
    titles = ["같은 제목", "같은 제목", *(f"제목 {n}" for n in range(9))]
    store.batch_put("contents", [content(bot.bot_id, f"d{n}", title, "배송") for n, title in enumerate(titles)])
    log(store, bot, clock, *(Asking(n + 1, f"d{n}", "a") for n in range(len(titles))))
    found = recount(store, bot, clock).lists["배송"]
    assert [one.faq_id for one in found] == ["d0", *(f"d{n}" for n in range(2, 8))]
    assert len({one.text for one in found}) == MOST


def test_contents_that_only_their_tags_tell_apart_are_both_listed(store: Store, bot: Bot, clock: HandClock) -> None:
    titled = [
        content(bot.bot_id, f"t{n}", "환불 방법", "배송") | {"tags": [tag]} for n, tag in enumerate(("일반", "새벽"))
    ]
    store.batch_put("contents", titled)
    log(store, bot, clock, Asking(1, "t0", "a"), Asking(2, "t1", "b"))
    found = recount(store, bot, clock).lists["배송"]
    assert {one.text for one in found} >= {"[일반] 환불 방법", "[새벽] 환불 방법"}


def test_an_answer_drawn_from_a_companys_own_api_counts_for_no_content() -> None:
    record = {"n": 1, "kind": "record", "source_id": "orders", "faq_id": "r1", "cited": True}
    assert tally_day([{"sk": str(ULID()), "decision": "answer", "sources": [record]}]) == {}


_CITED = st.lists(st.tuples(st.sampled_from(["c1", "c2", "r1"]), st.booleans()), max_size=4)


@given(sources=_CITED, decision=st.sampled_from(["answer", "refuse", "clarify"]))
def test_a_question_counts_for_what_its_answer_rests_on(sources: list[tuple[str, bool]], decision: str) -> None:
    answer = Answer(
        decision=decision,  # type: ignore[arg-type]
        sources=[
            Source(n=n, faq_id=name, title="t", matched_subject="t", score=1, cited=cited)
            for n, (name, cited) in enumerate(sources, 1)
        ],
    )
    expected = [Place("default", one.faq_id) for one in rests_on(answer)][:1]
    assert list(tally_day([{"sk": str(ULID()), **answer.as_attributes()}])) == expected


# Any log

_ASKINGS = st.builds(
    Asking,
    ago=st.integers(1, 17 * DAY),
    content=st.sampled_from([*CONTENTS, "gone"]),
    visitor=st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    network=st.sampled_from([None, "1a2b", "1a2b", "3c4d"]),
    key=st.sampled_from([None, None, None, "01KEY"]),
    decision=st.sampled_from(["answer", "answer", "answer", "clarify", None]),
    deleted=st.sampled_from([False, False, False, True]),
    category=st.sampled_from([None, "회원"]),
    first_shape=st.booleans(),
)
_ANY_LOG = st.lists(_ASKINGS, max_size=25, unique_by=lambda one: one.ago)
_FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def naive(askings: list[Asking], at: float) -> dict[str | None, list[tuple[str, int]]]:
    """The same by going over the whole log once for each content."""

    def when(one: Asking) -> datetime:
        return datetime.fromtimestamp(at - one.ago, SEOUL)

    first = (datetime.fromtimestamp(at, SEOUL) - timedelta(days=13)).date()
    lists: dict[str | None, list[tuple[bool, int, float, str]]] = defaultdict(list)
    for name, own in CONTENTS.items():
        told = [one for one in askings if one.content == name and one.decision == "answer" and not one.deleted]
        told = sorted((one for one in told if when(one).date() >= first), key=lambda one: -one.ago)
        counted: list[Asking] = []
        left_out: list[Asking] = []
        for one in told:
            span = "%F %H" if one.key else "%F"
            if all(
                (one.key or one.visitor, when(one).strftime(span))
                != (other.key or other.visitor, when(other).strftime(span))
                for other in [*counted, *left_out]
            ):
                neighbours = [
                    other
                    for other in counted
                    if one.network and not one.key and not other.key
                    if (other.network, when(other).date()) == (one.network, when(one).date())
                ]
                (left_out if len(neighbours) == MOST_OF_A_NETWORK else counted).append(one)
        if counted:
            several = any(
                (one.key or one.visitor) != (other.key or other.visitor)
                and (
                    one.key or not one.network or one.network != other.network or when(one).date() != when(other).date()
                )
                for one, other in permutations(counted, 2)
            )
            row = (several, len(counted), -counted[-1].ago, name)
            lists[None].append(row)
            lists[own or counted[-1].category or OTHER].append(row)
    return {
        category: [(name, count) for _, count, _, name in sorted(rows, reverse=True)]
        for category, rows in lists.items()
    }


@_FEW
@given(askings=_ANY_LOG, data=st.data())
def test_any_log_gives_what_a_naive_count_gives_in_whatever_order_it_was_written(
    store: Store, clock: HandClock, askings: list[Asking], data: st.DataObject
) -> None:
    bot = new_bot(store, str(ULID()).lower())
    log(store, bot, clock, *data.draw(st.permutations(askings)))
    assert counts(store, bot, clock) == naive(askings, clock())


@_FEW
@given(askings=_ANY_LOG.filter(bool), data=st.data())
def test_who_repeats_a_question_on_the_same_day_moves_nothing(
    store: Store, clock: HandClock, askings: list[Asking], data: st.DataObject
) -> None:
    bot = new_bot(store, str(ULID()).lower())
    log(store, bot, clock, *askings)
    before = counts(store, bot, clock)
    visitors = [one for one in askings if not one.key]
    assume(visitors)
    one = data.draw(st.sampled_from(visitors))
    left = int((clock() + 9 * HOUR - one.ago) // DAY + 1) * DAY - (clock() + 9 * HOUR - one.ago)  # of its day
    again = [replace(one, ago=one.ago - n) for n in range(1, min(6, one.ago, int(left)))]
    log(store, bot, clock, *again)
    assert counts(store, bot, clock) == before


# What is kept


def test_lists_live_for_a_day(store: Store, bot: Bot, clock: HandClock) -> None:
    log(store, bot, clock, Asking(1))
    recount(store, bot, clock)
    clock.advance(DAY - 1)
    assert Popular(store, clock).kept(bot.bot_id).lists != {}
    clock.advance(1)
    assert Popular(store, clock).kept(bot.bot_id).lists == {}


def test_a_count_replaces_the_one_before_it_wholly(store: Store, bot: Bot, clock: HandClock) -> None:
    popular, question = Popular(store, clock), [PopularQuestion(text="t", faq_id="c", count=1)]
    popular.replace(bot.bot_id, {None: question, "배송": question, "정산": question})
    clock.advance(1)
    popular.replace(bot.bot_id, {None: question, "회원": question})
    assert popular.kept(bot.bot_id).lists == {None: question, "회원": question}
    popular.replace(bot.bot_id + "-other", {None: question})
    clock.advance(1)
    popular.replace(bot.bot_id, {})
    assert popular.kept(bot.bot_id).lists == {}
    assert popular.kept(bot.bot_id + "-other").lists == {None: question}


def test_of_two_counts_that_end_at_once_the_earlier_removes_nothing_of_the_later(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    question = [PopularQuestion(text="t", faq_id="c", count=1)]
    Popular(store, lambda: clock() + 5).replace(bot.bot_id, {"정산": question})
    Popular(store, clock).replace(bot.bot_id, {"배송": question})
    assert Popular(store, clock).kept(bot.bot_id).lists == {"정산": question, "배송": question}


@pytest.mark.parametrize("name", ["all", "#", "가" * 1_000, "category#all", "😀"])
def test_any_category_has_a_place_of_its_own(store: Store, bot: Bot, clock: HandClock, name: str) -> None:
    question = [PopularQuestion(text="t", faq_id="c", count=1)]
    lists = {None: question * 2, name: question, name + "!": question * 3}
    Popular(store, clock).replace(bot.bot_id, lists)
    assert Popular(store, clock).kept(bot.bot_id).lists == lists


# What stands in


def test_what_stands_in_is_kept_with_the_lists_for_the_version_that_it_was_made_of(
    store: Store, pk: str, clock: HandClock
) -> None:
    bot = new_bot(store, pk.lower(), pinned=["질문 c3"])
    recount(store, bot, clock)
    kept = Popular(store, clock).kept(bot.bot_id)
    assert kept.outline_for(bot, "배송") == outline(store, bot)
    assert kept.outline_for(bot, "새 주제") is None
    assert kept.outline_for(bot.model_copy(update={"version": "next"}), "배송") is None


def test_an_outline_has_the_first_contents_by_id_and_what_is_pinned(store: Store, pk: str) -> None:
    bot = new_bot(store, pk.lower(), pinned=["질문, C3?", "없는 질문", "질문 c1"])
    made = outline(store, bot)
    assert [one.faq_id for one in made.first[None]] == ["bare", "c1", "c2", "c3"]
    assert [one.faq_id for one in made.first["배송"]] == ["c1", "c2"]
    assert [one.faq_id for one in made.first[OTHER]] == ["bare"]
    assert [one.faq_id for one in made.pinned[None]] == ["c3", "c1"]
    assert set(made.pinned) == {None, "정산", "배송"}


@pytest.mark.parametrize("pin", ["[정산] [개인] 정산일은?", "★ [정산][개인] 정산일은", "정산일은?", "입금 날짜"])
def test_a_pinned_question_names_a_content_with_its_tags_or_without(store: Store, pk: str, pin: str) -> None:
    bot = new_bot(store, pk.lower(), pinned=[pin, "없는 질문"])
    tagged = {"tags": ["정산", "개인"], "similar_titles": ["입금 날짜"]}
    store.put("contents", content(bot.bot_id, "tagged", "정산일은?", "정산") | tagged)
    made = outline(store, bot)
    assert [one.faq_id for one in made.pinned[None]] == ["tagged"]
    assert made.unmatched == unmatched_pins(store, bot) == ["없는 질문"]


def question(faq_id: str, count: int | None = None) -> list[PopularQuestion]:
    return [PopularQuestion(text=f"질문 {faq_id}", faq_id=faq_id, count=count)]


OFFERS = Outline(
    {None: question("first"), "배송": question("of category"), "정산": question("second")},
    {None: question("pinned"), "정산": question("pinned")},
)


@pytest.mark.parametrize(
    ("category", "counted", "offered", "badge"),
    [
        ("배송", {"배송": question("asked", 3)}, "asked", "인기"),
        (None, {None: question("asked", 3)}, "asked", "인기"),
        ("정산", {}, "pinned", None),
        (None, {}, "pinned", None),
        ("배송", {None: question("asked", 3)}, "of category", None),
        ("회원", {None: question("asked", 3)}, "asked", None),
        ("회원", {}, "pinned", None),
    ],
)
def test_what_is_offered_is_counted_else_pinned_else_a_content(
    category: str | None, counted: dict[str | None, list[PopularQuestion]], offered: str, badge: str | None
) -> None:
    bot = Bot(categories=[Category(name="회원")])
    answer = popular_answer(bot, category, counted, lambda: OFFERS)
    assert answer.questions[0].faq_id == offered
    assert len({one.faq_id for one in answer.questions}) == len(answer.questions) <= MOST
    (bubble,) = answer.bubbles
    assert (bubble.bubble_type, bubble.badge) == ("faq_list", badge)
    assert bubble.info_map is not None and list(bubble.info_map) == [one.text for one in answer.questions]
    assert category is None or category in bubble.description


@pytest.mark.parametrize("count", [1, 3])
def test_what_one_asked_alone_does_not_take_the_place_of_what_is_pinned(count: int) -> None:
    asked = [one.model_copy(update={"by_one": True}) for one in question("asked", count)]
    answer = popular_answer(Bot(), None, {None: asked}, lambda: OFFERS)
    assert [one.faq_id for one in answer.questions] == ["pinned", "asked", "first"]
    assert answer.bubbles[0].badge is None


def test_what_one_visitor_asks_on_three_days_stands_behind_what_two_ask(
    store: Store, bot: Bot, clock: HandClock
) -> None:
    alone = [Asking(n * DAY, "c1", "v1") for n in range(1, 4)]
    log(store, bot, clock, *alone, Asking(2 * DAY, "c2", "a"), Asking(3 * DAY, "c2", "b"))
    found = recount(store, bot, clock).lists["배송"]
    assert [(one.faq_id, one.count, one.by_one) for one in found] == [("c2", 2, False), ("c1", 3, True)]


@pytest.mark.parametrize(
    ("category", "counted", "offered"),
    [
        (None, {None: question("asked", 2)}, ["asked", "pinned", "first"]),
        (None, {}, ["pinned", "first"]),
        (None, {None: question("first", 2)}, ["first", "pinned"]),
        ("배송", {}, ["of category"]),
        ("회원", {None: question("asked", 2)}, ["asked", "pinned", "first"]),
    ],
)
def test_a_short_list_is_filled_with_what_is_pinned_then_with_contents_each_once(
    category: str | None, counted: dict[str | None, list[PopularQuestion]], offered: list[str]
) -> None:
    answer = popular_answer(Bot(categories=[Category(name="회원")]), category, counted, lambda: OFFERS)
    assert [one.faq_id for one in answer.questions] == offered


def test_a_category_that_nobody_has_is_not_found() -> None:
    with pytest.raises(CategoryNotFound):
        popular_answer(Bot(), "없는 분류", {None: question("asked", 3)}, lambda: OFFERS)


def test_a_bot_without_contents_asks_for_a_question() -> None:
    answer = popular_answer(Bot(), None, {}, Outline)
    assert answer.questions == []
    assert [(one.bubble_type, one.info_map) for one in answer.bubbles] == [("text", None)]
