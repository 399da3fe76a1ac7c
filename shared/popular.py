"""Popular questions: kept in the store for a day, and what stands in for them. `popular_count` counts them.

What a category offers is never an empty list as long as its bot has contents, and seven questions if it has as many:
first what several asked, then what the operator pinned, then what one person asked, then the first contents.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import Field

from shared.bot import Bot
from shared.bubbles import faq_choices
from shared.errors import CategoryNotFound
from shared.markdown import as_text
from shared.models import OTHER, Bubble, Expression, Model, Suggestion
from shared.retrieval.text import letters
from shared.storage import keys
from shared.storage.base import Clock, Item, Store, now

MOST = 7  # of a category
BADGE = "인기"
_KEEP_SECONDS = 86_400
_PAGE = 1_000


class PopularQuestion(Suggestion):
    """A question that is often asked, or stands in for one: then there is no count."""

    count: int | None = Field(None, description="How often it was asked in 14 days, each visitor once a day")
    by_one: bool = Field(False, description="Whether one visitor alone asked it, on whatever days")

    @property
    def is_popular(self) -> bool:
        """Whether several asked it: what one person asks is not popular, and takes no pinned one's place."""
        return (self.count or 0) > 1 and not self.by_one


Questions: TypeAlias = list[PopularQuestion]
Lists: TypeAlias = Mapping[str | None, Sequence[PopularQuestion]]
"""Questions by category, best first; `None` is all categories together."""


@dataclass(frozen=True)
class Outline:
    """What a bot has to offer beside what was counted.

    Parameters
    ----------
    first
        The first contents, by id, of each category. Of all orders that contents have, theirs alone is for life.
    pinned
        The contents that the operator's pinned questions name, by category, in the operator's order.
    unmatched
        Pinned questions that name no content that may be answered from today.
    """

    first: dict[str | None, list[PopularQuestion]] = field(default_factory=dict)
    pinned: dict[str | None, list[PopularQuestion]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)

    def those(self, names: Iterable[str | None], there: Callable[[Sequence[PopularQuestion]], Questions]) -> "Outline":
        """The same of these categories alone, with what `there` leaves of each list."""
        chosen = list(dict.fromkeys(names))
        first, pinned = (
            {name: there(lists[name]) for name in chosen if name in lists} for lists in (self.first, self.pinned)
        )
        return Outline(first, pinned, self.unmatched)


@dataclass(frozen=True)
class Kept:
    """What was counted last, and what the bot of that version had to offer beside it then."""

    lists: dict[str | None, list[PopularQuestion]] = field(default_factory=dict)
    outline: Outline = field(default_factory=Outline)
    bot_version: str | None = None

    def outline_for(self, bot: Bot, category: str | None) -> Outline | None:
        """What is offered of a category beside what was counted; `None` when the contents must be asked for it."""
        return self.outline if self.bot_version == bot.version and category in self.outline.first else None


class Popular:
    """Verbs over the table `popular`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def kept(self, bot_id: str) -> Kept:
        """What was counted last, if that is not a day ago. One query, or one for each thousand categories."""
        lists, outline, version = dict[str | None, Questions](), Outline(), None
        after = None
        while True:
            page = self._store.query("popular", bot_id, after=after, limit=_PAGE)
            for item in page.items:
                named = {"questions": lists, "first": outline.first, "pinned": outline.pinned}
                for attribute, kept in named.items():
                    if questions := item.get(attribute):
                        kept[item["category"]] = [PopularQuestion.model_validate(one) for one in questions]
                version = item.get("bot_version")
            if page.cursor is None:
                return Kept(lists, outline, version)
            after = page.cursor

    def replace(self, bot_id: str, lists: Lists, outline: Outline | None = None, bot_version: str = "") -> None:
        """Keep these lists for a day, in place of all that were counted before them, and what goes beside them.

        Who reads meanwhile may find some of both. Of two that write at once, the later one's lists stay.
        """
        at = self._clock()
        beside = outline or Outline()
        categories = {**lists, **beside.first, **beside.pinned}
        self._store.batch_put(
            "popular",
            [
                {
                    "pk": bot_id,
                    "sk": keys.popular_sk(category),
                    "category": category,
                    **{
                        attribute: [one.model_dump() for one in of.get(category, [])]
                        for attribute, of in (("questions", lists), ("first", beside.first), ("pinned", beside.pinned))
                    },
                    "bot_version": bot_version,
                    "counted_at": at,
                    "expires_at": int(at) + _KEEP_SECONDS,
                }
                for category in categories
            ],
        )
        kept = set(map(keys.popular_sk, categories))
        after: str | None = None
        while True:
            page = self._store.query("popular", bot_id, after=after, limit=_PAGE, only=["counted_at"])
            for item in page.items:
                if item["counted_at"] <= at and item["sk"] not in kept:
                    self._store.delete("popular", bot_id, item["sk"])
            if page.cursor is None:
                return
            after = page.cursor


def outline(store: Store, bot: Bot) -> Outline:
    """Read all of a bot's contents, a thousand at once, and keep what its lists may need of them.

    A pinned question is text. It names the content that has a title, or a similar title, of the same letters.
    """
    made, named = Outline(), dict[str, tuple[str, PopularQuestion]]()
    wanted = {letters(text) for text in bot.pinned}
    for source_id, faq_id, title, similar, category in _contents(store, bot):
        question = PopularQuestion(text=title, faq_id=faq_id, source_id=source_id)
        for name in (None, category):
            _add(made.first.setdefault(name, []), question)
        for subject in (title, *similar) if wanted else ():
            if (key := letters(subject)) in wanted:
                named.setdefault(key, (category, question))
    for text in bot.pinned:
        if (found := named.get(letters(text))) is not None:
            for name in (None, found[0]):
                _add(made.pinned.setdefault(name, []), found[1])
        else:
            made.unmatched.append(text)
    return made


def unmatched_pins(store: Store, bot: Bot) -> list[str]:
    """The operator's pinned questions that no content answers today: they are offered to nobody."""
    return outline(store, bot).unmatched if bot.pinned else []


class PopularAnswer(Model):
    """A category's popular questions, or those of all, and the bubble that offers them."""

    category: str | None = None
    questions: list[PopularQuestion]
    expression: Expression = "SMILE"
    bubbles: list[Bubble]


def popular_answer(
    bot: Bot,
    category: str | None,
    counted: Lists,
    outlined: Callable[[], Outline],
    service_type: str | None = None,
    known: bool = False,
) -> PopularAnswer:
    """What a bot offers of a category, or of all.

    Parameters
    ----------
    counted
        What `Popular.lists` gives.
    outlined
        Reads the bot's contents; called when the category has fewer than seven popular questions.
    known
        Whether the entry offers the category, also when no content of it may be answered from today.

    Raises
    ------
    CategoryNotFound
        Neither the bot nor any of its contents has the category.
    """
    asked = counted.get(category, [])
    offers = outlined() if sum(one.is_popular for one in asked) < MOST else Outline()
    found = _offered(category, counted, offers)
    if found and found[0].is_popular:
        about = f"'{as_text(category)}' 관련해 많이" if category else "많이"
        return _answer(bot, category, found, f"{about} 찾는 질문이에요.", service_type, badge=BADGE)
    named = known or category in [one.name for one in bot.categories]
    if category is not None and category not in offers.first and not found and not named:
        raise CategoryNotFound
    if found:
        said = f"'{as_text(category)}' 관련 질문이에요." if category else "이런 질문에 답해 드릴 수 있어요."
        return _answer(bot, category, found, said, service_type)
    # A category that the bot names and no content has; without a category there are no contents at all
    others = _offered(None, counted, offers)
    said = f"'{as_text(category or '')}' 관련해 등록된 질문이 아직 없어요. 이런 질문은 어떠세요?"
    return _answer(bot, category, others, said, service_type)


def _offered(category: str | None, counted: Lists, offers: Outline) -> Questions:
    asked = counted.get(category, [])
    popular, others = ([one for one in asked if one.is_popular is kind] for kind in (True, False))
    return distinct([*popular, *offers.pinned.get(category, []), *others, *offers.first.get(category, [])])


def distinct(questions: Iterable[PopularQuestion]) -> list[PopularQuestion]:
    """The first seven, each once, with titles of their own: two choices of one name could not be told apart."""
    chosen: list[PopularQuestion] = []
    for one in questions:
        _add(chosen, one)
        if len(chosen) == MOST:
            break
    return chosen


def _answer(
    bot: Bot,
    category: str | None,
    questions: Sequence[PopularQuestion],
    said: str,
    service_type: str | None,
    badge: str | None = None,
) -> PopularAnswer:
    bubble = Bubble(
        bubble_id="b1",
        bubble_type="faq_list" if questions else "text",
        description=said if questions else "무엇이 궁금하신가요? 아래에 적어 주세요.",
        icon="🔥" if badge else None,
        badge=badge,
        info_map=faq_choices(bot, questions, service_type) if questions else None,
    )
    return PopularAnswer(category=category, questions=list(questions), bubbles=[bubble])


def _add(chosen: list[PopularQuestion], question: PopularQuestion) -> None:
    place = (question.source_id, question.faq_id)
    if len(chosen) < MOST and all(one.text != question.text and (one.source_id, one.faq_id) != place for one in chosen):
        chosen.append(question)


def titled(item: Item) -> str:
    """A stored content's title with its tags: without them many contents are called alike."""
    return "".join(f"[{tag}] " for tag in item.get("tags", [])) + str(item["title"])


def _contents(store: Store, bot: Bot) -> Iterator[tuple[str, str, str, list[str], str]]:
    """Source, id, title, other titles and category of each content that may be answered from today.

    In the order of the bot's sources and of ids.
    """
    day = keys.today().isoformat()
    for source_id in bot.source_ids:
        after = None
        while True:
            only = ["title", "tags", "similar_titles", "category", "effective_on", "expires_on"]
            page = store.query("contents", source_id, after=after, limit=_PAGE, only=only)
            for item in page.items:
                if item.get("effective_on", day) > day or item.get("expires_on", day) < day:
                    continue
                others = [item["title"], *item.get("similar_titles", [])]
                yield source_id, item["sk"], titled(item), others, item.get("category") or OTHER
            if page.cursor is None:
                break
            after = page.cursor
