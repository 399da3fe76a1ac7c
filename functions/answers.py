"""POST /v1/answers — one question of a program, one whole answer. A bot key chooses the bot; no session is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared import assembly, programs, wiring
from shared.answering.writing import MAX_ANSWER_CHARACTERS
from shared.callers import ApiKey, limit_key
from shared.http import QuestionText, ServiceType, create_app, lifespan
from shared.programs import MAX_HISTORY_TURNS, Exchange, ProgramQuestion
from shared.retrieval.text import normalize
from shared.whole import WholeAnswer, whole

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


@router.post("", dependencies=[Depends(limit_key)], response_model_exclude_none=True)
async def answer(body: NewQuestion, key: ApiKey) -> WholeAnswer:
    """Answer a question. It ends, and is logged, also when the caller leaves."""
    history = [Exchange(one.user_message, one.system_message) for one in body.history]
    question = ProgramQuestion(body.question, history, body.service_type)
    reply = await programs.start(key, question, assembly.get_parts, wiring.get_question_log())
    return whole(key.bot_id, reply.request_id, await reply.whole())


app = create_app(router, lifespan=lifespan(programs.drain))
handler = Mangum(app, lifespan="off")
