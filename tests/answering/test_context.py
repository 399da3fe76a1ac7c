"""What a question means after what was said before it."""

import pytest

from shared.answering.context import LONGEST_FOLLOW_UP, better, first_before, leans, meanings, unless_said
from shared.models import Decision, Turn
from shared.retrieval.base import Found
from tests.answering.turns import answered, turn
from tests.fakes.search import found

BEFORE = "반품 배송비는 누가 내나요?"
HISTORY = [turn("처음 질문"), turn(BEFORE)]


@pytest.mark.parametrize("question", ["", "그럼 교환은요?", "교환은 어떻게 하나요?", "얼마예요?"])
def test_the_first_question_means_what_it_says(question: str) -> None:
    assert meanings(question, []) == [question]


@pytest.mark.parametrize(
    "question",
    [
        "교환은요?",
        "네 개 주문하면요?",
        "참고 자료는요?",
        "그래서요?",
        "또한",
        "근데요",
        "그룹상품은 언제부터 등록할 수 있나요?",
        "가" * 400,
        "",
    ],
)
def test_a_question_stands_alone_or_leans_on_the_one_before_it(question: str) -> None:
    assert meanings(question, HISTORY) == [question, f"{BEFORE} {question}"]


@pytest.mark.parametrize(
    "between", [["고마워요"], ["안녕하세요", "네"], ["오늘 날씨 어때?"], ["고마워요", "오늘 날씨 어때?"]]
)
def test_thanks_and_what_was_refused_do_not_end_what_was_talked_about(between: list[str]) -> None:
    others = [turn(one).model_copy(update={"decision": "refuse" if one.endswith("?") else "fixed"}) for one in between]
    history = [answered(BEFORE, "배송비"), *others]
    assert meanings("얼마예요?", history) == ["얼마예요?", f"{BEFORE} 얼마예요?"]
    assert first_before("얼마예요?", history) == "배송비"
    assert unless_said(found(f"{BEFORE} 얼마예요?", "배송비", "answer"), "얼마예요?", history).decision == "clarify"


def test_where_all_was_refused_the_last_question_leads() -> None:
    history = [turn(one).model_copy(update={"decision": "refuse"}) for one in ("처음 질문", BEFORE)]
    thanks = turn("고마워요").model_copy(update={"decision": "fixed"})
    assert meanings("얼마예요?", [*history, thanks]) == ["얼마예요?", f"{BEFORE} 얼마예요?"]


def test_after_greetings_alone_a_question_means_what_it_says() -> None:
    history = [turn("안녕하세요").model_copy(update={"decision": "fixed"})]
    assert meanings("그럼 교환은요?", history) == ["그럼 교환은요?"]
    assert not leans("그럼 교환은요?", history, found("그럼 교환은요?", "교환", "refuse"))


JOINS = [
    "그럼 ",
    "근데 ",
    "그리고, ",
    "아니면 ",
    "또 ",
    "그래서 ",
    "그거 ",
    "아 그럼 그건 ",
    "참 ",
    "아, 참, ",
    "아 그리고 ",
    "네, 그럼 ",
    "암튼 ",
]


@pytest.mark.parametrize("join", JOINS)
def test_what_joins_a_question_to_the_one_before_says_nothing_of_its_own(join: str) -> None:
    assert meanings(f"{join}교환은요?", HISTORY) == ["교환은요?", f"{BEFORE} {join}교환은요?"]
    assert meanings(join.strip(), HISTORY)[0]


def test_a_follow_up_that_leads_to_the_answer_before_it_is_asked_back() -> None:
    history = [answered("처음 질문", "다른 것"), answered(BEFORE, "배송비")]
    assert first_before("얼마예요?", history) == "배송비"
    for asked in ("그건 얼마예요?", "아 그건 얼마예요?", "근데 그럼 얼마예요?", "네, 거긴 얼마예요?"):
        assert first_before(asked, history) is None
    assert first_before("참 얼마예요?", history) == first_before("아 그리고 얼마예요?", history) == "배송비"
    led = found(f"{BEFORE} 얼마예요?", "배송비", "answer")
    assert unless_said(led, "얼마예요?", history).decision == "clarify"


@pytest.mark.parametrize(
    ("history", "asked", "title"),
    [
        ([], "얼마예요?", "배송비"),
        ([turn(BEFORE)], f"{BEFORE} 얼마예요?", "배송비"),
        ([answered(BEFORE, "배송비")], "얼마예요?", "배송비"),  # asked again, it is answered again
        ([answered(BEFORE, "배송비")], f"{BEFORE} 얼마예요?", "교환 배송비"),
        ([answered(BEFORE, "배송비", "clarify")], f"{BEFORE} 얼마예요?", "배송비"),  # what was asked back is made clear
    ],
)
def test_any_other_answer_stays_one(history: list[Turn], asked: str, title: str) -> None:
    assert unless_said(found(asked, title, "answer"), "얼마예요?", history).decision == "answer"


def test_a_long_question_that_is_asked_again_is_answered_again() -> None:
    question = "반품 배송비는 누가 내나요? 주문을 취소한 적이 있어요. " * 15
    history = [answered(question, "배송비")]
    assert unless_said(found(question, "배송비", "answer"), question, history).decision == "answer"


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
    ("offline", "rewritten", "taken", "decision"),
    [
        (("clarify", 0.9), ("answer", 0.7), "뒤", "clarify"),
        (("refuse", 0.9), ("answer", 0.7), "뒤", "clarify"),
        (("refuse", 0.9), ("clarify", 0.2), "뒤", "clarify"),
        (("refuse", 0.2), ("refuse", 0.3), "뒤", "refuse"),
        (("answer", 0.7), ("answer", 0.8), "뒤", "answer"),
        (("clarify", 0.5), ("clarify", 0.5), "뒤", "clarify"),
        (("answer", 0.8), ("answer", 0.7), "앞", "answer"),
        (("answer", 0.7), ("clarify", 0.9), "앞", "answer"),
        (("clarify", 0.2), ("refuse", 0.9), "앞", "clarify"),
    ],
)
def test_of_both_readings_the_one_nearer_to_an_answer_is_taken_and_makes_no_answer_alone(
    offline: tuple[Decision, float], rewritten: tuple[Decision, float], taken: str, decision: Decision
) -> None:
    one = better(found("앞", "앞", *offline), found("뒤", "뒤", *rewritten))
    assert (one.asked, one.decision) == (taken, decision)


def test_a_rewritten_question_that_meets_a_title_less_is_left() -> None:
    offline = found("앞", "앞", "clarify", 0.3, met=0.92)
    assert better(offline, found("뒤", "뒤", "answer", 0.9, met=0.91)) is offline
    assert better(offline, found("뒤", "뒤", "answer", 0.9, met=0.92)) is not offline


def test_a_reading_that_finds_nothing_is_no_better_than_one_that_does() -> None:
    nothing, something = Found([], "refuse", "앞", 0.0), found("뒤", "뒤", "refuse", 0.0)
    assert better(nothing, something) == something
    assert better(something, nothing) is something
    assert better(nothing, nothing) == nothing
