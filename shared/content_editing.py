"""What an operator may make of a content: a form's fields, checked, and made into the content."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.errors import FieldProblem, InvalidFields
from shared.field_names import NAMES, in_words
from shared.indexing.moderation import kind_of, moderated
from shared.indexing.preprocess import (
    MAX_CONTENT_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    MAX_TITLES,
)
from shared.indexing.structure import MAX_CONTENT_BYTES
from shared.links import Allowed
from shared.models import Content, Media, SummaryTitle
from shared.personal_data import mask
from shared.problems import in_korean, path_of
from shared.retrieval.listed import normalize_listed
from shared.retrieval.text import one_line

MAX_MEDIA = 20
LABELS = {  # of `ContentEdit`'s fields, as operators know them
    "title": "제목",
    "content": "답변",
    "similar_titles": "비슷한 제목",
    "tags": "태그",
    "category": "분류",
    "url": "원문 주소",
    "related_ids": "관련 콘텐츠 ID",
    "media": "이미지·동영상",
    "effective_on": "시작일",
    "expires_on": "종료일",
    "accepted_summaries": "요약 제목",
    "service_answers": "서비스 유형별 답변",
}
_LEFT_OUT = re.compile(r"\w+ '(?P<address>.*)' dropped: (?P<why>.*)", re.DOTALL)
_WHY = {
    "not https": "https 주소가 아닙니다",
    "host not allowed": "허용된 호스트가 아닙니다",
    "no host is allowed (MEDIA_HOSTS)": "이미지와 동영상을 둘 호스트(MEDIA_HOSTS)가 설정되지 않았습니다",
}
_Line = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_CHARACTERS)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CONTENT_CHARACTERS)]
_Short = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Address = Annotated[str, StringConstraints(max_length=2_000)]


class MediaEdit(BaseModel):
    """An image or a video; its kind where the address's ending does not tell it."""

    model_config = ConfigDict(extra="forbid")

    url: _Address
    kind: str | None = None
    caption: Annotated[str, StringConstraints(max_length=300)] | None = None
    service_type: _Short | None = None


class ContentEdit(BaseModel):
    """A content as a form sends it, whole.

    Parameters
    ----------
    accepted_summaries
        Those of its summary titles, as a language model wrote them, that it is to be found by.
    expires_on
        The last day in Seoul on which it is answered from.
    """

    model_config = ConfigDict(extra="forbid")

    title: _Line
    content: _Text
    tags: list[_Short] = Field([], max_length=10)
    similar_titles: list[_Line] = Field([], max_length=MAX_TITLES)
    accepted_summaries: list[_Line] = Field([], max_length=MAX_TITLES)
    service_answers: dict[_Short, _Text] = Field({}, max_length=20)
    related_ids: list[_Line] = Field([], max_length=MAX_TITLES)
    category: _Short | None = None
    url: _Address | None = None
    media: list[MediaEdit] = Field([], max_length=MAX_MEDIA)
    effective_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class Edited:
    """A content that may be saved, and what was left out of it, in Korean.

    That is links and media that are not allowed, and personal data in new similar titles: what customers type is masked
    before it is searched, so that they would be found by nobody, and are somebody's.
    """

    content: Content
    left_out: list[str]


def read_edit(
    given: Mapping[str, Any],
    faq_id: str,
    source_id: str,
    before: Content | None,
    service_types: Sequence[str],
    allowed: Allowed,
) -> Edited:
    """A content from what a form sent.

    Parameters
    ----------
    before
        What it was, for what a form does not send: summary titles.
    service_types
        Those of the bots that draw on the source; none: any.

    Raises
    ------
    InvalidFields
        With all problems that were found.
    """
    try:
        edit = ContentEdit.model_validate(given)
    except ValidationError as error:
        found = [(one, one["loc"]) for one in error.errors(include_url=False)]
        told = [FieldProblem(path_of(loc), in_korean(one, in_words(loc, {**NAMES, **LABELS}))) for one, loc in found]
        raise InvalidFields(told) from error
    content = _made(edit, faq_id, source_id, before)
    if problems := list(_problems(edit, content, service_types)):
        raise InvalidFields(problems)
    content, masked = _masked(content, before)
    (kept,), told_of = moderated([content], allowed)
    return Edited(kept, [*(_in_korean(what) for _, what in told_of), *masked])


def fields_of(content: Content | None) -> dict[str, Any]:
    """A content as `ContentEdit` has it, in JSON; of none what a new one begins with. A guessed category is open."""
    if content is None:
        content = Content(faq_id="", source_id="", title="", content="")
    kept = content.model_dump(mode="json", include=set(ContentEdit.model_fields))
    accepted = [one.text for one in content.summary_titles if one.accepted]
    category = None if content.category_inferred else content.category
    return {**kept, "accepted_summaries": accepted, "category": category}


def _made(edit: ContentEdit, faq_id: str, source_id: str, before: Content | None) -> Content:
    title = one_line(edit.title)
    return Content(
        faq_id=faq_id,
        source_id=source_id,
        title=title,
        tags=_lines(edit.tags),
        similar_titles=[one for one in _lines(edit.similar_titles) if one != title],
        summary_titles=[
            one.model_copy(update={"accepted": one.text in edit.accepted_summaries}) for one in _summaries(before)
        ],
        content=normalize_listed(edit.content),
        service_answers={one_line(name): normalize_listed(text) for name, text in edit.service_answers.items()},
        related_ids=[one for one in _lines(edit.related_ids) if one != faq_id],
        category=one_line(edit.category or "") or None,
        url=one_line(edit.url or "") or None,
        media=[
            Media.model_validate({**one.model_dump(), "kind": one.kind or kind_of(one.url)})
            for one in edit.media
            if (one.kind or kind_of(one.url)) in ("image", "video")
        ],
        effective_on=edit.effective_on,
        expires_on=edit.expires_on,
    )


def _masked(content: Content, before: Content | None) -> tuple[Content, list[str]]:
    """The content with personal data masked in similar titles that it did not have before, and what to tell of that."""
    had = set(before.similar_titles) if before else set()
    masked = {one: one_line(mask(one).text)[:MAX_TITLE_CHARACTERS] for one in content.similar_titles if one not in had}
    titles = {one: masked.get(one, one) for one in content.similar_titles}
    told = [f"비슷한 제목의 개인정보를 가렸습니다: {now}" for one, now in titles.items() if now != one]
    similar = [one for one in dict.fromkeys(titles.values()) if one != content.title]
    return (content.model_copy(update={"similar_titles": similar}) if told else content), told


def _problems(edit: ContentEdit, content: Content, service_types: Sequence[str]) -> Iterator[FieldProblem]:
    for name in ("title", "content"):
        if not getattr(content, name):
            yield FieldProblem(name, "내용을 적어 주세요.")
    for n, one in enumerate(edit.media):
        if (one.kind or kind_of(one.url)) not in ("image", "video"):
            yield FieldProblem(f"media.{n}.kind", "이미지인지 동영상인지 골라 주세요.")
    for name, text in content.service_answers.items():
        if not name:
            yield FieldProblem("service_answers", "서비스 유형의 이름을 적어 주세요.")
        elif service_types and name not in service_types:
            yield FieldProblem(f"service_answers.{name}", "챗봇의 서비스 유형에 없는 이름입니다.")
        elif not text:
            yield FieldProblem(f"service_answers.{name}", "답변을 적어 주세요.")
    if edit.effective_on and edit.expires_on and edit.effective_on > edit.expires_on:
        yield FieldProblem("expires_on", "종료일은 시작일보다 빠를 수 없습니다.")
    if (size := len(content.model_dump_json().encode())) > MAX_CONTENT_BYTES:
        most = f"제목과 답변을 모두 합쳐 {MAX_CONTENT_BYTES:,}바이트 이하여야 합니다."
        yield FieldProblem("content", f"{most} 지금은 {size:,}바이트입니다.")


def _in_korean(left_out: str) -> str:
    """A reason of `moderated`, for an operator."""
    found = _LEFT_OUT.fullmatch(left_out)
    if found is None:
        return left_out
    return f"{found['address']}: {_WHY.get(found['why'], '쓸 수 있는 주소가 아닙니다')}."


def _summaries(before: Content | None) -> list[SummaryTitle]:
    return before.summary_titles if before else []


def _lines(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(one_line, texts))))
