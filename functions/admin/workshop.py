"""POST /v1/admin/bots/{bot_id}/workshop — an HTTP source on a sample of its response, pasted or fetched."""

from typing import Any

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from shared import assembly, wiring
from shared.admin_http import BotEditor
from shared.admin_keys import Operator
from shared.bot import HttpSource
from shared.bot_editing import read_source, require, source_beyond, state_of
from shared.errors import FieldProblem, InvalidFields, InvalidInput, SourceUnavailable
from shared.http import create_app
from shared.settings import get_settings
from shared.source_reasons import in_korean
from shared.sources.base import ArgumentsInvalid
from shared.sources.http import parsed
from shared.workshop import Worked, work

router = APIRouter(prefix="/v1/admin/bots/{bot_id}/workshop", tags=["admin: bots"])


class Sample(BaseModel):
    """A source as its form has it, also before any field was chosen."""

    source: dict[str, Any]
    arguments: dict[str, Any] = {}
    sample: str | None = Field(None, description="A response, as JSON text; without it the source is asked")


@router.post("")
async def try_source(bot_id: str, body: Sample, operator: BotEditor) -> Worked:
    """Tell what a response holds, what the source takes of it, and the text that a model will get."""
    source = await run_in_threadpool(_checked, bot_id, body.source, operator)
    data = _pasted(body.sample) if body.sample is not None else await _fetched(source, body.arguments)
    return await run_in_threadpool(work, source, data)


def _checked(bot_id: str, given: dict[str, Any], operator: Operator) -> HttpSource:
    source = read_source(given, get_settings().bot_secrets)
    state = state_of(wiring.get_bots(), bot_id)
    require(list(source_beyond(operator, source, state.versions)))
    return source


def _pasted(text: str) -> Any:
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        pass
    raise InvalidFields([FieldProblem("sample", "붙여넣은 응답이 올바른 JSON이 아닙니다.")])


async def _fetched(source: HttpSource, arguments: dict[str, Any]) -> Any:
    """What the source answers, within the same bounds as for customers: checked addresses, a size, a time."""
    try:
        return await assembly.open_http(source).sample(arguments)
    except ArgumentsInvalid as error:
        raise InvalidInput(f"이 인자로는 물어볼 수 없습니다. {in_korean(str(error))}") from error
    except SourceUnavailable as error:
        reason = in_korean(error.reason.removeprefix(f"{source.source_id}: "))
        raise SourceUnavailable(f"응답을 받지 못했습니다. {reason}", detail=error.reason) from error


app = create_app(router)
handler = Mangum(app, lifespan="off")
