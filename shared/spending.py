"""What bots spend on models a day, counted in the store, so that all processes agree."""

import math

from shared.bot import Bot, Chat
from shared.storage import keys
from shared.storage.base import Clock, Store, now

_KEEP_SECONDS = 2 * 86_400  # of a day's counter: nobody asks for it after the day, and clocks differ
_MILLI = 1_000  # won are counted in thousandths: a counter holds integers, and an answer costs less than one won


def cost_won(chat: Chat, input_tokens: int, output_tokens: int) -> float | None:
    """What so many tokens cost, in won; `None` when the bot does not say what its model costs."""
    if chat.input_won is None or chat.output_won is None:
        return None
    return (input_tokens * chat.input_won + output_tokens * chat.output_won) / 1_000_000


class Spending:
    """Counts a bot's tokens and won of the day in Seoul. It raises `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def is_spent(self, bot: Bot) -> bool:
        """Whether the bot has spent today's budget. A bot without one is not looked up.

        Answers that run at once may each find something left: a budget is exceeded by those at most.
        """
        budget = bot.budget
        if not budget.is_set:
            return False
        item = self._store.get("counters", *self._keys(bot)) or {}
        tokens, milli_won = int(item.get("tokens", 0)), int(item.get("milli_won", 0))
        return (budget.tokens is not None and tokens >= budget.tokens) or (
            budget.won is not None and milli_won >= budget.won * _MILLI
        )

    def add(self, bot: Bot, tokens: int, won: float | None) -> None:
        """Count what an answer took, for a bot that has a budget."""
        if not tokens or not bot.budget.is_set:
            return
        amounts = {"tokens": tokens, "milli_won": math.ceil((won or 0) * _MILLI)}
        self._store.add("counters", *self._keys(bot), amounts, expires_at=int(self._clock()) + _KEEP_SECONDS)

    def _keys(self, bot: Bot) -> tuple[str, str]:
        return keys.spending_pk(bot.bot_id), keys.day_at(self._clock())
