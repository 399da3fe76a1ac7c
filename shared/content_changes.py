"""What contents that come from elsewhere (a file, another system) would change of a source's, and that as drafts.

A plan writes nothing; `shared.content_drafting` applies it. What was applied is `unchanged` in the next plan of the
same contents, so that an application that was cut short is finished by doing it again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from shared.content_editing import fields_of, read_edit
from shared.contents import Contents, ContentState
from shared.errors import FieldProblem, InvalidFields
from shared.field_changes import FieldChange, field_changes
from shared.indexing.moderation import kind_of
from shared.indexing.preprocess import unusable_id
from shared.indexing.structure import derived_id, split_title
from shared.links import Allowed
from shared.models import Content
from shared.retrieval.text import one_line

_AT_ONCE = 200  # contents that are read from the store together

Kind: TypeAlias = Literal["create", "update", "unchanged", "remove", "invalid", "conflict"]
CHANGING: tuple[Kind, ...] = ("create", "update", "remove")
_BAD_ID = "ID에는 #을 쓸 수 없고, 200자를 넘거나 예약된 이름일 수 없습니다."
_AMBIGUOUS = "제목이 같은 콘텐츠가 여럿입니다. ID를 적어 주세요."
_TO_BE_REMOVED = "삭제 예정"


@dataclass(frozen=True)
class Incoming:
    """A content as it came.

    Parameters
    ----------
    fields
        Those of `ContentEdit` that it has, as JSON; the others stay as they are. Leading `[tags]` of a title are its
        tags where none are given, as in a build.
    faq_id
        Without it, the one content with that title is meant, or a new one.
    row
        Where it stands, to be told.
    problems
        Why it could not be read.
    """

    fields: Mapping[str, Any]
    faq_id: str | None = None
    row: int | None = None
    problems: Sequence[FieldProblem] = ()


@dataclass(frozen=True)
class Target:
    """Where contents go, and what holds there.

    Parameters
    ----------
    service_types
        Those of the bots that draw on the source; none: any.
    """

    source_id: str
    service_types: Sequence[str]
    allowed: Allowed


@dataclass(frozen=True)
class Planned:
    """What one content would become.

    Parameters
    ----------
    faq_id
        `None` for one that could not be read so far.
    content
        As it is to be drafted; `None` for a removal and where nothing changes.
    left_out
        Links and media that are not allowed, in Korean.
    """

    kind: Kind
    faq_id: str | None
    title: str = ""
    row: int | None = None
    state: ContentState | None = None
    content: Content | None = None
    changes: Sequence[FieldChange] = ()
    problems: Sequence[FieldProblem] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True)
class Plan:
    """All of it, in the order that it came in, removals last.

    Parameters
    ----------
    removals_held
        Removals were asked for and are left out: something could not be read, and might be one of them.
    """

    source_id: str
    planned: list[Planned]
    removals_held: bool = False

    def of(self, *kinds: Kind) -> list[Planned]:
        """Those of some kinds."""
        return [one for one in self.planned if one.kind in kinds]

    @property
    def counts(self) -> Counter[Kind]:
        """How many there are of each kind."""
        return Counter(one.kind for one in self.planned)


def plan(
    incoming: Sequence[Incoming],
    target: Target,
    contents: Contents,
    *,
    remove: Callable[[str], bool] | None = None,
    since: datetime | None = None,
) -> Plan:
    """What would change.

    Parameters
    ----------
    remove
        Says by its id whether a content is of the same origin, and so to be removed when it did not come. Without it
        none is.
    since
        When an earlier plan of the same was shown, by `Contents.now`: what was edited since would not be what was
        seen, and is a `conflict`.
    """
    titles: dict[str, str] = {}
    if remove is not None or any(one.faq_id is None for one in incoming):
        titles = contents.titles(target.source_id)
    named = list(_named(incoming, target.source_id, titles))
    planned: list[Planned] = []
    for at in range(0, len(named), _AT_ONCE):
        some = named[at : at + _AT_ONCE]
        states = contents.states(target.source_id, [one.faq_id for one in some if one.faq_id and not one.problems])
        planned += [_planned(one, states.get(one.faq_id or ""), target, since) for one in some]
    unread = any(one.faq_id is None for one in planned)
    if remove is not None and not unread:
        came = {one.faq_id for one in planned}
        gone = [faq_id for faq_id in titles if faq_id not in came and remove(faq_id)]
        planned += _removals(gone, target.source_id, contents, since)
    return Plan(target.source_id, planned, removals_held=remove is not None and unread)


def _named(incoming: Sequence[Incoming], source_id: str, titles: Mapping[str, str]) -> Iterator[Incoming]:
    """Each with the id that it has or gets; none of them twice."""
    by_title: dict[str, list[str]] = defaultdict(list)
    for faq_id, title in titles.items():
        by_title[title].append(faq_id)
    seen: dict[str, Incoming] = {}
    for one in incoming:
        if one.problems:
            yield one
            continue
        given = one_line(one.faq_id or "")
        meant = [given] if given else _meant(one.fields.get("title"), source_id, titles, by_title)
        if not meant or len(meant) > 1:
            yield replace(one, faq_id=None, problems=[FieldProblem("id", _AMBIGUOUS)] if meant else [])
        elif unusable_id(meant[0]) is not None:
            yield replace(one, faq_id=None, problems=[FieldProblem("id", _BAD_ID)])
        elif (first := seen.setdefault(meant[0], one)) is not one:
            other = "앞의 것과" if first.row is None else f"{first.row}행과"
            yield replace(one, faq_id=meant[0], problems=[FieldProblem("id", f"{other} 같은 콘텐츠입니다.")])
        else:
            yield replace(one, faq_id=meant[0])


def _meant(
    title: object, source_id: str, titles: Mapping[str, str], by_title: Mapping[str, Sequence[str]]
) -> Sequence[str]:
    """The ids of the contents that a title may mean; none for what is no title."""
    if not isinstance(title, str) or not (line := one_line(title)):
        return []
    derived = derived_id(source_id, line)
    if derived in titles:
        return [derived]
    return by_title.get(line) or by_title.get(split_title(line)[1]) or [derived]


def _planned(one: Incoming, state: ContentState | None, target: Target, since: datetime | None) -> Planned:
    """What becomes of one that came."""
    if one.problems:
        return Planned("invalid", one.faq_id, _title(one), one.row, problems=one.problems)
    draft = state.draft if state else None
    before = (draft.content if draft else None) or (state.published if state else None)
    removal = draft is not None and draft.content is None
    current = fields_of(before)
    wanted = {**current, **_completed(one.fields)}
    if before is not None and wanted == current and not removal:
        return Planned("unchanged", one.faq_id, before.title, one.row)
    faq_id = one.faq_id or derived_id(target.source_id, str(wanted["title"]))  # without a title it is refused
    try:
        edited = read_edit(wanted, faq_id, target.source_id, before, target.service_types, target.allowed)
    except InvalidFields as error:
        return Planned("invalid", one.faq_id, _title(one), one.row, problems=error.problems)
    content, left_out = edited.content, edited.left_out
    if before is not None and before.category_inferred and content.category is None:
        content = content.model_copy(update={"category": before.category, "category_inferred": True})
    changes = list(field_changes(current, fields_of(content))) if before is not None else []
    if removal:
        changes.append(FieldChange(field="removal", before=_TO_BE_REMOVED, after=""))
    if before is not None and not changes:
        return Planned("unchanged", faq_id, before.title, one.row, left_out=left_out)
    kind: Kind = "create" if before is None else "update"
    return Planned(
        "conflict" if _later(state, since) else kind,
        faq_id,
        content.title,
        one.row,
        state,
        content,
        changes,
        left_out=left_out,
    )


def _completed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as `fields_of` has them, as far as they are well formed."""
    completed = dict(fields)
    title = completed.get("title")
    if isinstance(title, str) and "tags" not in fields:
        tags, completed["title"] = split_title(one_line(title))
        if tags:
            completed["tags"] = tags
    if isinstance(media := completed.get("media"), list):
        completed["media"] = [
            {"kind": kind_of(str(one.get("url"))), "caption": None, "service_type": None, **one}
            if isinstance(one, Mapping)
            else one
            for one in media
        ]
    return completed


def _removals(faq_ids: Sequence[str], source_id: str, contents: Contents, since: datetime | None) -> Iterator[Planned]:
    """Of those that are not drafted to be removed already."""
    for state in contents.states(source_id, faq_ids).values():
        content = (state.draft.content if state.draft else None) or state.published
        if content is not None and not (state.draft is not None and state.draft.content is None):
            kind: Kind = "conflict" if _later(state, since) else "remove"
            yield Planned(kind, state.faq_id, content.title, state=state)


def _later(state: ContentState | None, since: datetime | None) -> bool:
    return state is not None and since is not None and state.changed_at is not None and state.changed_at >= since


def _title(one: Incoming) -> str:
    title = one.fields.get("title")
    return one_line(title)[:300] if isinstance(title, str) else ""
