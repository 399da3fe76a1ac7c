"""What an answer says beyond its contents is doubted; what it says in other words or another writing is not."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answering.grounding import Doubt, cosines, doubts, split
from shared.retrieval.sentences import UniversalSentenceEncoder
from tests.answering.grounding_list import as_told, load, measure, measure_repeated

SAMPLE = Path(__file__).parents[2] / "data" / "sample_faq.jsonl"


def found(said: str, known: str, question: str = "") -> list[str]:
    """The figures and names of a sentence that its only content does not hold."""
    return [one.what for one in doubts(said, [known], question) if one.reason != "unlike"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3일", "삼일"),
        ("3일", "사흘"),
        ("24시간", "하루"),
        ("4주", "28일"),
        ("영업일 기준 3일", "3영업일"),
        ("영업일 3일", "3영업일"),
        ("3일(영업일 기준)", "3 영업일"),
        ("1만원", "10,000원"),
        ("10000원", "만 원"),
        ("1억 2천만 원", "120,000,000원"),
        ("2026년 1월 5일", "2026.1.5"),
        ("2026. 1. 5.", "26-01-05"),
        ("오후 3시", "15시"),
        ("오후 세 시", "15:00"),
        ("9~18시", "오전 9시부터 오후 6시까지"),
        ("자정", "밤 12시"),
        ("50%", "50퍼센트"),
        ("50%", "절반"),
        ("10분의 1", "10%"),
        ("1개월", "한 달"),
        ("1년", "12개월"),
        ("2년 6개월", "30개월"),
        ("1시간 30분", "90분"),
        ("네 시간 반", "4시간 30분"),
        ("세 번", "3회"),
        ("두 가지", "2가지"),
        ("3~5일", "사흘에서 닷새"),
        ("3~5만 원", "3만원에서 5만원"),
        ("월~금", "평일"),
        ("토·일요일", "주말"),
        ("1588-1234", "1588 1234"),
        ("+82-10-1234-5678", "010-1234-5678"),
        ("스무 살", "20세"),
        ("5MB", "5메가바이트"),
        ("$20", "20달러"),
        ("https://www.gaon.example/help/", "gaon.example/help"),
    ],
)
def test_one_figure_has_many_writings(one: str, other: str) -> None:
    assert found(f"접수는 {one} 기준입니다.", f"접수는 {other} 기준입니다.") == []
    assert found(f"접수는 {other} 기준입니다.", f"접수는 {one} 기준입니다.") == []


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("3 영업일", "3일"),
        ("3일", "3영업일"),
        ("3주", "3일"),
        ("3명", "3회"),
        ("1만 5천 원", "10,000원"),
        ("10GB", "10MB"),
        ("오전 3시", "15:00"),
        ("5월 1일", "1월 5일"),
        ("2025년 1월 5일", "2026.1.5"),
        ("2026년 1월 5일", "1월 5일"),
        ("6일", "3~5일"),
        ("토요일", "월~금"),
        ("1588-1235", "1588-1234"),
        ("b.example", "a.example"),
        ("11월", "1월"),
    ],
)
def test_another_figure_is_doubted_as_it_is_written(said: str, known: str) -> None:
    assert found(f"접수는 {said} 기준입니다.", f"접수는 {known} 기준입니다.") == [said]


@pytest.mark.parametrize(
    "said",
    [
        "만일 문제가 있으면 이번 달에 다시 한 번 해 주세요.",
        "오일 교환은 이 일과 다르며 십분 이해합니다.",
        "세대주는 한시적으로 한정 수량을 삽니다.",
        "일회용 이용권을 사장님이 두루 사용합니다.",
        "네 시작하겠습니다.",
    ],
)
def test_words_that_only_look_like_numbers_are_none(said: str) -> None:
    assert found(said, "다른 내용") == []


@pytest.mark.parametrize(
    ("said", "known", "doubted"),
    [
        ("[설정 > 탈퇴]를 누르세요.", "설정 화면에서 '탈퇴'를 누르세요.", []),
        ("[설정 > 해지]를 누르세요.", "설정 화면에서 '탈퇴'를 누르세요.", ["설정 > 해지"]),
        ("'탈퇴하기' 버튼을 누르세요.", "[탈퇴하기]", []),
        ("‘간편 탈퇴’를 누르세요.", "[탈퇴하기]", ["간편 탈퇴"]),
        ("설정 > 해지로 가세요.", "[설정 > 탈퇴]", ["설정 > 해지로"]),
        ("Windows에서 됩니다.", "windows 10", []),
        ("구글과 Google에서 됩니다.", "구글 계정", []),
        ("Facebook에서 됩니다.", "Google 계정", ["Facebook"]),
        ("우리은행 계좌로 받아요.", "국민은행 계좌로 받습니다.", ["우리은행"]),
        ("당일택배와 신용카드도 됩니다.", "다른 내용", []),
        ("구글과 아이폰에서 됩니다.", "Google 계정, iOS 17", []),
        ("“다시 시도해 주세요.”라고 나옵니다.", "오류가 납니다.", []),
        ("[자세히 보기](https://a.example)", "https://a.example", []),
    ],
)
def test_names_must_stand_in_the_contents(said: str, known: str, doubted: list[str]) -> None:
    assert found(said, known) == doubted


def test_a_sentence_is_checked_against_what_it_cites_and_without_a_citation_against_all() -> None:
    sources = ["교환은 7일 안에 됩니다.", "반품은 14일 안에 됩니다."]
    assert doubts("반품은 14일 안에 됩니다. [2]", sources) == []
    assert doubts("반품은 14일 안에 됩니다.", sources) == []
    assert doubts("반품은 14일 안에 됩니다. [1][2]", sources) == []
    assert doubts("반품은 14일 안에 됩니다. [9]", sources) == []
    assert doubts("**반품**은 14일 안에 됩니다. [1]", sources) == [Doubt("반품 은 14일 안에 됩니다.", "figure", "14일")]


def test_a_circumstance_of_the_customers_may_be_said_again_and_no_figure_of_theirs_confirmed() -> None:
    assert found("20일이 지났다면 어렵습니다.", "기한은 7일입니다.", "20일 지났는데 되나요?") == []
    assert found("20일이 지났다면 어렵습니다.", "기한은 7일입니다.") == ["20일"]
    assert found("20일까지 됩니다.", "기한은 7일입니다.", "20일 지났는데 되나요?") == ["20일"]
    assert found("네, 5%입니다.", "수수료는 3%입니다.", "수수료가 5%죠?") == ["5%"]
    assert found("5%라고 들으셨군요. 3%입니다.", "수수료는 3%입니다.", "수수료가 5%라던데요") == []
    assert found("5%가 아니라 3%입니다.", "수수료는 3%입니다.", "수수료가 5%죠?") == []
    assert found("네, [설정 > 해지]에서 하세요.", "[설정 > 탈퇴]", "[설정 > 해지] 맞죠?") == ["설정 > 해지"]


def test_numbers_and_counts_of_the_answers_own_list_are_no_figures() -> None:
    answer = "방법은 두 가지입니다.\n1. 앱에서 신청합니다.\n2) 전화로 신청합니다."
    assert found(answer, "앱이나 전화로 신청합니다.") == []
    assert found(answer.replace("두", "세"), "앱이나 전화로 신청합니다.") == ["세 가지"]


@pytest.mark.parametrize(
    "said",
    [
        "더 궁금한 점이 있으시면 언제든 말씀해 주세요.",
        "다음 순서로 진행해 주세요.",
        "불편을 드려 죄송합니다.",
        "어떤 상품을 찾으시나요?",
        "두 가지 방법이 있습니다.\n- 하나\n- 둘",
        "네, 가능합니다.",
    ],
)
def test_sentences_that_lead_over_apologize_or_ask_are_not_doubted(said: str) -> None:
    assert doubts(said, ["해외 배송은 3주 걸립니다."]) == []


def test_an_invented_condition_is_unlike_unless_it_means_what_a_content_says() -> None:
    said = "새벽에는 상담원 연결이 어려울 수 있습니다."
    asked: list[tuple[int, int]] = []

    def near(texts: Sequence[str], passages: Sequence[str]) -> npt.NDArray[np.float32]:
        asked.append((len(texts), len(passages)))
        return np.ones((len(texts), len(passages)), np.float32)

    assert doubts(said, ["반품은 무료입니다."]) == [Doubt(said, "unlike", "")]
    assert doubts(f"{said} {said}", ["반품은 무료입니다."], similarity=near) == []
    assert asked == [(2, 1)]


def test_sentences_end_neither_inside_numbers_nor_inside_dates() -> None:
    answer = "이율은 3.5%입니다. 2026. 1. 5.까지예요![1] 다음\n\n- 항목 [2]\n[1]"
    assert [(one.text, one.cited) for one in split(answer)] == [
        ("이율은 3.5%입니다.", ()),
        ("2026. 1. 5.까지예요!", (1,)),
        ("다음", ()),
        ("항목", (2, 1)),
    ]


@pytest.mark.parametrize("label", ["회사", "주문일", "일정", "원산지", "명칭", "시작", "분류", "점수", "kg당 값"])
def test_a_number_at_the_end_of_a_line_has_no_unit_of_the_next_one(label: str) -> None:
    for number, said in [("52,000,000", "연봉은 52,000,000원입니다."), ("3", "수량은 3개입니다.")]:
        assert found(said, f"값: {number}\n{label}: 가나") == []
        assert found("모두 7,000,000원입니다.", f"값: {number}\n{label}: 가나") == ["7,000,000원"]


@pytest.mark.parametrize("answer", ["", "\n", "[1]", "- ", "..."])
def test_an_answer_without_words_has_nothing_to_doubt(answer: str) -> None:
    assert doubts(answer, ["내용"]) == []


def test_without_contents_every_figure_is_doubted() -> None:
    assert doubts("3일 걸립니다.", [])[0].what == "3일"


@given(st.text("0123456789일월만천원시분개~-.,:/ 년%오전후삼열두한번>'abP", max_size=40))
def test_what_is_quoted_from_a_content_is_never_doubted(text: str) -> None:
    quoted = " ".join(text.replace("~~", "~ ").split())  # that would be Markdown, and blanks are made one
    whole = len(list(split(quoted))) == 1  # a figure may go over two sentences
    assert not whole or all(one.reason == "unlike" for one in doubts(quoted, [quoted]))


def test_half_of_the_labelled_answers_are_sound_and_half_are_held_out() -> None:
    rows = load()
    assert len(rows) >= 150
    assert sum(not one.doubted for one in rows) * 2 == len(rows) == sum(one.held_out for one in rows) * 2


@pytest.mark.parametrize(("held_out", "precision", "recall"), [(False, 0.97, 0.95), (True, 0.94, 0.95)])
def test_wrong_figures_and_names_are_found(held_out: bool, precision: float, recall: float) -> None:
    score, _ = measure(held_out)
    assert score.precision >= precision
    assert score.recall >= recall


@pytest.mark.parametrize("held_out", [False, True])
def test_what_is_the_customers_alone_is_told_from_what_is_confirmed(held_out: bool) -> None:
    score = measure_repeated(held_out, as_told)
    assert score.right + score.missed >= 16
    assert score.precision >= 0.9
    assert score.recall >= 0.95


@pytest.fixture(scope="module")
def encoder() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder()


@pytest.mark.parametrize("held_out", [False, True])
def test_the_encoder_tells_invented_sentences_from_paraphrases(
    held_out: bool, encoder: UniversalSentenceEncoder
) -> None:
    _, alone = measure(held_out)
    _, score = measure(held_out, cosines(encoder))
    assert score.precision >= 0.75 > 0.5 <= score.recall
    assert score.precision > alone.precision


def test_a_long_answer_is_checked_in_milliseconds() -> None:
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    text = " ".join(row["content"] for row in rows)
    sources = [text[start : start + 2_500] for start in range(0, 10_000, 2_500)]
    answer = " ".join(one.answer for one in load())[:1_000]
    took = []
    for _ in range(20):
        began = time.process_time()
        doubts(answer, sources)
        took.append(time.process_time() - began)
    assert min(took) < 0.02  # twice what it takes on a busy core
