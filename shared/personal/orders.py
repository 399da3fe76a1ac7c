"""Order and parcel numbers, which every shop and carrier writes in its own way: what is called one is one."""

import re
from collections.abc import Iterator

from shared.lazy_patterns import lazy
from shared.personal.checks import is_barcode, is_date, is_timestamp
from shared.personal.context import ENDS, STARTS, Place, after, detector, is_amount, is_called_otherwise

_NAME = (
    r"(?:(?:주문|오더) ?(?:번호|no\.?|#)|송장(?: ?번호)?|배송 ?번호|구매 ?번호|등기 ?번호|order ?(?:no\.?|number|id|#))"
)
_NUMBER = (
    r"((?:[0-9]{3,4} [0-9]{3,4} [0-9]{3,4}(?: [0-9]{3,4})?(?![0-9a-z]))"
    r"|(?:[a-z]{1,8}[-_]){0,2}[a-z]{0,8}[0-9][a-z0-9]*+(?:[-_][a-z0-9]++)*+)"
)
_IS_NAMED = lazy(_NAME)
# Compiled when a text with numbers is searched
_NAMED = rf"{_NAME}([^0-9.!\n]{{0,16}}?)(?<![a-z0-9]){_NUMBER}"
_NEXT = rf" ?(?:[,/&]|와|과|이랑|랑|하고|및|그리고) ?{_NUMBER}"
_TO_NAME = r"[ (]{0,2}(?:(?:이|가|은|는|라는|이라는) ?)?(?:제 |내 )?(?:상품 ?|운)?"
_BEFORE_ITS_NAME = rf"(?<![a-z0-9])(?<![a-z0-9][-_.,]){_NUMBER}(?={_TO_NAME}{_NAME})"
_NOTHING_BETWEEN = lazy(r"(?:이고|이|가|은|는|요|[ :=#(\"'?])*")
_ANOTHER_NAME = lazy("카드|계좌|통장|은행|사업자|전화|연락처")
_UNIT = lazy(" ?원|개")
_IS_ORDER = lazy("주문|오더|구매|order")
_COUNTS = lazy(" ?(?:자리|글자|년|월|일|시|분|원|개|건|명|번대)|[-.,/:~][0-9]")
_FEWEST_DIGITS = 7
_FEWEST_OF_ALL = 4  # right after "주문번호"
_FEWEST_LETTERS = 8  # of one with letters and so few digits
_FEWEST_DIGITS_FURTHER_ON = 9  # where more than a particle stands between the name and the number

_DAY = r"20[12][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_NO_FILE = r"(?!\.[a-z]{2,4}(?![a-z]))"  # IMG_20261122_0001.jpg
_COUNTED = r"[-_][0-9]{3,8}(?:-[0-9]{1,3})?"  # of a day's orders, and of one order's goods
_ENDS = rf"(?![0-9a-z])(?![-_][0-9a-z]){_NO_FILE}"
_FROM_OR_TO = lazy(" ?(?:부터|까지|~|에 )")
_PAID_FOR = r" ?(?:번 ?)?(?:주문|구매)"
_DEALT_WITH = r" ?(?:번 ?|건 ?)?(?:배송|환불|교환|반품|취소|출고|송장|택배)"


def _is_dated(match: re.Match[str]) -> bool:
    """By what follows the day: neither another day nor a time of day, as ranges, logs and files have them."""
    if is_amount(match) or is_called_otherwise(match):
        return False
    day, _, rest = match[0].lstrip("abcdefghijklmnopqrstuvwxyz-_").replace("_", "-").partition("-")
    if not is_date(day) or (len(rest) == 8 and rest.isdigit() and is_date(rest)):
        return False
    if len(rest) == 4 and is_timestamp(f"{day}{rest}00") and _FROM_OR_TO.match(match.string, match.end()):
        return False
    return len(rest) != 6 or rest.startswith("00") or not is_timestamp(day + rest)


def _is_long(match: re.Match[str]) -> bool:
    return not (is_timestamp(match[0]) or is_amount(match) or is_called_otherwise(match))


def _is_of_a_moment(match: re.Match[str]) -> bool:
    return is_timestamp(f"20{match[0][:12]}") and not is_amount(match) and not is_called_otherwise(match)


def _is_dealt_with(match: re.Match[str]) -> bool:
    """Bare digits that somebody wants delivered or paid back, and that are no goods' and no moment's."""
    number = match[0]
    return _is_long(match) and not (len(number) == 13 and is_barcode(number))


_is_paid_for = after("(?:주문|오더|구매) ?(?:건 ?)?[:#(]? ?")

DATED_ORDERS = (
    # A day and seven or eight digits, as the large marketplaces write theirs
    detector(rf"20(?<![0-9a-z]..)(?<![0-9][-.]..){_DAY[2:]}[0-9]{{7,8}}(?![0-9])"),
    # as shops write theirs: 20261122-0001, ORD-20261122-0045, 20261122143055-12345678901
    detector(
        rf"20(?<![0-9a-z_]..)(?<![0-9a-z][-.]..){_DAY[2:]}(?:{_COUNTED}|[0-9]{{6}}-[0-9]{{5,11}}){_ENDS}", _is_dated
    ),
    detector(rf"(?<![0-9a-z])(?<![0-9a-z][-_.])[a-z]{{1,5}}[-_]?{_DAY}{_COUNTED}{_ENDS}", _is_dated),
    detector(rf"20(?<![0-9a-z]..)(?<![0-9][-.]..){_DAY[2:]}(?:[0-9]{{5,6}}|[0-9]{{9,10}}){_ENDS}", _is_long),
    detector(rf"20(?<![0-9a-z]..)(?<![0-9][-.]..){_DAY[2:]}(?=[0-9]{{0,5}}[a-f])[0-9a-f]{{6}}{_ENDS}", _is_long),
)
# A moment and four digits: 2611221430551234
ORDER_OF_A_MOMENT = detector(rf"[1-3]{STARTS}[0-9]{{15}}{ENDS}", _is_of_a_moment)
ORDERS_DEALT_WITH = (
    detector(rf"[1-9]{STARTS}[0-9]{{9,15}}{ENDS}(?={_PAID_FOR})", _is_dealt_with),
    detector(rf"[1-9]{STARTS}[0-9]{{11,15}}{ENDS}(?={_DEALT_WITH})", _is_dealt_with),
    # "주문 10023456789 언제 와요"
    detector(rf"[1-9]{STARTS}[0-9]{{9,15}}{ENDS}", lambda match: _is_paid_for(match) and _is_dealt_with(match)),
)


def named_orders(text: str) -> Iterator[Place]:
    """Where numbers stand after the name of such a number, and those that are listed after them."""
    named, listed, end = lazy(_NAMED, re.ASCII), re.compile(_NEXT, re.ASCII), 0
    while match := named.search(text, end):
        end = match.end()
        at_once = _NOTHING_BETWEEN.fullmatch(match[1]) is not None
        fewest = _FEWEST_DIGITS if at_once else _FEWEST_DIGITS_FURTHER_ON
        if _ANOTHER_NAME.search(match[1]):
            continue
        if not _may_be_one(match, 2, fewest) and not (
            at_once and _IS_ORDER.match(match[0]) and _is_short_one(match, 2)
        ):
            continue
        yield match.span(2)
        while (following := listed.match(text, end)) and _may_be_one(following, 1, _FEWEST_DIGITS):
            yield following.span(1)
            end = following.end()


def orders_before_their_name(text: str) -> Iterator[Place]:
    """Where numbers stand that are called so afterwards: "12345678901이 주문번호예요"."""
    if not _IS_NAMED.search(text):
        return
    for match in re.finditer(_BEFORE_ITS_NAME, text, re.ASCII):
        if _may_be_one(match, 1, _FEWEST_DIGITS_FURTHER_ON):
            yield match.span(1)


def _is_short_one(match: re.Match[str], group: int) -> bool:
    """A small shop's 48213, a delivery's B0CY00A7XY: nothing that counts, no year."""
    number = match[group]
    if not number.isdigit():
        return number.isalnum() and len(number) >= _FEWEST_LETTERS and sum(map(str.isdigit, number)) >= _FEWEST_OF_ALL
    return _FEWEST_OF_ALL <= len(number) < _FEWEST_DIGITS and not _COUNTS.match(match.string, match.end(group))


def _may_be_one(match: re.Match[str], group: int, fewest: int) -> bool:
    digits = "".join(filter(str.isdigit, match[group]))
    is_day = len(digits) == 8 and not match[group][0].isalpha() and is_date(digits)
    return len(digits) >= fewest and not is_day and not _UNIT.match(match.string, match.end(group))
