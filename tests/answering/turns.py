"""Turns of a session that tests put before a question."""

from shared.models import Turn, TurnStatus
from shared.storage.keys import created_at, new_chat_id


def turn(message: str) -> Turn:
    """One that was answered."""
    chat_id = new_chat_id()
    return Turn(
        session_id="s", chat_id=chat_id, user_message=message, status=TurnStatus.DONE, created_at=created_at(chat_id)
    )
