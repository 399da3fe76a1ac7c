"""Bots in the store: a draft, and published versions, of which the newest serves and none ever changes.

A draft has a revision, another one whenever it is saved, so that who saves what has changed meanwhile is told. One that
was published or thrown away stays as an item that is `closed`, since only an update can be conditional, not a deletion.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.bot import Bot
from shared.errors import Conflict
from shared.storage.base import ConditionFailed, Item, Store
from shared.storage.keys import DIRECTORY, DRAFT, bot_version, new_bot_version, new_revision

log = logging.getLogger(__name__)
_PAGE = 20


@dataclass(frozen=True)
class Draft:
    """A draft, and which state of it this is."""

    bot: Bot
    revision: str


@dataclass(frozen=True)
class Version:
    """A published version, and the name of who published it; nobody's of those that a script or an earlier one did."""

    bot: Bot
    published_by: str | None = None


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

    def publish(self, bot: Bot, notes: Mapping[str, Any] | None = None, by: str | None = None) -> Bot:
        """Publish it as a new version, which is returned.

        Parameters
        ----------
        notes
            Kept beside it, for the publisher's own use.
        by
            The operator's name.
        """
        published = bot.model_copy(update={"version": new_bot_version()})
        body = {**(notes or {}), **({"published_by": by} if by else {}), **published.model_dump(mode="json")}
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
        return [one.bot for one in self.version_page(bot_id, limit, before)[0]]

    def version_page(self, bot_id: str, limit: int, before: str | None = None) -> tuple[list[Version], str | None]:
        """The same with who published them, and the version to go on from, or `None` after the last."""
        page = self._store.query("bots", bot_id, prefix=bot_version(""), before=before, limit=limit, newest_first=True)
        read = ((item, self._read(item)) for item in page.items)
        return [Version(bot, item.get("published_by")) for item, bot in read if bot is not None], page.cursor

    def save_draft(self, bot: Bot) -> None:
        """Keep it beside what serves, in place of an earlier draft, whoever changed that."""
        self._store.put("bots", {"pk": DIRECTORY, "sk": bot.bot_id})
        self._store.put("bots", {"pk": bot.bot_id, "sk": DRAFT, **_drafted(bot, new_revision())})

    def replace_draft(self, bot: Bot, revision: str | None) -> Draft:
        """Keep it, if the draft is still at this revision; `None` is that there is none.

        Raises
        ------
        Conflict
            Somebody else has saved, published or thrown away the draft. Nothing was changed.
        """
        item = self._store.get("bots", bot.bot_id, DRAFT)
        opened = self._open(item)
        if (opened.revision if opened else None) != revision:
            raise Conflict
        saved = new_revision()
        body = _drafted(bot, saved)
        self._store.put("bots", {"pk": DIRECTORY, "sk": bot.bot_id})
        try:
            if item is None:
                self._store.put("bots", {"pk": bot.bot_id, "sk": DRAFT, **body}, if_absent=True)
            else:
                self._store.update("bots", bot.bot_id, DRAFT, body, if_={"revision": item.get("revision")})
        except ConditionFailed as error:
            raise Conflict from error
        return Draft(bot.model_copy(update={"version": DRAFT}), saved)

    def close_draft(self, bot_id: str, revision: str) -> None:
        """End the draft, if it is still at this revision. Raises `Conflict`."""
        changes = {"closed": True, "revision": new_revision()}
        try:
            self._store.update("bots", bot_id, DRAFT, changes, if_={"revision": revision or None})
        except ConditionFailed as error:
            raise Conflict from error

    def draft(self, bot_id: str) -> Bot | None:
        """The draft, if there is one that can be read."""
        opened = self.opened_draft(bot_id)
        return opened.bot if opened else None

    def opened_draft(self, bot_id: str) -> Draft | None:
        """The same with its revision."""
        return self._open(self._store.get("bots", bot_id, DRAFT))

    def ids(self) -> list[str]:
        """Of all bots that were ever drafted or published."""
        found: list[str] = []
        after = None
        while True:
            page = self._store.query("bots", DIRECTORY, after=after, limit=100)
            found += [str(item["sk"]) for item in page.items]
            if page.cursor is None:
                return found
            after = page.cursor

    def all(self) -> list[Bot]:
        """The newest version of each published bot, by id."""
        return [bot for bot_id in self.ids() if (bot := self.published(bot_id)) is not None]

    def _open(self, item: Item | None) -> Draft | None:
        if item is None or item.get("closed") or (bot := self._read(item)) is None:
            return None
        return Draft(bot, item.get("revision") or "")

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


def _drafted(bot: Bot, revision: str) -> Item:
    """The attributes of a draft's item."""
    draft = bot.model_copy(update={"version": DRAFT})
    return {**draft.model_dump(mode="json"), "revision": revision, "closed": False}
