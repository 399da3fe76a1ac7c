"""GET …/history/export and …/contents/export, below /v1/admin/bots/{bot_id} — files that are streamed, of any length.

Apart from what lists and edits the same: on AWS an answer of any length needs an address of its own.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from mangum import Mangum

from shared import wiring
from shared.admin_http import BotViewer, SourceId
from shared.content_files import exported_contents
from shared.content_list import Wanted, Which, every
from shared.exports import GZIP_TYPE, MEDIA_TYPES, Format, exported, gzipped
from shared.history_http import Chosen, Days, shown
from shared.http import create_app, produces
from shared.source_access import known_bot, source_of
from shared.storage.keys import today

router = APIRouter(prefix="/v1/admin/bots/{bot_id}")

_Item = TypeVar("_Item")
_FILES = produces(*MEDIA_TYPES.values(), GZIP_TYPE)

Kind = Annotated[Format, Query(alias="format")]
Gzip = Annotated[bool, Query(description="Packed, so that who unpacks it notices when it broke off")]


@router.get("/history/export", tags=["admin: history"], response_class=StreamingResponse, responses=_FILES)
def export(
    bot_id: str, operator: BotViewer, days: Days, filters: Chosen, kind: Kind = "csv", gzip: Gzip = False
) -> StreamingResponse:
    """All of them as a file, streamed. Ids of visitors and sessions are for owners; others get pseudonyms."""
    pages = _begun(wiring.get_history().every(bot_id, days, filters))
    told = ([shown(turn, bot_id, operator) for turn in page] for page in pages)
    return _streamed(exported(told, kind), f"history-{bot_id}-{days.first}-{days.last}", kind, gzip)


@router.get("/contents/export", tags=["admin: contents"], response_class=StreamingResponse, responses=_FILES)
def export_contents(
    bot_id: str,
    _operator: BotViewer,
    kind: Kind = "csv",
    which: Which = "all",
    category: Annotated[str | None, Query(max_length=60)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    source_id: SourceId = None,
    gzip: Gzip = False,
) -> StreamingResponse:
    """Contents as a file, as they are drafted where they are, streamed."""
    source_id = source_of(known_bot(bot_id), source_id)
    pages = _begun(every(wiring.get_contents(), source_id, Wanted(which, category, q), today()))
    return _streamed(exported_contents(pages, kind), f"contents-{source_id}-{today()}", kind, gzip)


def _begun(pages: Iterator[list[_Item]]) -> Iterable[list[_Item]]:
    """The same pages, the first read: a store that is away is told as such, and not by a file that breaks off."""
    first = next(pages, [])
    return chain([first], pages)


def _streamed(pieces: Iterator[bytes], name: str, kind: Format, gzip: bool) -> StreamingResponse:
    file = f"{name}.{kind}.gz" if gzip else f"{name}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return StreamingResponse(
        gzipped(pieces) if gzip else pieces, media_type=GZIP_TYPE if gzip else MEDIA_TYPES[kind], headers=headers
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
