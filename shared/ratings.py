"""How a day's answers were rated: numbered, so that whoever has counted some knows which ones those are.

A rating may come days after its question was counted. It gets the next number of its question's day, and a count says
up to which number it went: figures are that count and the ratings above it, exact at any moment.

A number is drawn before its rating is written, and whoever drew it may stall or die in between. So a counter **closes**
the gaps that it finds: it puts nothing there, and the writer, whose put is conditional too, draws another number. The
number stands with the feedback first, so that a rating is written once, however often its writing is repeated.

A rating names no question: it outlives a deleted session, as a tally does.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from shared.models import Model
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now

_ATTEMPTS = 20  # each is lost to a counter that closes a gap, which happens once an hour
_PAGE = 1_000


class Rating(Model):
    """What was said of an answer, and the contents that it rests on, as (source_id, faq_id)."""

    helpful: bool
    contents: list[tuple[str, str]]


class Ratings:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    keep_seconds
        How long a rating is kept: as long as its day can be counted.
    """

    def __init__(self, store: Store, keep_seconds: int, clock: Clock = now) -> None:
        self._store, self._keep_seconds, self._clock = store, keep_seconds, clock

    def keep(self, bot_id: str, given: Item) -> None:
        """Number the rating of an item of `feedback`, and write it. May be repeated, and by several at once."""
        day, number = keys.day_of(given["sk"]), given.get("rated_as")
        for _ in range(_ATTEMPTS):
            number = number or self._numbered(bot_id, day, given, None)
            if number is None or self._is_written(bot_id, day, number, given):
                return
            number = self._numbered(bot_id, day, given, number)
        raise RuntimeError("a rating found no number")

    def last(self, bot_id: str, first: str, last: str) -> dict[str, int]:
        """The last number of each of these days that has one."""
        found: dict[str, int] = {}
        for item in self._items(keys.changed_days_pk(bot_id), keys.day_before(first), keys.day_before(last, -1)):
            found[item["sk"]] = item.get("ratings", 0)
        return found

    def above(self, bot_id: str, day: str, number: int) -> list[Rating]:
        """The ratings of a day with a higher number."""
        return _ratings(self._items(keys.ratings_pk(bot_id, day), keys.rating_sk(number)))

    def closed(self, bot_id: str, day: str) -> tuple[list[Rating], int]:
        """All ratings of a day, and the number up to which none can come any more."""
        pk = keys.ratings_pk(bot_id, day)
        last = (self._store.get("rollups", keys.changed_days_pk(bot_id), day) or {}).get("ratings", 0)
        items = {number: item for item in self._items(pk) if (number := keys.parse_rating_sk(item["sk"])) <= last}
        for number in range(1, last + 1):
            if number not in items:
                items[number] = self._closed(pk, number)
        return _ratings(items.values()), last

    # How it is done

    def _numbered(self, bot_id: str, day: str, given: Item, instead_of: int | None) -> int | None:
        """The number of this rating: a new one, or what somebody else gave it meanwhile; `None` of what is gone."""
        counted = self._store.add("rollups", keys.changed_days_pk(bot_id), day, {"ratings": 1}, expires_at=self._ends)
        number: int = counted["ratings"]
        unchanged = {"rated_as": instead_of, "deleted": None}
        with suppress(ConditionFailed):
            self._store.update("feedback", given["pk"], given["sk"], {"rated_as": number}, if_=unchanged)
            return number
        kept: int | None = (self._store.get("feedback", given["pk"], given["sk"]) or {}).get("rated_as")
        return kept

    def _is_written(self, bot_id: str, day: str, number: int, given: Item) -> bool:
        pk, sk = keys.ratings_pk(bot_id, day), keys.rating_sk(number)
        rating = {"helpful": given["helpful"], "contents": given["contents"], "rating_id": given["tally_id"]}
        try:
            self._store.put("rollups", {"pk": pk, "sk": sk, **rating}, if_absent=True, expires_at=self._ends)
        except ConditionFailed:
            there = self._store.get("rollups", pk, sk) or {}
            return bool(there.get("rating_id") == given["tally_id"])
        return True

    def _closed(self, pk: str, number: int) -> Item:
        """Nothing in the place of a number that was drawn and not written; or what is written there by now."""
        nothing: Item = {"pk": pk, "sk": keys.rating_sk(number), "rating_id": None}
        try:
            self._store.put("rollups", nothing, if_absent=True, expires_at=self._ends)
        except ConditionFailed:
            return self._store.get("rollups", pk, nothing["sk"]) or nothing
        return nothing

    def _items(self, pk: str, after: str | None = None, before: str | None = None) -> Iterator[Item]:
        while True:
            page = self._store.query("rollups", pk, after=after, before=before, limit=_PAGE)
            yield from page.items
            if (after := page.cursor) is None:
                return

    @property
    def _ends(self) -> int:
        return int(self._clock()) + self._keep_seconds


def _ratings(items: Iterable[Item]) -> list[Rating]:
    return [Rating.model_validate(item) for item in items if item["rating_id"] is not None]
