"""/v1/admin/bots/{bot_id}/contents/publish and /rehearse — the gate that drafts of contents pass to be served."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Annotated

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel, Field, StringConstraints

from shared import assembly, wiring
from shared.admin_http import BotEditor, SourceId
from shared.admin_keys import Operator
from shared.audit import recorded
from shared.contents import ContentDraft, Drafted
from shared.errors import Conflict, NothingToPublish
from shared.http import create_app
from shared.indexing.edits import publish_edits
from shared.indexing.first import publish_first
from shared.models import Content
from shared.publication_gate import Comparison, LoseGolden, compare_contents
from shared.retrieval import manifest as manifests
from shared.retrieval.manifest import Manifest
from shared.source_access import bots_of, editable_source, known_bot, serving

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/contents", tags=["admin: contents"])

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_MAX_PUBLISHED = 200  # at once
_RECORDED = 10  # contents of an entry of the record, which holds them whole
_NAMED = 10  # drafts, before they are published


class Chosen(BaseModel):
    """Which drafts are meant; without ids all of the source."""

    faq_ids: Annotated[list[_Id], Field(max_length=_MAX_PUBLISHED)] | None = None


class Publication(Chosen):
    """Which drafts are to be served, and which golden questions may be lost with them."""

    lose_golden: LoseGolden = []


class DraftLine(BaseModel):
    """What a draft does, and the title of its content: of one to be removed the one that is served."""

    faq_id: str
    title: str
    drafted: Drafted


class ContentsComparison(Comparison):
    """What would change, and the first drafts that would be published; `more` are meant beside these."""

    drafts: list[DraftLine]
    more: int


class PublishedContents(BaseModel):
    """What is served now that was a draft before; found within two seconds. `waiting` of the meant are still drafts."""

    changed: list[str]
    removed: list[str]
    contents: int
    waiting: int = 0


@router.post("/publish")
def publish_contents(
    bot_id: str, body: Publication, operator: BotEditor, source_id: SourceId = None
) -> PublishedContents:
    """Serve drafts. Those that are edited meanwhile stay drafts as well.

    Golden questions of every bot that draws on the source are asked first. Where one would be lost that `lose_golden`
    does not name, nothing is published: `rehearse` tells which.
    """
    source_id = editable_source(bot_id, source_id, operator)
    contents = wiring.get_contents()
    chosen = _drafts(source_id, body)
    drafts = chosen[:_MAX_PUBLISHED]
    changed, removed = _edits(drafts)
    compare_contents(source_id, changed, removed).require(body.lose_golden)
    with _record(operator, source_id, drafts):
        contents.keep_removed(list(_served(source_id, removed)))
        made = _published(bot_id, source_id, changed, removed)
    for draft in drafts:
        with suppress(Conflict):  # edited while it was published: that stays a draft
            contents.discard(draft)
    return PublishedContents(
        changed=[one.faq_id for one in changed],
        removed=removed,
        contents=made.contents,
        waiting=len(chosen) - len(drafts),
    )


@router.post("/rehearse")
def rehearse_contents(bot_id: str, body: Chosen, operator: BotEditor, source_id: SourceId = None) -> ContentsComparison:
    """Which golden and frequent questions would be answered in another way if these drafts were served.

    Nothing is changed. Frequent ones are those that customers asked most in 14 days, up to 300 of each bot. Of a
    source's first contents the index is made that they would get, which takes some twenty seconds.
    """
    source_id = editable_source(bot_id, source_id, operator)
    drafts = _drafts(source_id, body)
    told = compare_contents(source_id, *_edits(drafts[:_MAX_PUBLISHED]), also_frequent=True)
    return ContentsComparison(
        not_compared=told.not_compared,
        rehearsals=told.rehearsals,
        drafts=list(_lines(source_id, drafts[:_NAMED])),
        more=len(drafts[_NAMED:]),
    )


def _drafts(source_id: str, body: Chosen) -> list[ContentDraft]:
    drafts = wiring.get_contents().drafts(source_id, body.faq_ids)
    if not drafts:
        raise NothingToPublish
    return drafts


def _edits(drafts: list[ContentDraft]) -> tuple[list[Content], list[str]]:
    """What is to be served, and the ids of what is to be gone."""
    return [one.content for one in drafts if one.content], [one.faq_id for one in drafts if one.content is None]


def _lines(source_id: str, drafts: list[ContentDraft]) -> Iterator[DraftLine]:
    states = wiring.get_contents().states(source_id, [one.faq_id for one in drafts])
    for draft in drafts:
        published = states[draft.faq_id].published if draft.faq_id in states else None
        shown = draft.content or published
        title = shown.title if shown else draft.faq_id
        yield DraftLine(faq_id=draft.faq_id, title=title, drafted=draft.drafted(published))


def _published(bot_id: str, source_id: str, changed: list[Content], removed: list[str]) -> Manifest:
    """Serve edits; the first ones of a source are its first index, which takes some twenty seconds."""
    tools = wiring.get_workshop()
    if manifests.current(tools.store, source_id) is not None:
        return publish_edits(changed, removed, source_id, tools)
    profiles = [assembly.get_profile(bot) for bot in serving(source_id) or [known_bot(bot_id)]]
    return publish_first(changed, source_id, tools, profiles)


def _record(operator: Operator, source_id: str, drafts: list[ContentDraft]) -> ExitStack:
    """Around a publication: entries that tell what was served, and what is."""
    audit, bots = wiring.get_audit(), bots_of(source_id)
    states = wiring.get_contents().states(source_id, [one.faq_id for one in drafts])
    with ExitStack() as entries:
        for at in range(0, len(drafts), _RECORDED):
            some = {one.faq_id: one for one in drafts[at : at + _RECORDED]}
            before = {name: recorded(states[name].published) if name in states else None for name in some}
            after = {name: recorded(one.content) for name, one in some.items()}
            entries.enter_context(
                audit.change(operator, "content.publish", bots, ", ".join(some), before=before, after=after)
            )
        return entries.pop_all()


def _served(source_id: str, faq_ids: list[str]) -> Iterator[Content]:
    for faq_id in faq_ids:
        published = wiring.get_contents().state(source_id, faq_id).published
        if published is not None:
            yield published


app = create_app(router)
handler = Mangum(app, lifespan="off")
