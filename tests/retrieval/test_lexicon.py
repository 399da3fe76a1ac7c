"""Everyday words in the words of a help centre."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retrieval.lexicon import Entry, Lexicon, parse, shipped
from tests.retrieval.indexes import COMMERCE


def rewritten(text: str, *entries: tuple[str, str]) -> str:
    return Lexicon(Entry(form, terms) for form, terms in entries).rewrite(text)


def test_the_longest_form_wins_and_its_terms_are_not_read_again() -> None:
    entries = [("가게", "스토어"), ("가게 주소", "가게 URL"), ("URL", "도메인")]
    assert rewritten("가게 주소는 가게 어디에", *entries) == "가게 URL는 스토어 어디에"


def test_of_two_equal_forms_the_first_wins() -> None:
    assert rewritten("손님", ("손님", "회원"), ("손님", "구매자")) == "회원"


@pytest.mark.parametrize("word", ["돌려보내", "돌려보내려면", "돌려보내고싶은데요"])
def test_a_stem_takes_the_rest_of_the_word(word: str) -> None:
    assert rewritten(f"물건을 {word} 돼요?", ("돌려보내*", "반품")) == "물건을 반품 돼요?"


@pytest.mark.parametrize(
    "particles", ["", "은", "이", "들이", "한테서", "에게는", "이랑", "이라도", "님께서는", "으로만"]
)
def test_a_noun_keeps_its_particles(particles: str) -> None:
    assert rewritten(f"손님{particles} 왔다", ("손님", "구매자")) == f"구매자{particles} 왔다"


@pytest.mark.parametrize("word", ["손님맞이", "손님은행", "첫손님", "A손님"])
def test_a_noun_inside_another_word_stays(word: str) -> None:
    assert rewritten(word, ("손님", "구매자")) == word


@pytest.mark.parametrize("word", ["csv", "cs2", "xlsx", "axls"])
def test_the_beginning_of_a_latin_word_is_no_word(word: str) -> None:
    assert rewritten(word, ("cs", "고객센터"), ("xls*", "엑셀")) == word
    assert rewritten("cs는 xls로", ("cs", "고객센터"), ("xls*", "엑셀")) == "고객센터는 엑셀"


def test_a_text_without_everyday_words_is_itself() -> None:
    text = "  배송\n비는? "
    assert rewritten(text, ("손님", "구매자")) is text
    assert Lexicon([]).rewrite(text) is text
    assert Lexicon([Entry("*", "아무것")]).rewrite(text) is text


def test_many_particles_after_one_another_take_no_time() -> None:
    began = time.process_time()
    assert rewritten("손님" + "이랑" * 5_000 + "힣", ("손님", "구매자")).startswith("손님")
    assert time.process_time() - began < 5  # a moment; for each pair of them it would be minutes


@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("손님가게은는 이랑떼가요환불"))))
def test_any_text_is_rewritten_the_same_each_time(text: str) -> None:
    assert COMMERCE.rewrite(text) == COMMERCE.rewrite(text)


def test_equal_lists_have_equal_digests() -> None:
    one, other = Lexicon([Entry("가게", "스토어")]), Lexicon([Entry("가게", "몰")])
    assert one.digest == Lexicon(parse(["가게\t스토어"])).digest != other.digest


def test_a_list_has_comments_empty_lines_and_many_forms_a_line() -> None:
    assert parse(["# 사람", "", "손님, 돌려보내* ,,*\t 구매자 "]) == [
        Entry("손님", "구매자"),
        Entry("돌려보내*", "구매자"),
    ]


@pytest.mark.parametrize("line", ["손님 구매자", "손님\t", "\t구매자"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 "):
        parse(["가게\t스토어", line])


def test_a_list_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        shipped("nothing")


def test_the_shipped_list_has_no_form_twice_and_nothing_empty() -> None:
    entries = shipped("commerce")
    assert len(entries) > 3_000
    assert [form for form, count in Counter(one.form for one in entries).items() if count > 1] == []
    assert all(one.literal.strip() and one.terms.strip() and "*" not in one.literal for one in entries)


def test_each_form_of_the_shipped_list_is_rewritten_to_its_terms() -> None:
    assert {one.form: COMMERCE.rewrite(one.literal) for one in COMMERCE.entries if not one.is_stem} == {
        one.form: one.terms for one in COMMERCE.entries if not one.is_stem
    }


@pytest.mark.parametrize("term", ["접수", "취소", "반품", "교환", "정산"])
@pytest.mark.parametrize("particle", ["", "은", "이", "을", "도", "하려면", "하고 싶어요", "됐나요?"])
def test_the_shipped_list_leaves_the_help_centres_own_terms(term: str, particle: str) -> None:
    assert COMMERCE.rewrite(f"{term}{particle}") == f"{term}{particle}"


@pytest.mark.parametrize("noun", ["풀필먼트는", "풀세트", "풀옵션으로", "뜨개질", "뜨개실은"])
def test_a_short_stem_of_the_shipped_list_is_not_taken_for_the_beginning_of_a_noun(noun: str) -> None:
    assert COMMERCE.rewrite(noun) == noun


@pytest.mark.parametrize(
    ("verb", "terms"), [("풀고", "해제"), ("풀 수", "해제"), ("풀면", "해제"), ("뜨는데", "노출"), ("뜨나요", "노출")]
)
def test_its_verbs_are_still_put_into_terms(verb: str, terms: str) -> None:
    assert COMMERCE.rewrite(verb) == terms
