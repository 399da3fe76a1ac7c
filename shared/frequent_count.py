"""Counting frequent questions while the history log is read for popular ones: by a key of each text, without the texts.

A question counts when it was searched, whatever became of it: refused ones are those that an edit may answer. As with
popular questions an asker counts once a day, a program once an hour, and what one asker alone asked stands behind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.frequent import MOST, FrequentQuestion
from shared.storage import keys
from shared.storage.base import MAX_MANY, Item, Store

MOST_KEPT = 20_000  # different texts between two days, 5 MB; a bot with fewer is counted exactly


@dataclass
class Asked:
    """How often a text was asked, which time was the last, and by whom."""

    count: int = 0
    latest: str = ""
    asker: str = ""
    several: bool = False

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The greater, the more frequent."""
        return self.several, self.count, self.latest


@dataclass
class FrequentCount:
    """Counts a bot's questions day by day."""

    _asked: dict[str, Asked] = field(default_factory=lambda: defaultdict(Asked))

    def of_day(self, questions: Iterable[Item]) -> Iterator[Item]:
        """The same questions, oldest first, each counted as it passes."""
        seen: set[tuple[str, str, int | None]] = set()
        for item in questions:
            if (key := item.get("asked_key")) is not None and (asking := (key, asker(item), hour(item))) not in seen:
                seen.add(asking)
                self._count(self._asked[key], asking[1], item["sk"])
            yield item
        self._forget_the_rarest()

    def most(self, store: Store, bot_id: str) -> list[FrequentQuestion]:
        """The most frequent ones, with text and vector as they were asked last. Raises `StoreUnavailable`."""
        ranked = sorted(self._asked.values(), key=lambda one: one.rank, reverse=True)[:MOST]
        by_day: dict[str, list[str]] = defaultdict(list)
        for one in ranked:
            by_day[keys.questions_pk(bot_id, one.latest)].append(one.latest)
        items = {
            chat_id: item
            for pk, ids in by_day.items()
            for start in range(0, len(ids), MAX_MANY)
            for chat_id, item in store.get_many("questions", pk, ids[start : start + MAX_MANY]).items()
        }
        found = [(one, items[one.latest]) for one in ranked if one.latest in items]
        return [
            FrequentQuestion(question=item["user_message"], count=one.count, embedding=item.get("embedding"))
            for one, item in found
            if not item.get("deleted")  # since it was counted
        ]

    def _count(self, one: Asked, by: str, chat_id: str) -> None:
        one.several = one.several or one.asker not in ("", by)
        one.count, one.latest, one.asker = one.count + 1, max(one.latest, chat_id), by

    def _forget_the_rarest(self) -> None:
        """So that memory does not grow with the log (as lossy counting does, Manku and Motwani 2002)."""
        if len(self._asked) > MOST_KEPT:
            ranked = sorted(self._asked, key=lambda key: self._asked[key].rank, reverse=True)
            for key in ranked[MOST_KEPT:]:
                del self._asked[key]


def asker(item: Item) -> str:
    """A visitor, or a program's key. Their ids are never alike."""
    return str(item.get("key_id") or item.get("visitor_id", ""))


def hour(item: Item) -> int | None:
    """The hour in which a program counts once; a visitor does in all of the day."""
    return keys.created_at(item["sk"]).hour if "key_id" in item else None
