"""The bubbles that a conversation goes on by, and the addresses behind them. Pure functions; no I/O.

Every address is this API's own and names its bot, so that a page POSTs to it as it is, whatever bot it was made for.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from shared.bot import Bot, Link
from shared.markdown import as_label, as_text
from shared.models import Bubble, BubbleType, Content, Decision, Invitation, Suggestion

HELPFUL, NOT_HELPFUL = "도움이 됐어요", "아쉬워요"


def ask_url(bot: Bot, faq_id: str, service_type: str | None = None, source_id: str | None = None) -> str:
    """Where a content is asked by a tap. Of a bot with several sources it says which: their ids may be the same."""
    source = source_id if len(bot.source_ids) > 1 else None
    return _url(f"/v1/faqs/{quote(faq_id, safe='')}/ask", bot=bot.bot_id, service_type=service_type, source=source)


def popular_url(bot_id: str, category: str | None = None) -> str:
    """Where a category's popular questions are, or those of all."""
    return _url("/v1/faqs/popular", bot=bot_id, category=category)


def categories_url(bot_id: str) -> str:
    """Where a conversation begins."""
    return _url("/v1/faqs/categories", bot=bot_id)


def feedback_url(bot_id: str, request_id: str, helpful: bool, reason_code: str | None = None) -> str:
    """Where an answer is rated."""
    return _url(
        "/v1/feedback", bot=bot_id, request_id=request_id, helpful=str(helpful).lower(), reason_codes=reason_code
    )


def feedback_form_url(bot_id: str, request_id: str) -> str:
    """Where the form is that asks what was bad about an answer."""
    return _url("/v1/feedback/form", bot=bot_id, request_id=request_id)


def feedback_request(bot_id: str, request_id: str) -> Bubble:
    """Asks whether an answer helped. It stands apart from the answer's bubbles: the page dims it once it is given."""
    return Bubble(
        bubble_id=f"{request_id}-f1",
        bubble_type="feedback_request",
        description="답변이 도움이 되었나요?",
        info_map={
            HELPFUL: feedback_url(bot_id, request_id, helpful=True),
            NOT_HELPFUL: feedback_form_url(bot_id, request_id),
        },
    )


def invitation(bot_id: str, request_id: str) -> Invitation:
    """What invites to rate an answer that has ended."""
    return Invitation(bubbles=[feedback_request(bot_id, request_id)])


def feedback_form(bot: Bot, request_id: str) -> Bubble:
    """Asks what was bad about an answer: one tap on a reason says it, or the form, sent with some of them and words."""
    reasons = {one.label: feedback_url(bot.bot_id, request_id, False, one.code) for one in bot.feedback_reasons}
    return Bubble(
        bubble_id=f"{request_id}-f2",
        bubble_type="feedback_form",
        description="어떤 점이 아쉬우셨나요? 알려 주시면 더 나은 답변을 드리는 데 참고하겠습니다.",
        next_action=feedback_url(bot.bot_id, request_id, helpful=False),
        guide_text="의견 보내기",
        info_map=reasons or None,
    )


def media_bubbles(content: Content, service_type: str | None = None) -> list[Bubble]:
    """The images and videos of a content's answer, in order; numbered by who adds them.

    Those that follow one another without a caption between are one bubble.
    """
    bubbles: list[Bubble] = []
    for one in content.media_for(service_type):
        last = bubbles[-1] if bubbles else None
        if last is not None and last.bubble_type == one.kind and last.caption is None and one.caption is None:
            last.source_url = [*(last.source_url or []), one.url]
            continue
        bubbles.append(
            Bubble(
                bubble_id=f"m{len(bubbles) + 1}",
                bubble_type=one.kind,
                description="",
                source_url=[one.url],
                caption=one.caption,
            )
        )
    return bubbles


def faq_choices(bot: Bot, questions: Sequence[Suggestion], service_type: str | None = None) -> dict[str, str]:
    """Questions as an `info_map`, in order."""
    return {one.text: ask_url(bot, one.faq_id, service_type, one.source_id) for one in questions}


def category_choices(bot: Bot, categories: Sequence[str]) -> dict[str, str]:
    """Categories as an `info_map`, in order."""
    return {name: popular_url(bot.bot_id, name) for name in categories}


def following(
    bot: Bot,
    decision: Decision | None,
    kind: str | None,
    suggestions: Sequence[Suggestion],
    service_type: str | None = None,
) -> list[Bubble]:
    """What stands under what was said, so that a conversation goes on by taps; numbered by who adds them.

    Parameters
    ----------
    kind
        Of a fixed reply, which says where to begin.
    suggestions
        At most three, in order.
    """
    bubbles = []
    choices = faq_choices(bot, suggestions, service_type)
    if choices and decision == "answer":
        bubbles.append(_bubble("similar_questions", "이어서 이런 질문도 볼 수 있어요.", info_map=choices))
    elif choices:
        bubbles.append(_bubble("faq_list", "이 가운데 찾으시는 질문이 있나요?", info_map=choices))
    if bot.vectors and (decision == "refuse" or kind is not None):
        bubbles.append(
            _bubble(
                "guide",
                "주제별로 많이 찾는 질문에서 골라 보실 수도 있어요.",
                guide_text="주제 보기",
                next_action=categories_url(bot.bot_id),
            )
        )
    return bubbles


def onward(bot: Bot) -> Bubble:
    """Where to go on from an answer that nothing is suggested after."""
    to = categories_url(bot.bot_id)
    return _bubble("guide", "다른 주제도 살펴보실 수 있어요.", guide_text="주제 보기", next_action=to)


def service_choice(bot: Bot, content: Content, services: Sequence[str]) -> Bubble:
    """Asks for which of the services the content's answer is wanted."""
    return _bubble(
        "guide",
        f"'{as_text(content.title)}'의 답변은 서비스마다 달라요.",
        title="어떤 서비스를 이용하고 계신가요?",
        info_map={one: ask_url(bot, content.faq_id, one, content.source_id) for one in services},
    )


def link_list(links: Sequence[Link]) -> Bubble:
    """The bot's links that go with an answer."""
    return _bubble(
        "link", "\n".join(f"- [{as_label(link.title)}]({link.url})" for link in links), title="관련 링크", icon="🔗"
    )


def notice(text: str) -> Bubble:
    """Something to mind about an answer."""
    return _bubble("notice", text)


def services_to_choose(bot: Bot, content: Content, service_type: str | None) -> list[str]:
    """The bot's services that the content has answers of their own for; none when it is clear which one is meant."""
    own = [one for one in bot.service_types if one in content.service_answers]
    return [] if service_type in bot.service_types or len(own) < 2 else own


def for_other_services(bot: Bot, content: Content, service_type: str | None) -> list[Bubble]:
    """Says that an answer is for other services than the one that is meant, when the content has no answer for it."""
    if not bot.serves(service_type) or service_type in content.service_answers or content.is_general:
        return []
    told = ", ".join(f"'{one}'" for one in content.service_answers)
    said = f"'{service_type}' 답변은 등록되어 있지 않아 {told} 기준으로 안내해 드렸어요."
    return [notice(as_text(f"{said} 이용 중인 서비스와 다를 수 있어요."))]


def entry(bot: Bot, categories: Sequence[str], pinned: str | None = None) -> list[Bubble]:
    """What a conversation begins with; `pinned` is what the operator wants to be read first."""
    bubbles = [_bubble("text", bot.says(bot.replies.greeting))]
    if pinned:
        bubbles.append(_bubble("notice", pinned, icon="📌"))
    if categories:
        choices = category_choices(bot, categories)
        bubbles.append(_bubble("category_list", "주제를 고르시면 많이 찾는 질문을 보여 드려요.", info_map=choices))
    else:
        to_all = popular_url(bot.bot_id)
        bubbles.append(_bubble("guide", "많이 찾는 질문을 모았어요.", guide_text="질문 보기", next_action=to_all))
    return numbered(bubbles)


def numbered(bubbles: Sequence[Bubble], first: int = 1, prefix: str = "") -> list[Bubble]:
    """The same with ids in order, from `{prefix}b{first}`."""
    return [one.model_copy(update={"bubble_id": f"{prefix}b{n}"}) for n, one in enumerate(bubbles, first)]


def _bubble(kind: BubbleType, description: str, **parts: Any) -> Bubble:
    return Bubble(bubble_id="b1", bubble_type=kind, description=description, **parts)


def _url(path: str, **query: str | None) -> str:
    return f"{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"
