"""Words that a bot does not answer, found through the usual Korean disguises. Pure functions over word lists.

A word is looked for among a text's jamo alone, which sees through signs, digits, spaces and drawn-out vowels; what is
found is then judged where it stands, because `취소 시 발송` holds the letters of a curse, too. What is not seen:
synonyms, allusions, and disguises that need a reading of the sentence.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from shared.answering.hangul import Jamo, fold, in_hangul, take_apart
from shared.answering.word_list import Word, shipped, word_of
from shared.lazy_patterns import lazy

MAX_GAP = 8  # characters between two letters of a word; more of them are a text of its own
MAX_BEFORE = 12  # characters before a word that are looked at: its own word's beginning, or the word before
MAX_OVERLAPPING = 20  # exceptions that begin before a word's end are looked at, the nearest
MAX_LETTERS_BETWEEN = 2  # Latin letters and digits among them: 시1발, not "시 3PL 발"

# Signs, letters and digits that look or sound like a part of a word: ^ㅣ발, ㅅ1발, C발, 새ㄲl, 개ㅅH끼, 시8, 병sin
_AFTER_HANGUL, _BEFORE_HANGUL = "(?<=[가-힣ㄱ-ㅣ])", "(?=[가-힣ㄱ-ㅣ])"
_LOOK_ALIKES = (
    (lazy(r"\^(?=ㅣ)"), "ㅅ"),
    (lazy(r"(?<![0-9a-z-])s(?=[1il|!ㅣ][발빨팔벌바]|[ㅏ-ㅣ][ㄱ-ㅎ가-힣])"), "ㅅ"),
    (lazy(r"(?<![0-9a-z-])z(?=[1il|!ㅣ]랄|ㅗ)"), "ㅈ"),
    (lazy(r"(?<=[ㄱ-ㅎ])[1il|!](?=발|빨|팔|벌|바|랄|ㅂㅏ)|(?<=[ㄱ-ㅎ])[1il|!](?![0-9a-zㄱ-ㅎ])"), "ㅣ"),
    (lazy(f"(?<=[ㄱ-ㅎ])h{_BEFORE_HANGUL}"), "ㅐ"),
    (lazy(r"(?<=존)l(?![0-9a-z])"), "ㄴ"),
    (lazy(r"(?<![0-9a-z-])c(?=[발빨팔벌]|ㅣ발)"), "씨"),
    (lazy(r"(?<![0-9a-z-])g(?=랄)"), "지"),
    *((lazy(f"(?<=[a-z]){digit}(?=[a-z])"), letter) for digit, letter in ("1i", "0o", "3e")),
    (lazy(f"{_AFTER_HANGUL}(?:sin|shin)(?![a-z])"), "신"),
    (lazy(f"{_AFTER_HANGUL}ba[lr](?![a-z])"), "발"),
    (lazy(r"(?<=[시씨쉬ㅣ])8(?!\d)"), "발"),
    (lazy(r"(?<=[시씨쉬ㅣ][^\w\s])8(?!\d)"), "발"),
    (
        lazy(r"(?<![\d-])18(?= ?(?:놈|넘|년아|년들|련|새끼(?! ?(?:손|발|줄|고양이|강아지|돼지))|색[기끼]|쉐))"),
        "시발",
    ),
)
_LATIN_OR_DIGIT = lazy("[0-9a-z]")
_HANGUL = lazy("[가-힣]")
_LETTERS_BEFORE = lazy(r"[0-9a-z가-힣]*\Z")
_LAST_WORD = lazy(r"([^\s]+)\s*\Z")
# What stands before a curse: with it in one word, or as a word of its own
_CRIES = (
    "아|야|이|그|저|개|왜|뭐|뭔|와|하|어|헐|에이|아이|아오|아니|아놔|에휴|어휴|이런|저런|그런|진짜|정말|완전|존나|졸라|존내"
    "|너무|미친|씹|니|너|넌|님|무슨|이게|뭐야|또"
)
_CRY = lazy(rf"(?:(?:{_CRIES}|시발|씨발|병신)){{0,3}}")
# What comes after it in the same word. Nouns that go on with 발, 신 or 새 do not begin so
_TAIL = lazy(
    r"\Z|[^0-9a-z가-힣]|놈|넘|롬|럼|년|뇬|련|쉐|새[끼꺄키퀴]|색[기끼]|아|야|이|것|거|건|들|같|네|냐|임|인|진짜|왜|뭐|뭔|개[새같놈년좆]"
    r"|존[나내]|좆|미친|짓|취급|하|해|했|할|한|좀|떨|말|마|은|는|을|를|도|만|처럼|라|그|저|염병|지랄|시발|씨발|병신"
)
# After a curse that is spelled with spaces, only what is a curse itself
_CURSED_TAIL = lazy(r"\s*(?:\Z|[.!?~…ㅋㅎㅠㅜ]|놈|넘|년[아들]|련아|새끼|색기|아(?![가-힣])|것들|들아|같[은네])")
_SENTENCE_END = lazy(r"[.!?~…,ㅋㅎㅠㅜ]\Z")


class BannedWords:
    """Both lists, the shipped one and an operator's, ready to be looked for.

    Parameters
    ----------
    banned
        An operator's words: any text. One of two letters or more counts inside longer words, too, as long as nothing
        stands between its letters.
    allowed
        Their exceptions: longer words that hold a banned one, or a banned word itself.
    """

    def __init__(self, banned: Iterable[str] = (), allowed: Iterable[str] = ()) -> None:
        own = [(one, fold(one.strip())) for one in banned]
        words = [word_of(text, anywhere=True) for _, text in own]
        lists = shipped()
        every = dict.fromkeys([*lists["word"], *(word for word in words if word.letters)])
        self._hangul = [word for word in every if not word.latin]
        self._latin = [word for word in every if word.latin]
        self._whole = {word.letters for word in lists["whole"]}
        self._signs = [text for (_, text), word in zip(own, words, strict=True) if text and not word.letters]
        exceptions = [word_of(fold(one.strip())) for one in allowed]
        allowed_words = dict.fromkeys(word for word in (*lists["allowed"], *exceptions) if word.letters)
        self._allowed = [word for word in allowed_words if not word.latin]
        self._allowed_latin = [word for word in allowed_words if word.latin]

    def found(self, text: str) -> bool:
        """Whether the text holds a banned word that is no exception."""
        folded = fold(text)
        if any(signs in folded for signs in self._signs) or self._holds(folded):
            return True
        alike = folded
        for pattern, meant in _LOOK_ALIKES:
            alike = pattern.sub(meant, alike)
        if alike != folded and self._holds(alike):  # not instead of it: the 1 of ㅂ1신 is none, that of ㅅ1발 is
            return True
        hangul = in_hangul(text, fewest=1)  # one syllable is enough: what is looked for is rare
        return hangul != text and self._holds(fold(hangul), latin=False)

    def _holds(self, text: str, latin: bool = True) -> bool:
        jamo = take_apart(text)
        if jamo.letters in self._whole or self._any(self._hangul, jamo):
            return True
        return latin and bool(_LATIN_OR_DIGIT.search(text)) and self._any(self._latin, take_apart(text, latin=True))

    def _any(self, words: Sequence[Word], jamo: Jamo) -> bool:
        exceptions: list[tuple[int, int]] | None = None
        for word in words:
            if word.letters not in jamo.letters or (word.drawn_out and word.text not in jamo.text):
                continue
            exceptions = self._exceptions(jamo.text) if exceptions is None else exceptions
            for begin, first, after in _places(word, jamo):
                if not _excepted(exceptions, first, after) and _is_meant(word, jamo, begin):
                    return True
        return False

    def _exceptions(self, text: str) -> list[tuple[int, int]]:
        """From which character to which exceptions are written, in order."""
        found = []
        for words, latin in ((self._allowed, False), (self._allowed_latin, True)):
            jamo = take_apart(text if words else "", latin)  # few operators have any of the second kind
            for word in words:
                if word.letters in jamo.letters:
                    places = _places(word, jamo)
                    found += [(first, after) for begin, first, after in places if not _gaps(word, jamo, begin)]
        return sorted(found)


def _places(word: Word, jamo: Jamo) -> Iterator[tuple[int, int, int]]:
    """Where a word's whole characters stand: its first letter, its first character, the character after it."""
    letters, at, size = jamo.letters, jamo.at, len(word.letters)
    begin = letters.find(word.letters)
    while begin >= 0:
        end = begin + size
        if (begin == 0 or at[begin - 1] != at[begin]) and (end == len(at) or at[end - 1] != at[end]):
            yield begin, at[begin], at[end - 1] + 1
        begin = letters.find(word.letters, begin + 1)


def _excepted(exceptions: Sequence[tuple[int, int]], first: int, after: int) -> bool:
    """Whether an exception is written over these characters and reaches beyond them, or is the same."""
    behind = bisect_left(exceptions, (after, 0))
    for index in range(behind - 1, max(-1, behind - 1 - MAX_OVERLAPPING), -1):
        begin, end = exceptions[index]
        if end > first and (begin < first or end > after or (begin, end) == (first, after)):
            return True
    return False


def _is_meant(word: Word, jamo: Jamo, begin: int) -> bool:
    """Whether a word's letters are that word where they stand."""
    text, end = jamo.text, begin + len(word.letters)
    first, after = jamo.at[begin], jamo.at[end - 1] + 1
    gaps = _gaps(word, jamo, begin)
    if not all(map(_may_stand_between, gaps)) or (word.in_one and any(map(_has_space, gaps))):
        return False
    if word.latin:
        return _spelled_out(gaps, word.characters) and _stands_alone(word, text, first, after)
    if word.only_jamo and not _stands_as_jamo(text, first, after, len(word.letters)):
        return False
    before = _LETTERS_BEFORE.search(text, max(0, first - MAX_BEFORE), first)
    prefix = before[0] if before else ""
    if (gaps or not word.open_before) and not _CRY.fullmatch(prefix):
        return False
    if (gaps or not word.open_behind) and not _TAIL.match(text, after):
        return False
    return not any(map(_has_space, gaps)) or _spelled_with_spaces(
        text, jamo.at[begin:end], first - len(prefix), prefix, after
    )


def _gaps(word: Word, jamo: Jamo, begin: int) -> list[str]:
    """What stands between the letters of a word, except drawn-out vowels and spaces that belong there."""
    found: list[str] = []
    end = begin + len(word.letters)
    if jamo.at[end - 1] - jamo.at[begin] < word.characters:
        return found
    for index in range(begin + 1, end):
        left, right = jamo.at[index - 1], jamo.at[index]
        if right - left > 1:
            between = jamo.text[left + 1 : right]
            if _HANGUL.fullmatch(between[0]) and between.isalpha():
                continue
            if not (index - begin in word.spaces and between == " "):
                found.append(between)
    return found


def _may_stand_between(gap: str) -> bool:
    return len(gap) <= MAX_GAP and sum(one.isascii() and one.isalnum() for one in gap) <= MAX_LETTERS_BETWEEN


def _spelled_with_spaces(text: str, at: Sequence[int], first: int, prefix: str, after: int) -> bool:
    """Whether letters with spaces between are a word: "ㅅ ㅣ 발", "개 새 끼", "아 시 발"; not "주문 시 발 크기"."""
    characters = {text[index] for index in at}
    if any("ㄱ" <= one <= "ㅣ" for one in characters) or len(set(at)) >= 3:
        return True
    before = _LAST_WORD.search(text, max(0, first - MAX_BEFORE), first)
    begins = before is None or bool(prefix) or bool(_CRY.fullmatch(before[1]) or _SENTENCE_END.search(before[1]))
    return begins or bool(_CURSED_TAIL.match(text, after))


def _stands_as_jamo(text: str, first: int, after: int, size: int) -> bool:
    """Whether these are loose jamo in a short run of them: keyboards mashed at random hold ㅅㅂ, too."""
    if any("가" <= one <= "힣" for one in text[first:after]):
        return False
    begin, end = first, after
    while begin > 0 and _is_consonant(text[begin - 1]) and first - begin < 3:
        begin -= 1
    while end < len(text) and _is_consonant(text[end]) and end - after < 3:
        end += 1
    return (first - begin) + (end - after) <= (1 if size > 1 else 0)


def _is_consonant(character: str) -> bool:
    return "ㄱ" <= character <= "ㅎ" and character not in "ㅋㅎ"


def _stands_alone(word: Word, text: str, first: int, after: int) -> bool:
    """Whether a word with Latin letters or digits at its ends is not a part of a longer one."""
    free_before = first == 0 or not _latin(text[first]) or not _latin(text[first - 1])
    free_behind = after == len(text) or not _latin(text[after - 1]) or not _latin(text[after])
    return free_before and (free_behind or (word.open_behind and word.open_before is False))


def _spelled_out(gaps: Sequence[str], characters: int) -> bool:
    """Whether a word of Latin letters that has spaces in it has them, or signs, everywhere: f u c k, not "fu ck"."""
    return not any(map(_has_space, gaps)) or (characters >= 3 and len(gaps) == characters - 1)


def _has_space(gap: str) -> bool:
    return " " in gap or "\n" in gap


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
