"""POST /v1/answers — one question of a program, one whole answer. A bot key chooses the bot; no session is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared import programs, wiring
from shared.answering.pipeline import MAX_ANSWER_CHARACTERS
from shared.bubbles import feedback_request
from shared.http import ApiKey, QuestionText, ServiceType, create_app, lifespan, limit_key
from shared.models import Answer, Bubble, Decision, Expression, Invitation, Source, Suggestion
from shared.programs import MAX_HISTORY_TURNS, Exchange, ProgramQuestion
from shared.retrieval.text import normalize

router = APIRouter(prefix="/v1/answers", tags=["programs"])

# What this API has said can be told to it again
_Said = Annotated[str, StringConstraints(max_length=MAX_ANSWER_CHARACTERS), AfterValidator(normalize)]


class EarlierTurn(BaseModel):
    """What was asked before, and what was answered."""

    user_message: QuestionText
    system_message: _Said = ""


class NewQuestion(BaseModel):
    """A question; `history` is oldest first."""

    question: QuestionText
    history: Annotated[list[EarlierTurn], Field(max_length=MAX_HISTORY_TURNS)] = []
    service_type: ServiceType | None = None


class Said(BaseModel):
    """The answer's bubbles, and how the bot looks meanwhile."""

    expression: Expression
    search_completed: bool
    bubbles: list[Bubble]


class WholeAnswer(BaseModel):
    """The stream of an answer, collected."""

    request_id: str
    question_ids: list[str]
    answer: Said
    feedback: Invitation
    sources: list[Source]
    suggestions: list[Suggestion]
    decision: Decision
    degraded: list[str]


@router.post("", dependencies=[Depends(limit_key)], response_model_exclude_none=True)
async def answer(body: NewQuestion, key: ApiKey) -> WholeAnswer:
    """Answer a question. It ends, and is logged, also when the caller leaves."""
    history = [Exchange(one.user_message, one.system_message) for one in body.history]
    question = ProgramQuestion(body.question, history, body.service_type)
    reply = await programs.start(key, question, wiring.get_parts, wiring.get_question_log())
    return _whole(key.bot_id, reply.request_id, await reply.whole())


def _whole(bot_id: str, request_id: str, answer: Answer) -> WholeAnswer:
    return WholeAnswer(
        request_id=request_id,
        question_ids=[source.faq_id for source in answer.sources],
        answer=Said.model_validate(answer, from_attributes=True),
        feedback=Invitation(bubbles=[feedback_request(bot_id, request_id)]),
        sources=answer.sources,
        suggestions=answer.suggestions,
        decision=answer.decision or "refuse",
        degraded=answer.degraded,
    )


app = create_app(router, lifespan=lifespan(programs.drain))
handler = Mangum(app, lifespan="off")
