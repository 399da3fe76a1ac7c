"""What can go wrong, named for the condition. Each error carries its own HTTP status; no web framework here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


class AppError(Exception):
    """An error that a caller of the API may see.

    Parameters
    ----------
    message
        Korean, for a person. Without it, the class's own sentence.
    retry_after_seconds
        When the caller may try again; rendered as `Retry-After`.
    detail
        English, for the operator: one line without secrets. It is logged, like the cause, and never shown.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    default_message: ClassVar[str] = "일시적인 오류가 발생했습니다. 잠시 후 다시 시도해 주세요."
    expression: ClassVar[Literal["SMILE", "CRYING"]] = "CRYING"
    problems: "Sequence[FieldProblem]" = ()

    def __init__(
        self, message: str | None = None, *, retry_after_seconds: int | None = None, detail: str | None = None
    ) -> None:
        self.message = message or self.default_message
        self.retry_after_seconds = retry_after_seconds
        self.detail = detail
        super().__init__(self.message)

    @property
    def reason(self) -> str:
        """What went wrong, in one line for the log: the detail, else the cause, else the code."""
        text = self.detail or (str(self.__cause__) if self.__cause__ else "") or self.code
        return " ".join(text.split())[:300]


class InvalidInput(AppError):
    """The request is understood but a value in it is not acceptable."""

    status, code, default_message = 422, "invalid_input", "입력값이 올바르지 않습니다."


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field, in one Korean sentence; no path is the whole."""

    path: str
    message: str


class InvalidFields(InvalidInput):
    """Several values are not acceptable; the first one's sentence stands for all where there is room for one."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = list(problems)
        super().__init__(problems[0].message)


class NotFound(AppError):
    """There is nothing at this address."""

    status, code, default_message = 404, "not_found", "요청한 주소를 찾을 수 없습니다."


class NotReady(AppError):
    """The process lives, and takes no customers yet: no failure of anything."""

    status, code, default_message = 503, "not_ready", "서비스를 준비하고 있습니다. 잠시 후 다시 시도해 주세요."


class InvalidMetricsToken(AppError):
    """Not the token that METRICS_TOKEN says."""

    status, code, default_message = 401, "invalid_metrics_token", "지표를 읽는 토큰이 올바르지 않습니다."


class BodyTooLarge(AppError):
    """The request's body is larger than the limit."""

    status, code, default_message = 413, "body_too_large", "요청이 너무 큽니다. 내용을 줄여서 다시 보내 주세요."


class InvalidVisitor(AppError):
    """The visitor token was not made by this deployment, has been altered, or is another bot's."""

    status, code, default_message = (
        401,
        "invalid_visitor",
        "방문자 정보가 올바르지 않습니다. 페이지를 새로고침해 주세요.",
    )


class OriginNotAllowed(AppError):
    """A page of this origin may not embed the bot."""

    status, code, default_message = 403, "origin_not_allowed", "이 페이지에서는 챗봇을 이용할 수 없습니다."


class InvalidApiKey(AppError):
    """No key came, or none that is valid: it was never made here, or was revoked. They are not told apart."""

    status, code, default_message = 401, "invalid_api_key", "API 키가 없거나 올바르지 않습니다."


class ApiKeyNotFound(AppError):
    """The bot has no key with this id."""

    status, code, default_message = 404, "api_key_not_found", "API 키를 찾을 수 없습니다."


class InvalidAdminKey(AppError):
    """No admin key came, or none that is valid: it was never made here, or was revoked. They are not told apart."""

    status, code, default_message = 401, "invalid_admin_key", "관리자 키가 없거나 올바르지 않습니다."


class AdminKeyNotFound(AppError):
    """There is no admin key with this id, or none that the caller may see."""

    status, code, default_message = 404, "admin_key_not_found", "관리자 키를 찾을 수 없습니다."


class NotAllowed(AppError):
    """The caller's key is valid, and its role or its bots do not reach so far."""

    status, code, default_message = 403, "not_allowed", "이 키로는 할 수 없는 작업입니다."


class Conflict(AppError):
    """Somebody else has changed the same thing meanwhile."""

    status, code = 409, "conflict"
    default_message = "다른 곳에서 먼저 바꾸었습니다. 새로 불러온 뒤에 다시 시도해 주세요."


class LastOwner(AppError):
    """Without this key nobody could make keys any more."""

    status, code = 409, "last_owner"
    default_message = "모든 챗봇의 마지막 소유자 키는 폐기할 수 없습니다. 다른 소유자 키를 먼저 만들어 주세요."


class ModelNotFound(AppError):
    """The model is not the key's bot: whether it is another's is not told."""

    status, code, default_message = 404, "model_not_found", "이 API 키로 쓸 수 있는 모델이 아닙니다."


class BotNotFound(AppError):
    """No published bot has this id."""

    status, code, default_message = 404, "bot_not_found", "챗봇을 찾을 수 없습니다."


class BotExists(AppError):
    """There is a bot with this id already."""

    status, code, default_message = 409, "bot_exists", "같은 ID의 챗봇이 이미 있습니다."


class DraftNotFound(AppError):
    """The bot has no draft."""

    status, code, default_message = 404, "draft_not_found", "편집 중인 초안이 없습니다."


class SourceNotFound(AppError):
    """The bot has no source of contents that is called so."""

    status, code, default_message = 404, "source_not_found", "챗봇에 그런 콘텐츠 소스가 없습니다."


class ContentExists(AppError):
    """A content with this id is there already, or was and can be brought back."""

    status, code, default_message = 409, "content_exists", "같은 ID의 콘텐츠가 이미 있습니다."


class NothingToPublish(AppError):
    """No draft of the source waits to be published."""

    status, code, default_message = 409, "nothing_to_publish", "게시할 초안이 없습니다."


class NotIndexed(AppError):
    """An operator asks what only an index tells, and nothing of the bot has one yet."""

    status, code = 409, "not_indexed"
    default_message = "아직 검색할 콘텐츠가 없습니다. 콘텐츠를 게시하면 색인이 만들어지고, 그 뒤에 쓸 수 있습니다."


class GoldenNotFound(AppError):
    """The bot has no such golden question."""

    status, code, default_message = 404, "golden_not_found", "그런 기준 질문을 찾을 수 없습니다."


class TooManyGolden(AppError):
    """A bot has as many golden questions as a rehearsal can take."""

    status, code, default_message = 409, "too_many_golden", "기준 질문은 1,000개까지 둘 수 있습니다."


class LosesGolden(AppError):
    """What is to be published would answer golden questions wrongly that nobody has said yes to.

    Parameters
    ----------
    problems
        Each question that nobody has said yes to, under its bot.
    """

    status, code = 409, "loses_golden"
    default_message = "게시하면 기준 질문의 답이 나빠집니다. 확인한 뒤에 다시 게시해 주세요."

    def __init__(self, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__()
        self.problems = list(problems)


class VersionNotFound(AppError):
    """The bot has no such version, or none that can be read."""

    status, code, default_message = 404, "version_not_found", "그런 버전을 찾을 수 없습니다."


class CategoryNotFound(AppError):
    """Neither the bot nor any of its contents has this category."""

    status, code, default_message = 404, "category_not_found", "그런 분류를 찾을 수 없습니다."


class SessionNotFound(AppError):
    """The session does not exist, or belongs to somebody else: the two are not told apart."""

    status, code, default_message = 404, "session_not_found", "대화를 찾을 수 없습니다."


class TurnNotFound(AppError):
    """The session has no such turn."""

    status, code, default_message = 404, "chat_not_found", "질문을 찾을 수 없습니다."


class FaqNotFound(AppError):
    """The bot has no content with this id, or none any more."""

    status, code, default_message = 404, "faq_not_found", "도움말을 찾을 수 없습니다. 삭제되었을 수 있습니다."


class TicketNotFound(AppError):
    """The streaming id was never given, has expired, or was already claimed."""

    status, code, default_message = 404, "ticket_not_found", '"streaming_id"가 존재하지 않습니다.'


class AnswerRunning(AppError):
    """The session still waits for the answer to an earlier question."""

    status, code = 409, "answer_running"
    default_message = "이전 질문에 답변하고 있습니다. 답변이 끝난 뒤에 다시 질문해 주세요."


class AnswerNotFinished(AppError):
    """The answer is still to come, or comes: there is nothing to rate yet."""

    status, code = 409, "answer_not_finished"
    default_message = "아직 답변하고 있습니다. 답변이 끝난 뒤에 의견을 남겨 주세요."


class FeedbackGiven(AppError):
    """The answer was rated before: it can be rated once."""

    status, code = 409, "feedback_given"
    default_message = "이 답변에는 이미 의견을 남겨 주셨어요. 소중한 의견 감사합니다."
    expression = "SMILE"


class AnswerInterrupted(AppError):
    """The process that gave the answer is gone: what it stored is all that there is."""

    status, code = 503, "answer_interrupted"
    default_message = "답변이 중단되었습니다. 다시 질문해 주세요."


class IdempotencyConflict(AppError):
    """The same idempotency key came with another body."""

    status, code = 409, "idempotency_conflict"
    default_message = "같은 Idempotency-Key로 다른 내용의 요청이 이미 접수되었습니다."


class RateLimited(AppError):
    """Too many questions in the current window."""

    status, code = 429, "rate_limited"
    default_message = "질문이 너무 많습니다. 잠시 후 다시 시도해 주세요."


class BackendUnavailable(AppError):
    """A server that haedap depends on cannot be reached, or did not answer in time."""

    status, code = 503, "backend_unavailable"
    default_message = "지금은 답변을 드리기 어렵습니다. 잠시 후 다시 시도해 주세요."


class StoreUnavailable(BackendUnavailable):
    """The item store is away."""

    code = "store_unavailable"


class IndexUnavailable(BackendUnavailable):
    """There is no index yet, it does not fit the embedding engine, or the vector server is away."""

    code = "index_unavailable"


class EmbeddingUnavailable(BackendUnavailable):
    """The embedding engine is away, or refused the request."""

    code = "embedding_unavailable"


class LlmUnavailable(BackendUnavailable):
    """The language model is away, slow, out of quota, or answered with something that is no answer."""

    code = "llm_unavailable"


class LlmRefused(LlmUnavailable):
    """The model's server works, but this request has no answer: how others fare says nothing about it, nor it of them.

    The server did not take it (key, name of the model, length, what was said), the model refused or was stopped by a
    filter, or it finished without a word.
    """


class SourceUnavailable(BackendUnavailable):
    """A company's own API is away, slow, or answered with something that is no answer."""

    code = "source_unavailable"
