"""The figures of a Korean text, in whatever writing: 3일 is 사흘, 오후 3시 is 15:00. Pure functions."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.answering.figure_kinds import FIGURE, READERS, TILDE, WEEKEND, WORKDAYS, Fact, counted, on_day, quantity
from shared.answering.numerals import ARABIC, value
from shared.lazy_patterns import lazy

_WORKING = lazy(
    rf"(?:영업일|근무일)(?:\s?기준)?(?:으?로)?\s?(?:약\s?|최대\s?)?({ARABIC}(?:\s?{TILDE}\s?{ARABIC})?)\s?일"
)
_WORKING_AFTER = lazy(rf"({ARABIC})\s?일(?=[^.\n\d]{{0,8}}\((?:영업일|근무일)(?:\s기준)?\))")
_BETWEEN = lazy(rf"\s?(?:{TILDE}|[×xX*]|에서|부터|,|·|와|과|또는)\s?\Z")
_BETWEEN_BARE = lazy(rf"\s?(?:{TILDE}|[×xX*·])\s?\Z")
_SCALE = lazy("[천만억]+$")
_FAR = 4  # characters between two figures that can't be one range or sum


@dataclass(frozen=True)
class Figure:
    """One figure as it is written, and what it says.

    Attributes
    ----------
    wants
        What a source must hold for it: of each set one.
    gives
        What a source that holds it says.
    """

    text: str
    start: int
    end: int
    wants: tuple[frozenset[Fact], ...]
    gives: frozenset[Fact]


def read(text: str) -> list[Figure]:
    """The figures of a text, in their order: amounts, dates, times, spans, days, numbers to call, addresses.

    >>> [(one.text, sorted(one.gives)[0]) for one in read("사흘 안에 1만 5천 원을 내세요")]
    [('사흘', ('day', 3.0)), ('1만 5천 원', ('number', 15000.0))]
    """
    text = plain(text)
    found: list[Figure] = []
    for match in FIGURE.finditer(text):
        wants, gives = READERS[str(match.lastgroup)](match)
        _join(found, Figure(match[0].strip(), match.start(), match.end(), wants, gives), text)
    return found


def known(figures: Iterable[Figure]) -> set[Fact]:
    """All that these figures say, taken together."""
    facts = {fact for one in figures for fact in one.gives}
    for days, together in (((0, 1, 2, 3, 4), WORKDAYS), ((5, 6), WEEKEND)):
        if all(("weekday", day) in facts for day in days):
            facts.add(together)
    return facts


def holds(facts: set[Fact], figure: Figure) -> bool:
    """Whether what is known says this figure, too."""
    return all(not alternatives.isdisjoint(facts) for alternatives in figure.wants)


def plain(text: str) -> str:
    """`text` in compatibility form, with each way to say "working days" made one."""
    text = unicodedata.normalize("NFKC", text)
    return _WORKING_AFTER.sub(r"\1영업일", _WORKING.sub(r"\1영업일", text)) if "일" in text else text


def _join(found: list[Figure], figure: Figure, text: str) -> None:
    """Append a figure, read together with the one before it: 3~5일, 1월 5일~7일, 2시간 30분, 2년 6개월."""
    if found and figure.start - found[-1].end <= _FAR:
        before = found[-1]
        gap = text[before.end : figure.start]
        if _BETWEEN_BARE.fullmatch(gap):
            _lend_unit(found, figure)
        if _BETWEEN.fullmatch(gap):
            figure = _lend_month(before, figure)
        if gap.strip() == "" and "\n" not in gap and (joined := _sum(before, figure, text)):
            found[-1] = joined
            return
    found.append(figure)


def _lend_unit(found: list[Figure], figure: Figure) -> None:
    """The 3 of 3~5일 counts days, too, and that of 3~5만 원 tens of thousands."""
    before, match = found[-1], FIGURE.fullmatch(figure.text)
    number = next((float(fact[1]) for fact in before.gives if fact[0] == "bare"), None)
    if number is None or match is None:
        return
    if match.lastgroup == "whole_month":
        wants, gives = quantity("month", number)
    elif match.lastgroup == "number" and (unit := match["unit"] or match["latin"]):
        scale = None if _SCALE.search(before.text) else _SCALE.search(match["amount"])
        wants, gives = counted(number * (value(scale[0]) if scale else 1), unit)
    else:
        return
    found[-1] = replace(before, wants=wants, gives=gives)


def _lend_month(before: Figure, figure: Figure) -> Figure:
    """The 7일 of 1월 5일~7일 is in January, too."""
    month = next((fact[1] for fact in before.gives if fact[0] == "month"), None)
    day = next((fact[1] for fact in figure.gives if fact[0] == "day"), None)
    dated = any(fact[0] == "date" for fact in before.gives) and not any(fact[0] == "date" for fact in figure.gives)
    if month is None or day is None or not dated:
        return figure
    gives = on_day(int(month), int(day))[1]
    return replace(figure, wants=(gives - {("month", month), ("day", day)},), gives=figure.gives | gives)


def _sum(before: Figure, figure: Figure, text: str) -> Figure | None:
    """2시간 30분 is 150분, 2년 6개월 is 30 months; else nothing."""
    for kind, large, small in (("minute", "시간", "분"), ("months", "년", "개월")):
        if before.text.endswith(large) and figure.text.endswith(small):
            amounts = [next((one[1] for one in two.gives if one[0] == kind), None) for two in (before, figure)]
            if None not in amounts:
                wants, gives = quantity(kind, sum(float(amount) for amount in amounts if amount is not None))
                return Figure(text[before.start : figure.end], before.start, figure.end, wants, gives | before.gives)
    return None
