"""Numbers of residents, businesses, cards, licences and passports: by their checksums where they have one."""

import re

from shared.personal.checks import is_barcode, is_birth_date, is_business, is_card, is_resident
from shared.personal.context import ENDS, JOIN, STARTS, after, detector, digits, is_amount, is_called_otherwise

_BARCODES = ("880", "45", "49", "69")  # of what is sold here; few who were born in such a year type 13 bare digits

_said_resident = after(r"(?:주민|외국인 ?등록|신분증)[^0-9\n]{0,12}")
_said_business = after(r"(?:사업자|법인)[^0-9\n]{0,12}")
_ANOTHER_NAME = "(?:계좌|통장|은행|뱅크|주문|송장|배송)(?: ?번호)?"
_said_otherwise = after(rf"{_ANOTHER_NAME}(?:은|는|이|가|[ :=#(])*")
_otherwise_follows = re.compile(rf"[ (]{{0,2}}(?:이|가|은|는|라는|로)? ?{_ANOTHER_NAME}")
_said_card = after(r"카드(?<!기프트카드)(?<!포인트카드)[^0-9\n]{0,8}")


def _is_resident(match: re.Match[str]) -> bool:
    """By its form when it is written in two parts; bare digits that are a barcode's, too, need more."""
    number = digits(match)
    if not is_birth_date(number):
        return False
    if not match[0].isdigit() or _said_resident(match):
        return True
    if _said_otherwise(match) or _otherwise_follows.match(match.string, match.end()):
        return False
    if is_barcode(number):
        return is_resident(number) and not number.startswith(_BARCODES)
    return is_resident(number) or not (is_amount(match) or is_called_otherwise(match))


def _is_resident_in_words(match: re.Match[str]) -> bool:
    return is_birth_date("".join(filter(str.isdigit, match[0])))


def _is_business(match: re.Match[str]) -> bool:
    bare = match[0].isdigit()
    if is_business(digits(match)) and not (bare and (is_amount(match) or is_called_otherwise(match))):
        return True
    return _said_business(match)  # a mistyped one


def _is_card(match: re.Match[str]) -> bool:
    number = digits(match)
    if is_card(number):
        return not ((match[0].isdigit() and is_amount(match)) or is_called_otherwise(match))
    return len(number) == 16 and _said_card(match) and not is_called_otherwise(match)  # a mistyped one


RESIDENT = detector(
    rf"[0-9](?<![0-9].)(?<![0-9][-.,].)[0-9] ?[0-9]{{2}} ?[0-9]{{2}}{JOIN}?[1-8] ?[0-9]{{6}}{ENDS}", _is_resident
)
# "앞자리 900101 뒷자리 1234567"; what stands between is masked, too
RESIDENT_IN_WORDS = detector(
    rf"[0-9](?<![0-9].)(?<![0-9][-.,].)[0-9]{{5}}(?![0-9])[^0-9\n]{{0,12}}?\n?[^0-9\n]{{0,8}}?(?:뒷|뒤)"
    rf"[^0-9\n]{{0,12}}[1-8][0-9]{{6}}{ENDS}",
    _is_resident_in_words,
)
BUSINESS = detector(rf"[1-9]{STARTS}[0-9]{{2}}(?:{JOIN}[0-9]{{2}}{JOIN}[0-9]{{5}}|[0-9]{{7}}){ENDS}", _is_business)
CARD = detector(
    rf"[2-69]{STARTS}[0-9]{{3}}(?:{JOIN}(?:[0-9]{{4}}{JOIN}[0-9]{{4}}{JOIN}[0-9]{{4}}(?:{JOIN}[0-9]{{3}})?"
    rf"|[0-9]{{6}}{JOIN}[0-9]{{4,5}})|[0-9]{{10,15}}){ENDS}",
    _is_card,
)
LICENCE = detector(rf"[12]{STARTS}(?:(?<=1)[1-9]|(?<=2)[0-8])[- ][0-9]{{2}}[- ][0-9]{{6}}[- ][0-9]{{2}}{ENDS}")
PASSPORT = detector(r"[a-z](?<![a-z0-9].)(?:[0-9]{8}|[0-9]{3}[a-z][0-9]{4})(?![a-z0-9])", after(r"여권[^0-9\n]{0,10}"))
