"""GET /v1/admin/bots/{bot_id}/history — what was asked, as pages, one by one, and why it got its answer.

As a file: `exports`.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from mangum import Mangum

from shared import assembly, wiring
from shared.admin_http import BotViewer, Cursor, require_role
from shared.answering.bridge import in_thread
from shared.history import HistoryPage, HistoryTurn
from shared.history_http import Chosen, Days, shown
from shared.http import create_app, lifespan
from shared.why import Why, explain

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/history", tags=["admin: history"])


@router.get("", response_model_exclude_none=True)
def list_questions(
    bot_id: str,
    _operator: BotViewer,
    days: Days,
    filters: Chosen,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryPage:
    """Questions, newest first. A page may hold fewer, or none, before the days are through: `cursor` goes on."""
    return wiring.get_history().page(bot_id, days, filters, cursor, limit)


@router.get("/{day}/{chat_id}", response_model_exclude_none=True)
def read_question(bot_id: str, day: str, chat_id: str, operator: BotViewer) -> HistoryTurn:
    """One question whole. Ids of its visitor and session are for owners; others get pseudonyms."""
    return shown(wiring.get_history().turn(bot_id, day, chat_id), bot_id, operator)


@router.get("/{day}/{chat_id}/why", response_model_exclude_none=True)
async def why(
    bot_id: str,
    day: str,
    chat_id: str,
    operator: BotViewer,
    with_answer: Annotated[bool, Query(description="ask the language model too, which costs; for editors")] = False,
) -> Why:
    """What was recorded beside a replay of today. Nothing is logged."""
    if with_answer:
        require_role(operator, "editor")
    history = wiring.get_history()
    turn = await in_thread(history.turn, bot_id, day, chat_id)
    earlier = await in_thread(history.earlier, bot_id, turn)
    return await explain(await in_thread(assembly.get_parts, bot_id), turn, earlier, with_answer=with_answer)


async def _nothing() -> None:
    """A replay ends with its request."""


app = create_app(router, lifespan=lifespan(_nothing))
handler = Mangum(app, lifespan="off")
