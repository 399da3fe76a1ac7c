"""POST /v1/admin/bots/{bot_id}/contents/import — contents from files: CSV, XLSX, JSON Lines. As files: `exports`.

An import is asked for twice: first what it would change, then, with the fingerprint of that, to have it as drafts. What
somebody has edited between the two is left and told.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from mangum import Mangum
from pydantic import BaseModel, Field

from shared import wiring
from shared.admin_http import BotEditor, SourceId
from shared.content_changes import Kind, Plan, Planned, Target, plan
from shared.content_drafting import Applied, apply_plan
from shared.content_files import ContentFile, read_contents
from shared.errors import AppError, FieldProblem, InvalidInput
from shared.exports import Format
from shared.field_changes import FieldChange
from shared.http import create_app
from shared.source_access import bots_of, editable_source, serving

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents", tags=["admin: contents"])

_MAX_TOLD = 200  # contents of each kind: what an operator looks through; the counts are of all
_TOLD: Sequence[Kind] = ("conflict", "invalid", "remove", "create", "update")
_FINGERPRINT = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{32})")
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class PlanMismatch(AppError):
    """The fingerprint is of another file, of other choices, or of none."""

    status, code = 409, "plan_mismatch"
    default_message = "확인한 파일과 다릅니다. 바뀔 내용을 다시 확인해 주세요."


class ImportCounts(BaseModel):
    """How many contents would become what."""

    create: int = 0
    update: int = 0
    unchanged: int = 0
    remove: int = 0
    invalid: int = 0
    conflict: int = Field(0, description="Edited by somebody since the dry run: they are left as they are")


class ImportedContent(BaseModel):
    """What one content of the file would become; `row` is its line, or its row in the sheet."""

    kind: Kind
    faq_id: str | None
    title: str
    row: int | None
    changes: list[FieldChange]
    problems: list[FieldProblem]
    left_out: list[str]


class ImportResult(BaseModel):
    """What a file would change, or has changed.

    Parameters
    ----------
    contents
        At most 200 of each kind, none of those that are unchanged.
    removals_held
        Contents that the file does not have were to be removed, and are not: some rows could not be read.
    ignored
        Columns that mean nothing here.
    applied
        What was drafted. While some are `remaining`, the same call goes on.
    """

    fingerprint: str
    counts: ImportCounts
    contents: list[ImportedContent]
    removals_held: bool
    ignored: list[str]
    applied: Applied | None = None


async def _file(request: Request) -> bytes:
    return await request.body()


@router.post("/import", openapi_extra={"requestBody": {"required": True, "content": _BYTES}})
def import_contents(
    bot_id: str,
    operator: BotEditor,
    body: Annotated[bytes, Depends(_file)],
    kind: Annotated[Format, Query(alias="format")],
    dry_run: bool = True,
    fingerprint: Annotated[str | None, Query(max_length=64, description="Of the dry run, to have it as drafts")] = None,
    remove_missing: Annotated[bool, Query(description="Draft the removal of what the file does not have")] = False,
    source_id: SourceId = None,
) -> ImportResult:
    """What a file would change; without `dry_run` that as drafts, some hundred with each call."""
    source_id = editable_source(bot_id, source_id, operator)
    contents = wiring.get_contents()
    began = contents.now()
    digest = _digest(body, kind, source_id, remove_missing)
    since = None if dry_run else _since(fingerprint, digest, began)
    file = read_contents(body, kind)
    types = list(dict.fromkeys(one for bot in serving(source_id) for one in bot.service_types))
    target = Target(source_id, types, wiring.get_allowed())
    found = plan(file.incoming, target, contents, remove=_any_of_the_source if remove_missing else None, since=since)
    applied = None
    if since is not None:
        applied = apply_plan(found, contents, wiring.get_audit(), operator, bots_of(source_id), "content.import")
    return _result(found, file, f"{_micros(since or began):x}-{digest}", applied)


def _any_of_the_source(_faq_id: str) -> bool:
    return True


def _digest(body: bytes, kind: Format, source_id: str, remove_missing: bool) -> str:
    said = f"{source_id} {kind} {remove_missing}\n".encode()
    return hashlib.sha256(said + body).hexdigest()[:32]


def _since(fingerprint: str | None, digest: str, now: datetime) -> datetime:
    """When the dry run was made. Raises `InvalidInput`, `PlanMismatch`."""
    if fingerprint is None:
        raise InvalidInput("fingerprint 값이 필요합니다. dry_run으로 먼저 확인해 주세요.")
    found = _FINGERPRINT.fullmatch(fingerprint)
    if found is None or found[2] != digest or int(found[1], 16) > _micros(now):
        raise PlanMismatch
    return datetime.fromtimestamp(int(found[1], 16) / 1_000_000, UTC)


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _result(found: Plan, file: ContentFile, fingerprint: str, applied: Applied | None) -> ImportResult:
    told = [one for kind in _TOLD for one in islice(found.of(kind), _MAX_TOLD)]
    return ImportResult(
        fingerprint=fingerprint,
        counts=ImportCounts.model_validate(found.counts),
        contents=[_told(one) for one in told],
        removals_held=found.removals_held,
        ignored=file.ignored,
        applied=applied,
    )


def _told(one: Planned) -> ImportedContent:
    return ImportedContent(
        kind=one.kind,
        faq_id=one.faq_id,
        title=one.title,
        row=one.row,
        changes=list(one.changes),
        problems=list(one.problems),
        left_out=list(one.left_out),
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
