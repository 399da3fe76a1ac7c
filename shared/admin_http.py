"""Who operates: the dependencies of every route under /v1/admin.

    @router.put("/v1/admin/bots/{bot_id}/draft")
    def save(bot_id: str, operator: BotEditor) -> …

`Viewer`, `Editor` and `Owner` give the `Operator` who calls, or refuse: no key or a wrong one 401, a role that does not
reach 403. `BotViewer`, `BotEditor` and `BotOwner` are for routes with `{bot_id}` in their path: a bot that is unknown
and one that is not the operator's are the same 404, whatever the role.

Keys come in a header that browsers do not send by themselves, so there is nothing to forge a request with: no CSRF.
"""

import re
from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared import wiring
from shared.admin_keys import Operator, Role
from shared.callers import connected_address, hashed_address, hashed_network
from shared.errors import BotNotFound, InvalidAdminKey, NotAllowed, RateLimited
from shared.limits import Limits
from shared.seeing.around import known
from shared.settings import get_settings

_BEARER = HTTPBearer(scheme_name="admin key", description="ha_…, made in the console", auto_error=False)
_BOT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_KIND = "admin"  # of what is counted
_KIND_CONNECTED = "admin via"
_TIMES = 10  # as many wrong keys as of one caller are taken of a proxy whose word for its callers cannot be checked
_TOO_MANY = "관리자 인증에 여러 번 실패했습니다. 잠시 후 다시 시도해 주세요."
_NEEDED: dict[Role, str] = {
    "viewer": "조회 권한이 필요합니다.",
    "editor": "편집 권한이 필요합니다.",
    "owner": "소유자 권한이 필요합니다.",
}


def operator_of(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Operator:
    """Who calls.

    Wrong keys are counted for the address they come from. Over the limit no key from there is looked at until the
    minute ends, a right one neither: if right ones still passed, the answer would tell which of all guesses is right,
    and the limit would slow nothing. Who shares an address with somebody who guesses waits for a minute at most. Where
    an address is only what a proxy says, that proxy's is counted, too.

    Raises
    ------
    InvalidAdminKey
    RateLimited
    """
    token = credentials.credentials.strip() if credentials else ""
    if not token:  # no guess
        raise InvalidAdminKey
    limits, limit = Limits(wiring.get_store()), get_settings().admin_failures_per_minute
    counted = [(_KIND, hashed_address(request), limit)]
    if (connected := connected_address(request)) is not None:
        counted.append((_KIND_CONNECTED, hashed_network(connected), limit * _TIMES))
    try:
        for one in counted:
            limits.check(*one)
        try:
            return wiring.get_operator(token)
        except InvalidAdminKey:
            for one in reversed(counted):
                limits.hit(*one)
            raise
    except RateLimited as error:
        raise RateLimited(_TOO_MANY, retry_after_seconds=error.retry_after_seconds) from error


def require_role(operator: Operator, role: Role) -> None:
    """Raise `NotAllowed` unless they may do what this role may."""
    if not operator.has(role):
        raise NotAllowed(_NEEDED[role])


def require_bot(operator: Operator, bot_id: str) -> None:
    """Raise `BotNotFound` unless there is such a bot and it is one of theirs. The two are not told apart."""
    if not _BOT_ID.fullmatch(bot_id) or not operator.sees(bot_id) or not wiring.bot_exists(bot_id):
        raise BotNotFound
    known(bot_id=bot_id)


def _with(role: Role) -> Callable[[Operator], Operator]:
    def checked(operator: Annotated[Operator, Depends(operator_of)]) -> Operator:
        require_role(operator, role)
        return operator

    return checked


def _of_bot(role: Role) -> Callable[[str, Operator], Operator]:
    def checked(bot_id: str, operator: Annotated[Operator, Depends(operator_of)]) -> Operator:
        require_bot(operator, bot_id)
        require_role(operator, role)
        return operator

    return checked


Viewer: TypeAlias = Annotated[Operator, Depends(_with("viewer"))]
Editor: TypeAlias = Annotated[Operator, Depends(_with("editor"))]
Owner: TypeAlias = Annotated[Operator, Depends(_with("owner"))]
BotViewer: TypeAlias = Annotated[Operator, Depends(_of_bot("viewer"))]
BotEditor: TypeAlias = Annotated[Operator, Depends(_of_bot("editor"))]
BotOwner: TypeAlias = Annotated[Operator, Depends(_of_bot("owner"))]
SourceId: TypeAlias = Annotated[
    str | None, Query(max_length=64, description="One of the bot's sources; without it the first")
]
Cursor: TypeAlias = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="As the page before gave it"),
]
