"""Citations as they stream: those that name a content are written one way, those that name none are left out."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from shared.lazy_patterns import lazy

_OPEN, _CLOSE, _COMMA = r"[\[［【]", r"[\]］】]", "[,，、]"  # small models write them wide
_BLANK = r"[^\S\n]?"
_DIGITS = "[0-9０-９]"
_NUMBERS = rf"{_DIGITS}{{1,3}}(?:{_BLANK}{_COMMA}{_BLANK}{_DIGITS}{{1,3}}){{0,7}}"
_CITATION = lazy(rf"{_OPEN}{_BLANK}({_NUMBERS}){_BLANK}{_CLOSE}")
_BEGUN = lazy(rf"{_OPEN}{_BLANK}(?:{_NUMBERS}{_BLANK}(?:{_COMMA}{_BLANK})?)?\Z")
_MAY_BEGIN = lazy(rf" ?{_OPEN}| \Z")
_NUMBER = lazy(f"{_DIGITS}+")
_NO_SPACE_BEFORE = frozenset(" \n\t.,!?;:…)]}。，、！？·")


async def known_citations(pieces: AsyncGenerator[str, None], sources: int) -> AsyncGenerator[str, None]:
    """The pieces of an answer with the citations `[1]` to `[sources]` alone, however they were written.

    `[1, 3]` and `【1】` become `[1][3]` and `[1]`; a number that no source has is left out, with the space that would
    be one too many then. Links (`[1](https://…)`) and other brackets stay as they are. Text is held back only while
    it could still become a citation. `pieces` is closed at the end, however it comes.
    """
    text = _Filter(sources)
    async with aclosing(pieces):
        async for piece in pieces:
            if said := text.feed(piece):
                yield said
    if said := text.end():
        yield said


class _Filter:
    """What of a text may be said so far. The result does not depend on how the text is cut."""

    def __init__(self, sources: int) -> None:
        self._sources = sources
        self._held = ""  # may become a citation
        self._said: list[str] = []
        self._last = "\n"  # the last character that was said
        self._dropped = False  # the last thing read was a citation that names nothing,
        self._space = False  # and a space before it waits for what follows

    def feed(self, piece: str) -> str:
        return self._read(self._held + piece, more=True)

    def end(self) -> str:
        return self._read(self._held, more=False)

    def _read(self, text: str, more: bool) -> str:
        at, self._held = 0, ""
        while found := _MAY_BEGIN.search(text, at):
            self._say(text[at : found.start()])
            bracket = found.end() - 1
            citation = _CITATION.match(text, bracket)
            # A bracket after it makes a link of it, so the next character must be known
            if more and (found[0] == " " or _BEGUN.match(text, bracket) or (citation and citation.end() == len(text))):
                self._held = text[found.start() :]
                break
            if citation is None or text.startswith("(", citation.end()):
                at = found.end() if citation is None else citation.end()
                self._say(text[found.start() : at])
                continue
            self._cite(citation[1], spaced=found[0][0] == " ")
            at = citation.end()
        else:
            self._say(text[at:])
        said, self._said = "".join(self._said), []
        return said

    def _cite(self, numbers: str, spaced: bool) -> None:
        named = dict.fromkeys(n for n in map(int, _NUMBER.findall(numbers)) if 1 <= n <= self._sources)
        if named:
            self._say(" " * spaced + "".join(f"[{n}]" for n in named))
            return
        if spaced:
            self._space = self._space or not (self._dropped and self._last == "\n")
        self._dropped = True

    def _say(self, text: str) -> None:
        if not text:
            return
        if self._dropped:
            if self._space and text[0] not in _NO_SPACE_BEFORE:
                text = f" {text}"
            elif not self._space and self._last == "\n":
                text = text.removeprefix(" ")
            self._dropped = self._space = False
        self._said.append(text)
        self._last = text[-1:] or self._last
