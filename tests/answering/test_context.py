"""What a question means after what was said before it."""

import pytest

from shared.answering.context import meanings
from tests.answering.turns import turn

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
