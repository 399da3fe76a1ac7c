"""Surges: a group of like questions that is asked far more often than usual, in these minutes. Nothing is kept.

The questions of the last `WINDOW_SECONDS` are read from the log, the newest first, at most `MOST_READ` with those of
the hour before. They are grouped: answered ones by the content that the answer rests on first, the others by their
wording, each to the first question with which it shares half of its n-grams. A visitor counts once in a group; a
program's key stands for many customers and counts each time.

**What is usual** of a content is its mean over the whole days of two weeks, from the roll-ups, times `PEAK`: the
busiest hours of a day have about three times its mean. Of a wording, and of a content while no day is counted, it is
the hour before. Less than `LEAST_USUAL` is never taken for usual, since what is rare is not known that well.

**A surge** is a group of at least `FEWEST` questions of which a Poisson process of the usual rate would give as many
in fewer than one of a million windows (there are 100,000 in a year, and many groups in each).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Literal

from pydantic import Field

from shared.models import Model
from shared.retrieval.ngrams import ngrams
from shared.rollup_count import CountedDay, RollUps
from shared.rollups import Place, total
from shared.storage import keys
from shared.storage.base import Clock, Item, Store, now

WINDOW_SECONDS = 300
BEFORE_SECONDS = 3_300  # eleven windows
MOST_READ = 5_000  # with those of the hour before; 0.6 s of processor when all differ, 0.1 s as a rule
FEWEST, FEWEST_ASKERS = 8, 4
PEAK, LEAST_USUAL = 3.0, 0.5
RARE = 1e-6
ALIKE = 0.5
DAYS = 14
_MOST_COMPARED = 1_000_000  # n-grams met again: two seconds of processor; 5,000 short questions meet fewer
_READ_CHARACTERS = 100  # of a question: who writes more begins with what it is about
_WINDOWS_A_DAY = 86_400 / WINDOW_SECONDS
_EXAMPLES = 5
_PAGE = 500
_READ = ("decision", "answered_by", "user_message", "visitor_id", "key_id", "deleted")


class Surge(Model):
    """A group that grows.

    Parameters
    ----------
    kind
        `content`: answered from one content. `wording`: like questions without an answer.
    usual
        Questions in as many minutes, as they are usual.
    """

    kind: Literal["content", "wording"]
    source_id: str | None = None
    faq_id: str | None = None
    title: str | None = None
    questions: int
    askers: int
    usual: float
    times_usual: float
    since: datetime = Field(description="Of the group's first question in these minutes")
    examples: list[str] = Field(description="What was asked, with personal data masked")
    chat_ids: list[str]


class Surges(Model):
    """The groups that grow, the fastest first."""

    at: datetime
    window_seconds: int = WINDOW_SECONDS
    questions: int = Field(description="Of these minutes, in all groups")
    complete: bool = Field(description="Whether all of these minutes' questions were read and compared")
    usual_days: int = Field(description="Whole days from which what is usual was taken")
    surges: list[Surge]


@dataclass
class _Group:
    place: Place | None
    grams: frozenset[str]
    items: list[Item] = field(default_factory=list)
    askers: set[str] = field(default_factory=set)
    earlier: set[str] = field(default_factory=set)


def surges(store: Store, rollups: RollUps, bot_id: str, clock: Clock = now) -> Surges:
    """What grows now. Raises `StoreUnavailable`."""
    at = clock()
    start = keys.first_chat_id(at - WINDOW_SECONDS)
    read = list(_newest(store, bot_id, at))
    fresh = [item for item in read if item["sk"] >= start]
    earlier = [item for item in read if item["sk"] < start]
    groups, all_compared = _grouped(item for item in reversed(fresh) if not item.get("deleted"))
    wanted = [one for one in groups if len(one.askers) >= FEWEST_ASKERS and len(one.items) >= FEWEST]
    days = _whole_days(rollups, bot_id, at) if any(one.place for one in wanted) else []
    usual = total(day.rollup for day in days)
    windows = _windows(earlier, at) if len(read) >= MOST_READ else BEFORE_SECONDS / WINDOW_SECONDS
    _find_earlier(wanted, earlier)
    found: list[Surge] = []
    for group in wanted:
        if group.place is not None and days:
            uses = usual.contents.get(group.place)
            rate = PEAK * (uses.used if uses else 0) / (len(days) * _WINDOWS_A_DAY)
        else:
            rate = len(group.earlier) / windows
        if (surge := _surge(group, max(rate, LEAST_USUAL))) is not None:
            found.append(surge)
    titles = _titles(store, [one for one in found if one.faq_id])
    return Surges(
        at=datetime.fromtimestamp(at, UTC),
        questions=len(fresh),
        complete=len(fresh) < MOST_READ and all_compared,
        usual_days=len(days),
        surges=sorted(
            (one.model_copy(update={"title": titles.get((one.source_id, one.faq_id))}) for one in found),
            key=lambda one: (-one.times_usual, -one.questions),
        ),
    )


def poisson_tail(count: int, rate: float) -> float:
    """The probability of at least `count` events where `rate` are expected."""
    if count <= rate:
        return 1.0
    term = math.exp(-rate + count * math.log(rate) - math.lgamma(count + 1))
    found, n = term, count
    while term > found * 1e-12:
        n += 1
        term *= rate / n
        found += term
    return min(1.0, found)


def _newest(store: Store, bot_id: str, at: float) -> Iterator[Item]:
    """The questions of the window and of the time before it, the newest first."""
    start, left = at - WINDOW_SECONDS - BEFORE_SECONDS, MOST_READ
    for day in dict.fromkeys((keys.day_at(at), keys.day_at(start))):
        pk, before = keys.questions_pk_of(bot_id, day), None
        while left:
            page = store.query(
                "questions",
                pk,
                after=keys.first_chat_id(start),
                before=before,
                limit=min(_PAGE, left),
                newest_first=True,
                only=_READ,
            )
            left -= len(page.items)
            yield from page.items
            if page.cursor is None:
                break
            before = page.cursor


def _grouped(items: Iterable[Item]) -> tuple[list[_Group], bool]:
    """All groups, and whether every wording was compared."""
    contents: dict[Place, _Group] = {}
    worded: list[tuple[Item, frozenset[str]]] = []
    for item in items:
        if item.get("answered_by") and item.get("decision") == "answer":
            place = Place(*item["answered_by"])
            _join(contents.setdefault(place, _Group(place, frozenset())), item)
        elif item.get("decision") not in ("answer", "fixed"):
            worded.append((item, _grams(item)))
    wordings, all_compared = _wordings(worded)
    return [*contents.values(), *wordings], all_compared


def _wordings(items: Sequence[tuple[Item, frozenset[str]]]) -> tuple[list[_Group], bool]:
    """Groups of like wordings: each question joins the first group that is worded alike, else begins one.

    Of two sets that share half of their members, the rarest half of each holds one that they share (prefix filtering:
    Chaudhuri, Ganti, Kaushik, 2006), so that each question is compared with few groups, however many there are. Of
    thousands of long ones that all differ the last are left out, and it says so.
    """
    common = Counter(chain.from_iterable(grams for _, grams in items))
    groups: list[_Group] = []
    having: defaultdict[str, list[int]] = defaultdict(list)
    left = _MOST_COMPARED
    for item, grams in items:
        rarest = sorted(grams, key=lambda gram: (common[gram], gram))[: len(grams) - math.ceil(ALIKE * len(grams)) + 1]
        if (left := left - sum(len(having[gram]) for gram in rarest)) < 0:
            return groups, False
        near = sorted({at for gram in rarest for at in having[gram]})
        group = next((groups[at] for at in near if _alike(grams, groups[at].grams)), None)
        if group is None and grams:
            for gram in rarest:
                having[gram].append(len(groups))
            group = _Group(None, grams)
            groups.append(group)
        if group is not None:
            _join(group, item)
    return groups, True


def _join(group: _Group, item: Item) -> None:
    if (who := _asker(item)) not in group.askers:
        group.askers.add(who)
        group.items.append(item)


def _grams(item: Item) -> frozenset[str]:
    return frozenset(ngrams((item.get("user_message") or "")[:_READ_CHARACTERS]))


def _find_earlier(groups: Sequence[_Group], earlier: Iterable[Item]) -> None:
    """Let each group know who asked the same before these minutes."""
    for item in earlier:
        place = Place(*item["answered_by"]) if item.get("answered_by") else None
        grams = _grams(item)
        for group in groups:
            if group.place == place if group.place else _alike(grams, group.grams):
                group.earlier.add(f"{_asker(item)}#{_window(item)}")


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other) > 0


def _asker(item: Item) -> str:
    """A visitor, or one question of a program."""
    return str(item["sk"] if "key_id" in item else item.get("visitor_id", ""))


def _window(item: Item) -> int:
    return int(keys.created_at(item["sk"]).timestamp() // WINDOW_SECONDS)


def _windows(earlier: Sequence[Item], at: float) -> float:
    """How many windows were read, where not all were."""
    if not earlier:
        return 1.0
    oldest = keys.created_at(earlier[-1]["sk"]).timestamp()
    return max(1.0, (at - WINDOW_SECONDS - oldest) / WINDOW_SECONDS)


def _surge(group: _Group, usual: float) -> Surge | None:
    count = len(group.items)
    if poisson_tail(count, usual) >= RARE:
        return None
    place = group.place
    newest = group.items[::-1]
    texts = dict.fromkeys(item.get("user_message") or "" for item in newest)
    return Surge(
        kind="wording" if place is None else "content",
        source_id=place.source_id if place else None,
        faq_id=place.faq_id if place else None,
        questions=count,
        askers=len(group.askers),
        usual=round(usual, 2),
        times_usual=round(count / usual, 1),
        since=keys.created_at(group.items[0]["sk"]),
        examples=[text for text in texts if text][:_EXAMPLES],
        chat_ids=[item["sk"] for item in newest[:_EXAMPLES]],
    )


def _whole_days(rollups: RollUps, bot_id: str, at: float) -> list[CountedDay]:
    days = keys.last_days(at, DAYS + 1)
    return [one for one in rollups.days(bot_id, days[0], days[-1]).values() if one.until is None]


def _titles(store: Store, found: Sequence[Surge]) -> dict[tuple[str | None, str | None], str]:
    titles: dict[tuple[str | None, str | None], str] = {}
    for one in found:
        item = store.get("contents", one.source_id or "", one.faq_id or "")
        if item is not None:
            titles[one.source_id, one.faq_id] = item["title"]
    return titles
