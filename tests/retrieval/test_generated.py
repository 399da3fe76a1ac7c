"""Questions made from contents by rule."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.models import Content
from shared.retrieval.generated import Speaker, generate
from shared.retrieval.lexicon import Entry, shipped
from tests.indexing.corpora import contents

SPEAKER = Speaker(shipped("commerce"))
TITLES = st.lists(
    st.sampled_from(
        ["구매자", "반품", "수수료는", "(필독)", "★", "어떻게", "하나요?", "되나요?", "할", "수", "있나요?", "란"]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


def titled(title: str) -> Content:
    return Content(faq_id=title, source_id="s", title=title, content="내용")


def test_the_same_contents_give_the_same_questions_in_any_order() -> None:
    wanted = contents(40)
    assert generate(wanted, SPEAKER, 20) == generate(wanted[::-1], SPEAKER, 20)


def test_an_edit_changes_no_other_question() -> None:
    wanted = contents(40)
    edited = [*wanted[1:], wanted[0].model_copy(update={"title": "전혀 다른 제목입니다"})]
    before = {one.faq_id: one.text for one in generate(wanted, SPEAKER, 40)}
    after = {one.faq_id: one.text for one in generate(edited, SPEAKER, 40)}
    assert {faq_id for faq_id in before if before[faq_id] != after[faq_id]} <= {wanted[0].faq_id}


def test_so_many_contents_are_asked_as_wanted_or_as_there_are() -> None:
    assert len(generate(contents(9), SPEAKER, 5)) == 5
    assert len(generate(contents(9), SPEAKER, 300)) == 9
    assert generate([], SPEAKER, 5) == []


def test_a_question_names_the_content_that_it_was_made_from() -> None:
    for one, content in zip(
        generate([titled("반품 배송비는 누가 내나요?")], SPEAKER, 1), ["반품 배송비는 누가 내나요?"], strict=True
    ):
        assert (one.faq_id, one.title) == (content, content)


def test_at_least_two_words_are_said() -> None:
    rng = random.Random(1)
    for dropped in (0.0, 0.4, 1.0):
        for _ in range(50):
            said = SPEAKER.say("구매자가 반품 배송비를 내는 방법 안내", rng, dropped)
            assert len(said.split()) >= 2


@pytest.mark.parametrize("title", ["(필독)", "★", "나요?", "되나요?", "무엇인가요?", " ", "반품"])
def test_a_title_of_marks_or_an_ending_alone_is_said_somehow(title: str) -> None:
    for seed in range(20):
        assert bool(SPEAKER.say(title, random.Random(seed))) == bool(title.strip())


@given(TITLES, st.integers(0, 1_000))
def test_a_question_is_never_empty(title: str, seed: int) -> None:
    assert SPEAKER.say(title, random.Random(seed)).strip()


def test_nouns_are_said_in_everyday_words_and_stems_are_not() -> None:
    speaker = Speaker([Entry("손님", "구매자"), Entry("돌려보내*", "반품")])
    said = {speaker.say("구매자가 반품", random.Random(seed), dropped=0) for seed in range(20)}
    assert said == {"구매자가 반품", "손님가 반품"}


def test_an_ending_is_said_in_another_way() -> None:
    said = {Speaker([]).say("쿠폰은 어떻게 설정하나요?", random.Random(seed), dropped=0) for seed in range(20)}
    assert len(said) > 2
    assert all(one.startswith("쿠폰") for one in said)
