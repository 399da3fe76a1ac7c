"""Korean numerals: 1만 5천, 이십사, 스물두. Pure functions."""

import re

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
# 1만 5천, 3만2,000 원; not the 만 of 만큼, nor a second number that is another figure
MIXED = rf"{ARABIC}(?:[십백천만억]+(?!큼)(?:\s?{ARABIC}(?=[십백천만억]|\s?원))?)*"
SINO = "[일이삼사오육륙칠팔구십백천만억]"
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60}
_NATIVE_ONES = {
    **{"하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4},
    **{"다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9},
}
NATIVE = rf"(?:(?:{'|'.join(_NATIVE_TENS)})(?:{'|'.join(_NATIVE_ONES)})?|{'|'.join(_NATIVE_ONES)})"
_DIGITS = dict(zip("일이삼사오육륙칠팔구", (1, 2, 3, 4, 5, 6, 6, 7, 8, 9), strict=True))
_SMALL = {"십": 10, "백": 100, "천": 1_000}
_BIG = {"만": 10_000, "억": 100_000_000}
_TOKEN = re.compile(rf"{ARABIC}|{SINO}")
_TENS = re.compile("|".join(_NATIVE_TENS))


def value(text: str) -> float:
    """What digits, Sino-Korean syllables, or both together say.

    >>> value("1만 5천"), value("이십사"), value("12,000.5")
    (15000.0, 24.0, 12000.5)
    """
    total = section = 0.0
    number: float | None = None
    for token in _TOKEN.findall(text):
        if token in _SMALL:
            section += (1 if number is None else number) * _SMALL[token]
            number = None
        elif token in _BIG:
            section += number or 0
            total += (section or 1) * _BIG[token]
            section, number = 0, None
        else:
            number = float(_DIGITS[token]) if token in _DIGITS else float(token.replace(",", ""))
    return total + section + (number or 0)


def native(text: str) -> float:
    """What a native Korean numeral below 70 says.

    >>> native("스물두"), native("세")
    (22.0, 3.0)
    """
    tens = _TENS.match(text)
    rest = text[tens.end() :] if tens else text
    return float((_NATIVE_TENS[tens[0]] if tens else 0) + _NATIVE_ONES.get(rest, 0))
