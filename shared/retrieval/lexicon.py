"""Everyday words in the words of a help centre: "떼가요" is 수수료. Pure functions over a word list."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from shared.lazy_patterns import lazy

_WORD = lazy(r"[0-9A-Za-z가-힣]+")
_GOES_ON = r"(?<=[0-9A-Za-z])[0-9A-Za-z]"  # the CS of CSV is no word
_REST = lazy(rf"[가-힣]*(?!{_GOES_ON})")
_PARTICLES = lazy(
    r"(?:께서는|께서|에게서|한테서|에서는|에서도|에서|에게|한테|으로|로|까지|부터|보다|처럼|이라|라도|이나|이랑|랑|하고|마다"
    rf"|들|은|는|이|가|을|를|에|도|의|과|와|만|요|님)*+(?![가-힣]|{_GOES_ON})"  # possessive: 이랑이랑… would take hours
)


@dataclass(frozen=True)
class Entry:
    """One everyday form and the terms that a help centre uses for it.

    A form matches at the start of a word. One that is a stem (`돌려보내*`) takes the rest of the word with it; any
    other may only be followed by particles, which stay.
    """

    form: str
    terms: str

    @property
    def literal(self) -> str:
        """The form without its mark."""
        return self.form.rstrip("*")

    @property
    def is_stem(self) -> bool:
        """Whether the rest of the word belongs to it."""
        return self.form.endswith("*")


class Lexicon:
    """Rewrites questions. Of the forms that match at a place the longest wins; what was rewritten is not read again."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_start: dict[str, list[tuple[str, Entry]]] = {}  # with the literal, which is asked for at every word
        for entry in self.entries:
            if entry.literal:
                self._by_start.setdefault(entry.literal[0], []).append((entry.literal, entry))
        for found in self._by_start.values():
            found.sort(key=lambda one: -len(one[0]))

    @cached_property
    def digest(self) -> str:
        """Equal for equal word lists."""
        return hashlib.sha256("\n".join(f"{one.form}\t{one.terms}" for one in self.entries).encode()).hexdigest()

    def rewrite(self, text: str) -> str:
        """`text` in the help centre's words; itself when it has no everyday word.

        >>> Lexicon([Entry("손님", "구매자"), Entry("돌려보내*", "반품")]).rewrite("손님이 돌려보냈어요 돌려보내려면")
        '구매자이 돌려보냈어요 반품'
        """
        parts, end = [], 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            found = self._match(text, word.start())
            if found:
                stop, terms = found
                parts += [text[end : word.start()], terms]
                end = stop
        return "".join(parts) + text[end:] if parts else text

    def _match(self, text: str, at: int) -> tuple[int, str] | None:
        for literal, entry in self._by_start.get(text[at], ()):
            if not text.startswith(literal, at):
                continue
            stop = at + len(literal)
            rest = (_REST if entry.is_stem else _PARTICLES).match(text, stop)
            if rest:
                return rest.end(), entry.terms if entry.is_stem else entry.terms + rest[0]
        return None


def parse(lines: Iterable[str]) -> Sequence[Entry]:
    """The entries of a word list: `form, form<TAB>terms` a line; `#` begins a comment.

    Raises
    ------
    ValueError
        Naming the line that is none of these.
    """
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        forms, tab, terms = line.strip().partition("\t")
        if not tab or not terms.strip():
            raise ValueError(f"line {number} is no `forms<TAB>terms`: {line.strip()!r}")
        entries += [Entry(form.strip(), terms.strip()) for form in forms.split(",") if form.strip(" *")]
    return entries


@cache
def shipped(name: str) -> Sequence[Entry]:
    """A word list that comes with haedap: `commerce`. Raises `FileNotFoundError` for any other name."""
    return parse((files("shared.retrieval") / "words" / f"{name}.tsv").read_text(encoding="utf-8").splitlines())
