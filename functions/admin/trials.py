"""POST /v1/admin/bots/{bot_id}/try — a question's whole way through a draft or a version."""

from typing import Annotated

from fastapi import APIRouter
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared import assembly, wiring
from shared.admin_http import BotEditor
from shared.answering.case import Parts
from shared.answering.writing import MAX_ANSWER_CHARACTERS
from shared.bot_editing import named_version
from shared.http import QuestionText, ServiceType, create_app
from shared.programs import MAX_HISTORY_TURNS, Exchange, ProgramQuestion
from shared.retrieval.text import normalize
from shared.trials import Trial, attempt

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/try", tags=["admin: bots"])

_Said = Annotated[str, StringConstraints(max_length=MAX_ANSWER_CHARACTERS), AfterValidator(normalize)]


class TriedTurn(BaseModel):
    """What is taken to have been asked before, and answered."""

    user_message: QuestionText
    system_message: _Said = ""


class TriedQuestion(BaseModel):
    """A question; `history` is oldest first; `version` is `draft`, `published` or a version's id."""

    question: QuestionText
    history: Annotated[list[TriedTurn], Field(max_length=MAX_HISTORY_TURNS)] = []
    service_type: ServiceType | None = None
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "published"


@router.post("")
async def try_question(bot_id: str, body: TriedQuestion, _operator: BotEditor) -> Trial:
    """Answer it by the ordinary pipeline. It is no customer's question: no history and no count holds it."""
    history = [Exchange(one.user_message, one.system_message) for one in body.history]
    question = ProgramQuestion(body.question, history, body.service_type)
    return await attempt(question, lambda: _parts(bot_id, body.version))


def _parts(bot_id: str, version: str) -> Parts:
    """What a version answers with. Raises `VersionNotFound`."""
    return assembly.get_trial_parts(named_version(wiring.get_bots(), bot_id, version))


app = create_app(router)
handler = Mangum(app, lifespan="off")
