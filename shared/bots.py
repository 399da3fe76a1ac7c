"""Bots in the store: a draft, and published versions, of which the newest serves and none ever changes."""

from collections.abc import Mapping
from typing import Any

from shared.bot import Bot
from shared.storage.base import Item, Store
from shared.storage.keys import DIRECTORY, DRAFT, bot_version, new_bot_version


class Bots:
    """Verbs over the table `bots`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def published(self, bot_id: str) -> Bot | None:
        """The newest published version, if there is any."""
        item = self.newest(bot_id)
        return Bot.model_validate(item) if item else None

    def newest(self, bot_id: str) -> Item | None:
        """The same as it is stored, with what a publisher noted beside it."""
        items = self._store.query("bots", bot_id, prefix=bot_version(""), limit=1, newest_first=True).items
        return items[0] if items else None

    def publish(self, bot: Bot, notes: Mapping[str, Any] | None = None) -> Bot:
        """Publish it as a new version, which is returned.

        Parameters
        ----------
        notes
            Kept beside it, for the publisher's own use.
        """
        published = bot.model_copy(update={"version": new_bot_version()})
        body = {**(notes or {}), **published.model_dump(mode="json")}
        # The directory first: a bot that is listed and has no version yet does no harm, the reverse hides it
        self._store.put("bots", {"pk": DIRECTORY, "sk": bot.bot_id})
        self._store.put("bots", {"pk": bot.bot_id, "sk": published.version, **body}, if_absent=True)
        return published

    def version(self, bot_id: str, version: str) -> Bot | None:
        """A published version, if there is such a one."""
        item = self._store.get("bots", bot_id, version) if version.startswith(bot_version("")) else None
        return Bot.model_validate(item) if item else None

    def versions(self, bot_id: str, limit: int = 20, before: str | None = None) -> list[Bot]:
        """Published versions, newest first, from before `before` on."""
        page = self._store.query("bots", bot_id, prefix=bot_version(""), before=before, limit=limit, newest_first=True)
        return [Bot.model_validate(item) for item in page.items]

    def save_draft(self, bot: Bot) -> None:
        """Keep it beside what serves, in place of an earlier draft."""
        self._store.put("bots", {"pk": DIRECTORY, "sk": bot.bot_id})
        draft = bot.model_copy(update={"version": DRAFT})
        self._store.put("bots", {"pk": bot.bot_id, "sk": DRAFT, **draft.model_dump(mode="json")})

    def draft(self, bot_id: str) -> Bot | None:
        """The draft, if there is one."""
        item = self._store.get("bots", bot_id, DRAFT)
        return Bot.model_validate(item) if item else None

    def all(self) -> list[Bot]:
        """The newest version of each published bot, by id."""
        found, after = [], None
        while True:
            page = self._store.query("bots", DIRECTORY, after=after, limit=100)
            found += [bot for item in page.items if (bot := self.published(str(item["sk"]))) is not None]
            if page.cursor is None:
                return found
            after = page.cursor
