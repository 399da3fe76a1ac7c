"""What one day of a bot's history log amounts to: one item a day in `rollups`, that can be added to others.

Adding is exact, associative and commutative for all counts, so that neither the order in which questions are counted
nor the way in which a range is cut matters; money is counted in millionths of a won for that. Times are kept as a
histogram whose buckets are 1 ms wide up to 64 ms and 2 % wide above, the buckets of DDSketch (Masson, Rim and Lee,
VLDB 2019): a quantile of a sum of days is off by 1 % at most. A day's own quantiles are exact.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from shared.storage.base import Item

SHAPE = 1  # of a stored day: one of another shape is counted again while its questions are there
MAX_CONTENTS_CHARACTERS = 200_000  # of their JSON: about 4,000 contents of an item's 390,000 bytes
MAX_NAMES = 200  # categories, reasons: operators have a few dozen
_EXACT_MS, _WIDTH = 64, 1.02
_NOBODY = ""  # JSON has no null among an object's names


class Place(NamedTuple):
    """Where a content is."""

    source_id: str
    faq_id: str


@dataclass
class Uses:
    """What became of a content in some questions.

    Parameters
    ----------
    used
        Answers that rest on it first.
    cited
        Answers that rest on it at all.
    helpful, unhelpful
        How those were rated.
    missed
        Questions that were asked back or refused although it came nearest.
    """

    used: int = 0
    cited: int = 0
    helpful: int = 0
    unhelpful: int = 0
    missed: int = 0

    def __iadd__(self, other: "Uses") -> "Uses":
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self

    @property
    def numbers(self) -> list[int]:
        """Its counts, in order."""
        return [getattr(self, one.name) for one in fields(self)]


@dataclass
class Times:
    """How long answers took, as a histogram: how many are in each bucket."""

    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, ms: int) -> None:
        """Count one answer."""
        ms = max(0, ms)
        self.buckets[ms if ms < _EXACT_MS else _EXACT_MS + int(math.log(ms / _EXACT_MS, _WIDTH) + 1e-9)] += 1

    def quantile_ms(self, share: float) -> int | None:
        """The time within which this share of the answers came (nearest rank), 1 % off at most; `None` without any."""
        found = nearest_rank(self.buckets, share)
        if found is None or found < _EXACT_MS:
            return found
        return round(_EXACT_MS * math.pow(_WIDTH, found - _EXACT_MS + 0.5))


@dataclass
class RollUp:
    """Some questions of a bot, counted.

    Parameters
    ----------
    decisions
        By decision; nothing is counted for a question that got no answer.
    tapped
        Contents chosen by a tap: their times are left out, since nothing was searched.
    reasons
        What answers were given without, by name; an answer may have several.
    rest, rest_contents
        The contents for which there was no room, together.
    """

    questions: int = 0
    programs: int = 0
    tapped: int = 0
    deleted: int = 0
    helpful: int = 0
    unhelpful: int = 0
    degraded: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micro_won: int = 0
    rest_contents: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    contents: dict[Place, Uses] = field(default_factory=dict)
    rest: Uses = field(default_factory=Uses)
    times: Times = field(default_factory=Times)

    def __iadd__(self, other: "RollUp") -> "RollUp":
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for place, uses in other.contents.items():
            mine = self.of(place)
            mine += uses
        self.rest += other.rest
        self.times.buckets.update(other.times.buckets)
        return self

    def of(self, place: Place) -> Uses:
        """The counts of a content, to be added to."""
        return self.contents.setdefault(place, Uses())

    @property
    def answered(self) -> int:
        """Questions that the contents, or an API, answered."""
        return self.decisions["answer"]

    def as_attributes(self) -> dict[str, Any]:
        """What is stored of it: as many contents as there is room for, the most used first."""
        kept, left = _fitting(self.contents)
        rest = Uses(*self.rest.numbers)
        for _, uses in left:
            rest += uses
        return {
            "shape": SHAPE,
            **{name: getattr(self, name) for name in _SUMS},
            **{name: _named(getattr(self, name)) for name in _COUNTERS},
            "contents": [[*place, *uses.numbers] for place, uses in kept],
            "rest": rest.numbers,
            "rest_contents": self.rest_contents + len(left),
            "times": [[bucket, self.times.buckets[bucket]] for bucket in sorted(self.times.buckets)],
        }

    @classmethod
    def of_item(cls, item: Item) -> "RollUp":
        """What `as_attributes` gave. What an older shape lacks is nothing."""
        sums: dict[str, Any] = {name: item.get(name, 0) for name in _SUMS}
        counters: dict[str, Any] = {
            name: Counter({key or _NOBODY: count for key, count in item.get(name) or ()}) for name in _COUNTERS
        }
        return cls(
            **sums,
            **counters,
            contents={Place(one[0], one[1]): Uses(*one[2:]) for one in item.get("contents") or ()},
            rest=Uses(*(item.get("rest") or ())),
            times=Times(Counter(dict(item.get("times") or ()))),
        )


_SUMS = tuple(one.name for one in fields(RollUp) if one.type is int)
_COUNTERS = ("decisions", "statuses", "reasons", "categories")


def total(rollups: Iterable[RollUp]) -> RollUp:
    """All of them together."""
    found = RollUp()
    for one in rollups:
        found += one
    return found


def nearest_rank(counted: Mapping[int, int], share: float) -> int | None:
    """The smallest value that this share of all values does not exceed; `None` without values."""
    rank = math.ceil(share * sum(counted.values()))
    if not counted:
        return None
    for value in sorted(counted):
        rank -= counted[value]
        if rank <= 0:
            return value
    return max(counted)


def _named(counter: Counter[str]) -> list[list[Any]]:
    """Pairs of name and count, in one order whatever the order of counting; the last ones together without a name."""
    ranked = sorted(((name, count) for name, count in counter.items() if count), key=lambda one: (-one[1], one[0]))
    pairs: list[list[Any]] = [[name, count] for name, count in ranked[:MAX_NAMES]]
    left = sum(count for _, count in ranked[MAX_NAMES:])
    return [*pairs, [None, left]] if left else pairs


def _fitting(contents: Mapping[Place, Uses]) -> tuple[Sequence[tuple[Place, Uses]], Sequence[tuple[Place, Uses]]]:
    """Those that are stored, and those that are not."""
    ranked = sorted(contents.items(), key=lambda one: ([-number for number in one[1].numbers], one[0]))
    room = MAX_CONTENTS_CHARACTERS
    for n, (place, uses) in enumerate(ranked):
        room -= len("".join(place).encode()) + len(str(uses.numbers)) + 12
        if room < 0:
            return ranked[:n], ranked[n:]
    return ranked, []
