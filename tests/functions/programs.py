"""What tests of the calls for programs have in common: keys, and what the history log keeps."""

from shared import wiring
from shared.storage import keys
from shared.storage.base import Item


def new_key(bot_id: str = "default", rate_per_minute: int = 0) -> str:
    """A key of a bot."""
    return wiring.get_api_keys().create(bot_id, "test", rate_per_minute)[1].get_secret_value()


def bearer(token: str) -> dict[str, str]:
    """The header that shows a key."""
    return {"Authorization": f"Bearer {token}"}


def logged(chat_id: str, bot_id: str = "default") -> Item:
    """A question in the history log."""
    item = wiring.get_store().get("questions", keys.questions_pk(bot_id, chat_id), chat_id)
    assert item is not None
    return item


def history_log(bot_id: str = "default") -> list[Item]:
    """Today's questions in the history log, oldest first."""
    return wiring.get_store().query("questions", keys.questions_pk(bot_id, keys.new_chat_id())).items


def nested(depth: int) -> str:
    """The JSON text of a list in a list in a list …"""
    return "[" * depth + "]" * depth
