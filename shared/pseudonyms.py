"""Ids of visitors and sessions under other names, for operators who need to tell them apart and no more.

A name is the same wherever a bot's log has that id, so that one person's questions can still be counted as such; it
leads back to nothing without the deployment's secret, and is another one for another bot.
"""

import hashlib
import hmac

from shared.history import HistoryTurn

_CHARACTERS = 16  # 64 bits: of a million visitors no two share a name, but for one chance in 37 million


def pseudonymous(turn: HistoryTurn, bot_id: str, secret_key: str) -> HistoryTurn:
    """A turn without the ids of who asked and of their session."""
    named = {
        name: f"{prefix}_{_name(secret_key, bot_id, name, value)}"
        for name, prefix in (("visitor_id", "visitor"), ("session_id", "session"))
        if (value := getattr(turn, name)) is not None
    }
    return turn.model_copy(update=named)


def _name(secret_key: str, bot_id: str, kind: str, value: str) -> str:
    key = f"haedap.pseudonym.{secret_key}".encode()
    return hmac.new(key, f"{bot_id}\0{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:_CHARACTERS]
