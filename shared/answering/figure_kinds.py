"""How figures are written in Korean, and what each writing says. Pure functions."""

import re
from collections.abc import Callable
from typing import TypeAlias

from shared.answering.numerals import MIXED, NATIVE, SINO, native, value
from shared.answering.units import DAYS, IDLE, NATIVE_UNITS, UNITS
from shared.lazy_patterns import lazy

Fact: TypeAlias = tuple[str, float | str]  # what is counted, in its smallest unit
Said: TypeAlias = tuple[tuple[frozenset[Fact], ...], frozenset[Fact]]  # what is wanted, what is given

WORKDAYS: Fact = ("weekday", "평일")
WEEKEND: Fact = ("weekday", "주말")
TILDE = "[~∼–-]"
_GAP = r"[^\S\n]?"  # before a unit; a number that ends its line is not counted by the next one's first word
_UNIT = "|".join(
    re.escape(one) + {"프로": "(?!그램|젝|필)", "주": "(?!문|소|차)"}.get(one, "")
    for one in sorted(UNITS, key=len, reverse=True)
)
_NATIVE_UNIT = "|".join(NATIVE_UNITS) + r"|(?<=\s)대"  # 세대 is none
_EACH = {
    "시": ("minute", 60.0),
    "분": ("minute", 1.0),
    "일": ("day", 1.0),
    "전": ("day", 1.0),
    "날": ("day", 1.0),
    "주": ("minute", 10_080.0),
}
_WEEK = "월화수목금토일"

_PAST = r"(?:\s?(?P<past>\d{1,2}분|반(?![가-힣]{2})))?"
# What begins with a digit, a sign or a Latin letter, and what begins with a Korean word
_WRITTEN = {
    "mail": r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    "url": r"(?:https?://[^\s<>()\[\]\"'가-힣]+|(?:[A-Za-z0-9-]+\.)+(?:com|net|org|kr|io|example|app|me|shop)\b"
    r"(?:/[^\s<>()\[\]\"'가-힣]*)?)",
    "phone": r"(?<![\d-])(?:(?:\+82[-\s]?\d{1,2}|\(?0\d{1,2}\)|0\d{1,2})[-.\s]?\d{3,4}[-.\s]\d{4}|01\d{9}"
    r"|1[568]\d\d[-\s]\d{4}(?!\s?(?:원|명|개|자|건|점|장|만|%)))(?![\d-])",
    "date": r"(?<![\d.])'?(?P<year>\d{4}|\d\d)(?:년\s?|\s?[-./]\s?)(?P<month>\d{1,2})(?:월\s?|\s?[-./]\s?)"
    r"(?P<day>\d{1,2})(?:일|(?![\d-]))",
    "month_of_year": r"(?<!\d)(?P<its_year>\d{4}|\d\d)년\s?(?P<its_month>\d{1,2})월",
    "day_of_month": rf"(?<!\d)(?P<on_month>\d{{1,2}})월\s?(?P<on_day>\d{{1,2}})(?:일|(?=\s?{TILDE}))",
    "slashed": r"(?<![\d/.])(?P<above>\d{1,2})/(?P<below>\d{1,2})(?![\d/])",
    "of_parts": r"(?P<parts>\d+)\s?분의\s?(?P<taken>\d+)",
    "whole_month": r"(?<![\d.])(?:1[0-2]|[1-9])월(?!요일)",
    "whole_year": r"(?<!\d)(?:19|20)\d\d년(?!간|\s동안)",
    "clock": rf"(?:(?P<h24>\d{{1,2}}):(?P<m24>\d\d)(?!\d)(?P<after>\s?[AaPp][Mm]\b)?"
    rf"|(?P<hour>\d{{1,2}}){_GAP}시(?!간){_PAST}"
    rf"|(?P<from_hour>\d{{1,2}})(?=\s?{TILDE}\s?\d{{1,2}}\s?시(?!간)))",
    "number": rf"(?P<currency>[$€]\s?)?(?P<amount>{MIXED}){_GAP}(?:(?P<unit>{_UNIT})(?P<more>\s?반(?![가-힣]{{2}}))?"
    r"|(?P<latin>(?<!\s)(?:[A-Za-zµ]+[²2]?|[A-Za-z]+/[A-Za-z]+)))?",
}
_SPOKEN = {
    "day_clock": rf"(?P<half_day>오전|오후|낮|밤|새벽|아침|저녁|[AP]M)\s?(?:(?P<d24>\d{{1,2}}):(?P<e24>\d\d)(?!\d)"
    rf"|(?P<day_hour>\d{{1,2}}|{NATIVE})\s?시(?!간){_PAST.replace('past', 'day_past')}"
    rf"|(?P<day_from>\d{{1,2}})(?=\s?{TILDE}\s?\d))",
    "word_clock": rf"(?P<word_hour>{NATIVE})\s시(?!간|[가-힣]{{2}}){_PAST.replace('past', 'word_past')}",
    "of_words": r"(?P<word_parts>[이삼사오육칠팔구십])\s?분의\s?(?P<word_taken>[일이삼사오육칠팔구])",
    "noon": "정오|자정",
    "each": r"시간당|분당|매일|전날|다음\s?날|날마다|매주|매월|매달|다달이|달마다|매년|해마다"
    r"|[월연주](?=\s?\d|\s정기)",
    "all": "무료|전액",
    "some": "(?:하나|둘|셋|넷)(?=[은는이가을를의당만에로,.\\s])",
    "day_word": rf"(?:{'|'.join(DAYS)})(?!빨리|하루|이|\s?(?:보내|되))",
    "half": "절반|반값|반년",
    "weekdays": rf"[{_WEEK}](?:요일)?\s?(?:[~∼–-]|부터|에서)\s?[{_WEEK}](?:요일|(?![가-힣]{{2}}))"
    rf"|[{_WEEK}](?:\s?[·,/]\s?[{_WEEK}])+(?![가-힣])|[{_WEEK}](?:\s?[·,/]\s?[{_WEEK}])*요일"
    "|평일|주중|주말|공휴일",
    "native": rf"(?P<native_number>{NATIVE}){_GAP}(?P<native_unit>{_NATIVE_UNIT})"
    r"(?P<native_half>\s?반(?![가-힣]{2}))?",
    "sino": rf"(?<!\d)(?!만일|일일|천만에)(?P<sino_number>{SINO}{{2,}}|[만천백십]\s?(?=원)"
    rf"|[일삼육칠팔십]\s?(?=개월|년|퍼센트)|[일이삼사오육칠팔구십](?=개월|영업일|퍼센트|주일|박)|[일삼사육칠팔구십](?=시간|년)|[삼칠육팔십](?=일(?![가-힣]{{2}})))"
    rf"{_GAP}(?P<sino_unit>{_UNIT})",
}
# Most characters begin no figure, and no Korean one begins inside a word: that look saves most of the time
_FIRST = (
    "일이삼사오육칠팔구십백천만하나닷엿열보정자절반월화수목금토평주공"
    "매시분날달해연전다한두둘세석셋네넉넷여아스서마쉰예낮밤새저무"
)


def _any(patterns: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())


FIGURE = lazy(rf"(?=[\dA-Za-z+('$€])(?:{_any(_WRITTEN)})|(?<![가-힣])(?=[{_FIRST}AP])(?:{_any(_SPOKEN)})")


def quantity(kind: str, amount: float) -> Said:
    """An amount of something that is never said without its unit."""
    fact: Fact = (kind, round(amount, 6))
    return (frozenset({fact}),), frozenset({fact})


def counted(number: float, unit: str) -> Said:
    """A number of units, which a source may also say without the unit, as tables do."""
    kind, size = UNITS.get(unit, (unit.lower(), 1))
    fact: Fact = (kind, round(number * size, 6))
    wants, gives = {fact, ("bare", number)}, {fact, ("number", number)}
    if unit == "일":
        wants.add(("day", number))
        gives.add(("day", number))
    if kind == "age":
        wants.add(("months", 12 * number))  # 36개월 is 세 살
    return (frozenset(wants),), frozenset(gives)


def _bare(number: float) -> Said:
    return (frozenset({("number", number)}),), frozenset({("number", number), ("bare", number)})


def _number(match: re.Match[str]) -> Said:
    number, unit = value(match["amount"]), match["unit"] or match["latin"]
    if match["currency"]:
        unit = "달러" if "$" in match["currency"] else "유로"
    if unit and unit.lower() in ("am", "pm"):
        return _times(int(number), 0, unit)
    return counted(number + (0.5 if match["more"] else 0), unit) if unit else _bare(number)


def _native(match: re.Match[str]) -> Said:
    number, unit = native(match["native_number"]), match["native_unit"]
    if unit == "번째" or (number == 1 and unit in IDLE):  # 두 번째로, 한 번 더
        return (), counted(number, unit)[1]
    return counted(number + (0.5 if match["native_half"] else 0), "명" if unit == "분" else unit)


def _sino(match: re.Match[str]) -> Said:
    number, unit = match["sino_number"].strip(), match["sino_unit"]
    if len(number) == 2 and not set(number) & set("십백천만억"):  # 이삼일: two or three days
        both = [counted(value(one), unit) for one in number]
        return both[0][0] + both[1][0], both[0][1] | both[1][1]
    return counted(value(number), unit)


def _date(match: re.Match[str]) -> Said:
    year, month, day = (int(match[part]) for part in ("year", "month", "day"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return _exactly("code", match[0])
    wants, gives = on_day(month, day)
    its_year: Fact = ("year", year if year > 99 else 2_000 + year)
    return (*wants, frozenset({its_year})), gives | {its_year}


def on_day(month: int, day: int) -> Said:
    """A day of some year."""
    date: Fact = ("date", f"{month}-{day}")
    return (frozenset({date}),), frozenset({date, ("month", month), ("day", day)})


def _month_of_year(match: re.Match[str]) -> Said:
    year = int(match["its_year"])
    facts: list[Fact] = [("year", year if year > 99 else 2_000 + year), ("month", int(match["its_month"]))]
    return tuple(frozenset({fact}) for fact in facts), frozenset(facts)


def _slashed(match: re.Match[str]) -> Said:
    above, below = int(match["above"]), int(match["below"])
    facts: set[Fact] = set()
    if 1 <= above <= 12 and 1 <= below <= 31:
        facts |= on_day(above, below)[1] - {("month", above), ("day", below)}
    if above < below:
        facts.add(("share", round(above / below, 6)))
    return (frozenset(facts),) if facts else (), frozenset(facts)


def _share(parts: str, taken: str) -> Said:
    return quantity("share", value(taken) / (value(parts) or 1))


def _clock(match: re.Match[str]) -> Said:
    hour = match["h24"] or match["hour"] or match["from_hour"]
    half_day = (match["after"] or "").strip() or ("24" if hour.startswith("0") else "")
    return _times(int(hour), int(match["m24"] or 0) or _past(match["past"]), half_day)


def _day_clock(match: re.Match[str]) -> Said:
    hour = match["d24"] or match["day_hour"] or match["day_from"]
    past = int(match["e24"] or 0) or _past(match["day_past"])
    return _times(int(hour) if hour.isdigit() else int(native(hour)), past, match["half_day"])


def _word_clock(match: re.Match[str]) -> Said:
    return _times(int(native(match["word_hour"])), _past(match["word_past"]), "")


def _past(written: str | None) -> int:
    """Minutes past the hour: 30분, 반."""
    return 0 if written is None else 30 if written == "반" else int(written.removesuffix("분"))


def _times(hour: int, minute: int, half_day: str) -> Said:
    """Minutes of the day; without a half of the day, an hour up to 12 may be in either."""
    early = half_day in ("오전", "새벽", "아침", "24") or half_day.upper() == "AM"
    if half_day and not early:
        night = half_day == "밤" and (hour < 6 or hour == 12)
        hours = {hour % 12 if night else hour % 12 + 12 * (half_day != "낮" or hour < 7 or hour == 12)}
    elif early or hour > 12:
        hours = {hour % 12 if hour == 12 and half_day != "24" else hour % 24}
    else:
        hours = {hour % 12, hour % 12 + 12}
    facts: frozenset[Fact] = frozenset(("clock", one * 60 + minute) for one in hours)
    return (facts,), facts


def _each(match: re.Match[str]) -> Said:
    """Once in a span: a source's 월 2회 says 한 달에 두 번; of an answer nothing is asked."""
    word = match[0].removeprefix("매").replace("다음", "날")
    fact = _EACH.get(word[0], ("months", 12.0 if word[0] in "년해연" else 1.0))
    return (), frozenset({fact, *([("minute", 1_440.0)] if fact[0] == "day" else [])})


def _half(match: re.Match[str]) -> Said:
    return quantity("months", 6) if match[0] == "반년" else quantity("share", 0.5)


def _weekdays(match: re.Match[str]) -> Said:
    text = match[0].removeprefix("매주")
    facts: set[Fact]
    if text in ("평일", "주중"):
        return (frozenset({WORKDAYS}),), frozenset({WORKDAYS, *(("weekday", day) for day in range(5))})
    if text == "주말":
        return (frozenset({WEEKEND}),), frozenset({WEEKEND, ("weekday", 5), ("weekday", 6)})
    if text == "공휴일":
        return _exactly("weekday", text)
    days = [_WEEK.index(one) for one in text.replace("요일", "") if one in _WEEK]
    if re.search("[~∼–-]|부터|에서", text):
        days = [day % 7 for day in range(days[0], days[1] + 1 + 7 * (days[1] < days[0]))]
    facts = {("weekday", day) for day in days}
    return tuple(frozenset({fact}) for fact in facts), frozenset(facts)


def _exactly(kind: str, what: str) -> Said:
    fact: Fact = (kind, what)
    return (frozenset({fact}),), frozenset({fact})


def _url(match: re.Match[str]) -> Said:
    address = re.sub(r"^https?://(?:www\.)?", "", match[0].lower()).rstrip("/.,;:!?")
    host = address.partition("/")[0]
    return _exactly("url", address)[0], frozenset({("url", address), ("url", host)})


def _phone(match: re.Match[str]) -> Said:
    return _exactly("phone", re.sub(r"\D", "", re.sub(r"^\+82[-\s]?", "0", match[0])))


READERS: dict[str, Callable[[re.Match[str]], Said]] = {
    "mail": lambda match: _exactly("mail", match[0].lower()),
    "url": _url,
    "phone": _phone,
    "date": _date,
    "month_of_year": _month_of_year,
    "day_of_month": lambda match: on_day(int(match["on_month"]), int(match["on_day"])),
    "slashed": _slashed,
    "of_parts": lambda match: _share(match["parts"], match["taken"]),
    "of_words": lambda match: _share(match["word_parts"], match["word_taken"]),
    "whole_month": lambda match: quantity("month", float(match[0][:-1])),
    "whole_year": lambda match: quantity("year", float(match[0][:4])),
    "clock": _clock,
    "day_clock": _day_clock,
    "word_clock": _word_clock,
    "all": lambda match: ((), quantity(*(("won", 0.0) if match[0] == "무료" else ("share", 1.0)))[1]),
    "noon": lambda match: quantity("clock", 720 if match[0] == "정오" else 0),
    "each": _each,
    "some": lambda match: ((), _bare(native(match[0]))[1]),
    "day_word": lambda match: counted(DAYS[match[0]], "일"),
    "half": _half,
    "weekdays": _weekdays,
    "native": _native,
    "sino": _sino,
    "number": _number,
}
