"""/openai/v1/models and /openai/v1/chat/completions — a bot as a model, for OpenAI's clients."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response, StreamingResponse
from mangum import Mangum
from pydantic import BaseModel, BeforeValidator, Field, StrictBool, StrictInt, field_validator

from shared import assembly, programs, wiring
from shared.answering.bridge import in_thread
from shared.answering.writing import MAX_ANSWER_CHARACTERS
from shared.callers import ApiKey, BotOfKey, limit_key
from shared.errors import AppError, ModelNotFound
from shared.http import create_app, lifespan, produces, question_text
from shared.openai_errors import OpenAIErrorBody, openai_error
from shared.openai_wire import Chunks, JsonObject, completion, frame, model_list, model_object, paragraph
from shared.personal_data import mask
from shared.programs import MAX_HISTORY_TURNS, Exchange, ProgramQuestion, Reply
from shared.retrieval.text import normalize
from shared.settings import get_settings
from shared.sse import BubbleAdded, Delta

router = APIRouter(
    prefix="/openai/v1",
    tags=["programs"],
    responses={"4XX": {"model": OpenAIErrorBody}, "5XX": {"model": OpenAIErrorBody}},
)

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second is for nginx
_TEXTS = {"text": "text", "refusal": "refusal"}  # by the type of a part, where its text is


def _as_text(content: object) -> str:
    """The text of a message's content: a string, or a list of parts. Anything else than text cannot be understood."""
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "\n".join(map(_text_of_part, content))
        case _:
            raise ValueError("content 값은 문자열이거나 목록이어야 합니다.")


def _text_of_part(part: object) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    text = part.get(_TEXTS[kind]) if isinstance(part, dict) and isinstance(kind, str) and kind in _TEXTS else None
    if not isinstance(text, str):
        raise ValueError("content에는 글만 넣을 수 있습니다. 이미지나 파일은 지원하지 않습니다.")
    return text


class Message(BaseModel):
    """One message. Those of users and assistants are the question and its history; others have no say."""

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: Annotated[str, BeforeValidator(_as_text)] = ""


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: StrictBool | None = None


class NewCompletion(BaseModel):
    """A question as OpenAI's clients ask it.

    What would change how the bot writes (instructions, temperature, max_tokens, …) is accepted and not used: that is
    its operator's. What asks for something else than one text is refused.
    """

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: StrictInt | None = Field(None, description="1")
    tool_choice: Any = Field(None, description="`none` or `auto`: no tool is ever called")
    function_call: Any = Field(None, description="`none` or `auto`, too")
    response_format: Any = Field(None, description="`text`")
    modalities: Any = Field(None, description="`text`")

    @field_validator("messages")
    @classmethod
    def _check_question(cls, messages: list[Message]) -> list[Message]:
        asked = [index for index, message in enumerate(messages) if message.role == "user"]
        if not asked:
            raise ValueError("messages에 role이 user인 질문이 있어야 합니다.")
        # What comes after the question is neither it nor its history
        question = messages[asked[-1]]
        return [*messages[: asked[-1]], question.model_copy(update={"content": question_text(question.content)})]

    @field_validator("n")
    @classmethod
    def _check_number(cls, n: int | None) -> int | None:
        _require(n in (None, 1))
        return n

    @field_validator("tool_choice", "function_call")
    @classmethod
    def _check_choice(cls, choice: Any) -> Any:
        _require(choice in (None, "none", "auto"))
        return choice

    @field_validator("response_format")
    @classmethod
    def _check_format(cls, chosen: Any) -> Any:
        _require(chosen is None or (isinstance(chosen, dict) and chosen.get("type") == "text"))
        return chosen

    @field_validator("modalities")
    @classmethod
    def _check_modalities(cls, modalities: Any) -> Any:
        _require(modalities in (None, ["text"]))
        return modalities

    def question(self) -> ProgramQuestion:
        """The last user's message, and what was said before it: each question with the answers that follow it.

        The history is cut and, since half a number would not be found any more, masked before that.
        """
        exchanges: list[Exchange] = []
        for message in self.messages[:-1]:
            text = normalize(message.content)
            if message.role == "user" and text:
                exchanges.append(Exchange(text))
            elif message.role == "assistant" and text and exchanges:
                asked, said = exchanges[-1].user_message, exchanges[-1].system_message
                exchanges[-1] = Exchange(asked, f"{said}\n\n{text}".strip())
        return ProgramQuestion(self.messages[-1].content, [_cut(one) for one in exchanges[-MAX_HISTORY_TURNS:]])


def _cut(told: Exchange) -> Exchange:
    asked, said = mask(told.user_message).text, mask(told.system_message).text
    return Exchange(asked[: get_settings().max_message_characters], said[:MAX_ANSWER_CHARACTERS])


def _require(supported: bool) -> None:
    if not supported:
        raise ValueError("지원하지 않는 값입니다.")


@router.get("/models")
def list_models(bot: BotOfKey) -> JsonObject:
    """The key's bot, alone."""
    return model_list([bot])


@router.get("/models/{model:path}")
def get_model(model: str, bot: BotOfKey) -> JsonObject:
    """The key's bot."""
    if model != bot.bot_id:
        raise ModelNotFound
    return model_object(bot)


@router.post(
    "/chat/completions",
    dependencies=[Depends(limit_key)],
    responses=produces("application/json", "text/event-stream"),
)
async def complete(body: NewCompletion, key: ApiKey) -> Response:
    """Answer the last user's message. The answer ends, and is logged, also when the caller leaves."""
    if body.model != key.bot_id:
        raise ModelNotFound
    question = await in_thread(body.question)  # masking a long history takes a tenth of a second
    reply = await programs.start(key, question, assembly.get_parts, wiring.get_question_log())
    pieces = _pieces(reply)
    if not body.stream:
        content = "".join([piece async for piece in pieces])
        return JSONResponse(completion(reply.request_id, key.bot_id, content, reply.answer))
    first = await anext(pieces, "")  # what fails before it has a status of its own
    options = body.stream_options
    chunks = Chunks(reply.request_id, key.bot_id, bool(options and options.include_usage))
    return StreamingResponse(_frames(chunks, first, pieces, reply), media_type="text/event-stream", headers=_HEADERS)


_PARAGRAPHS = {"notice", "link"}


async def _pieces(reply: Reply) -> AsyncIterator[str]:
    """The answer's text, and what follows it as paragraphs; choices are for who can tap."""
    async for event in reply.events():
        match event:
            case Delta():
                yield event.text
            case BubbleAdded() if event.bubble.bubble_type in _PARAGRAPHS:
                yield paragraph(event.bubble)


async def _frames(chunks: Chunks, first: str, pieces: AsyncIterator[str], reply: Reply) -> AsyncIterator[bytes]:
    yield chunks.first() + chunks.text(first)
    try:
        async for piece in pieces:
            yield chunks.text(piece)
    except AppError as error:
        yield frame(openai_error(error.status, error.code, error.message))
        return
    yield chunks.last(reply.answer)


app = create_app(router, lifespan=lifespan(programs.drain))
handler = Mangum(app, lifespan="off")
