"""GET /v1/admin/bots/{bot_id}/versions — what a bot was published as; one of them; what differs between two."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from mangum import Mangum
from pydantic import BaseModel, Field

from shared import wiring
from shared.admin_http import BotViewer, Cursor
from shared.bot import Bot
from shared.bot_editing import body_of, version_of
from shared.differences import Difference, differences
from shared.http import create_app
from shared.storage.keys import published_at

router = APIRouter(prefix="/v1/admin/bots/{bot_id}", tags=["admin: bots"])

_Version = Annotated[str, Path(max_length=64, description="draft, published, or a version's id (%23 for its #)")]
_Named = Annotated[str, Query(max_length=64, description="draft, published, or a version's id")]


class VersionLine(BaseModel):
    """A version in the list."""

    version: str
    published_at: datetime | None
    published_by: str | None = Field(description="An operator's name, or a script's; null when none is known")
    name: str | None


class VersionPage(BaseModel):
    """Versions, newest first, and where the next page begins."""

    versions: list[VersionLine]
    cursor: str | None


@router.get("/versions")
def list_versions(
    bot_id: str,
    _operator: BotViewer,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Cursor = None,
) -> VersionPage:
    """Published versions, newest first; those that cannot be read any more are left out."""
    found, following = wiring.get_bots().version_page(bot_id, limit, cursor)
    lines = [
        VersionLine(
            version=one.bot.version,
            published_at=published_at(one.bot.version),
            published_by=one.published_by,
            name=one.bot.name,
        )
        for one in found
    ]
    return VersionPage(versions=lines, cursor=following)


@router.get("/versions/{version}")
def get_version(bot_id: str, version: _Version, _operator: BotViewer) -> Bot:
    """One version, whole."""
    return version_of(wiring.get_bots(), bot_id, version)


@router.get("/diff")
def compare_versions(
    bot_id: str, _operator: BotViewer, before: _Named = "published", after: _Named = "draft"
) -> list[Difference]:
    """What differs between two versions, field by field."""
    bots = wiring.get_bots()
    old, new = version_of(bots, bot_id, before), version_of(bots, bot_id, after)
    return list(differences(body_of(old), body_of(new)))


app = create_app(router)
handler = Mangum(app, lifespan="off")
