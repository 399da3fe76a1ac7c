"""/v1/admin/bots — bots as operators edit them: list, create, read, draft, rehearse, publish.

An edit names what it was made on, `based_on`. When somebody else has edited or published meanwhile, it is a 409 and
nothing changes: of two tabs the second does not overwrite the first.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from mangum import Mangum
from pydantic import BaseModel, StringConstraints

from shared import assembly, wiring
from shared.admin_http import BotEditor, BotViewer, Owner, Viewer, require_bot
from shared.admin_keys import Operator
from shared.bot import Bot, VectorSource
from shared.bot_editing import (
    BotState,
    beyond,
    named,
    named_version,
    problems_of,
    read_bot,
    recorded_edit,
    require,
    state_of,
)
from shared.bots import Draft
from shared.errors import BotExists, Conflict, DraftNotFound, FieldProblem, NotAllowed
from shared.http import create_app
from shared.indexing.publish import publish
from shared.models import BotId
from shared.popular import unmatched_pins
from shared.publication_gate import Comparison, LoseGolden, compare_settings
from shared.retrieval.view import Fitted
from shared.settings import get_settings
from shared.source_access import editable_sources
from shared.storage.keys import published_at

router = APIRouter(prefix="/v1/admin/bots", tags=["admin: bots"])

_BasedOn = Annotated[str, StringConstraints(max_length=64)]
_Version = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class BotLine(BaseModel):
    """A bot in the list.

    `version` is null while it was never published, `published_at` also for the built-in one.
    """

    bot_id: str
    name: str | None
    version: str | None
    published_at: datetime | None
    has_draft: bool
    draft_differs: bool


class BotDetail(BotLine):
    """A bot with what it says; `based_on` goes back with an edit.

    `editable_sources` are those of its indexes whose contents the operator may edit: others may draw on them.
    """

    based_on: str
    editable_sources: list[str]
    published: Bot | None
    draft: Bot | None


class NewBot(BaseModel):
    """A bot to be made; `copy_of` is another one that the operator sees."""

    bot_id: BotId
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    copy_of: BotId | None = None


class Edit(BaseModel):
    """A whole bot, and what it was made on."""

    based_on: _BasedOn
    bot: dict[str, Any]


class BasedOn(BaseModel):
    """Which draft is meant."""

    based_on: _BasedOn


class Publication(BasedOn):
    """Which draft is to serve, and which golden questions may be lost with it."""

    lose_golden: LoseGolden = []


class Rehearsed(BaseModel):
    """What is to be compared with what serves: `draft`, or a version's id."""

    version: _Version = "draft"


class Restore(Publication):
    """Which version is to be the draft again, and whether it is to serve at once."""

    version: _Version
    publish: bool = False


class Published(BaseModel):
    """The version that serves now, those of its sources that have no index yet, and pinned questions no content has."""

    version: str
    published_at: datetime | None
    unbuilt_sources: list[str]
    unmatched_pins: list[str]


@router.get("")
def list_bots(operator: Viewer) -> list[BotLine]:
    """Those that the operator sees, by id."""
    bots = wiring.get_bots()
    states = [state_of(bots, bot_id) for bot_id in sorted({*bots.ids(), "default"}) if operator.sees(bot_id)]
    return [_line(state) for state in states if state.published or state.draft]


@router.post("", status_code=201)
def create_bot(body: NewBot, operator: Owner) -> BotDetail:
    """Make a bot's first draft. It serves once that is published; without that it goes when the draft is deleted."""
    bots = wiring.get_bots()
    if not operator.sees(body.bot_id):
        raise NotAllowed("이 ID의 챗봇은 만들 수 없습니다.")
    state = state_of(bots, body.bot_id)
    if state.published or state.draft:
        raise BotExists
    # An index of its own: one that is called as another's would be the other's contents
    bot = Bot(bot_id=body.bot_id, sources=[VectorSource(source_id=body.bot_id.strip("-_"))])
    if body.copy_of is not None:
        require_bot(operator, body.copy_of)
        copied = state_of(bots, body.copy_of)
        bot = copied.published or (copied.draft.bot if copied.draft else bot)
    bot = bot.model_copy(update={"bot_id": body.bot_id, "name": body.name})
    require(list(beyond(operator, bot, state, bots)))
    with wiring.get_audit().change(operator, "bot.create", [bot.bot_id], after={"name": bot.name, "of": body.copy_of}):
        draft = _replaced(bot, state)
    return _detail(BotState(bot.bot_id, None, draft), operator)


@router.get("/{bot_id}")
def get_bot(bot_id: str, operator: BotViewer) -> BotDetail:
    """As it serves, and as it is drafted."""
    return _detail(state_of(wiring.get_bots(), bot_id), operator)


@router.put("/{bot_id}/draft")
def save_draft(bot_id: str, body: Edit, operator: BotEditor) -> BotDetail:
    """Keep a draft, whole. What could not be published is refused, with each field that is wrong."""
    bots = wiring.get_bots()
    state = _state(bot_id, body.based_on)
    bot = read_bot(body.bot, bot_id, get_settings().bot_secrets, wiring.get_allowed())
    require(list(beyond(operator, bot, state, bots)))
    earlier = state.draft.bot if state.draft else state.published
    with wiring.get_audit().change(operator, "draft.save", [bot_id], "draft", **recorded_edit(earlier, bot)):
        draft = _replaced(bot, state)
    return _detail(BotState(bot_id, state.published, draft), operator)


@router.delete("/{bot_id}/draft", status_code=204)
def delete_draft(bot_id: str, based_on: Annotated[str, Query(max_length=64)], operator: BotEditor) -> None:
    """Throw the draft away. A bot that was never published is gone then."""
    state = _state(bot_id, based_on)
    if state.draft is None:
        raise DraftNotFound
    told = recorded_edit(state.draft.bot, state.published)
    with wiring.get_audit().change(operator, "draft.delete", [bot_id], "draft", **told):
        wiring.get_bots().close_draft(bot_id, state.draft.revision)


@router.post("/{bot_id}/rehearse")
def rehearse_settings(bot_id: str, body: Rehearsed, _operator: BotEditor) -> Comparison:
    """Which golden and frequent questions would be answered in another way if a draft or a version served.

    Nothing is changed. The thresholds are fitted first, which takes seconds.
    """
    state = state_of(wiring.get_bots(), bot_id)
    bot = named_version(wiring.get_bots(), bot_id, body.version)
    return compare_settings(bot, state.published, assembly.get_fits(bot), also_frequent=True)


@router.post("/{bot_id}/publish")
def publish_draft(bot_id: str, body: Publication, operator: BotEditor) -> Published:
    """Let the draft serve. Its thresholds are fitted on what it searches first, which takes seconds.

    Golden questions are asked of it then. Where one would be lost that `lose_golden` does not name, nothing is
    published: `rehearse` tells which.
    """
    state = _state(bot_id, body.based_on)
    if state.draft is None:
        raise DraftNotFound
    bot = named(state.draft)
    require(_problems(bot))
    return _publish(state.draft, state, operator, _passed(bot, state, body.lose_golden))


@router.post("/{bot_id}/restore")
def restore_version(bot_id: str, body: Restore, operator: BotEditor) -> BotDetail:
    """Make an older version the draft, in place of the one there is, and let it serve when that is asked for.

    To serve it passes the same gate as a draft; where it loses golden questions, the draft stays as it was.
    """
    bots = wiring.get_bots()
    state = _state(bot_id, body.based_on)
    bot = named_version(bots, bot_id, body.version)
    require([*_problems(bot), *beyond(operator, bot, state, bots)])
    fits = _passed(bot, state, body.lose_golden) if body.publish else {}
    told = recorded_edit(state.draft.bot if state.draft else state.published, bot)
    with wiring.get_audit().change(operator, "draft.restore", [bot_id], body.version, **told):
        draft = _replaced(bot, state)
    if body.publish:
        _publish(draft, state, operator, fits)
    return _detail(state_of(bots, bot_id), operator)


def _problems(bot: Bot) -> list[FieldProblem]:
    """What keeps it from serving, e.g. a secret that it names and that is gone by now."""
    return list(problems_of(bot, get_settings().bot_secrets, wiring.get_allowed()))


def _passed(bot: Bot, state: BotState, lose_golden: list[str]) -> Mapping[str, Fitted]:
    """The thresholds that a bot is to serve with. Raises `LosesGolden` for what was not said yes to."""
    fits = assembly.get_fits(bot)
    compare_settings(bot, state.published, fits).require(lose_golden)
    return fits


def _publish(draft: Draft, state: BotState, operator: Operator, fits: Mapping[str, Fitted]) -> Published:
    """Let a draft serve with these thresholds."""
    bots, bot = wiring.get_bots(), draft.bot
    told = recorded_edit(state.published, bot)
    with wiring.get_audit().change(operator, "bot.publish", [bot.bot_id], **told) as change:
        made, unbuilt = publish(
            bot,
            assembly.get_profile(bot),
            bots=bots,
            store=wiring.get_store(),
            engines=wiring.get_engines(),
            fits=fits,
            by=operator.name,
        )
        change.subject = made.version
    with suppress(Conflict):  # edited while it was published: that stays a draft
        bots.close_draft(bot.bot_id, draft.revision)
    return Published(
        version=made.version,
        published_at=published_at(made.version),
        unbuilt_sources=unbuilt,
        unmatched_pins=unmatched_pins(wiring.get_store(), made),
    )


def _state(bot_id: str, based_on: str) -> BotState:
    """A bot now. Raises `Conflict` when an edit was made on another state of it."""
    state = state_of(wiring.get_bots(), bot_id)
    if based_on != state.based_on:
        raise Conflict
    return state


def _replaced(bot: Bot, state: BotState) -> Draft:
    return wiring.get_bots().replace_draft(bot, state.revision)


def _line(state: BotState) -> BotLine:
    return BotLine(**_summary(state))


def _detail(state: BotState, operator: Operator) -> BotDetail:
    draft = state.draft.bot if state.draft else None
    shown = state.published or draft
    return BotDetail(
        **_summary(state),
        based_on=state.based_on,
        editable_sources=editable_sources(shown, operator) if shown else [],
        published=state.published,
        draft=draft,
    )


def _summary(state: BotState) -> dict[str, Any]:
    published = state.published
    shown = published or (state.draft.bot if state.draft else None)
    return {
        "bot_id": state.bot_id,
        "name": shown.name if shown else None,
        "version": published.version if published else None,
        "published_at": published_at(published.version) if published else None,
        "has_draft": state.draft is not None,
        "draft_differs": state.differs,
    }


app = create_app(router)
handler = Mangum(app, lifespan="off")
