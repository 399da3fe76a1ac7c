"""What can go wrong between haedap and Notion. A wrong token is no 401: that is about the operator's own key."""

from shared.errors import AppError, BackendUnavailable


class NotionTokenMissing(AppError):
    """No token is set."""

    status, code = 409, "notion_token_missing"
    default_message = "Notion 토큰이 설정되지 않았습니다. NOTION_TOKEN을 설정하고 다시 시작해 주세요."


class NotionTokenInvalid(AppError):
    """Notion does not know the token, or no more."""

    status, code = 409, "notion_token_invalid"
    default_message = "Notion 토큰이 올바르지 않습니다. NOTION_TOKEN을 확인해 주세요."


class NotionForbidden(AppError):
    """The token is valid, and may not read."""

    status, code = 409, "notion_forbidden"
    default_message = "이 Notion 연동에는 내용을 읽을 권한이 없습니다. 연동의 권한에서 콘텐츠 읽기를 켜 주세요."


class NotionNotFound(AppError):
    """What is to be read does not exist, or is not shared with the integration: Notion does not tell them apart."""

    status, code = 404, "notion_not_found"
    default_message = (
        "Notion에서 찾을 수 없습니다. 데이터베이스와 페이지 가운데 바르게 골랐는지 확인하고,"
        " 그 문서의 연결에 이 연동을 추가해 주세요."
    )


class NotionRefused(NotionNotFound):
    """Notion answers with 400: it is a database where a page was named, or holds what its API does not tell."""


class NotionTargetClosed(AppError):
    """The integration may read it, and this operator may not have it read for this bot."""

    status, code = 403, "notion_target_closed"
    default_message = (
        "이 챗봇에 열려 있지 않은 Notion 문서입니다. 모든 챗봇의 소유자가 한 번 가져오거나,"
        " 서버의 NOTION_TARGETS에 문서 ID를 적으면 가져올 수 있습니다."
    )


class NotionRateLimited(AppError):
    """Notion asks to wait longer than a run waits."""

    status, code = 429, "notion_rate_limited"
    default_message = "Notion이 요청을 잠시 제한하고 있습니다. 조금 뒤에 다시 가져와 주세요. 가져온 곳부터 이어집니다."


class NotionUnavailable(BackendUnavailable):
    """Notion cannot be reached, failed, or said something that is no answer."""

    code = "notion_unavailable"
    default_message = "지금은 Notion에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요."


class NotionSyncRunning(AppError):
    """The same database or page is being read into the same source already."""

    status, code = 409, "notion_sync_running"
    default_message = "같은 Notion 문서를 이미 가져오고 있습니다. 끝난 뒤에 다시 시도해 주세요."


class BadCursor(Exception):
    """The place in a list is not known any more: it is to be read from its beginning."""


class OutOfTime(Exception):
    """A bounded run has no time left: it goes on with the next call.

    Parameters
    ----------
    retry_after_seconds
        When Notion asked to wait so long.
    """

    def __init__(self, retry_after_seconds: int | None = None) -> None:
        super().__init__("out of time")
        self.retry_after_seconds = retry_after_seconds
