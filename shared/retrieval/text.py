"""Korean text as people and web pages write it, made regular. Pure functions."""

import html
import re
import unicodedata

# Zero-width space, non-joiner, word joiner, BOM, soft hyphen, direction marks. The joiner U+200D stays: emoji need it.
_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_MANY_LINES = re.compile(r"\n{3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def normalize(text: str) -> str:
    r"""`text` in NFC, with one kind of space, no invisible characters, and at most one empty line in a row.

    Idempotent. Lone surrogates, which no UTF-8 can hold, become U+FFFD.

    >>> normalize("  수수료\xa0\xa0안내\u200b ")
    '수수료 안내'
    """
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = _BLANKS.sub(" ", _CONTROL.sub(" ", text.replace("\u2029", "\n").replace("\x85", "\n")))
    return _MANY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)).strip()


def unescape(text: str) -> str:
    """HTML entities resolved, twice-escaped ones too (`&amp;lt;` is what some exports hold for `<`)."""
    once = html.unescape(text)
    return html.unescape(once) if once != text else once


def one_line(text: str) -> str:
    """Normalized, on a single line: what a title is."""
    return normalize(text).replace("\n", " ").replace("  ", " ")


def chunks(text: str, size: int = 400, overlap: int = 80) -> list[str]:
    """Pieces of at most `size` characters that overlap by `overlap`, cut at a line or sentence end where one is near.

    Joined by `merge`, they give `text` again. 400 Korean characters are about 250 tokens of E5's 512.

    Raises
    ------
    ValueError
        Unless 0 <= 2 * overlap < size: smaller steps would not advance.
    """
    if not 0 <= 2 * overlap < size:
        raise ValueError("the overlap must be less than half the size")
    pieces, start = [], 0
    while start + size < len(text):
        end = start + size
        earliest = start + size - overlap
        cut = max(text.rfind(mark, earliest, end) + len(mark) for mark in ("\n", "다. ", "요. ", ". ", " "))
        end = cut if cut > earliest else end
        pieces.append(text[start:end])
        start = end - overlap
    return [*pieces, text[start:]]


def merge(pieces: list[str]) -> str:
    """The text that `chunks` cut, from its pieces: each piece's beginning is the longest end of what came before it."""
    text = pieces[0] if pieces else ""
    for piece in pieces[1:]:
        shared = next((n for n in range(min(len(text), len(piece)), 0, -1) if text.endswith(piece[:n])), 0)
        text += piece[shared:]
    return text
