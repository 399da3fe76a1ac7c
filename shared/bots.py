"""Bots in the store: a draft, and published versions, of which the newest serves and none ever changes."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from shared.bot import Bot
from shared.storage.base import Item, Store
from shared.storage.keys import DIRECTORY, DRAFT, bot_version, new_bot_version

log = logging.getLogger(__name__)
_PAGE = 20


class Bots:
    """Verbs over the table `bots`. They raise `StoreUnavailable`.

    A version that can't be read any more, whoever damaged it, is as good as absent; it is logged once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: set[tuple[str, str]] = set()

    def published(self, bot_id: str) -> Bot | None:
        """The newest published version that can be read, if there is any."""
        if (item := self.newest(bot_id)) is None:
            return None
        return self._read(item) or next(self._older(bot_id, str(item["sk"])), None)

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
        """A published version, if there is such a one that can be read."""
        item = self._store.get("bots", bot_id, version) if version.startswith(bot_version("")) else None
        return self._read(item) if item else None

    def versions(self, bot_id: str, limit: int = 20, before: str | None = None) -> list[Bot]:
        """Published versions, newest first, from before `before` on; those among them that can't be read left out."""
        page = self._store.query("bots", bot_id, prefix=bot_version(""), before=before, limit=limit, newest_first=True)
        return [bot for item in page.items if (bot := self._read(item)) is not None]

    def save_draft(self, bot: Bot) -> None:
        """Keep it beside what serves, in place of an earlier draft."""
        self._store.put("bots", {"pk": DIRECTORY, "sk": bot.bot_id})
        draft = bot.model_copy(update={"version": DRAFT})
        self._store.put("bots", {"pk": bot.bot_id, "sk": DRAFT, **draft.model_dump(mode="json")})

    def draft(self, bot_id: str) -> Bot | None:
        """The draft, if there is one that can be read."""
        item = self._store.get("bots", bot_id, DRAFT)
        return self._read(item) if item else None

    def all(self) -> list[Bot]:
        """The newest version of each published bot, by id."""
        found, after = [], None
        while True:
            page = self._store.query("bots", DIRECTORY, after=after, limit=100)
            found += [bot for item in page.items if (bot := self.published(str(item["sk"]))) is not None]
            if page.cursor is None:
                return found
            after = page.cursor

    def _older(self, bot_id: str, before: str | None) -> Iterator[Bot]:
        """Versions from before `before` on that can be read, newest first."""
        while before is not None:
            page = self._store.query(
                "bots", bot_id, prefix=bot_version(""), before=before, limit=_PAGE, newest_first=True
            )
            yield from (bot for item in page.items if (bot := self._read(item)) is not None)
            before = page.cursor

    def _read(self, item: Item) -> Bot | None:
        try:
            return Bot.model_validate(item)
        except ValidationError:  # its message would repeat what the bot says
            place = (str(item["pk"]), str(item["sk"]))
            if place not in self._told:
                self._told.add(place)
                log.error("bot %r: version %r cannot be read", *place)
            return None
