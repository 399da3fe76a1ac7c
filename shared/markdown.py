"""Text in Markdown: titles, categories, values of records, which nobody wrote as Markdown."""

import re

from shared.lazy_patterns import lazy

# What Markdown would read; a sign that is none where it stands, as an underscore inside a word, stays as it is
_SIGNS = lazy(
    r"[*`]|\\(?=[!-/:-@\[-`{-~])|(?<![^\W_])_|_(?![^\W_])|\](?=\()|<(?=[A-Za-z/!?])|&(?=#?[0-9A-Za-z]{1,32};)"
)
_STRIKES = lazy("~")
_BRACKETS = lazy(r"(?<!\\)[\[\]]")


def as_text(words: str) -> str:
    """One line that is shown as it is, inside a line of Markdown.

    >>> as_text("*할인* [보기](x) a_b 1~2일")
    '\\\\*할인\\\\* [보기\\\\](x) a_b 1~2일'
    """
    text = _SIGNS.sub(_escaped, words)
    return _STRIKES.sub(_escaped, text) if words.count("~") > 1 else text


def as_label(words: str) -> str:
    """The same between the brackets of a link."""
    return _BRACKETS.sub(_escaped, as_text(words))


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
