"""A plan of `shared.content_changes` as drafts, some hundred at once, each recorded. Nobody is answered from these."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.admin_keys import Operator
from shared.audit import Audit, recorded
from shared.content_changes import CHANGING, Plan, Planned
from shared.contents import Contents
from shared.errors import Conflict

MAX_APPLIED = 500  # drafts of one application: some seconds on the slowest of the stores
_RECORDED = 20  # changes of an entry of the record, which tells each field of each of them


@dataclass
class Applied:
    """The ids of what was drafted; what somebody else has edited meanwhile and was left; how much is still to do."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    remaining: int = 0


def apply_plan(
    plan: Plan,
    contents: Contents,
    audit: Audit,
    operator: Operator,
    bots: Sequence[str],
    action: str,
    limit: int = MAX_APPLIED,
) -> Applied:
    """Save the first `limit` changes of a plan as drafts, each recorded.

    Parameters
    ----------
    bots
        Those that draw on the source, for the record.
    action
        As the record names it, `content.import`.

    Raises
    ------
    StoreUnavailable
        What was saved until then stays; planning and applying again goes on from there.
    """
    waiting = plan.of(*CHANGING)
    applied = Applied(remaining=max(0, len(waiting) - limit))
    applied.conflicts += [one.faq_id for one in plan.of("conflict") if one.faq_id]
    for at in range(0, min(len(waiting), limit), _RECORDED):
        some = waiting[at : min(at + _RECORDED, limit)]
        subject = ", ".join(str(one.faq_id) for one in some)
        with audit.change(operator, action, bots, subject, before=_before(some), after=_after(some)) as change:
            saved = [one for one in some if _saved(one, plan.source_id, contents, operator.name, applied)]
            change.before, change.after = _before(saved), _after(saved)
    return applied


def _saved(one: Planned, source_id: str, contents: Contents, by: str, applied: Applied) -> bool:
    """Draft one change. Another's that came first is left and told."""
    assert one.faq_id is not None
    state = one.state
    try:
        if one.kind == "remove" and state is not None and state.published is None and state.draft is not None:
            contents.discard(state.draft)  # it was never served
        else:
            contents.save(state, one.content, source_id, one.faq_id, by)
    except Conflict:
        applied.conflicts.append(one.faq_id)
        return False
    {"create": applied.created, "update": applied.updated, "remove": applied.removed}[one.kind].append(one.faq_id)
    return True


def _before(planned: Sequence[Planned]) -> dict[str, Any]:
    return {
        str(one.faq_id): _removed(one) if one.kind == "remove" else {two.field: two.before for two in one.changes}
        for one in planned
        if one.kind != "create"
    }


def _after(planned: Sequence[Planned]) -> dict[str, Any]:
    return {
        str(one.faq_id): recorded(one.content)
        if one.kind == "create"
        else {two.field: two.after for two in one.changes}
        for one in planned
        if one.kind != "remove"
    }


def _removed(one: Planned) -> dict[str, Any] | None:
    """What is to be gone: as it is served, else as it is drafted."""
    state = one.state
    content = (state.published or (state.draft and state.draft.content)) if state else None
    return recorded(content) or {"title": one.title}
