"""Step two: clean rows to contents. Tags, titles, ids, service types, related titles resolved to ids."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.indexing.preprocess import CleanRow, unusable
from shared.models import Content, Media, heading
from shared.retrieval.text import one_line

MAX_CONTENT_BYTES = 150_000  # as an answer it is stored twice in an item of 390,000; the SmartStore maximum is 30,000

_MARK = re.compile(r"^\s*[★☆]\s*")
_TAG = re.compile(r"^\s*\[([^\[\]]{1,60})\]\s*")
_AUDIENCE = re.compile(r"전용$|^공통$")  # a tag that says for whom, not what about
_FOR_WHOM = re.compile(r"\s*\([^()]*전용\)$")
# Help pages whose line breaks an export has lost: a step, a note or an item glued to the sentence before it. A number
# after a digit is the rest of a date, a time or a ratio; a middle dot between two words joins them.
_END = r"(?<=[.다요음함됨임)\]:》])"
_GLUED = re.compile(
    rf"{_END}(?<!\d[.:])\s*(?=\d{{1,2}}[.)]\s?[가-힣\['\"])"
    rf"|{_END}\s*(?=※|[①-⑳]|[■▶▷☞]\s?[가-힣\['\"])"
    r"|(?<=[.》])\s*(?=·\s?[가-힣\['\"])"
    r"|(?<=[)\]:])\s*(?=·\s[가-힣\['\"])"
    rf"|{_END}(?=·\s[가-힣\['\"])"
)
_MANY_LINES = 3


@dataclass
class StructureReport:
    """Rows that could not become contents, with why; related titles that no content has."""

    bad: list[tuple[int, str]] = field(default_factory=list)
    unresolved: list[tuple[int, str]] = field(default_factory=list)


def structure(rows: Iterable[CleanRow], source_id: str, report: StructureReport) -> list[Content]:
    """Contents in the order of the rows.

    Rows with one id, or without ids one title, that differ in `service_type` are one content with an answer for each.
    A content's id is the one given, else a hash of source and original title, so that it outlives later edits.
    """
    groups: dict[str, list[CleanRow]] = defaultdict(list)
    for row in rows:
        if (problem := unusable(row)) is not None:
            report.bad.append((row.row, problem))
            continue
        faq_id = row.id or derived_id(source_id, row.title)
        rivals = [one for one in groups[faq_id] if one.service_type == row.service_type]
        if rivals:
            report.bad.append((row.row, f"same {'id' if row.id else 'title'} as row {rivals[0].row}"))
        elif groups[faq_id] and groups[faq_id][0].title != row.title:
            report.bad.append((row.row, f"same id as row {groups[faq_id][0].row}, but another title"))
        else:
            groups[faq_id].append(row)
    contents = []
    for faq_id, group in groups.items():
        content = _content(faq_id, source_id, group)
        if (size := len(content.model_dump_json().encode())) <= MAX_CONTENT_BYTES:
            contents.append(content)
        else:
            too_large = f"{size} bytes with all its titles and answers; at most {MAX_CONTENT_BYTES}"
            report.bad += [(row.row, too_large) for row in group]
    _resolve(contents, groups, report)
    return contents


def derived_id(source_id: str, title: str) -> str:
    """The id of a content that came without one: 80 bits of SHA-256, in hexadecimal."""
    return hashlib.sha256(f"{source_id}\n{title}".encode(errors="replace")).hexdigest()[:20]


def split_title(title: str) -> tuple[list[str], str]:
    """Leading `[tags]` and the title without them and without `★`. A title that is only tags stays whole.

    >>> split_title("★ [정산] [개인] 정산일은 언제인가요?")
    (['정산', '개인'], '정산일은 언제인가요?')
    """
    rest, tags = _MARK.sub("", title), []
    while (found := _TAG.match(rest)) and (tag := one_line(found[1])):
        tags.append(tag)
        rest = _MARK.sub("", rest[found.end() :])
    return (tags, rest.strip()) if rest.strip() else ([], _MARK.sub("", title).strip() or title)


def restore_lines(text: str) -> str:
    """Line breaks before steps, notes and items, where an export has run nearly all lines together."""
    if text.count("\n") >= _MANY_LINES:
        return text
    return _GLUED.sub("\n", text)


def _content(faq_id: str, source_id: str, rows: list[CleanRow]) -> Content:
    first = rows[0]
    tags, title = split_title(first.title)
    answers = {row.service_type: restore_lines(row.content) for row in rows if row.service_type}
    general = next((restore_lines(row.content) for row in rows if not row.service_type), None)
    topics = [topic for tag in tags if not _AUDIENCE.search(topic := _FOR_WHOM.sub("", tag))]
    return Content(
        faq_id=faq_id,
        source_id=source_id,
        title=title,
        tags=tags,
        similar_titles=list(dict.fromkeys(one for row in rows for one in row.similar_titles)),
        content=general
        if general is not None
        else "\n\n".join(f"{heading(kind)}{text}" for kind, text in answers.items()),
        service_answers=answers,
        category=next((row.category for row in rows if row.category), None) or (topics[0] if topics else None),
        url=next((row.url for row in rows if row.url), None),
        media=_media(rows),
    )


def _media(rows: list[CleanRow]) -> list[Media]:
    """The rows' media, each with the service whose answer it stands in."""
    media = [
        one.model_copy(update={"service_type": row.service_type or None}) if one.service_type is None else one
        for row in rows
        for one in row.media
    ]
    return [one for n, one in enumerate(media) if one not in media[:n]]


def _resolve(contents: list[Content], groups: dict[str, list[CleanRow]], report: StructureReport) -> None:
    by_title: dict[str, str] = {}
    for content in contents:
        original = groups[content.faq_id][0].title
        for key in (original, _MARK.sub("", original)):
            by_title.setdefault(_loose(key), content.faq_id)
    for content in contents:  # a title without its tags names a content only when no full title does
        by_title.setdefault(_loose(content.title), content.faq_id)
    for content in contents:
        for row in groups[content.faq_id]:
            for title in row.related_titles:
                found = by_title.get(_loose(title))
                if found is None:
                    report.unresolved.append((row.row, title))
                elif found != content.faq_id and found not in content.related_ids:
                    content.related_ids.append(found)


def _loose(title: str) -> str:
    return re.sub(r"\s+", "", title)
