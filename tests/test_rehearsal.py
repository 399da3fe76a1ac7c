"""What a rehearsal says of a question that would be answered in another way."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from shared.answering.gate import Gate
from shared.frequent import FrequentQuestion
from shared.golden import GoldenQuestion
from shared.models import Content, Decision, Embedding
from shared.rehearsal import Rehearsed, Side, Verdict, logged_vectors, rehearse, to_be_asked
from shared.retrieval.base import Embedded, Found, Ranked
from shared.retrieval.embedded import packed


class Fixed:
    """A search that finds what it is told to, by question; `asked` counts how often it was."""

    def __init__(
        self, found: Mapping[str, tuple[Decision, str]], text: str = "답", source_id: str = "default", sure: float = 1.0
    ) -> None:
        self._found, self._text, self._source_id, self._sure = found, text, source_id, sure
        self.asked = 0

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        self.asked += 1
        decision, faq_id = self._found[asked[0]]
        content = Content(faq_id=faq_id, source_id=self._source_id, title=faq_id, content=self._text)
        return Found([Ranked(content, 1.0, {}, faq_id)], decision, asked[0], self._sure)

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
    told = rehearse([asked], Side({"default": Fixed({"질문": before})}), Side({"default": Fixed({"질문": after})}))
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
    asked = [*(Rehearsed(one) for one in ("같음", "거절", "나아짐")), golden]
    told = rehearse(asked, Side({"default": Fixed(now)}), Side({"default": Fixed(then)}))
    assert [one.question for one in told.changes] == ["나빠짐", "나아짐"]
    assert (told.asked, told.golden, told.right_before, told.right_after) == (4, 1, 1, 0)


def test_another_text_of_the_same_answer_is_a_change() -> None:
    found: dict[str, tuple[Decision, str]] = {"질문": ("answer", "a")}
    told = rehearse([Rehearsed("질문")], Side({"default": Fixed(found)}), Side({"default": Fixed(found, "새 답")}))
    assert [(one.verdict, one.text_differs) for one in told.changes] == [("changed", True)]


def test_what_another_source_answers_is_no_change_and_that_source_is_asked_once() -> None:
    other = Fixed({"질문": ("answer", "shipping")}, source_id="other")
    now, then = Fixed({"질문": ("clarify", "a")}), Fixed({"질문": ("refuse", "a")})
    before, after = Side({"default": now, "other": other}), Side({"default": then, "other": other})
    told = rehearse([Rehearsed("질문")], before, after)
    assert (told.asked, told.changes, other.asked) == (1, [], 1)


def test_an_edit_that_outdoes_another_sources_answer_is_a_change_of_source() -> None:
    other = Fixed({"질문": ("answer", "a")}, source_id="other", sure=0.8)
    now, then = Fixed({"질문": ("refuse", "a")}), Fixed({"질문": ("answer", "a")}, sure=0.9)
    before, after = Side({"default": now, "other": other}), Side({"default": then, "other": other})
    told = rehearse([Rehearsed("질문")], before, after)
    (change,) = told.changes
    assert (change.before.source_id, change.after.source_id) == ("other", "default")


def test_a_question_that_would_be_stopped_before_the_search_is_lost() -> None:
    found = {"default": Fixed({"사은품은 언제 오나요?": ("answer", "a")})}
    asked = [Rehearsed("사은품은 언제 오나요?", frozenset({"a"}))]
    told = rehearse(asked, Side(found, Gate()), Side(found, Gate(["사은품"])))
    assert [(one.after.decision, one.verdict) for one in told.lost] == [("fixed", "worse")]


def test_what_a_source_answers_that_would_be_gone_is_lost() -> None:
    found = {"default": Fixed({"질문": ("answer", "a")})}
    told = rehearse([Rehearsed("질문", frozenset({"a"}))], Side(found), Side({}))
    assert [one.after.decision for one in told.lost] == ["refuse"]


def test_frequent_questions_stand_behind_golden_ones_the_most_asked_first() -> None:
    now: dict[str, tuple[Decision, str]] = dict.fromkeys(("드문", "흔한", "금"), ("answer", "a"))
    then: dict[str, tuple[Decision, str]] = dict.fromkeys(now, ("refuse", "a"))
    asked = [Rehearsed("드문", count=2), Rehearsed("흔한", count=9), Rehearsed("금", frozenset({"a"}))]
    told = rehearse(asked, Side({"default": Fixed(now)}), Side({"default": Fixed(then)}))
    assert [(one.question, one.golden, one.count) for one in told.changes] == [
        ("금", True, None),
        ("흔한", False, 9),
        ("드문", False, 2),
    ]
    assert (told.asked, told.golden, told.frequent, len(told.lost)) == (3, 1, 2, 1)


def test_a_frequent_question_that_is_golden_is_asked_as_that() -> None:
    golden = GoldenQuestion(golden_id="1", question="배송비 얼마예요?", faq_ids=["a"], updated_at=datetime.now(UTC))
    frequent = [FrequentQuestion(question=one, count=5) for one in ("배송비 얼마예요", "반품 되나요")]
    assert to_be_asked([golden], frequent) == [
        Rehearsed("배송비 얼마예요?", frozenset({"a"}), golden_id="1"),
        Rehearsed("반품 되나요", None, 5),
    ]


def test_two_golden_questions_of_one_wording_are_both_asked() -> None:
    at = datetime.now(UTC)
    twice = [
        GoldenQuestion(golden_id="1", question="비트코인 결제 되나요", faq_ids=["a"], updated_at=at),
        GoldenQuestion(golden_id="2", question="비트코인  결제 되나요!", faq_ids=["b"], updated_at=at),
    ]
    assert [one.right for one in to_be_asked(twice, [])] == [frozenset({"a"}), frozenset({"b"})]


def test_vectors_of_the_log_stand_for_questions_read_alone_by_the_same_engine() -> None:
    def logged(question: str, embedding: Embedding | None) -> FrequentQuestion:
        return FrequentQuestion(question=question, count=1, embedding=embedding)

    vector = np.array([0.6, 0.8], np.float32)
    own, other = packed(Embedded("e5", vector)), packed(Embedded("other", vector))
    asked = [
        logged("배송비  얼마예요ㅋㅋ", own),
        logged("반품 되나요", other),
        logged("언제 와요", None),
        logged("그럼 서류는요?", own),  # the log has the vector of 서류는요?
        # And of these with spaces, as the index that was searched has them
        logged("배송비는어떻게바꾸나요", own),
        logged("qothdqlsmsdjEjgrpqkRnskdy", own),
    ]
    found = logged_vectors(asked, "e5")
    assert list(found) == ["배송비 얼마예요"]
    assert found["배송비 얼마예요"] == pytest.approx(vector, abs=1e-3)
