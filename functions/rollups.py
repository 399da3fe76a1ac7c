"""On a schedule: count the days of every bot's history log that changed (scripts/rollups.py does the same)."""

from typing import Any

from shared import wiring


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Count. Returns how many questions were counted, by bot.

    Raises
    ------
    StoreUnavailable
        The schedule calls again; days that were counted before stand.
    """
    rollups = wiring.get_rollups()
    return {
        bot.bot_id: sum(one.rollup.questions for one in rollups.keep_up(bot.bot_id)) for bot in wiring.serving_bots()
    }
