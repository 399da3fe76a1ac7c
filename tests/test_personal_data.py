"""Personal data in customers' texts: what is masked, what passes, and that everything can be put back."""

import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.check_personal_data import measure, read, together
from shared.personal.kinds import KINDS, find
from shared.personal_data import Masked, mask, restore

LIST = read()
SPANS = st.sampled_from([span["value"] for row in LIST for span in row["spans"]])
# What texts are made of that may go wrong: labelled values, placeholders, what joins them, and anything at all
PIECES = st.one_of(
    SPANS,
    st.sampled_from([f"[{kind}{number}]" for kind in KINDS for number in ("", " 2", " 3")]),
    st.sampled_from(
        ["주문번호", "계좌 ", "카드 ", "사업자", "국민은행", "원", "골뱅이", "https://", "\u200b", "공일공", "다시"]
    ),
    st.text(alphabet="0123456789 -./()[]+@~공일이에구", max_size=12),
    st.text(max_size=8),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


def kinds_of(text: str) -> list[str]:
    return [kind for _, _, kind in find(text)]


# --- the labelled list


def test_the_list_is_long_and_half_of_it_holds_nothing_or_was_held_out() -> None:
    assert len(LIST) >= 300
    assert sum(not row["spans"] for row in LIST) >= 150
    assert 0.4 < sum(row["held_out"] for row in LIST) / len(LIST) < 0.6
    assert {span["kind"] for row in LIST for span in row["spans"]} == set(KINDS)
    assert all(span["value"] in row["text"] for row in LIST for span in row["spans"])


@pytest.mark.parametrize("held_out", [False, True])
def test_what_is_found_is_right_and_what_is_there_is_found(held_out: bool) -> None:
    figures = together(measure(row for row in LIST if row["held_out"] == held_out).values())
    assert figures.labelled > 100
    assert figures.precision >= 0.98
    assert figures.recall >= 0.98


# --- placeholders


def test_a_value_is_masked_and_the_rest_stays_as_it_was() -> None:
    masked = mask("  제  번호는\t０１０－１２３４－５６７８ 이고요,\n２０만 원…")
    assert masked == Masked(
        "  제  번호는\t[전화번호] 이고요,\n２０만 원…", {"[전화번호]": "０１０－１２３４－５６７８"}
    )


def test_a_second_value_of_a_kind_is_numbered_and_the_same_one_keeps_its_name() -> None:
    masked = mask("010-0123-4567, 010-0123-9999, 다시 010-0123-4567, a@example.com")
    assert masked.text == "[전화번호], [전화번호 2], 다시 [전화번호], [이메일]"
    assert masked.values == {
        "[전화번호]": "010-0123-4567",
        "[전화번호 2]": "010-0123-9999",
        "[이메일]": "a@example.com",
    }


def test_a_placeholder_that_was_typed_is_no_values_name() -> None:
    typed = "[전화번호]는 010-0123-4567이고 [전화번호 3]도 010-0123-9999예요"
    masked = mask(typed)
    assert masked.text == "[전화번호]는 [전화번호 2]이고 [전화번호 3]도 [전화번호 4]예요"
    assert restore(masked.text, masked.values) == typed


def test_a_text_without_personal_data_is_itself() -> None:
    assert mask("반품은 어떻게 하나요?") == Masked("반품은 어떻게 하나요?", {})
    assert mask("") == Masked("", {})


def test_a_tools_arguments_get_what_was_typed() -> None:
    values = mask("주문번호 2026112212345678 취소하고 010-0123-4567로 연락 주세요").values
    assert restore('{"order_no": "[주문번호]"}', values) == '{"order_no": "2026112212345678"}'
    assert restore("[주문번호] [전화번호] [전화번호 2] [계좌번호]", values) == (
        "2026112212345678 010-0123-4567 [전화번호 2] [계좌번호]"
    )


def test_a_value_that_looks_like_a_placeholder_is_not_restored_again() -> None:
    assert restore("[전화번호] [이메일]", {"[전화번호]": "[이메일]", "[이메일]": "x"}) == "[이메일] x"


@given(TEXTS)
@example("[전화번호 2]010-0123-4567[전화번호]")
@example("010-0123-4567-010-0123-4567-01")
@example("주문번호 12345678901, 010-0123-4567, 12345678902")
def test_what_is_masked_can_be_restored_and_holds_nothing_more_to_mask(text: str) -> None:
    masked = mask(text)
    assert restore(masked.text, masked.values) == text
    assert mask(masked.text) == Masked(masked.text, {})
    assert not any(value in KINDS or not value for value in masked.values.values())


@given(st.text())
def test_any_text_is_masked(text: str) -> None:
    masked = mask(text)
    assert restore(masked.text, masked.values) == text


@given(TEXTS)
@example("주문번호 1234567, orderid-12345678")
def test_spans_are_in_order_and_apart(text: str) -> None:
    spans = find(text)
    assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


# --- kind by kind, where the list has no room for both sides of a rule


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("8503121970861", ["주민등록번호"]),
        ("8503121970862", ["주민등록번호"]),  # since October 2020 they have no check digit
        ("상품번호 8503121970862", []),
        ("8513121970861", []),  # no thirteenth month
        ("850312-9970861", []),  # nobody of the 19th century
        ("991231-3970861", []),  # nor of the years to come
        ("8801122345671", []),  # a barcode that begins like a birthday
        ("주민번호 8801122345671", ["주민등록번호"]),
        ("108-00-44786", ["사업자등록번호"]),
        ("108-00-44787", []),
        ("사업자번호 108-00-44787", ["사업자등록번호"]),  # mistyped
        ("1080044786원", []),
        ("4111453331478932", ["카드번호"]),
        ("4111453331478933", []),
        ("카드번호 4111-4533-3147-8933", ["카드번호"]),
        ("상품권 번호 4111-4533-3147-8932", []),
        ("1111453331478938", []),  # no card begins so
        ("010-0123-4567", ["전화번호"]),
        ("127.01001234567", []),
        ("전화번호 345-6789", ["전화번호"]),
        ("345-6789", []),
        ("전화번호 1588-1234", []),
        ("02-1588-1234", []),
        ("02-2588-1234", ["전화번호"]),
        ("82-2-2588-1234", ["전화번호"]),
        ("8222588-1234", []),
        ("1234-8210-1234-5678", []),
        ("a@example.com", ["이메일"]),
        ("a@example.png", []),
        ("a@example", []),
        ("2026112212345678", ["주문번호"]),
        ("2026132212345678", []),
        ("20261122-0001", ["주문번호"]),
        ("20261322-0001", []),
        ("20261122-20261130", []),
        ("20261122-143055", []),
        ("20261122-1430 부터", []),
        ("20261122-0001.xlsx", []),
        ("접수번호 20261122-0001", []),
        ("ORD-20261122-0045", ["주문번호"]),
        ("2611221430551234", ["주문번호"]),
        ("2613221430551234", []),
        ("20261122143055", []),
        ("22000123456789 배송", ["주문번호"]),
        ("22000123456789 상품 배송", []),
        ("8801123456789 배송", []),
        ("주문 10023456789 언제 와요", ["주문번호"]),
        ("주문건: 10023456789", ["주문번호"]),
        ("주문 1002345678원 취소", []),
        ("주문 20261122143055 에 했어요", []),
        ("주문 8801123456789 재고", []),
        ("주문 상품번호 10023456789", []),
        ("오더번호 48213", ["주문번호"]),
        ("주문번호 48213", ["주문번호"]),
        ("주문번호 48213개", []),
        ("주문번호 B0CY00A7XY", ["주문번호"]),
        ("주문번호 20261122", []),
        ("주문번호 20261399", ["주문번호"]),
        ("20261399", []),
        ("110-234-567890", ["계좌번호"]),
        ("부품번호 110-234-567890", []),
        ("12345678901", []),
        ("국민 12345678901", ["계좌번호"]),
        ("12345678901 국민은행", ["계좌번호"]),
        ("국민은행 상품번호 12345678901", []),
        ("12345678901원 입금", []),
        ("M12345678", []),
        ("여권 M12345678", ["여권번호"]),
    ],
)
def test_a_number_is_told_by_its_checksum_its_form_and_the_words_beside_it(text: str, kinds: list[str]) -> None:
    assert kinds_of(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "일이 많아서 이사 오면 구일쯤 받을게요",
        "공일공 번호가 아니어도 되나요",
        "1일 2일 3일 4일 5일 6일 7일 8일",
        "일 이 삼 사 오 육 칠 팔 구 십",
    ],
)
def test_syllables_that_could_be_digits_are_words(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("공일공, 일이삼사, 오육칠팔", "[전화번호]"),
        ("공일공하고 일이삼사하고 오육칠팔이요", "[전화번호]이요"),
        ("구공공일일오 다시 일이삼사오육칠", "[주민등록번호]"),
        ("0l0-1234-5678로요", "[전화번호]로요"),
        ("일, 이, 삼, 사, 오, 육, 칠, 팔 순서로", "일, 이, 삼, 사, 오, 육, 칠, 팔 순서로"),
    ],
)
def test_a_number_is_masked_however_its_parts_are_joined_when_it_is_dictated(said: str, told: str) -> None:
    assert mask(said).text == told


def test_a_particle_after_a_dictated_number_is_no_digit_of_it() -> None:
    assert mask("공일공 일이삼사 오육칠팔이에요").text == "[전화번호]이에요"
    assert mask("공일공 일이삼사 오육칠이이에요").text == "[전화번호]이에요"


def test_what_is_in_a_web_address_stays_unless_it_is_surely_personal() -> None:
    assert kinds_of("https://shop.example/products/1080044786?card=4111453331478932") == []
    assert kinds_of("https://shop.example/orders/2026112212345678?tel=01001234567&mail=a@example.com") == [
        "주문번호",
        "전화번호",
        "이메일",
    ]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("주민번호 앞자리 900101 뒷자리 1234567", "주민번호 앞자리 [주민등록번호]"),
        ("앞자리는 900101이고 뒷자리는 1234567이에요", "앞자리는 [주민등록번호]이에요"),
        ("앞: 900101\n뒤: 1234567", "앞: [주민등록번호]"),
        ("앞자리 901301 뒷자리 1234567", "앞자리 901301 뒷자리 1234567"),  # no thirteenth month
        ("상품 900101 뒷면 사진 12345", "상품 900101 뒷면 사진 12345"),
        ("٠١٠-١٢٣٤-٥٦٧٨", "[전화번호]"),
        ("۰۱۰۱۲۳۴۵۶۷۸로", "[전화번호]로"),
        ("०१०-१२३४-५६७८", "[전화번호]"),
        ("foo@한국.kr로 보내 주세요", "[이메일]로 보내 주세요"),
        ("foo@mail.쇼핑몰.한국으로", "[이메일]으로"),
        ("foo@naver.com입니다.ok", "[이메일]입니다.ok"),
        ("사진은 a@사진.png", "사진은 a@사진.png"),
        ("주문번호 ORD-20261122-AB12 취소", "주문번호 [주문번호] 취소"),
        ("주문번호: ord_20261122_ab12예요", "주문번호: [주문번호]예요"),
        ("주문번호는 KR-ORD-2026112200이에요", "주문번호는 [주문번호]이에요"),
        ("ORD-20261122-AB12", "ORD-20261122-AB12"),
    ],
)
def test_what_is_written_in_other_ways_is_masked_whole(text: str, masked: str) -> None:
    assert mask(text).text == masked
    assert restore(masked, mask(text).values) == text


@pytest.mark.parametrize(
    "text", ["010-1234\n5678", "010-1234-\r\n5678", "900101-\n1234567", "900101\n- 1234567", "4111-4533-\n3147-8932"]
)
def test_a_number_goes_on_after_one_line_break(text: str) -> None:
    assert len(mask(f"제 번호 {text} 입니다").values) == 1
    assert "[" in mask(text).text and not any(map(str.isdigit, mask(text).text))


@pytest.mark.parametrize("text", ["수량 4111\n4533\n3147\n8932", "010\n1234\n5678", "010-1234\n\n5678"])
def test_a_number_does_not_go_on_in_a_list_or_the_next_paragraph(text: str) -> None:
    assert kinds_of(text) == []


# --- speed


def milliseconds(text: str) -> float:
    """Of the processor, the best of five: other work on the machine only adds."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        mask(text)
        times.append(time.process_time() - begun)
    return min(times) * 1000


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "0-1-",
        "010-0123-4567 ",
        "4111 ",
        "a@",
        "a.",
        "+1",
        "송장 1",
        "공일",
        "일 ",
        "계좌 1234567890 ",
        "a1-",
        "[전화번호]",
        "900101 뒤 ",
        "010-1\n",
        "a@a.가",
    ],
)
def test_no_text_takes_more_than_linear_time(piece: str) -> None:
    assert milliseconds(piece * (20_000 // len(piece))) < 400  # 2 to 60 ms; a quadratic pattern takes seconds


def test_a_chats_message_takes_a_fraction_of_a_millisecond() -> None:
    assert milliseconds("주문번호 2026112212345678 상품이 안 왔어요. 010-0123-4567로 연락 주세요") < 1  # 0.1 ms
