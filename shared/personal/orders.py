"""Order and parcel numbers, which every shop and carrier writes in its own way: what is called one is one."""

import re
from collections.abc import Iterator

from shared.personal.checks import is_date
from shared.personal.context import Place, detector

_NAME = r"(?:주문 ?(?:번호|no\.?|#)|송장(?: ?번호)?|배송 ?번호|구매 ?번호|등기 ?번호|order ?(?:no\.?|number|id|#))"
_NUMBER = (
    r"((?:[0-9]{3,4} [0-9]{3,4} [0-9]{3,4}(?: [0-9]{3,4})?(?![0-9a-z]))"
    r"|(?:[a-z]{1,8}[-_]){0,2}[a-z]{0,8}[0-9][a-z0-9]*+(?:[-_][a-z0-9]++)*+)"
)
_IS_NAMED = re.compile(_NAME)
# Compiled when a text with numbers is searched
_NAMED = rf"{_NAME}([^0-9.!\n]{{0,16}}?)(?<![a-z0-9]){_NUMBER}"
_NEXT = rf" ?(?:[,/&]|와|과|이랑|랑|하고|및|그리고) ?{_NUMBER}"
_TO_NAME = r"[ (]{0,2}(?:(?:이|가|은|는|라는|이라는) ?)?(?:제 |내 )?(?:상품 ?|운)?"
_BEFORE_ITS_NAME = rf"(?<![a-z0-9])(?<![a-z0-9][-_.,]){_NUMBER}(?={_TO_NAME}{_NAME})"
_NOTHING_BETWEEN = re.compile(r"(?:이고|이|가|은|는|요|[ :=#(\"'?])*")
_ANOTHER_NAME = re.compile("카드|계좌|통장|은행|사업자|전화|연락처")
_UNIT = re.compile(" ?원|개")
_FEWEST_DIGITS = 7
_FEWEST_DIGITS_FURTHER_ON = 9  # where more than a particle stands between the name and the number

# A day and seven or eight digits, as the large marketplaces write theirs
DATED_ORDER = detector(
    r"20[12](?<![0-9a-z]...)(?<![0-9][-.]...)[0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])-?[0-9]{7,8}(?![0-9])"
)


def named_orders(text: str) -> Iterator[Place]:
    """Where numbers stand after the name of such a number, and those that are listed after them."""
    named, listed, end = re.compile(_NAMED, re.ASCII), re.compile(_NEXT, re.ASCII), 0
    while match := named.search(text, end):
        end = match.end()
        fewest = _FEWEST_DIGITS if _NOTHING_BETWEEN.fullmatch(match[1]) else _FEWEST_DIGITS_FURTHER_ON
        if _ANOTHER_NAME.search(match[1]) or not _may_be_one(match, 2, fewest):
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


def _may_be_one(match: re.Match[str], group: int, fewest: int) -> bool:
    digits = "".join(filter(str.isdigit, match[group]))
    is_day = len(digits) == 8 and not match[group][0].isalpha() and is_date(digits)
    return len(digits) >= fewest and not is_day and not _UNIT.match(match.string, match.end(group))
