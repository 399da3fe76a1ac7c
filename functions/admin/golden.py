"""/v1/admin/bots/{bot_id}/golden — golden questions: kept, asked all at once, and how that went over time."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from mangum import Mangum
from pydantic import BaseModel

from shared import assembly, wiring
from shared.admin_http import BotEditor, BotViewer
from shared.errors import FieldProblem, InvalidFields
from shared.evaluations import Evaluation
from shared.golden import GoldenChange, GoldenEdit, GoldenQuestion, KeptGolden, Revision
from shared.http import create_app
from shared.personal_data import mask
from shared.rehearsal import Side
from shared.source_access import built_sources, known_bot

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/golden", tags=["admin: golden questions"])


class RightContent(BaseModel):
    """A content that answers it; without a title it is gone."""

    faq_id: str
    title: str | None


class ListedGolden(GoldenQuestion):
    """A golden question, and the contents of `faq_ids` by name."""

    contents: list[RightContent]


@router.get("")
def list_golden(bot_id: str, _operator: BotViewer) -> list[ListedGolden]:
    """All of them, oldest first."""
    found = wiring.get_golden().all(bot_id)
    titles = wiring.get_faqs().titles(known_bot(bot_id), {faq_id for one in found for faq_id in one.faq_ids})
    return [
        ListedGolden(
            **dict(one), contents=[RightContent(faq_id=faq_id, title=titles.get(faq_id)) for faq_id in one.faq_ids]
        )
        for one in found
    ]


@router.post("", status_code=201)
def add_golden(bot_id: str, body: GoldenEdit, operator: BotEditor) -> KeptGolden:
    """Keep a new one. Personal data in it is masked, as in customers' questions, and `masked` tells so."""
    _check(bot_id, body)
    with wiring.get_audit().change(operator, "golden.add", [bot_id], after=_told(body)) as change:
        made = wiring.get_golden().add(bot_id, body.question, body.faq_ids, body.note)
        change.subject = made.golden_id
    return made


@router.post("/run")
def run_golden(bot_id: str, _operator: BotEditor) -> Evaluation:
    """Ask all of them of what serves, or of the draft of a bot that never did, and keep how many are right."""
    bot = known_bot(bot_id)
    built_sources(bot)
    questions = wiring.get_golden().all(bot_id)
    searches = assembly.get_searches(bot, assembly.get_rehearsal_engines(bot_id))
    for search in searches.values():
        search.prepare([one.question for one in questions])
    return wiring.get_evaluations().run(bot_id, bot.version, questions, Side.of(bot, searches))


@router.get("/runs")
def list_runs(bot_id: str, _operator: BotViewer, limit: Annotated[int, Query(ge=1, le=365)] = 60) -> list[Evaluation]:
    """How the last runs went, newest first."""
    return wiring.get_evaluations().latest(bot_id, limit)


@router.put("/{golden_id}")
def replace_golden(bot_id: str, golden_id: str, body: GoldenChange, operator: BotEditor) -> KeptGolden:
    """Change one, unless somebody else did meanwhile: 409. Personal data is masked in it, too."""
    _check(bot_id, body)
    before = wiring.get_golden().get(bot_id, golden_id)
    told: dict[str, Any] = {"before": before.model_dump(mode="json"), "after": _told(body)}
    with wiring.get_audit().change(operator, "golden.save", [bot_id], golden_id, **told):
        return wiring.get_golden().replace(bot_id, golden_id, body.based_on, body.question, body.faq_ids, body.note)


@router.delete("/{golden_id}", status_code=204)
def remove_golden(bot_id: str, golden_id: str, based_on: Revision, operator: BotEditor) -> None:
    """Throw one away, unless somebody else changed it meanwhile: 409."""
    before = wiring.get_golden().get(bot_id, golden_id)
    with wiring.get_audit().change(
        operator, "golden.remove", [bot_id], golden_id, before=before.model_dump(mode="json")
    ):
        wiring.get_golden().remove(bot_id, golden_id, based_on)


def _told(body: GoldenEdit) -> dict[str, Any]:
    """What the record of changes says of an edit."""
    return {**body.model_dump(exclude={"based_on"}), "question": mask(body.question).text, "note": mask(body.note).text}


def _check(bot_id: str, body: GoldenEdit) -> None:
    """Raise `InvalidFields` unless the bot has these contents."""
    there = wiring.get_faqs().there(known_bot(bot_id), body.faq_ids) if body.faq_ids else set()
    problems = [
        FieldProblem(f"faq_ids.{n}", "챗봇에 그런 콘텐츠가 없습니다.")
        for n, one in enumerate(body.faq_ids)
        if one not in there
    ]
    if problems:
        raise InvalidFields(problems)


app = create_app(router)
handler = Mangum(app, lifespan="off")
