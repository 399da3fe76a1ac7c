"""What a question means after what was said before it."""

import pytest

from shared.answering.context import LONGEST_FOLLOW_UP, better, leans, meanings
from shared.models import Decision
from tests.answering.turns import turn
from tests.fakes.search import found

BEFORE = "반품 배송비는 누가 내나요?"
HISTORY = [turn("처음 질문"), turn(BEFORE)]


@pytest.mark.parametrize("question", ["", "그럼 교환은요?", "교환은 어떻게 하나요?", "얼마예요?"])
def test_the_first_question_means_what_it_says(question: str) -> None:
    assert meanings(question, []) == [question]


@pytest.mark.parametrize(
    "question",
    [
        "그럼 교환은요?",
        "그거 얼마예요?",
        "근데 해외는요?",
        "거기에 글자도 넣어요?",
        "아니면 판매자가 먼저 내고 나중에 받을 수 있나요?",
    ],
)
def test_a_question_that_points_back_is_led_by_the_one_before_it(question: str) -> None:
    assert meanings(question, HISTORY) == [f"{BEFORE} {question}"]


@pytest.mark.parametrize("question", ["교환은요?", "또한", "그룹상품은 언제부터 등록할 수 있나요?", "가" * 400, ""])
def test_any_other_question_stands_alone_or_leans_on_the_one_before_it(question: str) -> None:
    assert meanings(question, HISTORY) == [question, f"{BEFORE} {question}"]


@pytest.mark.parametrize("decision", ["refuse", "clarify"])
def test_a_question_that_is_not_answered_as_it_stands_may_lean_on_what_came_before(decision: Decision) -> None:
    assert leans("교환은요?", HISTORY, found("교환은요?", "교환", decision))
    assert not leans("교환은요?", [], found("교환은요?", "교환", decision))


def test_an_answer_found_by_the_question_before_shows_that_it_leans() -> None:
    question = "교환은요?"
    assert leans(question, HISTORY, found(f"{BEFORE} {question}", "교환", "answer"))
    assert not leans(question, HISTORY, found(question, "교환", "answer"))


def test_a_long_question_leans_on_nothing() -> None:
    question = "가" * LONGEST_FOLLOW_UP
    assert leans(question, HISTORY, found(question, "교환", "refuse"))
    assert not leans(question + "가", HISTORY, found(question, "교환", "refuse"))


@pytest.mark.parametrize(
    ("offline", "rewritten", "taken"),
    [
        (("clarify", 0.9), ("answer", 0.7), True),
        (("answer", 0.7), ("clarify", 0.9), False),
        (("clarify", 0.2), ("refuse", 0.9), False),
        (("answer", 0.7), ("answer", 0.8), True),
        (("answer", 0.8), ("answer", 0.7), False),
        (("clarify", 0.5), ("clarify", 0.5), True),
    ],
)
def test_of_both_readings_the_one_nearer_to_an_answer_is_taken(
    offline: tuple[Decision, float], rewritten: tuple[Decision, float], taken: bool
) -> None:
    one, other = found("앞", "앞", *offline), found("뒤", "뒤", *rewritten)
    assert better(one, other) is (other if taken else one)
