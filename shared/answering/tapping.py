"""The answer to a question that was asked by a tap: its content is known, so nothing is searched. Pure functions."""

from collections.abc import Sequence

from shared.answering.classify import category_of, links_for
from shared.answering.generation import content_pieces
from shared.bot import Bot
from shared.bubbles import (
    following,
    for_other_services,
    link_list,
    media_bubbles,
    numbered,
    onward,
    service_choice,
    services_to_choose,
)
from shared.links import ANYWHERE, Allowed
from shared.models import Answer, AnswerRecord, Bubble, Content, Source, Suggestion
from shared.retrieval.search import subjects_of

WHICH_SERVICE = "어떤 서비스를 이용하고 계신지 골라 주시면 그에 맞는 답변을 보여 드릴게요."
MAX_RELATED = 3


def tapped(
    bot: Bot,
    content: Content,
    related: Sequence[Content],
    service_type: str | None,
    allowed: Allowed = ANYWHERE,
) -> Answer:
    """A content's own answer, or which service is meant when it has several.

    Parameters
    ----------
    related
        What the operator related to it; up to three are suggested.
    allowed
        Where links may lead.
    """
    services = services_to_choose(bot, content, service_type)
    asked = subjects_of(content)[0]
    category = content.category or category_of(bot, asked, ())
    answer = Answer(bot_version=bot.version, record=AnswerRecord(tapped=True, category=category))
    answer.sources = [_source(content)]
    if services:
        answer.decision, answer.expression, answer.text = "clarify", "THINKING", WHICH_SERVICE
        more = [service_choice(bot, content, services)]
    else:
        answer.decision, answer.expression, answer.search_completed = "answer", "SMILE", True
        answer.text = "".join(content_pieces(content, service_type))
        answer.suggestions = [
            Suggestion(text=subjects_of(one)[0], faq_id=one.faq_id, source_id=one.source_id)
            for one in related
            if one != content
        ][:MAX_RELATED]
        links = links_for(bot, category, asked, allowed)
        more = [
            *([link_list(links)] if links else []),
            *for_other_services(bot, content, service_type),
            *media_bubbles(content, service_type),
            *following(bot, "answer", None, answer.suggestions, service_type),
            *([] if answer.suggestions else [onward(bot)]),
        ]
    answer.bubbles = numbered([Bubble(bubble_id="b1", bubble_type="text", description=answer.text), *more])
    if not services and service_type in content.service_answers:
        answer.bubbles[0].service_type = service_type
    return answer


def _source(content: Content) -> Source:
    return Source(
        n=1,
        source_id=content.source_id,
        faq_id=content.faq_id,
        title=content.title,
        matched_subject=subjects_of(content)[0],
        url=content.url,
        score=1.0,
        cited=True,
        updated_at=content.updated_at,
    )
