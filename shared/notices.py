"""What an operator pins to a bot's entry for a while: a notice that every conversation begins with."""

from datetime import UTC, datetime

from shared.models import Model
from shared.storage import keys
from shared.storage.base import Clock, Store, now
from shared.storage.keys import ONLY


class Notice(Model):
    """The notice, and when it ends."""

    text: str
    until: datetime


class Notices:
    """The verbs. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def pinned(self, bot_id: str) -> Notice | None:
        """What is pinned now."""
        item = self._store.get("counters", keys.notice_pk(bot_id), ONLY)
        return Notice.model_validate(item) if item else None

    def pin(self, bot_id: str, text: str, minutes: int) -> Notice:
        """Pin it, in place of what was pinned before."""
        ends = int(self._clock()) + minutes * 60
        notice = Notice(text=text, until=datetime.fromtimestamp(ends, UTC))
        item = {"pk": keys.notice_pk(bot_id), "sk": ONLY, **notice.model_dump(mode="json")}
        self._store.put("counters", item, expires_at=ends)
        return notice

    def unpin(self, bot_id: str) -> None:
        """Take it down; when there is none, nothing happens."""
        self._store.delete("counters", keys.notice_pk(bot_id), ONLY)
