"""Account numbers, which have no checksum: by the form of a large bank's, or by the words beside them."""

import re
from collections.abc import Iterator

from shared.lazy_patterns import lazy
from shared.personal.checks import is_timestamp
from shared.personal.context import ENDS, STARTS, Place, detector, digits, is_amount, is_called_otherwise

_WORDS = (
    "은행|뱅크|계좌|통장|예금주|국민|신한|농협|기업|카카오|카뱅|토스|토뱅|케뱅|새마을|우체국|수협|신협|제일|씨티|kb|nh|ibk|keb"
    "|입금|송금|이체"
)
_ALSO_OTHER_WORDS = "우리|하나|환불"  # they say something else as often
_REST = r"(?:[0-9]{1,7}(?: ?- ?[0-9]{1,8}){1,4}|[0-9]{2,5}(?:[ ./][0-9]{2,7}){2,3}|[0-9]{9,15})"  # less the first digit
_NUMBER = f"[0-9]{STARTS}{_REST}{ENDS}"
_TO_NUMBER = lazy(
    rf"({_WORDS}|{_ALSO_OTHER_WORDS})(?:(?<!우리)(?<!하나)(?<!환불)[^0-9.?!\n]{{0,14}}|[ :]{{0,3}})(?=[0-9])"
)
_AT_NUMBER = lazy(_NUMBER, re.ASCII)
# How the large banks write theirs, by the lengths of its parts
_FORMS = (
    (3, 3, 6), (6, 2, 6), (4, 3, 6), (3, 4, 4, 2), (3, 6, 5), (3, 6, 2, 3), (4, 2, 7), (4, 4, 4, 1), (4, 2, 6, 1),
    (3, 2, 6, 1), (3, 2, 6), (3, 2, 4, 3), (3, 6, 3),
)  # fmt: skip
_LIKE_A_BANKS = "|".join(
    " ?- ?".join(f"[0-9]{{{length}}}" for length in (first - 1, *others))  # less the digit that comes before
    for first, *others in _FORMS
)
_TOSS = "(?<=1)00[0-9]-[0-9]{4}-[0-9]{4}"


def _is_account(match: re.Match[str], since: int = 0) -> bool:
    number = digits(match)
    if not 10 <= len(number) <= 16 or is_timestamp(number):
        return False
    return not (is_amount(match) or is_called_otherwise(match, since))


def _after_words(text: str) -> Iterator[Place]:
    for words in _TO_NUMBER.finditer(text):
        if (match := _AT_NUMBER.match(text, words.end())) and _is_account(match, words.end(1)):
            yield match.span()


ACCOUNTS = (
    _after_words,
    detector(rf"[0-9]{STARTS}(?:{_LIKE_A_BANKS}|{_TOSS}){ENDS}", _is_account),
    detector(
        rf"{_NUMBER}(?=[ )(,/]{{0,3}}(?:(?:으로|로|은|는|이|가|요) ?)?(?:{_WORDS}|{_ALSO_OTHER_WORDS}))", _is_account
    ),
)
