"""On a schedule: count every bot's popular questions (scripts/popular.py is the same from a command line)."""

from typing import Any

from shared import wiring
from shared.popular_count import recount


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Count. Returns how many questions were counted, by bot.

    Raises
    ------
    StoreUnavailable
        The schedule calls again; lists that were counted before stand for a day.
    """
    store = wiring.get_store()
    return {bot.bot_id: recount(store, bot).questions for bot in wiring.serving_bots()}
