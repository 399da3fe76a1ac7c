"""An answer as a whole: the stream, collected. What one request gives to programs, and to who taps on a question."""

from pydantic import BaseModel, Field

from shared.bubbles import invitation
from shared.models import Answer, Bubble, Decision, Expression, Invitation, Source, Suggestion


class Said(BaseModel):
    """The answer's bubbles, and how the bot looks meanwhile."""

    expression: Expression
    search_completed: bool
    bubbles: list[Bubble]


class WholeAnswer(BaseModel):
    """One answer, and what may follow it."""

    request_id: str
    question_ids: list[str]
    answer: Said
    feedback: Invitation
    sources: list[Source]
    suggestions: list[Suggestion]
    decision: Decision | None = Field(None, description="None where it was stopped before there was one")
    degraded: list[str]


def whole(bot_id: str, request_id: str, answer: Answer) -> WholeAnswer:
    """The answer to the turn `request_id`."""
    return WholeAnswer(
        request_id=request_id,
        question_ids=[source.faq_id for source in answer.sources],
        answer=Said.model_validate(answer, from_attributes=True),
        feedback=invitation(bot_id, request_id),
        sources=answer.sources,
        suggestions=answer.suggestions,
        decision=answer.decision,
        degraded=answer.degraded,
    )
