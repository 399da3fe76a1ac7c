"""GET /v1/admin/insights — figures by bot; a bot's own under its path, with surges and what is pinned for it."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field

from shared import wiring
from shared.admin_http import BotEditor, BotViewer, Viewer
from shared.exports import MEDIA_TYPES, Table, bots_csv, figures_csv
from shared.history import Span
from shared.http import create_app, produces
from shared.insights import BotFigures, Insights, figures_of
from shared.insights import insights as read_insights
from shared.notices import Notice
from shared.retrieval.text import normalize
from shared.source_access import known_bot
from shared.storage.base import now
from shared.storage.keys import day_at
from shared.surges import Surges
from shared.surges import surges as find_surges

router = APIRouter(prefix="/v1/admin", tags=["admin: insights"])

_MOST_DAYS = 366
_MOST_MINUTES = 14 * 1_440


def _notice_text(text: str) -> str:
    if not (text := normalize(text)):
        raise ValueError("알림 내용을 입력해 주세요.")
    return text


class NewNotice(BaseModel):
    """What to pin, and for how long."""

    text: Annotated[str, Field(max_length=500), AfterValidator(_notice_text)]
    minutes: int = Field(60, ge=1, le=_MOST_MINUTES)


class PinnedNotice(BaseModel):
    """What is pinned, if anything is."""

    notice: Notice | None


def _span(
    first: Annotated[str | None, Query(alias="from", description="YYYY-MM-DD, in Seoul; a week before `to`")] = None,
    last: Annotated[str | None, Query(alias="to", description="YYYY-MM-DD, in Seoul; today")] = None,
) -> Span:
    return Span.of(first, last, day_at(now()), _MOST_DAYS)


Days = Annotated[Span, Depends(_span)]


@router.get("/insights")
def insights_of_bots(operator: Viewer, days: Days) -> list[BotFigures]:
    """Each bot's figures of these days together, of those that the operator sees and that serve, by id."""
    seen = [bot for bot in wiring.serving_bots() if operator.sees(bot.bot_id)]
    return [figures_of(wiring.get_rollups(), bot, days.first, days.last) for bot in seen]


@router.get("/insights.csv", response_class=StreamingResponse, responses=produces(MEDIA_TYPES["csv"]))
def insights_of_bots_csv(operator: Viewer, days: Days) -> StreamingResponse:
    """The same figures as a file, a line for each bot."""
    return _file(bots_csv(insights_of_bots(operator, days)), f"insights-{days.first}-{days.last}.csv")


@router.get("/bots/{bot_id}/insights")
def insights(bot_id: str, _operator: BotViewer, days: Days) -> Insights:
    """Figures by day and together, and what the contents do."""
    return read_insights(wiring.get_store(), wiring.get_rollups(), known_bot(bot_id), days.first, days.last)


@router.get("/bots/{bot_id}/insights.csv", response_class=StreamingResponse, responses=produces(MEDIA_TYPES["csv"]))
def insights_csv(bot_id: str, _operator: BotViewer, days: Days, table: Table = "days") -> StreamingResponse:
    """The same figures as a file."""
    found = insights(bot_id, _operator, days)
    return _file(figures_csv(found, table), f"insights-{bot_id}-{table}-{days.first}-{days.last}.csv")


@router.get("/bots/{bot_id}/surges")
def surges(bot_id: str, _operator: BotViewer) -> Surges:
    """Groups of like questions that grow far above their usual rate in these minutes."""
    return find_surges(wiring.get_store(), wiring.get_rollups(), bot_id)


@router.get("/bots/{bot_id}/notice")
def read_notice(bot_id: str, _operator: BotViewer) -> PinnedNotice:
    """What is pinned to the bot's entry."""
    return PinnedNotice(notice=wiring.get_notices().pinned(bot_id))


@router.put("/bots/{bot_id}/notice")
def pin_notice(bot_id: str, body: NewNotice, operator: BotEditor) -> PinnedNotice:
    """Pin a notice to the bot's entry, in place of another one; within seconds new conversations begin with it."""
    notices = wiring.get_notices()
    before = notices.pinned(bot_id)
    with wiring.get_audit().change(
        operator, "notice.pin", [bot_id], before=before.model_dump(mode="json") if before else None
    ) as change:
        pinned = notices.pin(bot_id, body.text, body.minutes)
        change.after = pinned.model_dump(mode="json")
    return PinnedNotice(notice=pinned)


@router.delete("/bots/{bot_id}/notice")
def unpin_notice(bot_id: str, operator: BotEditor) -> PinnedNotice:
    """Take the notice down."""
    notices = wiring.get_notices()
    if (before := notices.pinned(bot_id)) is not None:
        with wiring.get_audit().change(operator, "notice.unpin", [bot_id], before=before.model_dump(mode="json")):
            notices.unpin(bot_id)
    return PinnedNotice(notice=None)


def _file(pieces: Iterator[bytes], name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES["csv"], headers=headers)


app = create_app(router)
handler = Mangum(app, lifespan="off")
