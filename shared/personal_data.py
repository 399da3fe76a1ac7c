"""Masks personal data in customers' texts before logs, records and prompts, and puts it back into a tool's arguments.

What personal data is, and how it is written, is the matter of `shared.personal`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from shared.personal.kinds import KINDS, Span, find

_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})(?: [0-9]+)?\]")
_EARLIER = re.compile(rf"\[지난 (?:{'|'.join(KINDS)})(?: [0-9]+)?\]")


@dataclass(frozen=True)
class Masked:
    """A text without its personal data.

    Attributes
    ----------
    text
        The text with a placeholder for each value: `[전화번호]`, a second different one `[전화번호 2]`. All else is
        exactly as it was.
    values
        What was typed, by placeholder.
    """

    text: str
    values: Mapping[str, str]


def mask(text: str) -> Masked:
    """The text with its personal data masked. What is masked already stays as it is.

    A placeholder that the customer typed is no value's name: the first number beside a typed `[전화번호]` becomes
    `[전화번호 2]`. The same number written in two ways has two names, so that `restore` gives back what was typed.

    >>> mask("010-0123-4567로 전화 주세요").text
    '[전화번호]로 전화 주세요'
    """
    names = _Names(text)
    # What is masked may have hidden what stands beside it: only a text in which nothing more is found is done
    while spans := find(text, [typed.span() for typed in _PLACEHOLDER.finditer(text)]):
        text = _replaced(text, spans, names)
    return Masked(text, names.values)


def restore(text: str, values: Mapping[str, str]) -> str:
    """Puts values back into a text that holds placeholders; a placeholder that `values` doesn't name stays.

    >>> restore("[주문번호]", {"[주문번호]": "2026112212345678"})
    '2026112212345678'
    """
    return _PLACEHOLDER.sub(lambda name: values.get(name[0], name[0]), text)


def is_hidden(text: str) -> bool:
    """Whether a text holds a placeholder, of this question or of an earlier one."""
    return bool(_PLACEHOLDER.search(text) or _EARLIER.search(text))


def of_earlier(text: str) -> str:
    """An earlier text whose placeholders cannot be taken for those of the question at hand.

    >>> of_earlier("[주문번호] 어디 있나요?")
    '[지난 주문번호] 어디 있나요?'
    """
    return _PLACEHOLDER.sub(lambda name: f"[지난 {name[0][1:]}", text)


class _Names:
    """Gives the values of one text their placeholders."""

    def __init__(self, text: str) -> None:
        self.values: dict[str, str] = {}
        self._typed = {typed[0] for typed in _PLACEHOLDER.finditer(text)}
        self._names: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()

    def name(self, kind: str, value: str) -> str:
        """The placeholder of a value, always the same."""
        if (kind, value) not in self._names:
            name = self._next(kind)
            while name in self._typed:
                name = self._next(kind)
            self._names[kind, value] = name
            self.values[name] = value
        return self._names[kind, value]

    def _next(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"[{kind}]" if self._numbers[kind] == 1 else f"[{kind} {self._numbers[kind]}]"


def _replaced(text: str, spans: list[Span], names: _Names) -> str:
    parts, end = [], 0
    for start, stop, kind in spans:
        parts += [text[end:start], names.name(kind, text[start:stop])]
        end = stop
    return "".join(parts) + text[end:]
