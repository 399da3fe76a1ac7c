"""/v1/admin/bots/{bot_id}/contents — contents as operators edit them: list, draft, remove, bring back.

What is saved is a draft; nobody is answered from it until it is published (`publishing`). An edit names what it was
made on, `based_on`: of two tabs the second does not overwrite the first.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from mangum import Mangum
from pydantic import BaseModel, StringConstraints

from shared import assembly, wiring
from shared.admin_http import BotEditor, BotViewer, Cursor, SourceId
from shared.audit import recorded
from shared.content_editing import Edited, read_edit
from shared.content_health import NEIGHBOURS, Finding, beside, findings
from shared.content_list import ContentPage, Wanted, Which, listed
from shared.contents import ContentState, Drafted
from shared.errors import (
    Conflict,
    ContentExists,
    DraftNotFound,
    FaqNotFound,
    InvalidInput,
)
from shared.http import create_app
from shared.indexing.preprocess import unusable_id
from shared.indexing.structure import derived_id
from shared.models import Content
from shared.source_access import bots_of, editable_source, known_bot, serving, source_of
from shared.storage.keys import today

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents", tags=["admin: contents"])

_BasedOn = Annotated[str, StringConstraints(max_length=64)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ContentDetail(BaseModel):
    """A content; `based_on` goes back with an edit. `left_out` tells what an edit's saving has dropped, and why."""

    faq_id: str
    source_id: str
    based_on: str
    published: Content | None
    draft: Content | None
    drafted: Drafted | None
    saved_at: datetime | None
    saved_by: str | None
    outdated: bool
    removed: Content | None
    left_out: list[str] = []


class NewContent(BaseModel):
    """A content to be made; without an id it gets one."""

    faq_id: _Id | None = None
    content: dict[str, Any]


class Edit(BaseModel):
    """A whole content, and what it was made on."""

    based_on: _BasedOn
    content: dict[str, Any]


class BasedOn(BaseModel):
    """Which state is meant."""

    based_on: _BasedOn


@router.get("")
def list_contents(
    bot_id: str,
    _operator: BotViewer,
    source_id: SourceId = None,
    which: Which = "all",
    category: Annotated[str | None, Query(max_length=60)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ContentPage:
    """A page of them, by id, as they are drafted where they are."""
    source_id = source_of(known_bot(bot_id), source_id)
    return listed(wiring.get_contents(), source_id, Wanted(which, category, q), today(), cursor, limit)


@router.post("", status_code=201)
def create_content(bot_id: str, body: NewContent, operator: BotEditor, source_id: SourceId = None) -> ContentDetail:
    """Make the draft of a new content."""
    source_id = editable_source(bot_id, source_id, operator)
    contents = wiring.get_contents()
    faq_id = _new_id(body, source_id)
    if contents.knows(source_id, faq_id):
        raise ContentExists
    edited = _read(body.content, faq_id, source_id, None)
    with wiring.get_audit().change(
        operator, "content.create", bots_of(source_id), faq_id, after=recorded(edited.content)
    ):
        draft = contents.save(None, edited.content, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, None, draft), source_id, edited)


@router.get("/{faq_id:path}/health")
def check_content(bot_id: str, faq_id: str, _operator: BotViewer, source_id: SourceId = None) -> list[Finding]:
    """What may be wrong with a content, as it is drafted where it is, beside what its title finds, and like drafts."""
    bot = known_bot(bot_id)
    source_id = source_of(bot, source_id)
    state = wiring.get_contents().state(source_id, faq_id)
    content = (state.draft.content if state.draft else None) or state.published or state.removed
    if content is None:
        raise FaqNotFound
    served: list[Content] = []
    if assembly.get_built([source_id]):  # else all of its contents are drafts
        search = assembly.get_search(bot, source_id)
        served = [one.content for one in search.find([content.title], limit=NEIGHBOURS, leave_out={faq_id}).ranked]
    drafts = {one.faq_id: one.content for one in wiring.get_contents().drafts(source_id)}
    neighbours = beside(content, served, drafts)
    types = list(dict.fromkeys(one for bot in serving(source_id) for one in bot.service_types))
    return findings(content, neighbours, types)


@router.delete("/{faq_id:path}/draft", status_code=204)
def delete_draft(
    bot_id: str,
    faq_id: str,
    based_on: Annotated[str, Query(max_length=64)],
    operator: BotEditor,
    source_id: SourceId = None,
) -> None:
    """Throw a draft away. A content that was never published is gone then."""
    source_id = editable_source(bot_id, source_id, operator)
    state = _state(source_id, faq_id, based_on)
    if state.draft is None:
        raise DraftNotFound
    told = recorded(state.draft.content) or {"drafted": "removal"}
    with wiring.get_audit().change(operator, "content.discard", bots_of(source_id), faq_id, before=told):
        wiring.get_contents().discard(state.draft)


@router.post("/{faq_id:path}/restore", status_code=201)
def restore_content(
    bot_id: str, faq_id: str, body: BasedOn, operator: BotEditor, source_id: SourceId = None
) -> ContentDetail:
    """Make a removed content a draft again."""
    source_id = editable_source(bot_id, source_id, operator)
    state = _state(source_id, faq_id, body.based_on)
    if state.removed is None:
        raise FaqNotFound
    told = recorded(state.removed)
    with wiring.get_audit().change(operator, "content.restore", bots_of(source_id), faq_id, after=told):
        draft = wiring.get_contents().save(state, state.removed, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, None, draft), source_id)


@router.get("/{faq_id:path}")
def get_content(bot_id: str, faq_id: str, _operator: BotViewer, source_id: SourceId = None) -> ContentDetail:
    """As it is served, and as it is drafted."""
    source_id = source_of(known_bot(bot_id), source_id)
    return _detail(wiring.get_contents().state(source_id, faq_id), source_id)


@router.put("/{faq_id:path}")
def save_content(
    bot_id: str, faq_id: str, body: Edit, operator: BotEditor, source_id: SourceId = None
) -> ContentDetail:
    """Keep a draft, whole, in place of the one there is."""
    source_id = editable_source(bot_id, source_id, operator)
    state = _state(source_id, faq_id, body.based_on)
    before = state.draft.content if state.draft and state.draft.content else state.published
    edited = _read(body.content, faq_id, source_id, before)
    told = {"before": recorded(before), "after": recorded(edited.content)}
    with wiring.get_audit().change(operator, "content.save", bots_of(source_id), faq_id, **told):
        draft = wiring.get_contents().save(state, edited.content, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, state.published, draft), source_id, edited)


@router.delete("/{faq_id:path}")
def remove_content(
    bot_id: str,
    faq_id: str,
    based_on: Annotated[str, Query(max_length=64)],
    operator: BotEditor,
    source_id: SourceId = None,
) -> ContentDetail:
    """Draft that it is to be removed. It is served until that is published."""
    source_id = editable_source(bot_id, source_id, operator)
    state = _state(source_id, faq_id, based_on)
    if state.published is None:
        raise InvalidInput("게시된 적이 없는 콘텐츠입니다. 초안을 버려 주세요.")
    with wiring.get_audit().change(
        operator, "content.remove", bots_of(source_id), faq_id, before=recorded(state.published)
    ):
        draft = wiring.get_contents().save(state, None, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, state.published, draft), source_id)


def _state(source_id: str, faq_id: str, based_on: str) -> ContentState:
    """A content now. Raises `Conflict` when an edit was made on another state of it."""
    state = wiring.get_contents().state(source_id, faq_id)
    if based_on != state.based_on:
        raise Conflict
    return state


def _new_id(body: NewContent, source_id: str) -> str:
    if body.faq_id is None:
        return derived_id(source_id, str(body.content.get("title")))
    if (problem := unusable_id(body.faq_id)) is not None:
        raise InvalidInput("ID에는 #을 쓸 수 없고, 200자를 넘거나 예약된 이름일 수 없습니다.", detail=problem)
    return body.faq_id


def _read(given: dict[str, Any], faq_id: str, source_id: str, before: Content | None) -> Edited:
    types = list(dict.fromkeys(one for bot in serving(source_id) for one in bot.service_types))
    return read_edit(given, faq_id, source_id, before, types, wiring.get_allowed())


def _detail(state: ContentState, source_id: str, edited: Edited | None = None) -> ContentDetail:
    draft = state.draft
    return ContentDetail(
        faq_id=state.faq_id,
        source_id=source_id,
        based_on=state.based_on,
        published=state.published,
        draft=draft.content if draft else None,
        drafted=draft.drafted(state.published) if draft else None,
        saved_at=draft.saved_at if draft else None,
        saved_by=draft.saved_by if draft else None,
        outdated=state.outdated,
        removed=state.removed,
        left_out=edited.left_out if edited else [],
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
