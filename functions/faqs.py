"""/v1/faqs — what there is to ask, what a question finds, one content, and the answer to a tap on one.

All but the tap record nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request
from mangum import Mangum
from pydantic import BaseModel, Field

from shared import assembly, wiring
from shared.answering.evidence import merged
from shared.api_keys import ApiKey
from shared.bubbles import entry, numbered
from shared.callers import Asker, Bot, asked_from, limit_address, limit_asker
from shared.conversations import Question
from shared.http import CategoryName, ChatId, QuestionText, ServiceType, check_session_id, create_app
from shared.models import Bubble, Decision, Expression
from shared.personal_data import mask
from shared.popular import PopularAnswer
from shared.retrieval.base import Part, Ranked
from shared.retrieval.search import subjects_of
from shared.settings import get_settings
from shared.taps import session_of
from shared.whole import WholeAnswer, whole

router = APIRouter(prefix="/v1/faqs", tags=["faqs"])

FaqId = Annotated[str, Path(min_length=1, max_length=200)]
Source = Annotated[str | None, Query(max_length=64, description="Which of the bot's sources; without it the first")]


class FoundContent(BaseModel):
    """A content, and why it was found. `parts` are similarities and shares of n-grams, each about 0 to 1."""

    faq_id: str
    title: str
    matched_subject: str
    category: str | None
    url: str | None
    score: float
    parts: dict[Part, float]


class SearchResult(BaseModel):
    """What a question finds, best first, and what would be done with it without a language model.

    Greetings, banned words and the like have fixed answers before anything is searched; here they are searched.
    """

    decision: Decision
    confidence: float = Field(description="Probability that the first is right, if the question is on topic")
    contents: list[FoundContent]
    degraded: list[str]


class Faq(BaseModel):
    """One content, as customers may read it."""

    faq_id: str
    source_id: str
    title: str
    tags: list[str]
    content: str = Field(description="Markdown")
    service_answers: dict[str, str] = Field(description="Markdown, by service type")
    category: str | None = None
    url: str | None = None
    updated_at: datetime | None = None


class Shown(BaseModel):
    """What the page needs to know of a bot."""

    bot_id: str
    name: str | None = None
    service_types: list[str]
    min_loading_ms: int = Field(description="How long the page shows at least that an answer comes")


class Entry(BaseModel):
    """What a conversation begins with."""

    bot: Shown
    max_question_characters: int = Field(description="A longer question is refused")
    categories: list[str]
    expression: Expression = "SMILE"
    bubbles: list[Bubble]


class Tap(BaseModel):
    """Where the turn goes: a session of the caller's, or a new one. `replaces` is its turn that is asked again."""

    session_id: str | None = None
    service_type: ServiceType | None = None
    replaces: ChatId | None = None


class TappedAnswer(WholeAnswer):
    """The answer, and the session that it is kept in; a program's is kept in none."""

    session_id: str | None = None
    chat_id: str


@router.get("/search", dependencies=[Depends(limit_address)])
def search(
    bot: Bot, q: Annotated[QuestionText, Query()], limit: Annotated[int, Query(ge=1, le=20)] = 5
) -> SearchResult:
    """Rank contents for a question, whose personal data is masked before an engine sees it."""
    question = mask(q).text
    searches = {one: assembly.get_search(bot, one) for one in bot.source_ids}
    found = merged({one: search.find([question], limit=limit) for one, search in searches.items()}, question)
    return SearchResult(
        decision=found.decision,
        confidence=round(found.confidence, 3),
        contents=[_found(one) for one in found.ranked[:limit]],
        degraded=list(found.degraded),
    )


@router.get("/popular", dependencies=[Depends(limit_address)], response_model_exclude_none=True)
@router.post("/popular", dependencies=[Depends(limit_address)], response_model_exclude_none=True)
def popular(
    bot: Bot,
    category: Annotated[CategoryName | None, Query()] = None,
    service_type: Annotated[ServiceType | None, Query()] = None,
) -> PopularAnswer:
    """The questions of a category, or of all, that are asked most. A tap POSTs, which records nothing either."""
    answer = assembly.get_popular(bot, category, service_type)
    return answer.model_copy(update={"bubbles": _of_one_showing(answer.bubbles)})


@router.get(
    "/categories",
    operation_id="list_categories",
    dependencies=[Depends(limit_address)],
    response_model_exclude_none=True,
)
@router.post(
    "/categories",
    operation_id="list_categories_by_tap",
    dependencies=[Depends(limit_address)],
    response_model_exclude_none=True,
)
def list_categories(bot: Bot) -> Entry:
    """The greeting, what the operator pinned, and what there is to ask."""
    categories, pinned = wiring.get_faqs().categories(bot), wiring.get_notice(bot.bot_id)
    shown = Shown.model_validate(bot, from_attributes=True)
    bubbles = _of_one_showing(entry(bot, categories, pinned.text if pinned else None))
    most = get_settings().max_message_characters
    return Entry(bot=shown, max_question_characters=most, categories=list(categories), bubbles=bubbles)


@router.post(
    "/{faq_id:path}/ask",
    operation_id="ask_by_tap",
    dependencies=[Depends(limit_asker)],
    response_model_exclude_none=True,
)
def ask_by_tap(
    request: Request,
    faq_id: FaqId,
    asker: Asker,
    body: Annotated[Tap | None, Body()] = None,
    service_type: Annotated[ServiceType | None, Query()] = None,
    source: Source = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> TappedAnswer:
    """Answer with one content. A turn is stored as for a typed question, and can be rated.

    With a bot key, no session is kept: the answer is logged, and can be rated, as one of `POST /v1/answers`.
    """
    tap, bot = body or Tap(), wiring.get_bot(asker.bot_id)
    session_id = check_session_id(tap.session_id) if tap.session_id is not None else None
    named = tap.service_type or service_type
    service = mask(named).text if named else None
    content = wiring.get_faqs().get(bot, faq_id, source)
    question = Question(subjects_of(content)[0], service, tap.replaces, idempotency_key, faq_id=content.faq_id)
    if isinstance(asker, ApiKey):
        given = wiring.get_taps().of_program(asker, bot, content, question)
    else:
        question = replace(question, asked_from=asked_from(request))
        again = session_of(asker, idempotency_key) if idempotency_key else str(uuid4())
        given = wiring.get_taps().of_visitor(asker, session_id or again, bot, content, question)
    answered = dict(whole(bot.bot_id, given.chat_id, given.answer))
    return TappedAnswer(session_id=given.session_id, chat_id=given.chat_id, **answered)


@router.get(
    "/{faq_id:path}", operation_id="read_faq", dependencies=[Depends(limit_address)], response_model_exclude_none=True
)
def read_faq(faq_id: FaqId, bot: Bot, source: Source = None) -> Faq:
    """One content."""
    return Faq.model_validate(wiring.get_faqs().get(bot, faq_id, source), from_attributes=True)


def _of_one_showing(bubbles: Sequence[Bubble]) -> list[Bubble]:
    """With ids of their own: a conversation may show the same list several times, and dims each by itself."""
    return numbered(bubbles, prefix=f"{uuid4().hex[:12]}-")


def _found(one: Ranked) -> FoundContent:
    return FoundContent(
        faq_id=one.content.faq_id,
        title=one.content.title,
        matched_subject=one.matched_subject,
        category=one.content.category,
        url=one.content.url,
        score=round(one.score, 4),
        parts={part: round(value, 4) for part, value in one.parts.items()},
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
