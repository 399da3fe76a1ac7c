"""What is made of a model's answer, whatever it is; and which titles a content keeps."""

import json
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.indexing.build import rows_of, stored_contents
from shared.indexing.summary_titles import MAX_PROPOSED_CHARACTERS, digest, read_titles, with_summary_titles
from shared.models import Content, SummaryTitle
from shared.retrieval.search import is_title
from shared.retrieval.text import letters
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import Place, content, contents

CONTENT = Content(
    faq_id="a",
    source_id="s",
    title="반품 배송비는 누가 부담하나요?",
    tags=["반품"],
    similar_titles=["반품비 누가 내요?"],
    content="변심이면 구매자가, 불량이면 판매자가 부담합니다.",
)
WANTED = ["물건 돌려보낼 때 택배비는요?", "돌려보내는 값 제가 내나요"]
ONE, TWO = WANTED


def titles(answer: str, count: int = 3, taken: tuple[str, ...] = ()) -> tuple[list[str], Counter[str]]:
    dropped: Counter[str] = Counter()
    return read_titles(answer, CONTENT, count, [letters(one) for one in taken], dropped), dropped


@pytest.mark.parametrize(
    "answer",
    [
        f"{ONE}\n{TWO}",
        f"{ONE}\r\n\r\n  {TWO}  \n",
        f"1. {ONE}\n2. {TWO}",
        f"1) {ONE}\n(2) {TWO}",
        f"① {ONE}\n② {TWO}",
        f"- {ONE}\n* {TWO}",
        f"-{ONE}\n•{TWO}",
        f'"{ONE}"\n“{TWO}”',
        f'1. "{ONE}",\n2. **{TWO}**',
        f"**1. {ONE}**\n**2. {TWO}**",
        f"질문 1: {ONE}\n제목2: {TWO}",
        f"Q: {ONE}\nQ. {TWO}",
        f"물론입니다! 다음과 같은 질문을 만들었습니다.\n\n1. {ONE}\n2. {TWO}\n\n도움이 되었으면 좋겠습니다.",
        f"```\n{ONE}\n{TWO}\n```",
        json.dumps(WANTED),
        json.dumps(WANTED, ensure_ascii=False, indent=2),
        json.dumps({"titles": WANTED}, ensure_ascii=False),
        json.dumps([{"question": one} for one in WANTED], ensure_ascii=False),
        "다음은 JSON입니다:\n```json\n" + json.dumps({"질문1": ONE, "질문2": TWO}, ensure_ascii=False) + "\n```",
        json.dumps([*WANTED, "잘린 답변"], ensure_ascii=False)[:-4],
    ],
)
def test_titles_are_read_in_whatever_form_they_come(answer: str) -> None:
    assert titles(answer)[0] == WANTED


JUNK = {
    "too short or too long": ["네?", "ㅋㅋ", "어떻게 " * 30],
    "not Korean": [
        "Who pays for the return?",
        "退货运费由谁承担？",
        "返品の送料は誰が払いますか",
        "반품 运费 누가 내요",
        "OK 네 yes",
    ],
    "no question or title": [
        "다음은 요청하신 질문입니다:",
        "<출력>질문입니다",
        "참고하세요 https://a.kr",
        "누가 내나요 누가 내나요 누가 내나요",
    ],
    "an answer, not a question": ["판매자가 부담합니다.", "고객센터에 문의하세요", "설정에서 확인하십시오."],
    "copied from the text": ["변심이면 구매자가, 불량이면 판매자가"],
    "a title that the content has": [
        "반품 배송비는 누가 부담하나요",
        "[반품] 반품 배송비는 누가 부담하나요?",
        "반품비 누가 내요",
    ],
    "a title that another content has": ["환불은 언제 되나요"],
}


@pytest.mark.parametrize(("why", "text"), [(why, text) for why, texts in JUNK.items() for text in texts])
def test_what_is_no_new_question_is_left_out_and_counted(why: str, text: str) -> None:
    found, dropped = titles(f"{ONE}\n{text}", taken=("환불은 언제 되나요?", CONTENT.title))
    assert (found, dropped) == ([ONE], Counter({why: 1}))


def test_a_title_counts_once_and_no_more_are_taken_than_asked_for() -> None:
    found, dropped = titles(f"{ONE}\n{ONE.replace(' ', '')}\n{TWO}\n셋째는 남는 질문", count=2)
    assert found == WANTED
    assert dropped == {"a title that the content has": 1, "more than were asked for": 1}


@pytest.mark.parametrize(
    "text", ["결제가 안 됩니다", "주소를 바꾸고 싶습니다.", "비밀번호를 알려주세요", "환불이 되지 않습니다"]
)
def test_customers_speak_formally_of_what_fails_and_what_they_want(text: str) -> None:
    assert titles(text)[0] == [text]


def test_a_number_that_belongs_to_the_question_stays() -> None:
    assert titles("10:30까지 주문하면 언제 와요?\n1. 3일 지나면 돼요?")[0] == ["3일 지나면 돼요?"]
    assert titles("10:30까지 주문하면 언제 와요?")[0] == ["10:30까지 주문하면 언제 와요?"]


@given(st.text() | st.text(alphabet='[]{}"\\:,-*1.가나 \n'))
def test_no_answer_is_an_error(answer: str) -> None:
    for one in titles(answer)[0]:
        assert 0 < len(one) <= MAX_PROPOSED_CHARACTERS and "\n" not in one and not is_title(one, CONTENT)


@pytest.mark.parametrize("unit", ["[", '["', '"', '["\\', "- ", "1. ", "가", "가나", "*", "\n"])
def test_a_very_long_answer_takes_no_time(unit: str) -> None:
    began = time.process_time()
    titles(unit * 100_000)
    assert time.process_time() - began < 2


# What a content keeps


def made(of: Content, *texts: str, accepted: bool = True) -> Content:
    """The content with summary titles that were made from it."""
    added = [SummaryTitle(text=text, model="fake", made_from=digest(of), accepted=accepted) for text in texts]
    return of.model_copy(update={"summary_titles": added})


def test_only_what_a_person_has_accepted_is_indexed() -> None:
    rows = [row.text for row in rows_of(made(CONTENT, ONE))]
    assert rows == ["[반품] 반품 배송비는 누가 부담하나요?", CONTENT.title, "반품비 누가 내요?", ONE, CONTENT.content]
    unseen = made(CONTENT, ONE, accepted=False)
    assert rows_of(unseen) == rows_of(CONTENT)
    assert not is_title(ONE, unseen) and is_title(ONE, made(CONTENT, ONE))


def test_titles_stay_with_the_title_and_the_text_that_they_were_made_from() -> None:
    stored = [made(content(n), f"{n}번 새 제목") for n in range(4)]
    bare = contents(3)
    bare[1] = bare[1].model_copy(update={"content": "고친 안내입니다."})
    bare[2] = made(bare[2], "파일에 적힌 제목")
    kept, outdated = with_summary_titles(bare, stored)
    assert [[one.text for one in each.summary_titles] for each in kept] == [["0번 새 제목"], [], ["파일에 적힌 제목"]]
    assert outdated == 1
    assert kept[1] == bare[1]


def test_a_build_from_the_corpus_keeps_them_and_one_from_the_store_finds_all(place: Place) -> None:
    place.build(contents(4))
    wanted = contents(4)
    wanted[2] = made(wanted[2], "이상한 나라의 앨리스")
    embedder = FakeEmbedder()
    place.build(wanted, embedder)
    assert (embedder.queries, embedder.passages) == (["이상한 나라의 앨리스"], [])

    again = place.build(contents(4), embedder)
    assert (again.embedded, again.written, again.removed, again.outdated) == (0, 0, 0, 0)
    found = place.find("이상한 나라의 앨리스").ranked[0]
    assert (found.content.faq_id, found.matched_subject) == ("c2", "이상한 나라의 앨리스")

    stored = place.build(None, embedder)
    assert (stored.manifest.contents, stored.manifest.version) == (4, again.manifest.version)
    edited = contents(4)
    edited[2] = edited[2].model_copy(update={"title": "다른 제목입니다"})
    result = place.build(edited, embedder)
    assert (result.outdated, result.written) == (1, 1)
    assert all(not one.summary_titles for one in stored_contents(place.store, "shop"))


def test_of_nothing_stored_no_index_is_made(place: Place) -> None:
    with pytest.raises(ValueError, match="an index of nothing"):
        place.build(None)
