"""Notion's rich text as Markdown. Pure functions.

What a reader of Markdown would take for a mark and is none is escaped; emphasis that CommonMark would not see as such
(`**정산(매일)**은`: a sign before the closing marks, a letter behind them) is left out rather than shown as asterisks.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from shared.markdown import as_label, as_text
from shared.notion.target import is_of_notion

Json: TypeAlias = dict[str, Any]

_MARKS = (("bold", "**"), ("italic", "*"), ("strikethrough", "~~"))
_TAG = re.compile(r"\\<(?=[A-Za-z/!?])")  # as `shared.markdown` escapes it: so every `<` before such a sign
_IN_ADDRESS = {"(": "%28", ")": "%29", " ": "%20", "<": "%3C", ">": "%3E", "\\": "%5C"}


@dataclass(frozen=True)
class _Run:
    """Text of one look."""

    text: str
    marks: tuple[str, ...]
    is_code: bool
    href: str | None


def plain(items: object) -> str:
    """The text alone."""
    return "".join(_text_of(one) for one in _items(items))


def markdown(items: object) -> str:
    """Markdown of a list of rich text objects. Links lead to https addresses outside of Notion; others are text."""
    said = ""
    runs = _runs(_items(items))
    for n, run in enumerate(runs):
        core = run.text.strip()
        if not core:
            said += run.text
            continue
        start = run.text.index(core[0])
        before, after = run.text[:start], run.text[start + len(core) :]
        behind = after[:1] or (runs[n + 1].text[:1] if n + 1 < len(runs) else "")
        said += before
        if run.href and said.endswith("!"):
            said = f"{said[:-1]}\\!"  # else it would be an image
        said += _marked(run, core, said[-1:], behind) + after
    return said


def typed(words: str, *, label: bool = False) -> str:
    """What somebody has typed, as Markdown shows it, or between the brackets of a link.

    What looks like a tag is written as a character reference: a content loses tags, those behind a backslash, too.
    """
    return _TAG.sub("&lt;", as_label(words) if label else as_text(words))


def is_followed(address: object) -> bool:
    """Whether a link may lead there: somewhere that a customer can read."""
    return isinstance(address, str) and address.startswith("https://") and not is_of_notion(address)


def link(label: str, address: str) -> str:
    """A link, or an image behind an exclamation mark, whose label is Markdown already."""
    target = "".join(_IN_ADDRESS.get(sign, sign) for sign in address.strip())
    return f"[{label}]({target})"


def code(text: str) -> str:
    """A span of code."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def _marked(run: _Run, core: str, before: str, behind: str) -> str:
    text = code(core) if run.is_code else typed(core, label=bool(run.href))
    ends = text if run.is_code else core
    if run.marks and before not in ("*", "~") and _is_seen(before, ends[0], ends[-1], behind):
        text = "".join(run.marks) + text + "".join(reversed(run.marks))
    return link(text, run.href) if run.href else text


def _is_seen(before: str, first: str, last: str, behind: str) -> bool:
    """Whether marks around a text are left- and right-flanking (CommonMark 0.31, 6.2)."""
    opens = not _is_sign(first) or not before or before.isspace() or _is_sign(before)
    closes = not _is_sign(last) or not behind or behind.isspace() or _is_sign(behind)
    return opens and closes


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _runs(items: Iterable[Json]) -> list[_Run]:
    """Neighbours that look alike are one: `**a****b**` would not be."""
    runs: list[_Run] = []
    for item in items:
        annotations = item.get("annotations")
        annotations = annotations if isinstance(annotations, dict) else {}
        is_code = bool(annotations.get("code")) or item.get("type") == "equation"
        marks = tuple(mark for name, mark in _MARKS if annotations.get(name))
        href = item.get("href") if is_followed(item.get("href")) else None
        run = _Run(_text_of(item), marks, is_code, href)
        last = runs[-1] if runs else None
        if last is not None and (last.marks, last.is_code, last.href) == (run.marks, run.is_code, run.href):
            runs[-1] = _Run(last.text + run.text, marks, is_code, href)
        elif run.text:
            runs.append(run)
    return runs


def _text_of(item: Json) -> str:
    text = item.get("plain_text")
    return text if isinstance(text, str) else ""


def _items(items: object) -> Sequence[Json]:
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
