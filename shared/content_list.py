"""A list of contents for operators: filtered, a page at a time, drafts among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from shared.contents import ContentDraft, Contents
from shared.models import Content, Model
from shared.retrieval.text import letters

MAX_READ = 2_000  # contents that are looked at for one page: a search that finds nothing ends, and says how far it came
_AT_ONCE = 100  # contents that are looked at for a piece of a file

Which: TypeAlias = Literal["all", "drafted", "expired", "upcoming", "without_similar", "removed"]


class ContentLine(Model):
    """A content in the list, as it is drafted where it is."""

    faq_id: str
    title: str
    tags: list[str]
    category: str | None
    category_inferred: bool
    similar_titles: int
    services: list[str]
    effective_on: date | None
    expires_on: date | None
    expired: bool
    upcoming: bool
    drafted: Literal["edit", "new", "removal"] | None = None
    updated_at: str | None


class ContentPage(Model):
    """Contents by id, and where the next page begins. A page may be short, or empty, and yet have a cursor."""

    contents: list[ContentLine]
    cursor: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which contents are listed.

    Parameters
    ----------
    text
        Occurs in a title, a similar title, an answer or the id, spaces and case aside.
    """

    which: Which = "all"
    category: str | None = None
    text: str = ""

    def fits(self, content: Content, drafted: bool, today: date) -> bool:
        """Whether it is one of them."""
        ended = content.expires_on is not None and content.expires_on < today
        to_come = content.effective_on is not None and today < content.effective_on
        fitting = {
            "all": True,
            "drafted": drafted,
            "expired": ended,
            "upcoming": to_come,
            "without_similar": not content.similar_titles,
            "removed": True,
        }
        return (
            fitting[self.which]
            and (self.category is None or content.category == self.category)
            and _holds(content, letters(self.text))
        )


def listed(
    contents: Contents, source_id: str, wanted: Wanted, today: date, after: str | None = None, limit: int = 50
) -> ContentPage:
    """A page of a source's contents, by id; drafts of new ones stand among the others."""
    drafts = {} if wanted.which == "removed" else {one.faq_id: one for one in contents.drafts(source_id)}
    lines: list[ContentLine] = []
    last = after
    for read, (content, draft) in enumerate(_merged(contents, source_id, drafts, wanted, after)):
        if len(lines) == limit or read == MAX_READ:
            return ContentPage(contents=lines, cursor=last)
        last = content.faq_id
        if wanted.fits(content, draft is not None, today):
            lines.append(_line(content, draft, today))
    return ContentPage(contents=lines)


def every(contents: Contents, source_id: str, wanted: Wanted, today: date) -> Iterator[list[Content]]:
    """All of them, some at once, as they are drafted where they are; without those that are drafted to be removed.

    A page is what fits of so many contents, perhaps none: who waits sees that it goes on.
    """
    drafts = {} if wanted.which == "removed" else {one.faq_id: one for one in contents.drafts(source_id)}
    page: list[Content] = []
    for count, (content, draft) in enumerate(_merged(contents, source_id, drafts, wanted, None), start=1):
        if (draft is None or draft.content is not None) and wanted.fits(content, draft is not None, today):
            page.append(content)
        if count % _AT_ONCE == 0:
            yield page
            page = []
    yield page


def _merged(
    contents: Contents, source_id: str, drafts: dict[str, ContentDraft], wanted: Wanted, after: str | None
) -> Iterator[tuple[Content, ContentDraft | None]]:
    """By id: what is served, or as it is drafted, and the drafts of what is new."""
    if wanted.which == "removed":
        yield from ((one, None) for one in contents.removed(source_id) if after is None or one.faq_id > after)
        return
    waiting = sorted((one for one in drafts if after is None or one > after), reverse=True)
    if wanted.which == "drafted":
        for faq_id in reversed(waiting):
            content = drafts[faq_id].content or contents.state(source_id, faq_id).published
            if content is not None:
                yield content, drafts[faq_id]
        return
    for published in contents.published(source_id, after):
        while waiting and waiting[-1] < published.faq_id:
            yield from _new(drafts[waiting.pop()])
        draft = drafts.get(published.faq_id)
        if draft is not None:
            waiting.pop()
        yield (published if draft is None or draft.content is None else draft.content), draft
    while waiting:
        yield from _new(drafts[waiting.pop()])


def _new(draft: ContentDraft) -> Iterator[tuple[Content, ContentDraft | None]]:
    if draft.content is not None:
        yield draft.content, draft


def _line(content: Content, draft: ContentDraft | None, today: date) -> ContentLine:
    drafted: Literal["edit", "new", "removal"] | None = None
    if draft is not None:
        drafted = "removal" if draft.content is None else "new" if draft.base is None else "edit"
    return ContentLine(
        faq_id=content.faq_id,
        title=content.title,
        tags=content.tags,
        category=content.category,
        category_inferred=content.category_inferred,
        similar_titles=len(content.similar_titles),
        services=list(content.service_answers),
        effective_on=content.effective_on,
        expires_on=content.expires_on,
        expired=content.expires_on is not None and content.expires_on < today,
        upcoming=content.effective_on is not None and today < content.effective_on,
        drafted=drafted,
        updated_at=content.updated_at.isoformat() if content.updated_at else None,
    )


def _holds(content: Content, text: str) -> bool:
    if not text:
        return True
    texts = [content.faq_id, content.title, *content.similar_titles, content.content, *content.service_answers.values()]
    return any(text in letters(one) for one in texts)
