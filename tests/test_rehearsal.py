"""What a rehearsal says of a question that would be answered in another way."""

from collections.abc import Collection, Mapping, Sequence

import pytest

from shared.models import Content, Decision
from shared.rehearsal import Rehearsed, Verdict, rehearse
from shared.retrieval.base import Found, Ranked


class Fixed:
    """A search that finds what it is told to, by question."""

    def __init__(self, found: Mapping[str, tuple[Decision, str]], text: str = "답") -> None:
        self._found, self._text = found, text

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        decision, faq_id = self._found[asked[0]]
        content = Content(faq_id=faq_id, source_id="default", title=faq_id, content=self._text)
        return Found([Ranked(content, 1.0, {}, faq_id)], decision, asked[0], 1.0)

    def warm_up(self) -> None:
        """Nothing is loaded."""

    def contents(self, faq_ids: Sequence[str]) -> Sequence[Content]:
        """None."""
        return []


@pytest.mark.parametrize(
    ("right", "before", "after", "verdict"),
    [
        ({"a"}, ("answer", "a"), ("answer", "b"), "worse"),
        ({"a"}, ("answer", "a"), ("clarify", "a"), "worse"),
        ({"a"}, ("refuse", "a"), ("answer", "a"), "better"),
        ({"a", "b"}, ("answer", "a"), ("answer", "b"), "changed"),
        (set(), ("refuse", "a"), ("answer", "a"), "worse"),
        (set(), ("refuse", "a"), ("clarify", "a"), "changed"),
        (None, ("answer", "a"), ("clarify", "a"), "worse"),
        (None, ("refuse", "a"), ("clarify", "a"), "better"),
        (None, ("answer", "a"), ("answer", "b"), "changed"),
    ],
)
def test_the_verdict(
    right: set[str] | None, before: tuple[Decision, str], after: tuple[Decision, str], verdict: Verdict
) -> None:
    asked = Rehearsed("질문", None if right is None else frozenset(right))
    told = rehearse([asked], Fixed({"질문": before}), Fixed({"질문": after}))
    assert [one.verdict for one in told.changes] == [verdict]
    assert len(told.lost) == (verdict == "worse" and right is not None)


def test_what_stays_is_not_told_and_the_worst_comes_first() -> None:
    now: dict[str, tuple[Decision, str]] = {
        "같음": ("answer", "a"),
        "거절": ("refuse", "x"),
        "나아짐": ("refuse", "a"),
        "나빠짐": ("answer", "a"),
    }
    then: dict[str, tuple[Decision, str]] = {
        "같음": ("answer", "a"),
        "거절": ("refuse", "y"),  # nobody sees which content was refused
        "나아짐": ("answer", "a"),
        "나빠짐": ("refuse", "a"),
    }
    golden = Rehearsed("나빠짐", frozenset({"a"}))
    told = rehearse([*(Rehearsed(one) for one in ("같음", "거절", "나아짐")), golden], Fixed(now), Fixed(then))
    assert [one.question for one in told.changes] == ["나빠짐", "나아짐"]
    assert (told.asked, told.golden, told.right_before, told.right_after) == (4, 1, 1, 0)


def test_another_text_of_the_same_answer_is_a_change() -> None:
    found: dict[str, tuple[Decision, str]] = {"질문": ("answer", "a")}
    told = rehearse([Rehearsed("질문")], Fixed(found), Fixed(found, "새 답"))
    assert [(one.verdict, one.text_differs) for one in told.changes] == [("changed", True)]
