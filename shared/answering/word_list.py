"""Word lists of the gate: what they may hold, and their words taken apart. Pure functions, but for the shipped list."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from shared.answering.hangul import fold, take_apart

Role: TypeAlias = Literal["word", "whole", "allowed"]

_LATIN_OR_DIGIT = re.compile("[0-9a-z]")
_HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of a list, taken apart.

    Attributes
    ----------
    letters
        Its jamo, Latin letters and digits.
    spaces
        Where in `letters` a space may stand.
    drawn_out
        Whether it has a vowel that looks drawn out (미이라): it is found only as it is written.
    characters
        How many it is written with, without spaces.
    latin
        Whether it has other letters than Hangul.
    only_jamo
        Whether it is typed without vowels, as ㅅㅂ is.
    in_one
        Whether it is another text with a space in it: 조까, but 조 까지.
    """

    text: str
    letters: str
    spaces: frozenset[int]
    open_before: bool
    open_behind: bool
    drawn_out: bool
    characters: int
    latin: bool
    only_jamo: bool
    in_one: bool


def word_of(text: str, anywhere: bool = False) -> Word:
    """A word of a list; `anywhere` is an operator's, which has no marks."""
    bare = text if anywhere else text.strip("*+")
    jamo = take_apart(bare, latin=True)
    spaces = frozenset(
        index for index in range(1, len(jamo.at)) if " " in bare[jamo.at[index - 1] + 1 : jamo.at[index]]
    )
    characters = [one for one in bare if take_apart(one, latin=True).letters]
    plain = sum(len(take_apart(one, latin=True).letters) for one in characters)
    begins, ends = (text.startswith("*"), text.endswith("*")) if not anywhere else (len(characters) > 1,) * 2
    latin = bool(_LATIN_OR_DIGIT.search(jamo.letters))
    return Word(
        text=bare,
        letters=jamo.letters,
        spaces=spaces,
        open_before=begins,
        open_behind=ends,
        drawn_out=plain != len(jamo.letters),
        characters=len(characters),
        latin=latin,
        only_jamo=not latin and not _HANGUL.search(bare),
        in_one=text.startswith("+") and not anywhere,
    )


def parse(lines: Iterable[str]) -> Iterator[tuple[Role, Word]]:
    """The entries of a word list: `word`, `*word*`, `+word`, `=whole message`, `!exception`; `#` begins a comment.

    Raises
    ------
    ValueError
        Naming the line that has no letters.
    """
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        role: Role = "whole" if text[0] == "=" else "allowed" if text[0] == "!" else "word"
        word = word_of(fold(text.lstrip("=!")))
        if not word.letters:
            raise ValueError(f"line {number} has no letters: {text!r}")
        yield role, word


@cache
def shipped() -> dict[Role, list[Word]]:
    """The list that comes with haedap."""
    found: dict[Role, list[Word]] = {"word": [], "whole": [], "allowed": []}
    text = (files("shared.answering") / "words" / "banned.txt").read_text(encoding="utf-8")
    for role, word in parse(text.splitlines()):
        found[role].append(word)
    return found
