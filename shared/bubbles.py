"""The bubbles that a conversation goes on by, and the addresses behind them. Pure functions; no I/O.

Every address is this API's own and names its bot, so that a page POSTs to it as it is, whatever bot it was made for.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from shared.bot import Bot
from shared.models import Bubble, Content, Suggestion

HELPFUL, NOT_HELPFUL = "도움이 됐어요", "아쉬워요"


def ask_url(bot_id: str, faq_id: str, service_type: str | None = None) -> str:
    """Where a content is asked by a tap."""
    return _url(f"/v1/faqs/{quote(faq_id, safe='')}/ask", bot=bot_id, service_type=service_type)


def popular_url(bot_id: str, category: str | None = None) -> str:
    """Where a category's popular questions are, or those of all."""
    return _url("/v1/faqs/popular", bot=bot_id, category=category)


def categories_url(bot_id: str) -> str:
    """Where a conversation begins."""
    return _url("/v1/faqs/categories", bot=bot_id)


def feedback_url(bot_id: str, request_id: str, helpful: bool | None = None) -> str:
    """Where an answer is rated."""
    return _url(
        "/v1/feedback", bot=bot_id, request_id=request_id, helpful=None if helpful is None else str(helpful).lower()
    )


def feedback_form_url(bot_id: str, request_id: str) -> str:
    """Where the form is that asks what was bad about an answer."""
    return _url("/v1/feedback/form", bot=bot_id, request_id=request_id)


def feedback_request(bot: Bot, request_id: str) -> Bubble:
    """Asks whether an answer helped. It stands apart from the answer's bubbles: the page dims it once it is given."""
    return Bubble(
        bubble_id="f1",
        bubble_type="feedback_request",
        description="답변이 도움이 되었나요?",
        info_map={
            HELPFUL: feedback_url(bot.bot_id, request_id, helpful=True),
            NOT_HELPFUL: feedback_form_url(bot.bot_id, request_id),
        },
    )


def media_bubbles(content: Content) -> list[Bubble]:
    """A content's images and videos, in order: those that follow one another without a caption between are one bubble.

    Their ids, `m1` and so on, are of their own among an answer's.
    """
    bubbles: list[Bubble] = []
    for one in content.media:
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
    return {one.text: ask_url(bot.bot_id, one.faq_id, service_type) for one in questions}


def category_choices(bot: Bot, categories: Sequence[str]) -> dict[str, str]:
    """Categories as an `info_map`, in order."""
    return {name: popular_url(bot.bot_id, name) for name in categories}


def _url(path: str, **query: str | None) -> str:
    return f"{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"
