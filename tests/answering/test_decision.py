"""Answer or refuse; what is shown as a source, and what is suggested."""

import pytest

from shared.answering.context import reading
from shared.answering.decision import MAX_SOURCES, MAX_SUGGESTIONS, decide, sources_of, suggest
from shared.models import Content, Turn, TurnStatus
from shared.retrieval.base import Ranked
from shared.storage.keys import created_at, new_chat_id


def ranked(*scores: float) -> list[Ranked]:
    return [
        Ranked(
            Content(faq_id=f"f{n}", source_id="s", title=f"제목 {n}", content="내용"), score, score, score, f"제목 {n}"
        )
        for n, score in enumerate(scores, 1)
    ]


def turn(message: str) -> Turn:
    chat_id = new_chat_id()
    return Turn(
        session_id="s", chat_id=chat_id, user_message=message, status=TurnStatus.DONE, created_at=created_at(chat_id)
    )


@pytest.mark.parametrize(
    ("scores", "decision"), [((0.9,), "answer"), ((0.9001,), "answer"), ((0.8999,), "refuse"), ((), "refuse")]
)
def test_the_best_score_decides_against_the_threshold(scores: tuple[float, ...], decision: str) -> None:
    assert decide(ranked(*scores), 0.9) == decision


def test_sources_are_the_best_five_numbered_from_one_with_those_marked_that_are_cited() -> None:
    sources = sources_of(ranked(0.99, 0.98, 0.97, 0.96, 0.95, 0.94), cited=[2])
    assert [source.n for source in sources] == list(range(1, MAX_SOURCES + 1))
    assert [source.n for source in sources if source.cited] == [2]


def test_after_an_answer_the_next_best_are_suggested_never_the_answer_itself() -> None:
    suggestions = suggest(ranked(0.99, 0.98, 0.97, 0.96, 0.95, 0.8), "answer", 0.9)
    assert [one.faq_id for one in suggestions] == ["f2", "f3", "f4"]
    assert len(suggestions) == MAX_SUGGESTIONS


def test_after_a_refusal_only_what_came_near_is_suggested() -> None:
    assert [one.faq_id for one in suggest(ranked(0.88, 0.87, 0.8), "refuse", 0.86)] == ["f1", "f2"]
    assert suggest(ranked(0.8), "refuse", 0.86) == []


@pytest.mark.parametrize("question", ["그럼 교환은요?", "그거 얼마예요?", "근데 해외는요?", "거기에 글자도 넣어요?"])
def test_a_question_that_points_back_is_read_with_the_one_before_it(question: str) -> None:
    history = [turn("처음 질문"), turn("반품 배송비는 누가 내나요?")]
    assert reading(question, history) == f"반품 배송비는 누가 내나요? {question}"
    assert reading(question, []) == question


@pytest.mark.parametrize("question", ["그룹상품은 무엇인가요?", "정산은 언제 되나요?", "이미지 크기는요?", "또한"])
def test_a_question_that_stands_alone_is_read_alone(question: str) -> None:
    assert reading(question, [turn("반품 배송비는 누가 내나요?")]) == question
