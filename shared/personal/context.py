"""How a pattern becomes a detector, and what the words beside a number say of it."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
Detector: TypeAlias = Callable[[str], Iterator[Place]]

# Where a number begins that is no part of another one or of a code. They follow its first digit: a pattern that begins
# with a character is searched for ten times as fast as one that begins by looking back
STARTS = r"(?<![0-9a-z].)(?<![0-9][-.,].)"
ENDS = r"(?![0-9a-z])(?![-.][0-9])"
JOIN = r"(?: ?(?:[-./_]|--) ?| {1,2})"  # two of a 다시

_NEAR = 24  # characters that are looked back over
_NAMED_BY = (
    "상품 제품 품목 모델 부품 관리 인증 쿠폰 상품권 기프트카드 일련 제조 특허 출원 신고 고시 오류 에러 로그 핀 관세"
    " 고객 회원 접수 예약 승인 거래 문의 공고 문서 내선"
)
_OTHER_NUMBER = (  # what a number is called that is nobody's
    f"(?:{'|'.join(rf'{word} ?(?:번호|코드|넘버|핀|pin|id|no[.]?)' for word in _NAMED_BY.split())}"
    r"|바코드|품번|가격|금액|합계|총액|매출액|시리얼|상품권|sku|s/n|lot|imei|gtin|isbn|timestamp|타임스탬프)[^0-9\n]{0,6}$"
)
_UNIT = re.compile(r" ?(?:원|달러|엔)|개|명|회|점|g|kg|ml|바이트|byte|만원|억|포인트|배|mm|cm|%")
_SEPARATORS = str.maketrans("", "", " .-/_()")


def detector(pattern: str, accept: Callable[[re.Match[str]], object] = lambda match: True) -> Detector:
    """What finds the numbers that a pattern matches and `accept` takes.

    It is compiled when a text is searched for it: most have no number, and a function is to start soon.
    """

    def places(text: str) -> Iterator[Place]:
        compiled, at = re.compile(pattern, re.ASCII), 0  # which is kept: `re` has room for 512
        while match := compiled.search(text, at):
            if accept(match):
                yield match.span()
                at = match.end()
            else:
                at = match.start() + 1  # a number may begin inside what was none

    return places


def after(words: str) -> Callable[[re.Match[str]], bool]:
    """Whether words, a pattern, stand before a match."""
    return lambda match: re.search(f"(?:{words})$", before(match)) is not None


def before(match: re.Match[str]) -> str:
    """The text just before a match."""
    return match.string[max(0, match.start() - _NEAR) : match.start()]


def digits(match: re.Match[str]) -> str:
    """A match without what joins its digits."""
    return match[0].translate(_SEPARATORS)


def is_amount(match: re.Match[str]) -> bool:
    """Whether a unit follows."""
    return _UNIT.match(match.string, match.end()) is not None


def is_called_otherwise(match: re.Match[str], since: int = 0) -> bool:
    """Whether it is said, after `since`, to be a product's number, a code, a sum or the like."""
    return re.search(_OTHER_NUMBER, match.string[max(since, match.start() - _NEAR) : match.start()]) is not None
