"""Counting a bot's days in the history log, and keeping the counts: again and again, by whoever, to the same end.

**What a day's item says of itself.** `until` is the sort key up to which the log was counted, and is absent when the
day is over and all its answers have ended: a question that is younger than an hour may still get its answer.
`rated_to` is the number of the last rating that is in it. A day is due when it has no item, has an `until`, or when
there are ratings with higher numbers by now.

**What comes late** is feedback, of which nobody knows when it comes: ratings are counted by their numbers
(`shared/ratings.py`), not by the log, so that a reader adds those that a day's item does not have. Feedback that an
earlier version has kept is counted from the log, and has left a random `mark` for its day, which is noted as `seen`.

**Two that count at once** both write what they found, unless the other one began to read later; `stamp` orders them.

A session that is deleted leaves its questions in the log without content and category; a day that is counted again
after that has them under no category. Days are counted as long as their questions are kept, and their items stay for
ever: they hold counts alone.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.history import LONGEST_ANSWER_SECONDS, channel_of, status_of
from shared.models import contents_of, first_content_of
from shared.ratings import Rating, Ratings
from shared.rollups import SHAPE, Place, RollUp, nearest_rank
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now

_PAGE = 500
_READ = (
    "status",
    "decision",
    "degraded",
    "latency_ms",
    "feedback",
    "rating_kept",
    "channel",
    "answered_by",
    "deleted",
    "sources",
    "record",
)
_DUE_BY = ("until", "seen", "shape", "rated_to")
_ATTEMPTS = 20
_DAY_SECONDS = 86_400
_TIME_DIGITS = 17  # of epoch seconds with microseconds, which then sort as text


@dataclass(frozen=True)
class CountedDay:
    """A day as it is kept.

    Parameters
    ----------
    until
        Questions from this sort key on are not counted yet; `None`: all are.
    p50_ms, p95_ms
        Exact, of what is counted.
    rated_to
        The number of the last rating that is counted.
    """

    day: str
    rollup: RollUp
    until: str | None = None
    p50_ms: int | None = None
    p95_ms: int | None = None
    counted_at: float = 0
    rated_to: int = 0


class RollUps:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    history_days
        How long questions are kept: so far back days can be counted.
    """

    def __init__(self, store: Store, history_days: int, clock: Clock = now) -> None:
        self._store, self._history_days, self._clock = store, history_days, clock
        self._ratings = Ratings(store, history_days * _DAY_SECONDS, clock)

    @property
    def oldest_day(self) -> str:
        """The earliest day whose questions are all kept."""
        return keys.last_days(self._clock(), self._history_days)[0]

    def keep_up(self, bot_id: str) -> list[CountedDay]:
        """Count every day that is due, the newest first. Without changes that is today alone."""
        return [self.count(bot_id, day) for day in reversed(self.due(bot_id))]

    def due(self, bot_id: str) -> list[str]:
        """The days that have to be counted, the earliest first."""
        days = keys.last_days(self._clock(), self._history_days)
        counted = {item["sk"]: item for item in self._items(bot_id, days[0], days[-1], list(_DUE_BY))}
        marks, rated = self._marks(bot_id, days[0]), self._ratings.last(bot_id, days[0], days[-1])
        return [day for day in days if _is_due(counted.get(day), marks.get(day), rated.get(day, 0))]

    def count(self, bot_id: str, day: str) -> CountedDay:
        """Count a day, and keep it in place of what was counted before."""
        stamp = f"{self._clock():0{_TIME_DIGITS}.6f}-{secrets.token_hex(4)}"
        seen = (self._store.get("rollups", keys.changed_days_pk(bot_id), day) or {}).get("mark")
        counted = self._counted(bot_id, day)
        self._keep(bot_id, counted, stamp, seen)
        return counted

    def days(self, bot_id: str, first: str, last: str) -> dict[str, CountedDay]:
        """What is kept of these days, by day."""
        return {item["sk"]: _counted_day(item) for item in self._items(bot_id, first, last, None)}

    def late_ratings(self, bot_id: str, first: str, last: str, kept: Mapping[str, CountedDay]) -> dict[str, RollUp]:
        """The ratings of each of these days that are not in what is kept of it."""
        found: dict[str, RollUp] = {}
        for day, number in self._ratings.last(bot_id, first, last).items():
            counted = kept[day].rated_to if day in kept else 0
            if number > counted:
                found[day] = _rated(self._ratings.above(bot_id, day, counted))
        return found

    def rest_of(self, bot_id: str, day: str, since: str | None, most: int) -> tuple[RollUp, int, bool]:
        """Count questions of a day that are not counted yet, from the sort key `since` on, and keep nothing.

        Returns
        -------
        tuple
            The counts, how many questions were read, and whether those are all.
        """
        found, read, at = RollUp(), 0, self._clock()
        pk = keys.questions_pk_of(bot_id, day)
        after = since
        while read < most:
            page = self._store.query("questions", pk, after=after, limit=min(_PAGE, most - read), only=_READ)
            for item in page.items:
                add(found, item, at)
            read += len(page.items)
            if page.cursor is None:
                return found, read, True
            after = page.cursor
        return found, read, False

    # How it is done

    def _counted(self, bot_id: str, day: str) -> CountedDay:
        at = self._clock()
        settled = at - LONGEST_ANSWER_SECONDS
        until = keys.first_chat_id(settled) if keys.day_at(settled) <= day else None
        rollup, exact = RollUp(), Counter[int]()
        for item in self._questions(bot_id, day, until):
            if (ms := add(rollup, item, at)) is not None:
                exact[ms] += 1
        ratings, rated_to = self._ratings.closed(bot_id, day)
        rollup += _rated(ratings)
        return CountedDay(day, rollup, until, nearest_rank(exact, 0.5), nearest_rank(exact, 0.95), at, rated_to)

    def _questions(self, bot_id: str, day: str, until: str | None) -> Iterator[Item]:
        after = None
        while True:
            page = self._store.query(
                "questions", keys.questions_pk_of(bot_id, day), after=after, before=until, limit=_PAGE, only=_READ
            )
            yield from page.items
            if (after := page.cursor) is None:
                return

    def _keep(self, bot_id: str, counted: CountedDay, stamp: str, seen: str | None) -> None:
        pk, day = keys.rollups_pk(bot_id), counted.day
        body: dict[str, Any] = {
            **counted.rollup.as_attributes(),
            "until": counted.until,
            "p50_ms": counted.p50_ms,
            "p95_ms": counted.p95_ms,
            "counted_at": counted.counted_at,
            "rated_to": counted.rated_to,
            "stamp": stamp,
            "seen": seen,
        }
        for _ in range(_ATTEMPTS):
            kept = self._store.get("rollups", pk, day)
            try:
                if kept is None:
                    self._store.put("rollups", {"pk": pk, "sk": day, **body}, if_absent=True)
                elif kept["stamp"][:_TIME_DIGITS] <= stamp[:_TIME_DIGITS]:
                    self._store.update("rollups", pk, day, body, if_={"stamp": kept["stamp"]})
                return
            except ConditionFailed:
                continue  # somebody else was faster: whose counts are newer?

    def _items(self, bot_id: str, first: str, last: str, only: Sequence[str] | None) -> Iterator[Item]:
        """What is kept of these days, the earliest first."""
        after, before = keys.day_before(first), keys.day_before(last, -1)
        while True:
            page = self._store.query(
                "rollups", keys.rollups_pk(bot_id), after=after, before=before, limit=_PAGE, only=only
            )
            yield from page.items
            if page.cursor is None:
                return
            after = page.cursor

    def _marks(self, bot_id: str, first: str) -> dict[str, str]:
        after = keys.day_before(first)
        page = self._store.query(
            "rollups", keys.changed_days_pk(bot_id), after=after, limit=self._history_days + 2, only=["mark"]
        )
        return {item["sk"]: item["mark"] for item in page.items if "mark" in item}


def add(rollup: RollUp, item: Item, at: float) -> int | None:
    """Count one question of the log. Returns how long its answer took, if that is counted."""
    record: dict[str, Any] = item.get("record") or {}
    decision, deleted = item.get("decision"), bool(item.get("deleted"))
    rollup.questions += 1
    rollup.programs += channel_of(item) == "api"
    rollup.deleted += deleted
    rollup.statuses[status_of(item, at)] += 1
    rollup.input_tokens += record.get("input_tokens", 0)
    rollup.output_tokens += record.get("output_tokens", 0)
    rollup.micro_won += round((record.get("cost_won") or 0) * 1_000_000)
    if decision is not None:
        rollup.decisions[decision] += 1
    if reasons := item.get("degraded"):
        rollup.degraded += 1
        rollup.reasons.update(set(reasons))
    if category := record.get("category"):
        rollup.categories[category] += 1
    helpful = None if item.get("rating_kept") else (item.get("feedback") or {}).get("helpful")
    rollup.helpful += helpful is True
    rollup.unhelpful += helpful is False
    if not deleted:
        _add_contents(rollup, item, record, helpful)
    if record.get("tapped"):
        rollup.tapped += 1
    elif decision is not None and item.get("latency_ms") is not None:
        rollup.times.add(item["latency_ms"])
        return int(item["latency_ms"])
    return None


def _add_contents(rollup: RollUp, item: Item, record: dict[str, Any], helpful: bool | None) -> None:
    if item.get("decision") in ("clarify", "refuse"):
        for place in _places(record.get("candidates") or ())[:1]:
            rollup.of(place).missed += 1
        return
    if item.get("decision") != "answer":
        return
    if (first := first_content_of(item)) is not None:
        rollup.of(Place(*first)).used += 1
    for one in dict.fromkeys(contents_of(item)):
        uses = rollup.of(Place(*one))
        uses.cited += 1
        uses.helpful += helpful is True
        uses.unhelpful += helpful is False


def _rated(ratings: Iterable[Rating]) -> RollUp:
    rollup = RollUp()
    for one in ratings:
        rollup.helpful += one.helpful
        rollup.unhelpful += not one.helpful
        for content in one.contents:
            uses = rollup.of(Place(*content))
            uses.helpful += one.helpful
            uses.unhelpful += not one.helpful
    return rollup


def _places(sources: Iterable[dict[str, Any]]) -> list[Place]:
    """The contents among them; records of APIs are none."""
    return [
        Place(one.get("source_id", "default"), one["faq_id"])
        for one in sources
        if one.get("kind", "content") == "content"
    ]


def _is_due(item: Item | None, mark: str | None, rated: int) -> bool:
    return (
        item is None
        or item.get("until") is not None
        or item.get("shape") != SHAPE
        or (mark is not None and mark != item.get("seen"))
        or rated > item.get("rated_to", 0)
    )


def _counted_day(item: Item) -> CountedDay:
    return CountedDay(
        item["sk"],
        RollUp.of_item(item),
        item.get("until"),
        item.get("p50_ms"),
        item.get("p95_ms"),
        item.get("counted_at", 0),
        item.get("rated_to", 0),
    )
