"""Which past days of a bot's history log changed after they were: `rollup_count` counts those again."""

from shared.storage import keys
from shared.storage.base import Store


def mark_changed(store: Store, bot_id: str, chat_id: str, at: float, keep_seconds: int) -> None:
    """Note that the log of a past day was changed, after it was: the day is counted again. Today is, anyway."""
    day = keys.day_of(chat_id)
    if day != keys.day_at(at):
        mark = {"pk": keys.changed_days_pk(bot_id), "sk": day, "mark": keys.new_tally_id()}
        store.put("rollups", mark, expires_at=int(at) + keep_seconds)
