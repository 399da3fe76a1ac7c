"""Step one: raw rows to clean rows. Unescape, normalize, drop boilerplate; what is wrong or dropped is told."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.indexing.moderation import kind_of
from shared.indexing.readers import Raw
from shared.models import Media
from shared.retrieval.text import normalize, one_line, unescape

MAX_ID_CHARACTERS = 200
_RESERVED = {".", "..", "categories", "popular", "search", "publish", "rehearse", "import", "export", "notion"}
_ACTIONS = ("/ask", "/draft", "/restore", "/health")
MAX_TITLE_CHARACTERS = 300
MAX_TITLES = 200  # similar, and related
MAX_CONTENT_CHARACTERS = 45_000  # of 3 bytes each; see MAX_CONTENT_BYTES of structure.py


class CleanRow(BaseModel):
    """One line of the file between step one and step two. `row` is its number in the corpus file."""

    row: int
    id: str = ""
    title: str
    content: str
    similar_titles: list[str] = []
    related_titles: list[str] = []
    category: str = ""
    url: str = ""
    service_type: str = ""
    media: list[Media] = []
    dropped: list[str] = []


@dataclass
class Report:
    """What happened: rows read, rows refused and media left out with the reason, boilerplate with its count."""

    read: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


# The tail of each page of the SmartStore help centre: a rating form, then maybe related titles, then a button
_RATING = re.compile(
    r"\n*위 도움말이 도움이 되었나요\?(?:\s*별점[1-5]점)*"
    r"\s*(?:소중한 의견을 남겨주시면 보완하도록 노력하겠습니다\.)?\s*(?:보내기)?"
)
_CLOSE = re.compile(r"\s*도움말 닫기\s*$")
_RELATED = re.compile(r"\n*관련 도움말/키워드\n")


def preprocess(rows: Iterable[tuple[int, Raw | str]], report: Report) -> Iterator[CleanRow]:
    """Clean rows, in order. Bad ones are put into `report` and left out.

    A block of related titles at the end of a content moves to `related_titles`.
    """
    for number, row in rows:
        report.read += 1
        problem = row if isinstance(row, str) else _problem(row)
        if problem is None and not isinstance(row, str):
            clean = _clean(number, row)
            problem = unusable(clean)
            if problem is None:
                report.dropped.update(clean.dropped)
                clean.media = list(_media(number, row.get("media"), report))
                yield clean
        if problem is not None:
            report.bad.append((number, problem))


def _problem(row: Raw) -> str | None:
    for name in ("title", "content"):
        if not isinstance(row.get(name), str):
            return f"{name} is {'missing' if row.get(name) is None else 'not text'}"
    for name in ("id", "category", "url", "service_type"):
        if not isinstance(row.get(name, ""), str | int | None):
            return f"{name} is not text"
    for name in ("similar_titles", "related_titles"):
        value = row.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return f"{name} is not a list of texts"
    if len(row["title"]) > MAX_TITLE_CHARACTERS:
        return f"title of {len(row['title'])} characters; at most {MAX_TITLE_CHARACTERS}"
    if len(row["content"]) > MAX_CONTENT_CHARACTERS:
        return f"content of {len(row['content'])} characters; at most {MAX_CONTENT_CHARACTERS}"
    for name in ("similar_titles", "related_titles"):
        titles = row.get(name) or []
        if len(titles) > MAX_TITLES:
            return f"{name} has {len(titles)}; at most {MAX_TITLES}"
        if (longest := max(map(len, titles), default=0)) > MAX_TITLE_CHARACTERS:
            return f"{name} has one of {longest} characters; at most {MAX_TITLE_CHARACTERS}"
    return None


def unusable(row: CleanRow) -> str | None:
    """Why a clean row, which a person may have edited, cannot become a content; or nothing."""
    empty = (f"{name} is empty" for name in ("title", "content") if not getattr(row, name))
    return unusable_id(row.id) or next(empty, None)


def unusable_id(faq_id: str) -> str | None:
    """Why this cannot be a content's id, or nothing."""
    if "\0" in faq_id:
        return "id contains NUL"
    if "#" in faq_id or len(faq_id) > MAX_ID_CHARACTERS:
        return f"id contains '#' or is longer than {MAX_ID_CHARACTERS} characters"
    if faq_id in _RESERVED or faq_id.endswith(_ACTIONS):
        return "id is a part of the API's own addresses"
    return None


def _clean(number: int, row: Raw) -> CleanRow:
    content, related, dropped = _strip_boilerplate(normalize(unescape(row["content"])))
    url = one_line(_text(row, "url"))
    if url and not url.lower().startswith(("https://", "http://")):  # `javascript:` would run in the customer's page
        url, dropped = "", [*dropped, "url that is not http(s)"]
    return CleanRow(
        row=number,
        id=one_line(_text(row, "id")),
        title=one_line(unescape(row["title"])),
        content=content,
        similar_titles=_titles(row.get("similar_titles") or []),
        related_titles=_titles([*(row.get("related_titles") or []), *related]),
        category=one_line(unescape(_text(row, "category"))),
        url=url,
        service_type=one_line(unescape(_text(row, "service_type"))),
        dropped=dropped,
    )


def _media(number: int, value: Any, report: Report) -> Iterator[Media]:
    """Those of a row's media that are an address, or an object with one. Where they may stand is judged later."""
    for one in value if isinstance(value, list) else [value] if value else []:
        entry = {"url": one} if isinstance(one, str) else one
        if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
            report.warnings.append((number, "media that is neither an address nor an object with a url"))
            continue
        url = one_line(entry["url"])
        kind = entry.get("kind") or kind_of(url)
        try:
            caption = one_line(unescape(entry.get("caption") or "")) or None
            yield Media.model_validate({"kind": kind, "url": url, "caption": caption})
        except (ValidationError, TypeError):
            report.warnings.append((number, f"media {url[:80]!r}: its kind is not told by its ending: image or video"))


def _text(row: Raw, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def _strip_boilerplate(content: str) -> tuple[str, list[str], list[str]]:
    found = _RATING.search(content)
    if found is None:
        return content, [], []
    dropped, tail = ["rating form"], content[found.end() :]
    if (closed := _CLOSE.sub("", tail)) != tail:
        dropped.append("close button")
    parts = _RELATED.split(closed, maxsplit=1)
    lines = [line.strip() for line in parts[1].split("\n")] if len(parts) == 2 else []
    keywords = [line for line in lines if line.startswith("#")]
    dropped += ["search keyword"] * len(keywords)
    rest = parts[0].strip()
    body = content[: found.start()].rstrip() + (f"\n\n{rest}" if rest else "")
    return body, [line for line in lines if line and not line.startswith("#")], dropped


def _titles(titles: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, (one_line(unescape(title)) for title in titles))))
