"""GET /v1/admin/bots/{bot_id}/desk — what was not answered well, in groups; /try — again, with drafts; /suggestion."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared import assembly, wiring
from shared.admin_http import BotEditor, BotViewer, SourceId
from shared.answering.bridge import in_thread
from shared.bot import Bot
from shared.desk import MOST_DAYS, Desk, desk
from shared.desk_marks import Said
from shared.desk_settling import solved
from shared.desk_suggestion import SuggestedContent, suggest
from shared.errors import NotIndexed
from shared.history import Span
from shared.http import create_app
from shared.indexing.edits import propose
from shared.indexing.preprocess import MAX_TITLE_CHARACTERS
from shared.personal_data import mask
from shared.rehearsal import Outcome, Side, outcomes
from shared.retrieval.text import normalize
from shared.source_access import built_sources, known_bot, source_of
from shared.storage.base import now
from shared.storage.keys import day_at

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/desk", tags=["admin: improvement desk"])

_MOST_QUESTIONS = 100  # asked again in one call: ten seconds
_MOST_TITLES = 30
_MOST_SETTLED = 200  # groups
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _question(text: str) -> str:
    """As a customer's is searched and kept: without personal data."""
    if not (text := normalize(text)):
        raise ValueError("질문을 입력해 주세요.")
    return mask(text).text


_Question = Annotated[str, Field(max_length=2_000), AfterValidator(_question)]
_Title = Annotated[str, Field(max_length=MAX_TITLE_CHARACTERS), AfterValidator(_question)]


class AskedAgain(BaseModel):
    """Questions, and the drafts that are taken for published; without ids all of the source."""

    questions: Annotated[list[_Question], Field(min_length=1, max_length=_MOST_QUESTIONS)]
    faq_ids: Annotated[list[_Id], Field(max_length=200)] | None = None


class ChosenQuestions(BaseModel):
    """Questions that a new content is to answer."""

    questions: Annotated[list[_Title], Field(min_length=1, max_length=_MOST_TITLES)]


class SeenQuestion(BaseModel):
    """A wording as the desk listed it, with its newest asking."""

    question: _Question
    chat_id: Annotated[str, StringConstraints(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")]


class SeenGroup(BaseModel):
    """A group as the desk listed it, and what is to be said of it."""

    questions: Annotated[list[SeenQuestion], Field(min_length=1, max_length=_MOST_QUESTIONS)]
    state: Said | None


class Settled(BaseModel):
    """Groups that were found to be answered, by the questions that stand for them."""

    solved: list[str]


class AskedQuestion(BaseModel):
    """One question, and what becomes of it with the drafts."""

    question: str
    outcome: Outcome


class Answerable(BaseModel):
    """How many of the questions would be answered."""

    asked: int
    answered: int
    before: int = Field(description="How many are answered now, without the drafts")
    questions: list[AskedQuestion]


def _span(
    first: Annotated[str | None, Query(alias="from", description="YYYY-MM-DD, in Seoul; a week before `to`")] = None,
    last: Annotated[str | None, Query(alias="to", description="YYYY-MM-DD, in Seoul; today")] = None,
) -> Span:
    return Span.of(first, last, day_at(now()), MOST_DAYS)


@router.get("")
def read_desk(
    bot_id: str,
    _operator: BotViewer,
    days: Annotated[Span, Depends(_span)],
    limit: Annotated[int, Query(ge=1, le=200, description="groups that are listed")] = 50,
    handled: Annotated[bool, Query(description="those that operators are done with, instead of the others")] = False,
) -> Desk:
    """What was refused, asked back, rated unhelpful or hardly answered in these days, in groups, the largest first.

    A group that an operator is done with is listed again when questions join it.
    """
    return _desk(known_bot(bot_id), days, limit, handled)


@router.post("/handled", status_code=204)
def mark_group(bot_id: str, body: SeenGroup, operator: BotEditor) -> None:
    """Say that one is done with a group, that it is not to be looked at, or, without a state, neither."""
    seen = {one.question: one.chat_id for one in body.questions}
    told = {"question": body.questions[0].question, "wordings": len(seen), "state": body.state}
    with wiring.get_audit().change(operator, "desk.mark", [bot_id], after=told):
        wiring.get_desk_marks().put(bot_id, seen, body.state)


@router.post("/settle")
def settle_groups(bot_id: str, operator: BotEditor, days: Annotated[Span, Depends(_span)]) -> Settled:
    """Ask the groups of these days again of what serves, and mark as `solved` those that are answered as a whole.

    Up to 300 questions, the largest groups first, each group until one of its questions is not answered.
    """
    bot = known_bot(bot_id)
    open_groups = _desk(bot, days, _MOST_SETTLED).clusters
    searches = assembly.get_searches(bot, assembly.get_rehearsal_engines(bot_id))

    def prepare(questions: Sequence[str]) -> None:
        for search in searches.values():
            search.prepare(questions)

    found = solved(open_groups, Side.of(bot, searches), prepare)
    marks = wiring.get_desk_marks()
    for group in found:
        told = {"question": group.question, "wordings": group.wordings, "state": "solved"}
        with wiring.get_audit().change(operator, "desk.mark", [bot_id], after=told):
            marks.put(bot_id, {one.question: one.chat_id for one in group.questions}, "solved")
    return Settled(solved=[group.question for group in found])


@router.post("/try")
def ask_again(bot_id: str, body: AskedAgain, _operator: BotEditor, source_id: SourceId = None) -> Answerable:
    """Ask questions of what serves with drafts taken in. Nothing is changed, and no model writes."""
    bot, of_source = _built(bot_id, source_id)
    drafts = wiring.get_contents().drafts(of_source, body.faq_ids)
    changed = [one.content for one in drafts if one.content]
    removed = [one.faq_id for one in drafts if one.content is None]
    proposal = propose(changed, removed, of_source, wiring.get_workshop()) if drafts else None
    now = assembly.get_searches(bot)
    then = {**now, of_source: assembly.get_proposed_search(bot, of_source, proposal)} if proposal else now
    found, before = outcomes(body.questions, then), outcomes(body.questions, now) if proposal else None
    answered = _answered(found)
    return Answerable(
        asked=len(found),
        answered=answered,
        before=answered if before is None else _answered(before),
        questions=[AskedQuestion(question=q, outcome=one) for q, one in zip(body.questions, found, strict=True)],
    )


@router.post("/suggestion")
async def suggest_content(
    bot_id: str, body: ChosenQuestions, _operator: BotEditor, source_id: SourceId = None
) -> SuggestedContent:
    """The fields of a new content for these questions. It is kept by nobody until it is saved as a draft."""
    bot, of_source = await in_thread(_built, bot_id, source_id)
    parts = await in_thread(assembly.get_trial_parts, bot)
    return await suggest(parts, parts.searches[of_source], body.questions)


def _desk(bot: Bot, days: Span, limit: int, handled: bool = False) -> Desk:
    """Raises `NotIndexed` when none of the bot's sources has an index yet."""
    unit = max(1 - assembly.get_search(bot, built_sources(bot)[0]).near_title, 0.01)
    marks = wiring.get_desk_marks().all(bot.bot_id)
    return desk(wiring.get_store(), wiring.get_embedder(), bot.bot_id, days, unit, limit, marks, handled)


def _answered(found: Sequence[Outcome]) -> int:
    return sum(one.decision == "answer" for one in found)


def _built(bot_id: str, source_id: str | None) -> tuple[Bot, str]:
    """A bot, and one of its sources. Raises `NotIndexed` when that has no index yet."""
    bot = known_bot(bot_id)
    found = source_of(bot, source_id)
    if not assembly.get_built([found]):
        raise NotIndexed
    return bot, found


app = create_app(router)
handler = Mangum(app, lifespan="off")
