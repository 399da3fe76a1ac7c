"""Which questions of the history a request is about, and what of them an operator may see: as pages, and as a file."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from shared import wiring
from shared.admin_keys import Operator
from shared.history import Channel, Filters, HistoryTurn, Span
from shared.models import Decision, TurnStatus
from shared.pseudonyms import pseudonymous
from shared.settings import get_settings
from shared.storage.base import now
from shared.storage.keys import day_at

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


def shown(turn: HistoryTurn, bot_id: str, operator: Operator) -> HistoryTurn:
    """A turn as its operator sees it: ids of its visitor and session are for owners; others get pseudonyms."""
    return turn if operator.has("owner") else pseudonymous(turn, bot_id, wiring.get_secret_key())
