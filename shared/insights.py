"""What a bot's days amount to for its operator: figures by day and together, and what its contents do.

It reads roll-ups, one item a day, adds the ratings that came after a day was counted, and counts at most
`LIVE_QUESTIONS` questions itself: today's last hours, and days that nobody has counted. Nothing here grows with the
questions of a day that was counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import Field

from shared.bot import Bot
from shared.models import Model
from shared.rollup_count import CountedDay, RollUps
from shared.rollups import Place, RollUp, Uses, total
from shared.storage import keys
from shared.storage.base import Clock, Store, now

LIVE_QUESTIONS = 4_000  # 1 s of processor, of the two that a month may take
MOST_CONTENTS = 50
MOST_UNUSED = 200
FEWEST_RATINGS = 3  # one bad rating says little of a content
_PAGE = 1_000


class Share(Model):
    """How many questions of a kind, and their share of all; nothing when there are none."""

    count: int
    share: float | None


class Figures(Model):
    """What some questions amount to.

    Parameters
    ----------
    helpful_share
        Of the answers that were rated.
    p50_ms, p95_ms
        Of the answers to typed questions. Exact for a whole day, else 1 % off at most.
    cost_won
        Of the questions whose model has a price.
    """

    questions: int
    visitors: int = Field(description="Questions of visitors; the others are programs'")
    programs: int
    answered: Share
    clarified: Share
    refused: Share
    fixed: Share
    unanswered: Share = Field(description="Failed, stopped, interrupted, or still open")
    helpful: int
    unhelpful: int
    helpful_share: float | None
    degraded: Share
    p50_ms: int | None
    p95_ms: int | None
    input_tokens: int
    output_tokens: int
    cost_won: float
    statuses: dict[str, int]
    reasons: dict[str, int]
    categories: dict[str, int]


class DayFigures(Figures):
    """One day."""

    day: str
    complete: bool = Field(description="Whether the day is over and all of it is counted")
    missing: bool = Field(False, description="Whether there was more to count than a call may: run scripts/rollups.py")


class BotFigures(Figures):
    """A bot's, of a range of days together; `missing` as of a day."""

    bot_id: str
    name: str | None
    missing: bool = False


class ContentFigures(Model):
    """What became of a content."""

    source_id: str
    faq_id: str
    title: str | None = Field(description="Nothing when the content is gone")
    used: int
    cited: int
    helpful: int
    unhelpful: int
    missed: int


class UnusedContent(Model):
    """A content that no answer rests on."""

    source_id: str
    faq_id: str
    title: str
    category: str | None = None


class Insights(Model):
    """A range of days."""

    bot_id: str
    first: str
    last: str
    total: Figures
    days: list[DayFigures]
    contents: list[ContentFigures] = Field(description="The most used ones")
    unhelpful_contents: list[ContentFigures] = Field(description="Those whose answers did not help most often")
    unused: list[UnusedContent] = Field(description=f"At most {MOST_UNUSED} of them")
    unused_count: int
    contents_left_out: int = Field(
        description="Contents of busy days for which a day's item had no room: some may be listed as unused"
    )


def insights(store: Store, rollups: RollUps, bot: Bot, first: str, last: str, clock: Clock = now) -> Insights:
    """The days from `first` to `last`, in Seoul, both included. Raises `StoreUnavailable`."""
    days = read_days(rollups, bot.bot_id, first, last, clock)
    together = total(day.rollup for day, _ in days)
    contents = list(_contents(store, bot))
    titles = {Place(one.source_id, one.faq_id): one.title for one in contents}
    unused = [one for one in contents if not _was_used(together, one)]
    used = [(place, uses) for place, uses in together.contents.items() if uses.cited or uses.used]
    disliked = [one for one in used if one[1].helpful + one[1].unhelpful >= FEWEST_RATINGS and one[1].unhelpful]
    return Insights(
        bot_id=bot.bot_id,
        first=first,
        last=last,
        total=_figures(together, together.times.quantile_ms(0.5), together.times.quantile_ms(0.95)),
        days=[day_figures(day, missing) for day, missing in days],
        contents=_listed(sorted(used, key=lambda one: (-one[1].used, -one[1].cited, one[0])), titles),
        unhelpful_contents=_listed(sorted(disliked, key=_dislike), titles),
        unused=unused[:MOST_UNUSED],
        unused_count=len(unused),
        contents_left_out=together.rest_contents,
    )


def figures_of(rollups: RollUps, bot: Bot, first: str, last: str, clock: Clock = now) -> BotFigures:
    """A bot's figures of these days together, without its contents. Raises `StoreUnavailable`."""
    days = read_days(rollups, bot.bot_id, first, last, clock)
    together = total(day.rollup for day, _ in days)
    figures = _figures(together, together.times.quantile_ms(0.5), together.times.quantile_ms(0.95))
    missing = any(missing for _, missing in days)
    return BotFigures(bot_id=bot.bot_id, name=bot.name, missing=missing, **figures.model_dump())


def read_days(
    rollups: RollUps, bot_id: str, first: str, last: str, clock: Clock = now
) -> list[tuple[CountedDay, bool]]:
    """Each day with what is not kept of it yet, and whether there was more of that than a call may count."""
    kept = rollups.days(bot_id, first, last)
    late = rollups.late_ratings(bot_id, first, last, kept)
    left, found = LIVE_QUESTIONS, list[tuple[CountedDay, bool]]()
    today = keys.day_at(clock())
    oldest = rollups.oldest_day
    for day in reversed(keys.days_of(first, last)):  # the newest days are counted first
        one = kept.get(day) or CountedDay(day, RollUp(), until="")
        if day in late:
            one = replace(one, rollup=total([one.rollup, late[day]]))
        if one.until is None or not oldest <= day <= today:
            found.append((one, False))
            continue
        rest, read, whole = rollups.rest_of(bot_id, day, one.until or None, left) if left else (RollUp(), 0, False)
        left -= read
        rest += one.rollup
        p50, p95 = (one.p50_ms, one.p95_ms) if not read else (None, None)
        found.append((CountedDay(day, rest, one.until, p50, p95, one.counted_at), not whole))
    return found[::-1]


def day_figures(day: CountedDay, missing: bool) -> DayFigures:
    """One day, as an operator sees it."""
    times = day.rollup.times
    p50, p95 = day.p50_ms, day.p95_ms
    figures = _figures(
        day.rollup,
        times.quantile_ms(0.5) if p50 is None else p50,
        times.quantile_ms(0.95) if p95 is None else p95,
    )
    return DayFigures(day=day.day, complete=day.until is None, missing=missing, **figures.model_dump())


def _figures(rollup: RollUp, p50_ms: int | None, p95_ms: int | None) -> Figures:
    def share(count: int) -> Share:
        return Share(count=count, share=round(count / rollup.questions, 4) if rollup.questions else None)

    rated = rollup.helpful + rollup.unhelpful
    return Figures(
        questions=rollup.questions,
        visitors=rollup.questions - rollup.programs,
        programs=rollup.programs,
        answered=share(rollup.decisions["answer"]),
        clarified=share(rollup.decisions["clarify"]),
        refused=share(rollup.decisions["refuse"]),
        fixed=share(rollup.decisions["fixed"]),
        unanswered=share(rollup.questions - sum(rollup.decisions.values())),
        helpful=rollup.helpful,
        unhelpful=rollup.unhelpful,
        helpful_share=round(rollup.helpful / rated, 4) if rated else None,
        degraded=share(rollup.degraded),
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        input_tokens=rollup.input_tokens,
        output_tokens=rollup.output_tokens,
        cost_won=round(rollup.micro_won / 1_000_000, 3),
        statuses=dict(rollup.statuses.most_common()),
        reasons=dict(rollup.reasons.most_common()),
        categories=dict(rollup.categories.most_common()),
    )


def _listed(ranked: Sequence[tuple[Place, Uses]], titles: dict[Place, str]) -> list[ContentFigures]:
    return [
        ContentFigures(
            source_id=place.source_id,
            faq_id=place.faq_id,
            title=titles.get(place),
            **{name: getattr(uses, name) for name in ("used", "cited", "helpful", "unhelpful", "missed")},
        )
        for place, uses in ranked[:MOST_CONTENTS]
    ]


def _dislike(one: tuple[Place, Uses]) -> tuple[float, int, Place]:
    """The most disliked first: by the lower bound of the share that did not help, so that 1 of 3 is not 30 of 90."""
    place, uses = one
    return -_wilson_lower(uses.unhelpful, uses.helpful + uses.unhelpful), -uses.unhelpful, place


def _wilson_lower(hits: int, tries: int, z: float = 1.96) -> float:
    """The lower end of Wilson's score interval (Wilson, JASA 1927), 95 % by default."""
    share = hits / tries
    spread: float = z * ((share * (1 - share) + z * z / (4 * tries)) / tries) ** 0.5
    return (share + z * z / (2 * tries) - spread) / (1 + z * z / tries)


def _was_used(rollup: RollUp, content: UnusedContent) -> bool:
    uses = rollup.contents.get(Place(content.source_id, content.faq_id))
    return uses is not None and bool(uses.used or uses.cited)


def _contents(store: Store, bot: Bot) -> Iterator[UnusedContent]:
    """All contents of a bot, in the order of its sources and of ids."""
    for source_id in bot.source_ids:
        after = None
        while True:
            page = store.query("contents", source_id, after=after, limit=_PAGE, only=["title", "category"])
            for item in page.items:
                yield UnusedContent(
                    source_id=source_id, faq_id=item["sk"], title=item["title"], category=item.get("category")
                )
            if page.cursor is None:
                break
            after = page.cursor
