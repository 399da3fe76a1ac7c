"""A rehearsal: questions answered as they are now and as they would be, so that nothing gets worse unseen.

Each is searched twice, by what is served and by what is proposed, as a bot searches one source: no model is asked.
What a question is answered from, or whether it is answered at all, may differ; so may the text of that answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.golden import GoldenQuestion
from shared.models import Content, Decision, Model
from shared.retrieval.base import Found, Search
from shared.retrieval.text import normalize

Verdict: TypeAlias = Literal["better", "worse", "changed"]


@dataclass(frozen=True)
class Rehearsed:
    """A question to be asked.

    Parameters
    ----------
    right
        Contents any of which answers it, by id; none: it is not to be answered. `None`: nobody has said.
    """

    question: str
    right: frozenset[str] | None = None

    @classmethod
    def golden(cls, one: GoldenQuestion) -> "Rehearsed":
        """One that an operator knows the answer to."""
        return cls(one.question, frozenset(one.faq_ids))


class Outcome(Model):
    """What becomes of a question: the content that comes first, when it is answered or asked back."""

    decision: Decision
    faq_id: str | None
    title: str | None


class Change(Model):
    """A question that would be answered in another way.

    Parameters
    ----------
    text_differs
        Its answer stays with the same content, whose text would be another.
    """

    question: str
    golden: bool
    before: Outcome
    after: Outcome
    verdict: Verdict
    text_differs: bool = False


class Rehearsal(Model):
    """What would change: the worst first."""

    asked: int
    golden: int
    right_before: int
    right_after: int
    changes: list[Change]

    @property
    def lost(self) -> list[Change]:
        """Golden questions that are right now and would not be."""
        return [one for one in self.changes if one.golden and one.verdict == "worse"]


_ORDER: dict[Verdict, int] = {"worse": 0, "changed": 1, "better": 2}
_ANSWERED: dict[Decision, int] = {"refuse": 0, "fixed": 0, "clarify": 1, "answer": 2}


def rehearse(questions: Iterable[Rehearsed], now: Search, then: Search) -> Rehearsal:
    """Ask each of these questions of both searches.

    Raises
    ------
    IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
    """
    changes: list[Change] = []
    asked = golden = right_before = right_after = 0
    for one in questions:
        text = normalize(one.question)
        found, would = now.find([text], limit=3), then.find([text], limit=3)
        asked += 1
        if one.right is not None:
            golden += 1
            right_before += is_right(found, one.right)
            right_after += is_right(would, one.right)
        change = _change(one, found, would)
        if change is not None:
            changes.append(change)
    changes.sort(key=lambda change: (not change.golden, _ORDER[change.verdict]))
    return Rehearsal(asked=asked, golden=golden, right_before=right_before, right_after=right_after, changes=changes)


def is_right(found: Found, right: frozenset[str]) -> bool:
    """Whether a question is answered from one of these, or not answered where there is none."""
    if found.decision != "answer":
        return not right
    return bool(found.ranked) and found.ranked[0].content.faq_id in right


def _change(one: Rehearsed, found: Found, would: Found) -> Change | None:
    before, after = _outcome(found), _outcome(would)
    same = (before.decision, before.faq_id) == (after.decision, after.faq_id)
    text_differs = same and before.decision == "answer" and _said(found) != _said(would)
    if same and not text_differs:
        return None
    return Change(
        question=one.question,
        golden=one.right is not None,
        before=before,
        after=after,
        verdict=_verdict(one, found, would),
        text_differs=text_differs,
    )


def _verdict(one: Rehearsed, found: Found, would: Found) -> Verdict:
    """Of a golden question whether it is right; of another, whether it is answered more or less than before."""
    if one.right is not None:
        before, after = int(is_right(found, one.right)), int(is_right(would, one.right))
    else:
        before, after = _ANSWERED[found.decision], _ANSWERED[would.decision]
    return "better" if after > before else "worse" if after < before else "changed"


def _outcome(found: Found) -> Outcome:
    first = found.ranked[0].content if found.ranked and found.decision != "refuse" else None
    return Outcome(
        decision=found.decision, faq_id=first.faq_id if first else None, title=first.title if first else None
    )


def _said(found: Found) -> tuple[str, dict[str, str]]:
    content: Content = found.ranked[0].content
    return content.content, content.service_answers
