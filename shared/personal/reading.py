"""A text as the patterns for personal data read it: plain digits, hyphens and small letters, each in its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.lazy_patterns import lazy

BARRIER = "\n"  # stands for what no number goes across: a line's end, a placeholder

_INVISIBLE = [0xAD, 0x61C, 0x20E3, *range(0x180B, 0x180F), *range(0x200B, 0x2010), *range(0x202A, 0x202F)]
_INVISIBLE += [*range(0x2060, 0x2065), 0xFEFF, *range(0xFE00, 0xFE10)]  # with 0x20E3, what makes a keycap of a digit
_HYPHENS = "‐‑‒–—―⁃−─╴﹘﹣－ㅡーｰ"
_DOTS = "·•․‧∙⋅・ㆍ｡。"
_COMMAS = "、，"
_SPACES = "\t\u00a0\u1680\u202f\u205f\u3000\u3164\uffa0" + "".join(map(chr, range(0x2000, 0x200B)))
_CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
_ZEROS = (  # of the scripts that have digits of their own, from Arabic to Mongolian
    *(0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040),
    *(0x17E0, 0x1810),
)
_PLAIN = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms
    | {0x1D7CE + at: 0x30 + at % 10 for at in range(50)}  # mathematical digits
    | {zero + at: 0x30 + at for zero in _ZEROS for at in range(10)}
    | {ord(digit): 0x30 + at for at, digit in enumerate(_CIRCLED)}
    | {0xFF21 + at: 0x61 + at for at in range(26)}  # capitals, full-width or not, are read as small letters
    | {0x41 + at: 0x61 + at for at in range(26)}
    | dict.fromkeys(map(ord, _HYPHENS), ord("-"))
    | dict.fromkeys(map(ord, _DOTS), ord("."))
    | dict.fromkeys(map(ord, _COMMAS), ord(","))
    | dict.fromkeys(map(ord, _SPACES), ord(" "))
    | dict.fromkeys(map(ord, "∼〜˜"), ord("~"))
    | dict.fromkeys(map(ord, "\r\v\f\u2028\u2029\x85"), ord(BARRIER))
)
_LINE_BREAK = lazy(rf"(?<=[0-9-])(?: ?{BARRIER}|{BARRIER} ?)(?=[0-9-])")
_HIDDEN = lazy(f"[{''.join(map(chr, _INVISIBLE))}]")

_SPOKEN = "공영일이삼사오육륙칠팔구"
_AS_DIGITS = str.maketrans(_SPOKEN + "에의", "001234566789--")
# At least eight digits, spoken or not, joined by what stands between them when they are dictated
_DICTATED = lazy(rf"[0-9{_SPOKEN}](?:(?: ?(?:다시|하고|에|의|[-,]) ?| )?[0-9{_SPOKEN}]){{7,}}+")
# A syllable alone is a particle or a counter
_IS_DICTATED = lazy(rf"[{_SPOKEN}]{{3}}|[0공영][1일][0공영](?<!010)|(?:[{_SPOKEN}] ){{7}}|01[0-9] ?(?:다시|하고|에|의)")
_LETTERS_FOR_010 = lazy(r"(?<![a-z0-9])(?:o[1liㅣ][o0]|0[1liㅣ]o|0[liㅣ]0)(?=[ .-]?[0-9]{3,4}[ .-]?[0-9]{4})")


@dataclass(frozen=True)
class Reading:
    """A text as it is read; `places[n]` is where its n-th character stood, the last where the text ends."""

    text: str
    places: Sequence[int]


def reading(text: str, hidden: Sequence[tuple[int, int]] = ()) -> Reading:
    """How a text is read.

    Parameters
    ----------
    hidden
        Parts that are read as barriers, in order.
    """
    text = without(text, hidden).replace("\r\n", f" {BARRIER}")
    places: Sequence[int] = range(len(text) + 1)
    if _HIDDEN.search(text):
        places = [at for at, char in enumerate(text) if not _HIDDEN.match(char)] + [len(text)]
        text = _HIDDEN.sub("", text)
    text = _LETTERS_FOR_010.sub("010", text.translate(_PLAIN))
    if _IS_DICTATED.search(text):
        text = _DICTATED.sub(_in_digits, text)
    return Reading(text, places)


def without(text: str, hidden: Sequence[tuple[int, int]]) -> str:
    """A text as long as it was, with barriers in the place of some parts, which are in order."""
    parts, done = [], 0
    for start, end in hidden:
        parts += [text[done:start], BARRIER * (end - start)]
        done = end
    return "".join(parts) + text[done:]


def joined(text: str) -> str:
    """A reading in which numbers go on after a line's end; as long as it was. Placeholders are longer than that."""
    return _LINE_BREAK.sub(lambda end: " " * len(end[0]), text)


def _in_digits(dictated: re.Match[str]) -> str:
    """A dictated number in digits, as long as it was; itself when hardly a digit of it was spoken.

    A last 이 that more syllables follow is a particle ("오육칠팔이에요"), unless a mobile number lacks it.
    """
    said = dictated[0]
    if not _IS_DICTATED.search(said):
        return said
    digits = said.replace("다시", "--").replace("하고", "--").translate(_AS_DIGITS)
    follows = dictated.string[dictated.end() : dictated.end() + 1]
    complete = digits.startswith("01") and sum(map(str.isdigit, digits)) == 11
    if said[-1] in "이일" and "가" <= follows <= "힣" and not complete:
        return digits[:-1] + said[-1]
    return digits
