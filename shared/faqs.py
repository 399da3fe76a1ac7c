"""Contents as a customer reads them without having asked: one of them, those it names, and what there is."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from shared.bot import Bot
from shared.errors import FaqNotFound
from shared.models import OTHER, Content, Suggestion
from shared.retrieval import manifest
from shared.storage.base import MAX_MANY, InvalidItem, Store
from shared.storage.items import is_key
from shared.storage.keys import today

Asked = TypeVar("Asked", bound=Suggestion)


class Faqs:
    """The verbs. They raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, bot: Bot, faq_id: str, source_id: str | None = None) -> Content:
        """A content of one of the bot's sources: of the one that is named, else the first that has it.

        Raises
        ------
        FaqNotFound
        """
        for source in bot.source_ids if source_id is None else set(bot.source_ids) & {source_id}:
            try:
                item = self._store.get("contents", source, faq_id)
            except InvalidItem:  # no such id can be
                raise FaqNotFound from None
            if item is not None and (content := Content.model_validate(item)).holds_on(today()):
                return content
        raise FaqNotFound

    def there(self, bot: Bot, faq_ids: Sequence[str]) -> set[str]:
        """Which of these contents one of the bot's sources has; at most `MAX_MANY` are asked for."""
        return {one.faq_id for source_id in bot.source_ids for one in self._read(source_id, faq_ids)}

    def titles(self, bot: Bot, faq_ids: Collection[str]) -> dict[str, str]:
        """The titles of those of these contents that one of the bot's sources has, of its first one where two have it.

        Also of what is not answered from today.
        """
        possible = [one for one in faq_ids if is_key(one)]
        found: dict[str, str] = {}
        for source_id in reversed(bot.source_ids):
            for at in range(0, len(possible), MAX_MANY):
                items = self._store.get_many("contents", source_id, possible[at : at + MAX_MANY])
                found |= {faq_id: item["title"] for faq_id, item in items.items()}
        return found

    def those_there(self, bot: Bot, questions: Sequence[Asked]) -> list[Asked]:
        """Those of these questions, in order, whose content is still there; at most `MAX_MANY` a source."""
        found = {
            (source_id, one.faq_id)
            for source_id in bot.source_ids
            for one in self._read(source_id, [of.faq_id for of in questions if of.source_id in (None, source_id)])
        }
        ids = {faq_id for _, faq_id in found}
        return [
            one
            for one in questions
            if ((one.source_id, one.faq_id) in found if one.source_id is not None else one.faq_id in ids)
        ]

    def related(self, content: Content) -> Sequence[Content]:
        """Those that the operator related to it, in order, as far as they are there."""
        return self._read(content.source_id, content.related_ids[:MAX_MANY])

    def _read(self, source_id: str, faq_ids: Sequence[str]) -> list[Content]:
        """Those of these contents that are there and may be answered from today, in order."""
        possible = [one for one in faq_ids if is_key(one)]
        items = self._store.get_many("contents", source_id, possible) if possible else {}
        found = [Content.model_validate(items[one]) for one in faq_ids if one in items]
        return [one for one in found if one.holds_on(today())]

    def categories(self, bot: Bot) -> Sequence[str]:
        """What the bot's questions are about: the operator's categories in order, then the contents' other ones.

        Where there are any, contents without one are `OTHER`.
        """
        served = [manifest.current(self._store, source_id) for source_id in bot.source_ids]
        of_contents = [name for one in served if one is not None for name in one.categories]
        named = [*(one.name for one in bot.categories), *of_contents]
        lacking = any(one.uncategorized for one in served if one is not None)
        return list(dict.fromkeys([*named, *([OTHER] if named and lacking else [])]))
