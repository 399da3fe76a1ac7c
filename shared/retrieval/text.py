"""Korean text as people and web pages write it, made regular. Pure functions."""

import html
import re
import unicodedata

# Zero-width space, non-joiner, word joiner, invisible operators, BOM, soft hyphen, direction marks
_INVISIBLE = re.compile(
    "[\u200b\u200c\u2060-\u2064\ufeff\u00ad\u034f\u061c\u180e\u200e\u200f\u202a-\u202e\u2066-\u206f]"
)
# Letters that are drawn as nothing: Hangul fillers, the empty Braille pattern
_FILLERS = re.compile("[\u115f\u1160\u3164\uffa0\u2800]")
# The joiner, variation selectors and tags, which emoji need, where there is nothing that they could change
_DANGLING = re.compile("(?<!\\S)[\u200d\ufe00-\ufe0f\U000e0000-\U000e01ef]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_MANY_LINES = re.compile(r"\n{3,}")
# Where a text may be cut, the best first. Help pages that lost their line breaks have sentences without a space between
_ENDS = (re.compile(r"\n"), re.compile(r"[다요][.!?]|[.!?](?=\s)"), re.compile(r"\s"))
_SURROGATE = re.compile("[\ud800-\udfff]")
# Anything that `normalize` changes inside a text in NFC: most texts hold none of it, and one look is faster than seven
_IRREGULAR = re.compile(
    rf"[^\S \n]| {{2}}| \n|\n |\n{{3}}|{_INVISIBLE.pattern}|{_CONTROL.pattern}|{_SURROGATE.pattern}"
    rf"|{_FILLERS.pattern}|{_DANGLING.pattern}"
)


def normalize(text: str) -> str:
    r"""`text` in NFC, with one kind of space, no invisible characters, and at most one empty line in a row.

    Idempotent. Lone surrogates, which no UTF-8 can hold, become U+FFFD.

    >>> normalize("  수수료\xa0\xa0안내\u200b ")
    '수수료 안내'
    """
    if not _IRREGULAR.search(text) and unicodedata.is_normalized("NFC", text):
        return text.strip()
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    text = _INVISIBLE.sub("", text).replace("\u2029", "\n").replace("\x85", "\n")
    text = unicodedata.normalize("NFC", _DANGLING.sub("", _FILLERS.sub(" ", _CONTROL.sub(" ", text))))
    text = _BLANKS.sub(" ", text)
    return _MANY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)).strip()


def unescape(text: str) -> str:
    """HTML entities resolved, twice-escaped ones too (`&amp;lt;` is what some exports hold for `<`)."""
    once = html.unescape(text)
    return html.unescape(once) if once != text else once


def one_line(text: str) -> str:
    """Normalized, on a single line: what a title is."""
    return normalize(text).replace("\n", " ").replace("  ", " ")


def letters(text: str) -> str:
    """What is left of a text without spaces, signs and cases: two titles with the same letters are one.

    >>> letters("반품, 되나요?") == letters("반품 되나요")
    True
    """
    return "".join(filter(str.isalnum, text)).casefold()


def chunks(text: str, size: int = 400, overlap: int = 80) -> list[str]:
    """Pieces of at most `size` characters, each beginning `overlap` characters before the one before it ends.

    A piece ends at a line's end, else a sentence's, else a word's, where its last `overlap` characters have one. 400
    Korean characters are about 250 tokens of E5's 512.

    Raises
    ------
    ValueError
        Unless 0 <= 2 * overlap < size: smaller steps would not advance.
    """
    if not 0 <= 2 * overlap < size:
        raise ValueError("the overlap must be less than half the size")
    pieces, start = [], 0
    while start + size < len(text):
        window = text[start + size - overlap : start + size]
        ends = next((found for found in (list(one.finditer(window)) for one in _ENDS) if found), None)
        end = start + size - overlap + (ends[-1].end() if ends else overlap)
        pieces.append(text[start:end])
        start = end - overlap
    return [*pieces, text[start:]]
