"""Turns of a session that tests put before a question."""

from shared.models import Decision, Source, Turn, TurnStatus
from shared.storage.keys import created_at, new_chat_id


def answered(message: str, faq_id: str, decision: Decision = "answer") -> Turn:
    """One whose first source is this FAQ."""
    source = Source(n=1, faq_id=faq_id, title=faq_id, matched_subject=faq_id, score=1.0)
    return turn(message).model_copy(update={"sources": [source], "decision": decision})


def turn(message: str) -> Turn:
    """One that was answered."""
    chat_id = new_chat_id()
    return Turn(
        session_id="s", chat_id=chat_id, user_message=message, status=TurnStatus.DONE, created_at=created_at(chat_id)
    )
