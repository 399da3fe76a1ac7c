"""GET /v1/admin/bots/{bot_id}/history — what was asked, as pages, as a file, one by one, and why it got its answer."""

from itertools import chain
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from mangum import Mangum

from shared import assembly, wiring
from shared.admin_http import BotViewer, Cursor, require_role
from shared.admin_keys import Operator
from shared.answering.bridge import in_thread
from shared.exports import MEDIA_TYPES, Format, exported
from shared.history import Channel, Filters, HistoryPage, HistoryTurn, Span
from shared.http import create_app, lifespan, produces
from shared.models import Decision, TurnStatus
from shared.pseudonyms import pseudonymous
from shared.settings import get_settings
from shared.storage.base import now
from shared.storage.keys import day_at
from shared.why import Why, explain

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/history", tags=["admin: history"])

_Text = Annotated[str | None, Query(min_length=1, max_length=200)]


def _span(
    first: Annotated[str | None, Query(alias="from", description="YYYY-MM-DD, in Seoul; a week before `to`")] = None,
    last: Annotated[str | None, Query(alias="to", description="YYYY-MM-DD, in Seoul; today")] = None,
) -> Span:
    return Span.of(first, last, day_at(now()), get_settings().history_days)


def _filters(
    decision: Annotated[Literal[Decision, "none"] | None, Query(description="`none`: it got no answer")] = None,
    status: TurnStatus | None = None,
    category: _Text = None,
    service_type: _Text = None,
    feedback: Annotated[Literal["helpful", "unhelpful", "none"] | None, Query(description="`none`: not rated")] = None,
    faq_id: _Text = None,
    degraded: bool | None = None,
    slow_ms: Annotated[int | None, Query(ge=0, le=3_600_000, description="it took so long at least")] = None,
    channel: Channel | None = None,
    bot_version: _Text = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=200, description="in the question or its answer, as a text")
    ] = None,
) -> Filters:
    return Filters(
        decision=decision,
        status=status,
        category=category,
        service_type=service_type,
        feedback=feedback,
        faq_id=faq_id,
        degraded=degraded,
        slow_ms=slow_ms,
        channel=channel,
        bot_version=bot_version,
        text=q,
    )


Days = Annotated[Span, Depends(_span)]
Chosen = Annotated[Filters, Depends(_filters)]


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


@router.get("/export", response_class=StreamingResponse, responses=produces(*MEDIA_TYPES.values()))
def export(
    bot_id: str,
    operator: BotViewer,
    days: Days,
    filters: Chosen,
    kind: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """All of them as a file, streamed. Ids of visitors and sessions are for owners; others get pseudonyms."""
    name = f"history-{bot_id}-{days.first}-{days.last}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    pages = wiring.get_history().every(bot_id, days, filters)
    first = next(pages, [])  # a store that is away is told as such, and not by a file that breaks off
    shown = ([_shown(turn, bot_id, operator) for turn in page] for page in chain([first], pages))
    return StreamingResponse(exported(shown, kind), media_type=MEDIA_TYPES[kind], headers=headers)


@router.get("/{day}/{chat_id}", response_model_exclude_none=True)
def read_question(bot_id: str, day: str, chat_id: str, operator: BotViewer) -> HistoryTurn:
    """One question whole. Ids of its visitor and session are for owners; others get pseudonyms."""
    return _shown(wiring.get_history().turn(bot_id, day, chat_id), bot_id, operator)


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


def _shown(turn: HistoryTurn, bot_id: str, operator: Operator) -> HistoryTurn:
    return turn if operator.has("owner") else pseudonymous(turn, bot_id, wiring.get_secret_key())


async def _nothing() -> None:
    """A replay ends with its request."""


app = create_app(router, lifespan=lifespan(_nothing))
handler = Mangum(app, lifespan="off")
