"""/v1/admin/bots/{bot_id}/contents — contents as operators edit them: list, draft, publish, remove, bring back.

What is saved is a draft; nobody is answered from it until it is published. An edit names what it was made on,
`based_on`: of two tabs the second does not overwrite the first.

A source may belong to several bots. It is edited by who may edit all of them.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from mangum import Mangum
from pydantic import BaseModel, Field, StringConstraints

from shared import wiring
from shared.admin_http import BotEditor, BotViewer
from shared.admin_keys import Operator
from shared.bot import Bot
from shared.content_editing import Edited, read_edit
from shared.content_health import NEIGHBOURS, Finding, findings
from shared.content_list import ContentPage, Wanted, Which, listed
from shared.contents import ContentDraft, ContentState
from shared.errors import (
    BotNotFound,
    Conflict,
    ContentExists,
    DraftNotFound,
    FaqNotFound,
    InvalidInput,
    LosesGolden,
    NotAllowed,
    NothingToPublish,
    SourceNotFound,
)
from shared.http import create_app
from shared.indexing.calibrate import off_topic_questions
from shared.indexing.edits import propose, publish_edits, publish_first
from shared.indexing.preprocess import unusable_id
from shared.indexing.structure import derived_id
from shared.models import Content
from shared.rehearsal import Rehearsal, Rehearsed, rehearse
from shared.retrieval import manifest as manifests
from shared.retrieval.manifest import Manifest
from shared.storage.keys import today

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents", tags=["admin: contents"])

_Source = Annotated[str | None, Query(max_length=64, description="One of the bot's sources; without it the first")]
_BasedOn = Annotated[str, StringConstraints(max_length=64)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_MAX_PUBLISHED = 200  # at once
_OTHERS = "이 콘텐츠를 함께 쓰는 다른 챗봇의 편집 권한이 필요합니다."


class ContentDetail(BaseModel):
    """A content; `based_on` goes back with an edit. `left_out` tells what an edit's saving has dropped, and why."""

    faq_id: str
    source_id: str
    based_on: str
    published: Content | None
    draft: Content | None
    drafted: Literal["edit", "new", "removal"] | None
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


class Chosen(BaseModel):
    """Which drafts are meant; without ids all of the source."""

    faq_ids: Annotated[list[_Id], Field(max_length=_MAX_PUBLISHED)] | None = None


class Publication(Chosen):
    """Which drafts are to be served; `lose_golden` says yes to golden questions that would be answered wrongly."""

    lose_golden: bool = False


class BotRehearsal(BaseModel):
    """What would change for one of the bots that draw on the source."""

    bot_id: str
    rehearsal: Rehearsal


class PublishedContents(BaseModel):
    """What is served now that was a draft before; found within two seconds."""

    changed: list[str]
    removed: list[str]
    contents: int


@router.get("")
def list_contents(
    bot_id: str,
    _operator: BotViewer,
    source_id: _Source = None,
    which: Which = "all",
    category: Annotated[str | None, Query(max_length=60)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ContentPage:
    """A page of them, by id, as they are drafted where they are."""
    source_id = _source_of(_bot(bot_id), source_id)
    return listed(wiring.get_contents(), source_id, Wanted(which, category, q), today(), cursor, limit)


@router.post("", status_code=201)
def create_content(bot_id: str, body: NewContent, operator: BotEditor, source_id: _Source = None) -> ContentDetail:
    """Make the draft of a new content."""
    source_id = _editable(bot_id, source_id, operator)
    contents = wiring.get_contents()
    faq_id = _new_id(body, source_id)
    if contents.knows(source_id, faq_id):
        raise ContentExists
    edited = _read(body.content, faq_id, source_id, None)
    with wiring.get_audit().change(
        operator, "content.create", _bots_of(source_id), faq_id, after={"title": edited.content.title}
    ):
        draft = contents.save(None, edited.content, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, None, draft), source_id, edited)


@router.post("/publish")
def publish_contents(
    bot_id: str, body: Publication, operator: BotEditor, source_id: _Source = None
) -> PublishedContents:
    """Serve drafts. Those that are edited meanwhile stay drafts as well.

    Golden questions of every bot that draws on the source are asked first. Where one would be lost, nothing is
    published until `lose_golden` says yes: `rehearse` tells which.
    """
    source_id = _editable(bot_id, source_id, operator)
    contents = wiring.get_contents()
    drafts = _drafts(source_id, body)
    changed, removed = _edits(drafts)
    if not body.lose_golden and any(one.rehearsal.lost for one in _rehearsed(source_id, changed, removed)):
        raise LosesGolden
    subject = ", ".join(one.faq_id for one in drafts)
    with wiring.get_audit().change(operator, "content.publish", _bots_of(source_id), subject, **_told(drafts)):
        contents.keep_removed(list(_served(source_id, removed)))
        made = _published(bot_id, source_id, changed, removed)
    for draft in drafts:
        with suppress(Conflict):  # edited while it was published: that stays a draft
            contents.discard(draft)
    return PublishedContents(changed=[one.faq_id for one in changed], removed=removed, contents=made.contents)


@router.post("/rehearse")
def rehearse_contents(bot_id: str, body: Chosen, operator: BotEditor, source_id: _Source = None) -> list[BotRehearsal]:
    """Which golden questions would be answered in another way if these drafts were served. Nothing is changed."""
    source_id = _editable(bot_id, source_id, operator)
    return _rehearsed(source_id, *_edits(_drafts(source_id, body)))


@router.get("/{faq_id:path}/health")
def check_content(bot_id: str, faq_id: str, _operator: BotViewer, source_id: _Source = None) -> list[Finding]:
    """What may be wrong with a content, as it is drafted where it is, beside those that its title finds."""
    bot = _bot(bot_id)
    source_id = _source_of(bot, source_id)
    state = wiring.get_contents().state(source_id, faq_id)
    content = (state.draft.content if state.draft else None) or state.published or state.removed
    if content is None:
        raise FaqNotFound
    found = wiring.get_search(bot, source_id).find([content.title], limit=NEIGHBOURS, leave_out={faq_id})
    types = list(dict.fromkeys(one for bot in _serving(source_id) for one in bot.service_types))
    return findings(content, [one.content for one in found.ranked], types)


@router.delete("/{faq_id:path}/draft", status_code=204)
def delete_draft(
    bot_id: str,
    faq_id: str,
    based_on: Annotated[str, Query(max_length=64)],
    operator: BotEditor,
    source_id: _Source = None,
) -> None:
    """Throw a draft away. A content that was never published is gone then."""
    source_id = _editable(bot_id, source_id, operator)
    state = _state(source_id, faq_id, based_on)
    if state.draft is None:
        raise DraftNotFound
    told = _told([state.draft])
    with wiring.get_audit().change(operator, "content.discard", _bots_of(source_id), faq_id, **told):
        wiring.get_contents().discard(state.draft)


@router.post("/{faq_id:path}/restore", status_code=201)
def restore_content(
    bot_id: str, faq_id: str, body: BasedOn, operator: BotEditor, source_id: _Source = None
) -> ContentDetail:
    """Make a removed content a draft again."""
    source_id = _editable(bot_id, source_id, operator)
    state = _state(source_id, faq_id, body.based_on)
    if state.removed is None:
        raise FaqNotFound
    with wiring.get_audit().change(operator, "content.restore", _bots_of(source_id), faq_id):
        draft = wiring.get_contents().save(state, state.removed, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, None, draft), source_id)


@router.get("/{faq_id:path}")
def get_content(bot_id: str, faq_id: str, _operator: BotViewer, source_id: _Source = None) -> ContentDetail:
    """As it is served, and as it is drafted."""
    source_id = _source_of(_bot(bot_id), source_id)
    return _detail(wiring.get_contents().state(source_id, faq_id), source_id)


@router.put("/{faq_id:path}")
def save_content(bot_id: str, faq_id: str, body: Edit, operator: BotEditor, source_id: _Source = None) -> ContentDetail:
    """Keep a draft, whole, in place of the one there is."""
    source_id = _editable(bot_id, source_id, operator)
    state = _state(source_id, faq_id, body.based_on)
    before = state.draft.content if state.draft and state.draft.content else state.published
    edited = _read(body.content, faq_id, source_id, before)
    told = {"before": _shown(before), "after": _shown(edited.content)}
    with wiring.get_audit().change(operator, "content.save", _bots_of(source_id), faq_id, **told):
        draft = wiring.get_contents().save(state, edited.content, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, state.published, draft), source_id, edited)


@router.delete("/{faq_id:path}")
def remove_content(
    bot_id: str,
    faq_id: str,
    based_on: Annotated[str, Query(max_length=64)],
    operator: BotEditor,
    source_id: _Source = None,
) -> ContentDetail:
    """Draft that it is to be removed. It is served until that is published."""
    source_id = _editable(bot_id, source_id, operator)
    state = _state(source_id, faq_id, based_on)
    if state.published is None:
        raise InvalidInput("게시된 적이 없는 콘텐츠입니다. 초안을 버려 주세요.")
    with wiring.get_audit().change(
        operator, "content.remove", _bots_of(source_id), faq_id, before={"title": state.published.title}
    ):
        draft = wiring.get_contents().save(state, None, source_id, faq_id, operator.name)
    return _detail(ContentState(faq_id, state.published, draft), source_id)


def _drafts(source_id: str, body: Chosen) -> list[ContentDraft]:
    drafts = wiring.get_contents().drafts(source_id, body.faq_ids)[:_MAX_PUBLISHED]
    if not drafts:
        raise NothingToPublish
    return drafts


def _edits(drafts: list[ContentDraft]) -> tuple[list[Content], list[str]]:
    """What is to be served, and the ids of what is to be gone."""
    return [one.content for one in drafts if one.content], [one.faq_id for one in drafts if one.content is None]


def _published(bot_id: str, source_id: str, changed: list[Content], removed: list[str]) -> Manifest:
    """Serve edits; the first ones of a source are its first index, which takes some twenty seconds."""
    tools = wiring.get_workshop()
    if manifests.current(tools.store, source_id) is not None:
        return publish_edits(changed, removed, source_id, tools)
    profiles = [wiring.get_profile(bot) for bot in _serving(source_id) or [_bot(bot_id)]]
    return publish_first(changed, source_id, tools, profiles, off_topic_questions())


def _rehearsed(source_id: str, changed: list[Content], removed: list[str]) -> list[BotRehearsal]:
    """Of the bots that draw on the source and have golden questions."""
    asked = [(bot, wiring.get_golden().all(bot.bot_id)) for bot in _serving(source_id)]
    if not any(questions for _, questions in asked) or manifests.current(wiring.get_store(), source_id) is None:
        return []
    proposal = propose(changed, removed, source_id, wiring.get_workshop())
    rehearsals = []
    for bot, questions in asked:
        if questions:
            now, then = wiring.get_search(bot, source_id), wiring.get_proposed_search(bot, source_id, proposal)
            rehearsal = rehearse(map(Rehearsed.golden, questions), now, then)
            rehearsals.append(BotRehearsal(bot_id=bot.bot_id, rehearsal=rehearsal))
    return rehearsals


def _bot(bot_id: str) -> Bot:
    """As it serves; one that was never published, as it is drafted. Raises `BotNotFound`."""
    try:
        return wiring.get_bot(bot_id)
    except BotNotFound:
        if (draft := wiring.get_bots().draft(bot_id)) is None:
            raise
        return draft


def _source_of(bot: Bot, source_id: str | None) -> str:
    """One of a bot's sources of contents. Raises `SourceNotFound`."""
    if source_id is None and bot.source_ids:
        return bot.source_ids[0]
    if source_id not in bot.source_ids:
        raise SourceNotFound
    return source_id


def _editable(bot_id: str, source_id: str | None, operator: Operator) -> str:
    """A bot's source, which the operator may edit. Raises `NotAllowed` when another bot draws on it, too."""
    found = _source_of(_bot(bot_id), source_id)
    if not operator.sees_all(_bots_of(found)):
        raise NotAllowed(_OTHERS)
    return found


def _serving(source_id: str) -> list[Bot]:
    """The bots that draw on a source."""
    return [bot for bot in wiring.serving_bots() if source_id in bot.source_ids]


def _bots_of(source_id: str) -> list[str]:
    return [bot.bot_id for bot in _serving(source_id)]


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
    types = list(dict.fromkeys(one for bot in _serving(source_id) for one in bot.service_types))
    return read_edit(given, faq_id, source_id, before, types, wiring.get_allowed())


def _served(source_id: str, faq_ids: list[str]) -> Iterator[Content]:
    for faq_id in faq_ids:
        published = wiring.get_contents().state(source_id, faq_id).published
        if published is not None:
            yield published


def _told(drafts: list[ContentDraft]) -> dict[str, Any]:
    return {"after": {one.faq_id: one.content.title if one.content else None for one in drafts}}


def _shown(content: Content | None) -> dict[str, Any] | None:
    return None if content is None else content.model_dump(mode="json", exclude_defaults=True)


def _detail(state: ContentState, source_id: str, edited: Edited | None = None) -> ContentDetail:
    draft = state.draft
    drafted: Literal["edit", "new", "removal"] | None = None
    if draft is not None:
        drafted = "removal" if draft.content is None else "edit" if state.published else "new"
    return ContentDetail(
        faq_id=state.faq_id,
        source_id=source_id,
        based_on=state.based_on,
        published=state.published,
        draft=draft.content if draft else None,
        drafted=drafted,
        saved_at=draft.saved_at if draft else None,
        saved_by=draft.saved_by if draft else None,
        outdated=state.outdated,
        removed=state.removed,
        left_out=edited.left_out if edited else [],
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
