"""GET /v1/admin/audit — what operators have changed on one day, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query
from mangum import Mangum

from shared import wiring
from shared.admin_http import Cursor, Owner
from shared.audit import AuditPage, check_day
from shared.http import create_app
from shared.settings import get_settings

router = APIRouter(prefix="/v1/admin/audit", tags=["admin: keys"])


@router.get("")
def list_changes(
    operator: Owner,
    day: Annotated[str | None, Query(description="YYYY-MM-DD, in Seoul; today without it")] = None,
    bot: Annotated[str | None, Query(max_length=64, description="bot_id")] = None,
    cursor: Cursor = None,
) -> AuditPage:
    """Changes of bots that the owner may see; those that touch all bots are for owners of all."""
    audit = wiring.get_audit()
    today = audit.today()
    return audit.page(operator, check_day(day or today, today, get_settings().audit_days), bot, cursor)


app = create_app(router)
handler = Mangum(app, lifespan="off")
