"""Texts in Markdown, made regular like all texts, but for the indentation that nests their lists."""

import re
from dataclasses import dataclass

from shared.retrieval.text import normalize

_TAB = 4  # columns, as in CommonMark
_DEEPEST = 12  # lists in lists; what is deeper stands as deep
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?= )")


@dataclass(frozen=True)
class _Open:
    """An item that may hold what comes next: where it began, and where its text stands in the result."""

    began: int
    inside: int


def normalize_listed(text: str) -> str:
    r"""`normalize`, with items of lists and what belongs to them indented as deep as the items around them ask for.

    Idempotent. A line is indented only inside an item, so that no paragraph becomes code.

    >>> normalize_listed("1. 결제\n  - 카드\n\n      한도 안에서\n2. 배송")
    '1. 결제\n   - 카드\n\n     한도 안에서\n2. 배송'
    """
    flat = normalize(text)
    if "\n" not in flat or not any(_ITEM.match(line) for line in flat.split("\n")):
        return flat
    lines: list[str] = []
    opened: list[_Open] = []
    for raw in _regular_lines(text):
        line = normalize(raw)
        if not line:
            if lines and lines[-1]:
                lines.append("")
            continue
        began = _column(raw)
        lines.append(f"{' ' * _indent(line, began, opened, bool(lines) and not lines[-1])}{line}")
    return "\n".join(lines).strip()


def _indent(line: str, began: int, opened: list[_Open], apart: bool) -> int:
    """How deep a line stands; the items that it ends are taken from `opened`, and its own is put there."""
    item = _ITEM.match(line)
    least = 2 if item else 1  # " - b" after "- a" is its sibling
    if item or apart or began:  # else it goes on with the paragraph before, as Markdown has it
        while opened and began < opened[-1].began + least:
            opened.pop()
    if not item:
        return opened[-1].inside if opened and began else 0
    inside = opened[-1].inside if opened else 0
    if len(opened) < _DEEPEST:
        opened.append(_Open(began, inside + item.end() + 1))
    return inside


def _regular_lines(text: str) -> list[str]:
    for end in ("\r\n", "\r", "\u2028", "\u2029", "\x85"):
        text = text.replace(end, "\n")
    return text.split("\n")


def _column(raw: str) -> int:
    spaces = raw[: len(raw) - len(raw.lstrip())]
    return len(spaces.expandtabs(_TAB))
