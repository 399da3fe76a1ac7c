"""Properties of Notion's pages: which of them is what of a content, and what they hold. Pure functions."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, StringConstraints

from shared.models import Model, heading
from shared.notion.rich_text import plain
from shared.storage.keys import SEOUL

Json: TypeAlias = dict[str, Any]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

_USUAL = {
    "category": ("카테고리", "분류", "category"),
    "tags": ("태그", "tags", "tag"),
    "similar_titles": ("유사 질문", "비슷한 질문", "similar questions", "similar titles"),
    "service_types": ("서비스 유형", "서비스", "service types", "service type", "service"),
    "effective_on": ("시작일", "게시 시작일", "effective date", "effective on", "start date"),
    "expires_on": ("종료일", "만료일", "게시 종료일", "expiry date", "expires on", "end date"),
    "period": ("게시 기간", "기간", "period"),
    "related": ("관련 질문", "관련 콘텐츠", "관련", "related"),
    "url": ("링크", "주소", "url", "link"),
}
_SEPARATED = re.compile(r"[\n,;]")


class PropertyNames(Model):
    """What the properties are called; without a name, the usual Korean and English ones are looked for.

    Parameters
    ----------
    service_types
        The services that a page's text answers for; pages without any answer for all.
    period
        A date with an end: both the first and the last day.
    """

    model_config = ConfigDict(extra="forbid")

    category: _Name | None = None
    tags: _Name | None = None
    similar_titles: _Name | None = None
    service_types: _Name | None = None
    effective_on: _Name | None = None
    expires_on: _Name | None = None
    period: _Name | None = None
    related: _Name | None = None
    url: _Name | None = None

    def of(self, properties: Mapping[str, Any]) -> dict[str, Json]:
        """What a page's properties are, by the names of these fields; nothing of those that it does not have."""
        there = {_loose(name): one for name, one in properties.items() if isinstance(one, dict)}
        found = {}
        for field, usual in _USUAL.items():
            own = getattr(self, field)
            name = next((one for one in map(_loose, (own,) if own else usual) if one in there), None)
            if name is not None:
                found[field] = there[name]
        return found


def title_of(page: Mapping[str, Any]) -> str:
    """A page's title, on one line, whatever its property is called."""
    properties = page.get("properties")
    values = properties.values() if isinstance(properties, dict) else ()
    found = next((one for one in values if isinstance(one, dict) and one.get("type") == "title"), {})
    return " ".join(plain(found.get("title")).split())


def fields_of_page(named: Mapping[str, Json], text: str, public_url: object) -> Json:
    """A content's fields but its title, as `shared.content_editing.ContentEdit` has them: those that the page tells.

    Parameters
    ----------
    named
        As `PropertyNames.of` gives them.
    text
        The page's Markdown.
    public_url
        Where a published page is read by anybody.
    """
    fields: Json = {"content": text}
    services = list(values(named.get("service_types", {})))
    if "service_types" in named:
        fields["service_answers"] = dict.fromkeys(services, text)
    if services:
        fields["content"] = "\n\n".join(f"{heading(one)}{text}" for one in services)
    if "category" in named:
        fields["category"] = next(values(named["category"]), None)
    for name in ("tags", "similar_titles"):
        if name in named:
            fields[name] = list(values(named[name], separated=name == "tags"))
    fields |= _days(named)
    addresses = list(values(named["url"])) if "url" in named else [public_url]
    if "url" in named or isinstance(public_url, str):
        fields["url"] = addresses[0] if addresses else None
    return fields


def values(prop: Mapping[str, Any], separated: bool = False) -> Iterator[str]:
    """What a property says, one by one: choices, lines of a text. Of people and files nothing.

    Parameters
    ----------
    separated
        Whether commas part a text's values as line breaks do.
    """
    kind = str(prop.get("type"))
    data = prop.get(kind)
    match kind:
        case "title" | "rich_text":
            lines = _SEPARATED.split(plain(data)) if separated else plain(data).split("\n")
            yield from filter(None, map(str.strip, lines))
        case "select" | "status":
            if isinstance(data, dict) and data.get("name"):
                yield str(data["name"])
        case "multi_select":
            yield from (str(one["name"]) for one in data or [] if isinstance(one, dict) and one.get("name"))
        case "url" | "number" | "unique_id":
            if isinstance(data, str | int | float) and data != "":
                yield str(data)
        case "formula":
            if isinstance(data, dict) and isinstance(data.get("string"), str):
                yield from filter(None, map(str.strip, data["string"].split("\n")))
        case "rollup":
            if isinstance(data, dict) and data.get("type") == "array":
                for one in data.get("array") or []:
                    yield from values(one, separated)


def related_ids(prop: Mapping[str, Any]) -> list[str]:
    """The ids of the pages that a relation names, as far as the page tells them: see its `has_more`."""
    return [str(one["id"]) for one in prop.get("relation") or [] if isinstance(one, dict) and one.get("id")]


def _days(named: Mapping[str, Json]) -> Json:
    days: Json = {}
    for name, ends in (("effective_on", ("start",)), ("expires_on", ("end", "start"))):
        if name in named or "period" in named:
            own = name in named
            data = _date(named[name] if own else named["period"])
            wanted = ends if own else ends[:1]
            days[name] = next((day for end in wanted if (day := _day(data.get(end)))), None)
    return days


def _date(prop: Mapping[str, Any]) -> Json:
    data = prop.get(str(prop.get("type")))
    if prop.get("type") == "formula" and isinstance(data, dict):
        data = data.get("date")
    return data if isinstance(data, dict) else {}


def _day(text: object) -> str | None:
    """The day in Seoul; a time without an offset is taken as it stands."""
    if not isinstance(text, str):
        return None
    try:
        if len(text) == len("2026-11-22"):
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at.astimezone(SEOUL) if at.tzinfo else at).date().isoformat()


def _loose(name: str) -> str:
    return "".join(name.split()).casefold()
