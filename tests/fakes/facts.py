"""A company's API that gives what it was told, so that answering can be tested without HTTP."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from shared.bot import HttpField, HttpSource
from shared.errors import SourceUnavailable
from shared.sources.base import Record, Taken


def source(source_id: str, *parameters: str) -> HttpSource:
    """An API whose arguments are these strings."""
    return HttpSource(
        source_id=source_id,
        name=source_id,
        description=f"{source_id} 정보를 찾습니다.",
        url="https://api.example.com/",
        parameters={
            "type": "object",
            "properties": {name: {"type": "string"} for name in parameters},
            "required": list(parameters),
        },
        query={name: f"{{{name}}}" for name in parameters},
        fields={"name": HttpField(path="name", label="이름")},
    )


def record(title: str, **fields: str) -> Record:
    """One record; the labels of its fields are their names."""
    return Record(title=title, link=None, fields={"이름": title, **fields})


class FakeFacts:
    """`Facts`: gives its records whatever it is asked, and remembers that.

    Parameters
    ----------
    before
        Awaited in every call, e.g. to see that two of them run at once.
    """

    def __init__(
        self, *records: Record, away: bool = False, before: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self._records, self._away, self._before = records, away, before
        self.asked: list[dict[str, Any]] = []

    async def fetch(self, arguments: Mapping[str, Any], taken: Taken | None = None) -> Sequence[Record]:
        """See `Facts.fetch`."""
        self.asked.append(dict(arguments))
        if self._before is not None:
            await self._before()
        if self._away:
            raise SourceUnavailable(detail="told to be away")
        return self._records
