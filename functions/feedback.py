"""POST /v1/feedback — rate an answer, once; POST and GET /v1/feedback/form — the bubble that asks what was bad.

A visitor rates the answers that it got, a program those that its own key got.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from mangum import Mangum
from pydantic import AfterValidator, BaseModel, Field

from shared import wiring
from shared.api_keys import PREFIX as KEY_PREFIX
from shared.bot import Bot
from shared.bubbles import feedback_form
from shared.callers import NamedBot, bearer_token, known_visitor, limit_caller, verified_key
from shared.errors import InvalidInput, TurnNotFound
from shared.feedback import MAX_COMMENT_CHARACTERS, Caller, Opinion
from shared.http import create_app
from shared.models import Bubble
from shared.retrieval.text import normalize
from shared.storage.keys import Owner

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

_MAX_REASONS = 10
_THANKS = {
    True: "의견을 남겨 주셔서 감사합니다. 도움이 되었다니 기뻐요.",
    False: "의견을 남겨 주셔서 감사합니다. 더 나은 답변을 드릴 수 있도록 참고하겠습니다.",
}


def _reasons(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise ValueError("reason_codes에 같은 값이 두 번 있습니다.")
    return codes


def _comment(text: str) -> str:
    text = normalize(text)
    if len(text) > MAX_COMMENT_CHARACTERS:
        raise ValueError(f"의견은 {MAX_COMMENT_CHARACTERS:,}자 이하로 입력해 주세요.")
    return text


RequestId = Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$", description="Of the answer: its chat_id")]


class NewFeedback(BaseModel):
    """What is said of an answer, in the body, in the address, or partly in each: the body wins."""

    request_id: RequestId | None = None
    helpful: bool | None = None
    reason_codes: Annotated[list[str], Field(max_length=_MAX_REASONS), AfterValidator(_reasons)] | None = Field(
        None, description="Of the bot's reasons, for an answer that did not help"
    )
    comment: Annotated[str, AfterValidator(_comment)] | None = None


class TakenFeedback(BaseModel):
    """It was kept; and thanks for it."""

    request_id: str
    helpful: bool
    bubbles: list[Bubble]


class FeedbackForm(BaseModel):
    """The form, as a bubble."""

    bubbles: list[Bubble]


def _caller(request: Request, bot: NamedBot = None) -> Caller:
    """A program, or a visitor who was here before: a stranger has no answer to rate, and gets no cookie for trying."""
    token = bearer_token(request)
    if token.startswith(KEY_PREFIX):
        return verified_key(token, bot)
    visitor_id = known_visitor(request, bot or "default")
    if visitor_id is None:
        raise TurnNotFound
    return Owner(bot or "default", visitor_id)


def _bot(caller: Annotated[Caller, Depends(_caller)]) -> Bot:
    return wiring.get_bot(caller.bot_id)


def _limit(request: Request, caller: Annotated[Caller, Depends(_caller)]) -> None:
    """Count a tap like a question. Raises `RateLimited`."""
    limit_caller(request, caller)


async def _merged(query: Annotated[NewFeedback, Query()], body: NewFeedback | None = None) -> NewFeedback:
    return query.model_copy(update=body.model_dump(exclude_none=True)) if body else query


@router.post("", status_code=201, dependencies=[Depends(_limit)], response_model_exclude_none=True)
def give(
    said: Annotated[NewFeedback, Depends(_merged)],
    caller: Annotated[Caller, Depends(_caller)],
    bot: Annotated[Bot, Depends(_bot)],
) -> TakenFeedback:
    """Rate an answer. 409 when that was done before: the first counts."""
    if said.request_id is None:
        raise InvalidInput("request_id 값이 필요합니다.")
    if said.helpful is None:
        raise InvalidInput("helpful 값이 필요합니다.")
    reason_codes = said.reason_codes or []
    _check_reasons(bot, said.helpful, reason_codes)
    wiring.get_feedback().give(caller, said.request_id, Opinion(said.helpful, reason_codes, said.comment))
    thanks = Bubble(bubble_id=f"{said.request_id}-f3", bubble_type="text", description=_THANKS[said.helpful])
    return TakenFeedback(request_id=said.request_id, helpful=said.helpful, bubbles=[thanks])


@router.get("/form", dependencies=[Depends(_limit)], response_model_exclude_none=True)
@router.post("/form", dependencies=[Depends(_limit)], response_model_exclude_none=True)
def form(
    request: Request,
    request_id: Annotated[RequestId, Query()],
    caller: Annotated[Caller, Depends(_caller)],
    bot: Annotated[Bot, Depends(_bot)],
) -> FeedbackForm:
    """Ask what was bad about an answer. Keeps nothing; what could not be rated now is refused here already."""
    wiring.get_feedback().require_open(caller, request_id, mend=request.method == "POST")
    return FeedbackForm(bubbles=[feedback_form(bot, request_id)])


def _check_reasons(bot: Bot, helpful: bool, reason_codes: Sequence[str]) -> None:
    if reason_codes and helpful:
        raise InvalidInput("reason_codes는 helpful 값이 false일 때만 보낼 수 있습니다.")
    if not {one.code for one in bot.feedback_reasons}.issuperset(reason_codes):
        raise InvalidInput("reason_codes에 이 챗봇에 없는 값이 있습니다.")


app = create_app(router)
handler = Mangum(app, lifespan="off")
