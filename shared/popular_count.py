"""Counting popular questions in the history log (table `questions`), one day at a time, without its texts.

An asking counts when it was answered, for the content that the answer rests on first. **An asker counts once a day for
each content**, whatever it repeats: a visitor's second click moves nothing. A program's key stands for many customers
whom nobody tells apart; it counts once an hour, so that a loop in one program weighs what 24 customers do, not more.
However many hours those are, it is one asker: what a program alone asks, as a check that runs each hour, stands behind
what several ask.

Who sends no cookie is a new visitor each time. So **of one network no more than three askers count** a day for each
content, and all of a network's are one in a day: one computer cannot make a question popular, while an office, which
asks about many things, still counts.

What one asker alone asked, on however many days, or one network on one day, stands behind all that several did.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.bot import Bot
from shared.frequent import Frequent
from shared.frequent_count import FrequentCount, asker, hour
from shared.models import OTHER, first_content_of
from shared.popular import Popular, PopularQuestion, distinct, outline, titled
from shared.storage import keys
from shared.storage.base import MAX_MANY, Clock, Item, Store, now

DAYS = 14  # in Seoul, today included
_PAGE = 2_000  # 0.2 KB each
MOST_OF_A_NETWORK = 3  # askers of one content on one day
_READ = (
    "decision",
    "deleted",
    "visitor_id",
    "key_id",
    "asked_from",
    "answered_by",
    "asked_key",
)  # as in `OFTEN_READ`: with anything else it takes several times as long


class Place(NamedTuple):
    """Where a content is."""

    source_id: str
    faq_id: str


@dataclass
class Tally:
    """How often a content was asked, by which question last (a ULID, so that no two contents tie), and by whom.

    Parameters
    ----------
    several
        Whether two asked it who are not one: of a day's, who came from different networks.
    askers
        Who asked it, each with the network, which says nothing after the day; of several no more than makes them so.
    """

    count: int = 0
    latest: str = ""
    several: bool = False
    askers: set[tuple[str, str | None]] = field(default_factory=set)

    def add(self, latest: str, asker: str, network: str | None) -> None:
        """Count an asking of the same day."""
        self.count, self.latest = self.count + 1, max(self.latest, latest)
        if not self.several:
            others = [theirs for one, theirs in self.askers if one != asker]
            self.several = any(network is None or theirs != network for theirs in others)
            self.askers.add((asker, network))

    def add_day(self, day: "Tally") -> None:
        """Count another day's askings, too."""
        self.count, self.latest = self.count + day.count, max(self.latest, day.latest)
        if not self.several:
            self.several = day.several or any(one != other for one, _ in self.askers for other, _ in day.askers)
            self.askers |= day.askers


@dataclass(frozen=True)
class Counted:
    """What was counted: questions by category, best first (`None`: all), and how many questions there were to count.

    Parameters
    ----------
    frequent
        How many questions are kept to be asked again before contents are published.
    """

    lists: dict[str | None, list[PopularQuestion]]
    questions: int
    contents: int
    frequent: int


def recount(store: Store, bot: Bot, clock: Clock = now) -> Counted:
    """Count a bot's popular questions of the last 14 days, and its frequent ones, and keep them for a day.

    Contents that are gone, or stand in a source that the bot has no more, are left out. One is in its own category,
    else in that which the answer to its last question was given, else in `OTHER`. Ties go to the one asked last; what
    one visitor alone asked comes last of all.

    Memory grows with the contents and with the askers of a day, not with the questions.

    Raises
    ------
    StoreUnavailable
        What was counted before is kept.
    """
    asked = FrequentCount()
    tallies = _tallies(store, bot, keys.last_days(clock(), DAYS), asked)
    lists: dict[str | None, list[tuple[Tally, PopularQuestion]]] = defaultdict(list)
    for place, title, category in _categorized(store, bot, tallies):
        tally = tallies[place]
        question = PopularQuestion(
            text=title,
            faq_id=place.faq_id,
            source_id=place.source_id,
            count=tally.count,
            by_one=not tally.several,
        )
        lists[None].append((tally, question))
        lists[category].append((tally, question))
    counted = {category: distinct(question for _, question in _ranked(found)) for category, found in lists.items()}
    Popular(store, clock).replace(bot.bot_id, counted, outline(store, bot), bot.version)
    frequent = asked.most(store, bot.bot_id)
    Frequent(store, clock).replace(bot.bot_id, frequent)
    return Counted(counted, sum(tally.count for tally in tallies.values()), len(lists[None]), len(frequent))


def tally_day(questions: Iterable[Item]) -> dict[Place, Tally]:
    """Count the questions of one day, oldest first."""
    seen: set[tuple[str, int | None, Place]] = set()
    of_network: Counter[tuple[str, Place]] = Counter()
    tallies: dict[Place, Tally] = defaultdict(Tally)
    for item in questions:
        if not _counts(item) or (place := _rests_on(item)) is None:
            continue
        asking = (by := asker(item)), hour(item), place
        if asking in seen:
            continue
        seen.add(asking)
        if (network := item.get("asked_from")) is not None:
            of_network[network, place] += 1
            if of_network[network, place] > MOST_OF_A_NETWORK:
                continue
        tallies[place].add(item["sk"], by, network)
    return tallies


def _tallies(store: Store, bot: Bot, days: list[str], asked: FrequentCount) -> dict[Place, Tally]:
    """All days together."""
    total: dict[Place, Tally] = defaultdict(Tally)
    for day in days:  # one after another: threads wait for the interpreter's lock at each row, and take longer
        questions = asked.of_day(_questions(store, keys.questions_pk_of(bot.bot_id, day)))
        for place, tally in tally_day(questions).items():
            total[place].add_day(tally)
    return total


def _questions(store: Store, pk: str) -> Iterator[Item]:
    after = None
    while True:
        page = store.query("questions", pk, after=after, limit=_PAGE, only=_READ)
        older = [item["sk"] for item in page.items if "answered_by" not in item and _counts(item)]
        whole = {sk: item for batch in _batches(older) for sk, item in store.get_many("questions", pk, batch).items()}
        yield from (whole.get(item["sk"], item) for item in page.items) if whole else page.items
        if page.cursor is None:
            return
        after = page.cursor


def _counts(item: Item) -> bool:
    return item.get("decision") == "answer" and not item.get("deleted")


def _rests_on(item: Item) -> Place | None:
    found = first_content_of(item) if _counts(item) else None
    return Place(*found) if found else None


def _categorized(store: Store, bot: Bot, tallies: Mapping[Place, Tally]) -> Iterator[tuple[Place, str, str]]:
    """Place, title and category of those contents that are there."""
    lacking: list[tuple[Place, str]] = []
    for source_id in bot.source_ids:
        for batch in _batches(sorted(place.faq_id for place in tallies if place.source_id == source_id)):
            for faq_id, item in store.get_many("contents", source_id, batch).items():
                place = Place(source_id, faq_id)
                if item.get("category"):
                    yield place, titled(item), item["category"]
                else:
                    lacking.append((place, titled(item)))
    inferred = _inferred(store, bot.bot_id, [tallies[place].latest for place, _ in lacking])
    for place, title in lacking:
        yield place, title, inferred.get(tallies[place].latest) or OTHER


def _inferred(store: Store, bot_id: str, chat_ids: Iterable[str]) -> dict[str, str | None]:
    """The categories that answers were given, by their questions."""
    by_day: dict[str, list[str]] = defaultdict(list)
    for chat_id in chat_ids:
        by_day[keys.questions_pk(bot_id, chat_id)].append(chat_id)
    return {
        chat_id: item.get("record", {}).get("category")
        for pk, ids in by_day.items()
        for batch in _batches(ids)
        for chat_id, item in store.get_many("questions", pk, batch).items()
    }


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), MAX_MANY):
        yield ids[start : start + MAX_MANY]


def _ranked(found: list[tuple[Tally, PopularQuestion]]) -> list[tuple[Tally, PopularQuestion]]:
    return sorted(found, key=lambda one: (one[0].several, one[0].count, one[0].latest), reverse=True)
