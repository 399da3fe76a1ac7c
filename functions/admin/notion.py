"""/v1/admin/bots/{bot_id}/contents/notion — a database or a page tree of Notion, read into drafts of contents.

One call reads for some seconds, since no gateway waits for long; with `more` it is to be called again with the same
body, and goes on where it ended.
"""

from typing import Annotated

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel, Field, StringConstraints

from shared.admin_http import BotEditor, BotViewer, SourceId
from shared.http import create_app
from shared.notion.memory import KnownTarget
from shared.notion.properties import PropertyNames
from shared.notion.report import NotionReport
from shared.notion.sync import Order
from shared.notion.target import Kind, target_of
from shared.notion_sync import known_targets, read_notion
from shared.settings import get_settings
from shared.source_access import editable_source, known_bot, source_of

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents/notion", tags=["admin: contents"])

_SECONDS = 15  # and one request that hangs, 10 by default: a gateway of AWS waits 29


class NotionSetUp(BaseModel):
    """Whether a token is set, and what was read before, the last one first."""

    configured: bool
    targets: list[KnownTarget]


class NotionWanted(BaseModel):
    """What is to be read, and how.

    Parameters
    ----------
    address
        As Notion's “copy link” gives it, or an id.
    names
        What the pages' properties are called, where that is not usual.
    full
        Pages, too, that were not edited since they were read.
    overwrite
        Contents, too, that were edited by hand.
    """

    kind: Kind
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    names: PropertyNames = PropertyNames()
    dry_run: bool = Field(True, description="Tell what would change, and draft nothing")
    full: bool = False
    overwrite: bool = False


@router.get("")
def notion_set_up(bot_id: str, _operator: BotViewer, source_id: SourceId = None) -> NotionSetUp:
    """What an operator needs to know before they read Notion. Asks nothing of it."""
    found = source_of(known_bot(bot_id), source_id)
    return NotionSetUp(configured=get_settings().notion_token is not None, targets=known_targets(found))


@router.post("")
def sync_notion(bot_id: str, body: NotionWanted, operator: BotEditor, source_id: SourceId = None) -> NotionReport:
    """Read for some seconds. What is read are drafts; nobody is answered from them until they are published."""
    found = editable_source(bot_id, source_id, operator)
    order = Order(target_of(body.kind, body.address), body.address, body.names, body.full)
    return read_notion(order, found, operator, dry_run=body.dry_run, overwrite=body.overwrite, seconds=_SECONDS)


app = create_app(router)
handler = Mangum(app, lifespan="off")
