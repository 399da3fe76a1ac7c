"""/v1/admin/bots/{bot_id}/contents/notion — a database or a page tree of Notion, read into drafts of contents.

One call reads for some seconds, since no gateway waits for long; with `more` it is to be called again with the same
body, and goes on where it ended.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from mangum import Mangum
from pydantic import BaseModel, Field, StringConstraints

from shared import wiring
from shared.admin_http import BotEditor, BotOwner, BotViewer, SourceId
from shared.errors import NotAllowed
from shared.http import create_app
from shared.notion.errors import NotionTargetClosed
from shared.notion.memory import KnownTarget
from shared.notion.properties import PropertyNames
from shared.notion.report import NotionReport
from shared.notion.sync import Order
from shared.notion.target import Kind, target_of
from shared.notion_sync import close_target, known_targets, may_read, read_notion
from shared.settings import get_settings
from shared.source_access import bots_of, editable_source, known_bot, source_of

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents/notion", tags=["admin: contents"])

_Id = Annotated[str, Path(max_length=64)]
_SECONDS = 15  # and one request that hangs, 10 by default: a gateway of AWS waits 29


class NotionSetUp(BaseModel):
    """Whether a token is set, and what was read before, the last one first.

    Parameters
    ----------
    any
        Whether the operator may name any database or page: owners of all bots may.
    open_ids
        What others may name.
    """

    configured: bool
    targets: list[KnownTarget]
    any: bool
    open_ids: list[str]


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
def notion_set_up(bot_id: str, operator: BotViewer, source_id: SourceId = None) -> NotionSetUp:
    """What an operator needs to know before they read Notion. Asks nothing of it."""
    found, settings = source_of(known_bot(bot_id), source_id), get_settings()
    known = known_targets(found)
    opened = [*(one.target.id for one in known if one.open), *map(str, settings.notion_targets.get(bot_id, ()))]
    return NotionSetUp(
        configured=settings.notion_token is not None,
        targets=known,
        any=operator.owns_all,
        open_ids=list(dict.fromkeys(opened)),
    )


@router.post("")
def sync_notion(bot_id: str, body: NotionWanted, operator: BotEditor, source_id: SourceId = None) -> NotionReport:
    """Read for some seconds. What is read are drafts; nobody is answered from them until they are published.

    What an owner of all bots has read, dry runs aside, is open to the source's editors from then on.
    """
    found = editable_source(bot_id, source_id, operator)
    order = Order(target_of(body.kind, body.address), body.address, body.names, body.full)
    if not may_read(operator, bot_id, found, order.target):
        raise NotionTargetClosed
    return read_notion(order, found, operator, dry_run=body.dry_run, overwrite=body.overwrite, seconds=_SECONDS)


@router.delete("/{target_id}", status_code=204)
def close_notion(bot_id: str, target_id: _Id, operator: BotOwner, source_id: SourceId = None) -> None:
    """The source's editors may not have it read any more. What was read stays. For owners of all bots."""
    if not operator.owns_all:
        raise NotAllowed
    found = source_of(known_bot(bot_id), source_id)
    with wiring.get_audit().change(operator, "notion.close", bots_of(found) or [bot_id], target_id):
        close_target(found, target_id)


app = create_app(router)
handler = Mangum(app, lifespan="off")
