"""GET /v1/faqs/search, /v1/faqs/popular — what a question finds, and what is often asked. Neither records anything."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from mangum import Mangum
from pydantic import BaseModel, Field

from shared import wiring
from shared.answering.evidence import merged
from shared.http import Bot, CategoryName, QuestionText, ServiceType, create_app, limit_address
from shared.models import Decision
from shared.personal_data import mask
from shared.popular import PopularAnswer, popular_answer
from shared.retrieval.base import Part, Ranked

router = APIRouter(prefix="/v1/faqs", tags=["faqs"])


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
    """What a question finds, best first, and what the bot would do without a language model."""

    decision: Decision
    confidence: float = Field(description="Probability that the first is right, if the question is on topic")
    contents: list[FoundContent]
    degraded: list[str]


@router.get("/search", dependencies=[Depends(limit_address)])
def search(
    bot: Bot, q: Annotated[QuestionText, Query()], limit: Annotated[int, Query(ge=1, le=20)] = 5
) -> SearchResult:
    """Rank contents for a question, whose personal data is masked before an engine sees it."""
    question = mask(q).text
    found = merged({one: wiring.get_search(bot, one).find([question], limit=limit) for one in bot.source_ids}, question)
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
    return popular_answer(bot, category, wiring.get_popular(bot.bot_id), lambda: wiring.get_outline(bot), service_type)


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
