"""Korean taken apart into its jamo, so that a word is found however its letters are put together. Pure functions."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shared.lazy_patterns import lazy
from shared.retrieval.readings import from_english_layout

# A syllable that ends in ㅆ, as a pattern: the past, which neither a demand nor a rule is told in
PAST = f"[{''.join(sorted({chr(code) for code in range(0xAC00 + 20, 0xD7A4, 28)} - {'있', '겠'}))}]"
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = (
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ",
    "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip
_PAIRS = {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㅄ": "ㅂㅅ"}
# Jamo of the conjoining block, which NFKC makes of those that people type
_CONJOINING = {
    **{0x1100 + at: letter for at, letter in enumerate(_INITIALS)},
    **{0x1161 + at: letter for at, letter in enumerate(_VOWELS)},
    **{0x11A7 + at: letter for at, letter in enumerate(_FINALS) if len(letter) == 1},
}
_UNUSUAL = lazy(r"[^\x00-\x7f가-힣ㄱ-ㅎㅏ-ㅣ]+")
_LATIN = lazy("[A-Za-z]+")
_COULD_BE_HANGUL = lazy("(?:[rseafqtdwczxvg][koijpuhynbml]{1,2}[rseafqtdwczxvg]{0,2})+", re.IGNORECASE)
MAX_KEYS = 60  # of a word that is set right
MAX_LATIN_WORDS = 64  # that are set right: more of them are a text in another language
_BETWEEN = frozenset("ㅋㅎㅠㅜㅡ")  # laughs, tears and dashes: alone they are signs
_SPELLED = lazy(  # of those, letters of a word
    "(?<=[ㄱ-ㅊㅌㅍ])[ㅠㅜㅡ]|(?<=[ㄱ-ㅊㅌㅍ] )[ㅠㅜㅡ](?= [ㄱ-ㅎ])|[ㅋㅎ](?= ?[ㅏ-ㅛㅝ-ㅟㅢㅣ])"
)


@dataclass(frozen=True)
class Jamo:
    """A folded text's letters, and which of its characters each of them belongs to."""

    text: str
    parts: list[str]

    @cached_property
    def letters(self) -> str:
        """All of them, without what stands between them."""
        return "".join(self.parts)

    @cached_property
    def at(self) -> list[int]:
        """`at[i]` is the index of the character of `text` that `letters[i]` belongs to."""
        return [index for index, part in enumerate(self.parts) for _ in part]


def fold(text: str) -> str:
    """`text` in small letters, full-width and circled ones made plain, jamo as they are typed; of the same length."""
    small = text.lower()
    if len(small) != len(text):  # İ becomes two
        small = "".join(letter.lower()[0] for letter in text)
    return _UNUSUAL.sub(lambda found: "".join(map(_plain, found[0])), small)


def take_apart(text: str, latin: bool = False) -> Jamo:
    """The jamo of a folded text, with its Latin letters and digits or without, without anything else.

    A vowel that is only drawn out is left out: 시이이발, 병시인 and 시ㅣ발 have the letters of 시발 and 병신.
    """
    table = _WITH_LATIN if latin else _HANGUL_ONLY
    parts = [table[character] for character in text]
    for spelled in _SPELLED.finditer(text):
        parts[spelled.start()] = spelled[0]
    last = ""  # letter of the character before, nothing after a sign
    for index, part in enumerate(parts):
        if last and part:
            if part[0] == "ㅇ" and part[1:2] == last:
                parts[index] = part = part[2:]
            elif part == last and text[index - 1] >= "가":
                parts[index] = part = ""
            last = part[-1] if part else last
        else:
            last = part[-1:]
    return Jamo(text, parts)


def in_hangul(text: str, fewest: int = 2) -> str:
    """Korean typed on the English layout set right, in the first words of Latin letters: dkssud is 안녕.

    Parameters
    ----------
    fewest
        Syllables that a word must give.
    """
    return _LATIN.sub(lambda found: _right(found[0], fewest), text, count=MAX_LATIN_WORDS)


def _right(word: str, fewest: int) -> str:
    if len(word) > MAX_KEYS or not _COULD_BE_HANGUL.fullmatch(word):
        return word
    return from_english_layout(word, fewest) or word


@lru_cache(4_096)
def _plain(character: str) -> str:
    found = unicodedata.normalize("NFKC", character).lower()
    found = _CONJOINING.get(ord(found), found) if len(found) == 1 else character
    return found if len(found) == 1 else character


class _Parts(dict[str, str]):
    """The letters of each character, kept as they are met: all of Hangul, and as many others."""

    def __missing__(self, character: str) -> str:
        code, letters = ord(character) - 0xAC00, ""
        if 0 <= code < 11_172:
            letters = _INITIALS[code // 588] + _VOWELS[code % 588 // 28] + _FINALS[code % 28]
        elif "ㄱ" <= character <= "ㅣ" and character not in _BETWEEN:
            letters = _PAIRS.get(character, character)
        if letters or len(self) < 22_344:
            self[character] = letters
        return letters


_HANGUL_ONLY = _Parts(dict.fromkeys(map(chr, range(128)), ""))
_WITH_LATIN = _Parts({one: one if one.isalnum() else "" for one in map(chr, range(128))})
