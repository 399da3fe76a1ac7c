"""POST /v1/visitors — a token for widgets and programs, which keep no cookies."""

from fastapi import APIRouter, Depends, Request, Response
from mangum import Mangum
from pydantic import BaseModel

from shared import wiring
from shared.callers import Bot, limit_address
from shared.cross_origin import allow_origin
from shared.http import create_app
from shared.settings import get_settings

router = APIRouter(prefix="/v1/visitors", tags=["visitors"])

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}


class VisitorToken(BaseModel):
    """To be sent as `Authorization: Bearer …`."""

    token: str


def _tell_errors(request: Request) -> None:
    """Any page may read that there is no such bot, or that the store is away: by then no bot has allowed one."""
    request.state.cross_origin = {"Access-Control-Allow-Origin": "*"}


def _allow_origin(request: Request, response: Response, bot: Bot) -> None:
    allow_origin(request, bot, get_settings().cors_origins)
    response.headers.update(request.state.cross_origin)


# The origin first: a page that may ask can then read that it asked too often
_CHECKS = [Depends(_tell_errors), Depends(_allow_origin), Depends(limit_address)]


@router.post("", status_code=201, dependencies=_CHECKS)
def create_visitor(bot: Bot) -> VisitorToken:
    """A new anonymous visitor of this bot. A page of another origin may ask if the bot lists it."""
    return VisitorToken(token=wiring.get_visitors().issue(bot.bot_id)[1])


@router.options("", dependencies=_CHECKS, include_in_schema=False)
def preflight(request: Request) -> Response:
    """What a browser asks before a page of another origin may post."""
    return Response(status_code=204, headers={**request.state.cross_origin, **_PREFLIGHT})


app = create_app(router)
handler = Mangum(app, lifespan="off")
