"""GET and POST /v1/sessions/{session_id}/chats — read turns; take a question. No model, no vectors."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Request, Response
from mangum import Mangum
from pydantic import BaseModel

from shared.answering.bridge import in_thread
from shared.callers import Bot, Owner, asked_from, limit_questions
from shared.conversations import Question
from shared.http import ChatId, Conversations, QuestionText, ServiceType, SessionId, create_app
from shared.models import Turn
from shared.personal_data import mask

router = APIRouter(prefix="/v1/sessions/{session_id}/chats", tags=["chats"])


class NewChat(BaseModel):
    """A question. `replaces` is the chat_id of a turn that is asked again or edited."""

    user_message: QuestionText
    service_type: ServiceType | None = None
    replaces: ChatId | None = None


class Ticket(BaseModel):
    """Where the answer can be streamed from: claimed once, within 60 seconds; from then on resumed, or stopped."""

    session_id: str
    streaming_id: str


@router.get("", response_model_exclude_none=True)
def list_chats(
    request: Request,
    response: Response,
    session_id: SessionId,
    owner: Owner,
    conversations: Conversations,
    after: Annotated[ChatId | None, Query(description="chat_id after which the page begins")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> list[Turn]:
    """A session's turns, oldest first; the next page's address is in the `Link` header."""
    turns, cursor = conversations.turns(owner, session_id, after, limit)
    if cursor is not None:
        query = urlencode({**request.query_params, "after": cursor})
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return turns


@router.post("", status_code=201)
async def ask(
    request: Request,
    session_id: SessionId,
    body: NewChat,
    bot: Bot,
    owner: Owner,
    conversations: Conversations,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Ticket:
    """Store a question, with personal data masked, and return the id that streams its answer."""

    def kept() -> str:
        limit_questions(request, owner)
        masked = mask(body.user_message)
        values = masked.values if bot.asks_apis else {}
        service_type = mask(body.service_type).text if body.service_type else None
        question = Question(masked.text, service_type, body.replaces, idempotency_key, values, asked_from(request))
        return conversations.ask(owner, session_id, question)

    # All in one thread; as a plain function it would take one more to check what is returned
    return Ticket(session_id=session_id, streaming_id=await in_thread(kept))


app = create_app(router)
handler = Mangum(app, lifespan="off")
