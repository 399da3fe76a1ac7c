"""The kinds of personal data, and in which order they are looked for."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from shared.personal.accounts import ACCOUNTS
from shared.personal.context import Detector, Place
from shared.personal.documents import BUSINESS, CARD, LICENCE, PASSPORT, RESIDENT, RESIDENT_IN_WORDS
from shared.personal.emails import emails
from shared.personal.orders import (
    DATED_ORDERS,
    ORDER_OF_A_MOMENT,
    ORDERS_DEALT_WITH,
    named_orders,
    orders_before_their_name,
)
from shared.personal.phones import MOBILE, OTHERS
from shared.personal.reading import BARRIER, joined, reading, without

Span: TypeAlias = tuple[int, int, str]  # start, end, kind

# Without any of these there is nothing to find
_ANYTHING = re.compile(r"[0-9](?:[^0-9\n]{0,4}[0-9]){4}|(?:주문|구매) ?번호[^\n]{0,8}[0-9a-z]|@|골뱅이|[(\[]at[)\]]")
_URL = re.compile(r"(?:https?://|www\.)[!-~]+")
_LONGER_THAN_ANY = re.compile(r"[0-9]{20,}")

# What is found first is hidden from the rest
_IN_URLS_TOO: tuple[tuple[str, Detector], ...] = (
    ("이메일", emails),
    ("주민등록번호", RESIDENT),
    ("주민등록번호", RESIDENT_IN_WORDS),
    *(("전화번호", phones) for phones in MOBILE),
    *(("주문번호", orders) for orders in DATED_ORDERS),
)
_OUTSIDE_URLS: tuple[tuple[str, Detector], ...] = (
    *(("전화번호", phones) for phones in OTHERS),
    ("주문번호", named_orders),
    ("주문번호", ORDER_OF_A_MOMENT),
    ("카드번호", CARD),
    ("사업자등록번호", BUSINESS),
    ("운전면허번호", LICENCE),
    ("여권번호", PASSPORT),
    *(("계좌번호", accounts) for accounts in ACCOUNTS),
    ("주문번호", orders_before_their_name),
    *(("주문번호", orders) for orders in ORDERS_DEALT_WITH),
)
# Whose form is so much their own that half of one in the next line is told from a list
_ACROSS_LINES: tuple[tuple[str, Detector], ...] = (
    ("주민등록번호", RESIDENT),
    *(("전화번호", phones) for phones in MOBILE),
    ("카드번호", CARD),
)
KINDS = tuple(dict.fromkeys(kind for kind, _ in _IN_URLS_TOO + _OUTSIDE_URLS))


def find(text: str, hidden: Sequence[Place] = ()) -> list[Span]:
    """Where personal data stands in a text, from first to last, without overlaps.

    Parameters
    ----------
    hidden
        Parts of the text that are not looked at, in order, such as placeholders.
    """
    read = reading(text, hidden)
    if not _ANYTHING.search(read.text):
        return []
    found: list[Span] = []
    rest = _LONGER_THAN_ANY.sub(_hide, read.text)
    rest = _find(rest, _IN_URLS_TOO, found)
    rest = _find(_URL.sub(_hide, rest), _OUTSIDE_URLS, found)
    if (whole := joined(rest)) != rest:
        across: list[Span] = []
        _find(whole, _ACROSS_LINES, across)
        found += [span for span in across if rest.count(BARRIER, span[0], span[1]) == 1]
    return [(read.places[start], read.places[end], kind) for start, end, kind in sorted(found)]


def _hide(part: re.Match[str]) -> str:
    return BARRIER * len(part[0])


def _find(text: str, detectors: Sequence[tuple[str, Detector]], found: list[Span]) -> str:
    """Adds what the detectors find; the text without it."""
    for kind, places in detectors:
        if taken := list(places(text)):
            found.extend((start, end, kind) for start, end in taken)
            text = without(text, taken)
    return text
