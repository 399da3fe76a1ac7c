"""What a typed question may mean: the keyboard set right, stretched letters, long and strange texts."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.retrieval.lexicon import Entry, Lexicon
from shared.retrieval.readings import MAX_CHARACTERS, compose, from_english_layout, read, repair
from tests.retrieval.indexes import COMMERCE

INITIALS = ["r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g"]
VOWELS = re.findall(r"\S+", "k o i O j p u P h hk ho hl y n nj np nl b m ml l")
FINALS = ["", *re.findall(r"\S+", "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g")]
LOOSE_INITIALS, LOOSE_VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
LOOSE_FINALS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
SYLLABLES = st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣"))
STRANGE = [
    "",
    " ",
    "\u200b",
    "ㅋㅋㅋㅋㅋㅋ",
    "ㅠㅠ",
    "!!!!!!",
    "👍👍👍👍",
    "👨‍👩‍👧 배송비 얼마에요 🥲🥲🥲",
    "How do I return an item?",
    "返品したいです",
    "Ընկեր сколько стоит доставка",
    "مرحبا كيف حالك",
    "'; DROP TABLE contents; --",
    "<script>alert('배송')</script>&nbsp;<b>환불</b>",
    "${jndi:ldap://a/b} {{7*7}} ../../etc/passwd",
    "a" * 2_000,
    "ㅁ" * 2_000,
    "가" * 2_000,
    "rksk" * 500,
    "손님" + "이랑" * 1_000 + "힣",
    "\ud800\udfff\x00",
]


def keys_of(text: str) -> str:
    """The keys that type this Hangul on a Korean keyboard."""
    typed = []
    for syllable in text:
        at = ord(syllable) - ord("가")
        typed += [INITIALS[at // 588], VOWELS[at % 588 // 28], FINALS[at % 28]]
    return "".join(typed)


@given(st.text(SYLLABLES, min_size=2, max_size=12))
@example("놔왜외눠웨위늬")
@example("넋앉많닭삶밟곬핥읊잃값")
@example("닭이값을많은")
@example("꺄떠빠싸짜걔계")
def test_hangul_typed_on_the_english_layout_is_read_back(text: str) -> None:
    keys = keys_of(text)
    assume(not keys.isupper())  # an abbreviation, as SMS is
    assert from_english_layout(keys) == text
    assert repair(keys) == repair(text)


@pytest.mark.parametrize("vowel", range(21))
def test_every_final_is_read_after_every_vowel_and_before_one(vowel: int) -> None:
    for final in range(28):
        text = chr(ord("가") + vowel * 28 + final) + "아"
        assert from_english_layout(keys_of(text)) == text


@pytest.mark.parametrize(
    "word",
    [
        "excel",
        "sms",
        "SMS",
        "API",
        "csv",
        "URL",
        "email",
        "video",
        "Wifi",
        "eBay",
        "title",
        "PC",
        "x",
        "VIP",
        "digital",
        "sign",
        "special",
        "Total",
        "world",
        "snap",
    ],
)
def test_an_english_word_stays(word: str) -> None:
    assert repair(f"{word} 등록") == f"{word} 등록"
    assert repair(word) == word


def test_capitals_that_type_the_same_letter_are_read_as_small_ones() -> None:
    assert repair("Cnlth dlfgkgo") == repair("cnlth dlfgkgo")


def test_a_short_word_is_read_only_beside_another_and_without_hangul() -> None:
    assert repair("tn") == "tn"
    assert repair("cnlthgkf tn dlTdj") == "취소할 수 있어"
    assert repair("취소 tn cnlth") == "취소 tn 취소"


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("배송비ㅠㅠ 왜 안돼요ㅋㅋㅋ", "배송비 왜 안돼요"),
        ("환불해줘요오오오오오", "환불해줘요오"),
        ("환불!!!!!!!", "환불!"),
        ("ㅇㅇ 취소ㄱㄱ", "취소"),
        ("aaaa1111", "aaaa1111"),
    ],
)
def test_stretched_and_loose_letters_go(typed: str, repaired: str) -> None:
    assert repair(typed) == repaired


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("ㅈㅓㅇㅅㅏㄴ ㅇㅓㄴㅈㅔ", "정산 언제"),
        ("정ㅅㅏㄴ은 언ㅈㅔ 되나요ㅋㅋ", "정산은 언제 되나요"),
        ("ㅂㅐ송비", "배송비"),
        ("ㄱㅏㅂㅅ이 ㅇㅗㄹㄹㅏㅆㅇㅓㅇㅛ", "값이 올랐어요"),
        ("ㅇㅣㄺㅇㅡㄹ ㅅㅜ ㅇㅓㅄㅇㅓㅇㅛ", "읽을 수 없어요"),
    ],
)
def test_jamo_typed_one_by_one_are_put_together(typed: str, repaired: str) -> None:
    assert repair(typed) == repaired


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("배 송 비 어 떻 게 바 꿔 요 ?", "배송비어떻게바꿔요 ?"),
        ("스 마 트 스 토 어 가입, 정 산 주 기!", "스마트스토어 가입, 정산주기!"),
        ("ㅈㅓㅇ ㅅㅏㄴ 언 제ㅠㅠ", "정산언제"),
        ("쿠폰을 한 번 더 쓰고 싶어요", "쿠폰을 한 번 더 쓰고 싶어요"),
        ("반품 할 때", "반품 할 때"),
    ],
)
def test_syllables_typed_apart_are_joined(typed: str, repaired: str) -> None:
    assert repair(typed) == repaired
    assert read(typed, Lexicon([])).typed == typed


@given(st.text(SYLLABLES, min_size=1, max_size=8))
def test_any_syllables_come_back_from_their_jamo(text: str) -> None:
    loose = ""
    for number in (ord(one) - ord("가") for one in text):
        loose += LOOSE_INITIALS[number // 588] + LOOSE_VOWELS[number % 588 // 28] + LOOSE_FINALS[number % 28]
    assert compose(loose) == text


@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("ㅋㅠ!가rksㅏ \n")), max_size=60))
@example("ㅋㅋㅋ")
@example("ㅏ")
def test_a_repair_never_empties_a_text(text: str) -> None:
    readings = read(text, COMMERCE)
    assert bool(readings.typed) == bool(readings.repaired)
    assert bool(repair(text)) == bool(text)


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_text_has_readings_of_bounded_length(text: str) -> None:
    for one in read(text, COMMERCE).texts:
        assert len(one) <= MAX_CHARACTERS + 1
        one.encode()


@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("가 rksㅋ은는이랑")), max_size=900))
def test_any_text_has_readings_of_bounded_length(text: str) -> None:
    assert all(len(one) <= MAX_CHARACTERS + 1 for one in read(text, COMMERCE).texts)


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    typed = read("반품 " + "가나다라 " * 400 + "어떻게 하나요?", COMMERCE).typed
    assert typed.startswith("반품 ")
    assert typed.endswith("어떻게 하나요?")


def test_what_was_typed_is_kept_beside_what_was_repaired_and_said_formally() -> None:
    readings = read(" thssla\u200b 환불ㅠㅠ", Lexicon([Entry("손님", "구매자")]))
    assert readings.texts == ("thssla 환불ㅠㅠ", "손님 환불", "구매자 환불")


def test_full_width_letters_are_read_as_the_usual_ones() -> None:
    assert read("ＢＳＢ　코드 ３", Lexicon([])).repaired == "BSB 코드 3"
