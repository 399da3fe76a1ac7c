"""Pages of Notion as drafts of contents. What was edited by hand since the last run is told, and left as it is."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.admin_keys import Operator
from shared.audit import Audit
from shared.content_changes import CHANGING, Incoming, Plan, Planned, Target, plan
from shared.content_drafting import apply_plan
from shared.content_editing import fields_of
from shared.contents import Contents, ContentState
from shared.models import Content
from shared.notion.memory import KnownPage
from shared.notion.pages import faq_id_of
from shared.notion.report import NotionReport, Outcome

ACTION = "content.notion"
_BY_HAND = "콘솔에서 고친 내용이 있어 그대로 두었습니다."
_GONE_BY_HAND = "콘솔에서 지운 콘텐츠여서 다시 만들지 않았습니다."
_MEANWHILE = "가져오는 동안 다른 곳에서 고쳐 그대로 두었습니다."


@dataclass(frozen=True)
class Desk:
    """Where drafts are made, and who makes them.

    Parameters
    ----------
    bots
        Those that draw on the source, for the record.
    overwrite
        Whether Notion is right where somebody has edited by hand, too.
    """

    contents: Contents
    audit: Audit
    operator: Operator
    bots: Sequence[str]
    target: Target
    overwrite: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Fetched:
    """A page that was read: what is to be known of it, and its content's fields."""

    page: KnownPage
    incoming: Incoming


def draft(
    fetched: Sequence[Fetched], before: dict[str, KnownPage], desk: Desk, report: NotionReport
) -> list[KnownPage]:
    """Draft what has changed, and tell it.

    Parameters
    ----------
    before
        What was known of these pages, by their ids.

    Returns
    -------
    list[KnownPage]
        What is to be known of them now. One in conflict, or that can be no content, is read again by the next run.
    """
    pages = {faq_id_of(one.page.page_id): one.page for one in fetched}
    known = {faq_id_of(page_id): page for page_id, page in before.items()}
    made = plan([one.incoming for one in fetched], desk.target, desk.contents)
    states = desk.contents.states(desk.target.source_id, pages)
    fields = {str(one.incoming.faq_id): sorted(one.incoming.fields) for one in fetched}
    planned = [_judged(one, known.get(one.faq_id or ""), states.get(one.faq_id or ""), desk) for one in made.planned]
    meanwhile = _apply(planned, desk)
    remembered = []
    for one in planned:
        faq_id = str(one.faq_id)
        page = pages[faq_id]
        if one.faq_id in meanwhile:
            one = replace(one, kind="conflict")
        _tell(one, states.get(faq_id), report, meanwhile)
        if one.kind in ("conflict", "invalid"):
            old = known.get(faq_id)
            wrote = {"wrote": old.wrote, "fields": old.fields} if old else {}
            remembered.append(page.model_copy(update={"edited_at": "", "settled": False, **wrote}))
        else:
            content = one.content or _current(states.get(faq_id))
            remembered.append(
                page.model_copy(update={"wrote": digest(content, fields[faq_id]), "fields": fields[faq_id]})
            )
    return remembered


def remove(page: KnownPage, desk: Desk, report: NotionReport) -> bool:
    """Draft that the content of a page which is gone is to be removed. Returns whether the page may be forgotten."""
    faq_id = faq_id_of(page.page_id)
    state = desk.contents.states(desk.target.source_id, [faq_id]).get(faq_id)
    content = _current(state)
    if state is None or content is None:
        return True
    one = Planned("remove", faq_id, content.title, state=state)
    is_ours = desk.overwrite or page.wrote is None or digest(content, page.fields) == page.wrote
    if not is_ours or _apply([one], desk):
        one = replace(one, kind="conflict")
    _tell(one, state, report, ())
    return one.kind == "remove"


def digest(content: Content | None, fields: Sequence[str]) -> str | None:
    """What tells whether somebody else has changed these fields of a content."""
    if content is None:
        return None
    told = fields_of(content)
    text = json.dumps([[name, told.get(name)] for name in sorted(fields)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _judged(one: Planned, known: KnownPage | None, state: ContentState | None, desk: Desk) -> Planned:
    """A change, or a conflict where the content is not as the last run left it."""
    if one.kind not in CHANGING or known is None or known.wrote is None or desk.overwrite:
        return one
    is_ours = digest(_current(state), known.fields) == known.wrote
    return one if is_ours else replace(one, kind="conflict")


def _apply(planned: Sequence[Planned], desk: Desk) -> set[str]:
    """Save the changes. Returns the ids of what somebody has edited in this very moment."""
    wanted = Plan(desk.target.source_id, [one for one in planned if one.kind in CHANGING])
    if desk.dry_run or not wanted.planned:
        return set()
    return set(apply_plan(wanted, desk.contents, desk.audit, desk.operator, desk.bots, ACTION).conflicts)


def _tell(one: Planned, state: ContentState | None, report: NotionReport, meanwhile: set[str] | tuple[()]) -> None:
    report.tell_addresses(one.left_out)
    outcome: Outcome
    match one.kind:
        case "unchanged":
            report.unchanged += 1
            return
        case "conflict":
            why = _MEANWHILE if one.faq_id in meanwhile else _BY_HAND if _current(state) else _GONE_BY_HAND
            outcome = "conflict"
        case "invalid":
            why, outcome = " ".join(problem.message for problem in one.problems), "invalid"
        case kind:
            why, outcome = "", kind
    report.tell(outcome, one.title, one.faq_id, why)


def _current(state: ContentState | None) -> Content | None:
    """A content as it is drafted, else as it is served; nothing where it is gone, or to be."""
    if state is None:
        return None
    return state.draft.content if state.draft is not None else state.published
