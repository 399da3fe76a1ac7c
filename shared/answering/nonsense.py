"""Messages that hold no question: too short for one, or hands on a keyboard. Pure functions.

What could be a word, a code or another language passes: retrieval finds nothing for it and refuses in its own way.
"""

import re

from shared.answering.hangul import MAX_KEYS, in_hangul
from shared.retrieval.readings import compose

_SYLLABLE = re.compile("[가-힣]")
_JAMO = re.compile("[ㄱ-ㅎㅏ-ㅣ]")
_LAUGH = re.compile("[ㅋㅎㅠㅜㅡ]+")
_LATIN = re.compile("[a-z]+")
_WORDS = re.compile(r"[^\W_]+")
_CONSONANTS = re.compile(r"[^aeiouy]{5}")
_ANSWERS = frozenset("네예왜뭐차")  # of one open syllable; 네 may answer what was asked back
_SOUNDS = frozenset("음흠헐헉앗엇윽읔앙옹")
# Loose jamo that are said, too
_SAID = re.compile("ㅇㅇ|ㄴㄴ|(?:ㅇㅋ)+|ㅇㅈ|ㄱㄱ|ㄱㅊ|ㅇㅎ|ㅁㄹ|ㄹㅇ|ㅈㅅ|ㅊㅋ|ㅂㅂ|ㅂㅇ|ㅎㄷㄷ|ㄱㄷ|ㅇㄷ")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WALKS = tuple(walk for row in _ROWS for walk in (row, row[::-1]))
_HOME_ROW = frozenset(_ROWS[1])
MIN_RUN = 4  # times the same syllable; 와요오오 is said
_RUN = re.compile(rf"(.)\1{{{MIN_RUN - 1},}}")
MIN_RUN_SHARE = 0.6  # of all letters
MIN_LOOSE_SHARE = 1 / 3  # jamo among a message's letters, where whole words are typed, too
MIN_RANDOM = 8  # letters; shorter ones are abbreviations: DHL, GTIN, xls


def is_short(text: str) -> bool:
    """Whether a folded text is less than a word: signs, one letter, one syllable that is no noun."""
    letters = "".join(filter(str.isalnum, text))
    if len(letters) != 1:
        return not letters
    if _SYLLABLE.match(letters):
        is_open = (ord(letters) - 0xAC00) % 28 == 0
        return letters not in _ANSWERS if is_open else letters in _SOUNDS
    return bool(_JAMO.match(letters) or _LATIN.match(letters))


def is_nonsense(text: str) -> bool:
    """Whether a folded text is keys pressed at random, or one sound repeated."""
    words: list[str] = _WORDS.findall(compose(text))
    letters = "".join(words)
    if len(letters) < 2:
        return False
    jamo, syllables = len(_JAMO.findall(letters)), len(_SYLLABLE.findall(letters))
    if jamo == len(letters):
        return not all(map(_SAID.fullmatch, words))
    if jamo + syllables == len(letters):
        loose = len(_JAMO.findall(_LAUGH.sub("", letters)))
        return _is_sound(letters) or (loose >= 3 and loose >= MIN_LOOSE_SHARE * len(letters))
    return all(_LATIN.fullmatch(word) and _is_mashed(word) for word in words)


def _is_sound(letters: str) -> bool:
    """아아아아, 하하하하, 뷁뷁뷁: mostly the same syllable again."""
    said = _LAUGH.sub("", letters)
    if not said:
        return True
    if said[0] in _ANSWERS:
        return False
    longest = max((len(run[0]) for run in _RUN.finditer(said)), default=0)
    return (longest > 0 and longest >= MIN_RUN_SHARE * len(said)) or not any(map(_is_common, said))


def _is_common(syllable: str) -> bool:
    """Whether KS X 1001 has it among its 2,350 syllables; Python spells the others in eight bytes."""
    return len(syllable.encode("euc_kr", "replace")) == 2


def _is_mashed(word: str) -> bool:
    """Whether a word in small Latin letters is no word on either layout."""
    if len(word) > MAX_KEYS:
        return True
    if (hangul := in_hangul(word)) != word:
        return _is_sound(hangul)
    if len(word) >= MIN_RUN and len(set(word)) == 1:
        return True
    if _is_walk(word):
        return True
    home = sum(letter in _HOME_ROW for letter in word)
    return len(word) >= MIN_RANDOM and home >= 0.75 * len(word) and bool(_CONSONANTS.search(word))


def _is_walk(word: str) -> bool:
    """Whether fingers only went along a row of keys, from the start again or not: asdf, asdfasdf, lkjhg."""
    at, steps = 0, 0
    while at < len(word):
        size = next((n for n in range(10, 2, -1) if at + n <= len(word) and _along(word[at : at + n])), 0)
        if not size:
            return False
        at += size
        steps += 1
    return steps > 1 or len(word) > 3 or word in ("asd", "qwe", "zxc")


def _along(keys: str) -> bool:
    return any(keys in walk for walk in _WALKS)
