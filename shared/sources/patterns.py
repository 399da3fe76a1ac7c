r"""How long a regular expression may take, counted from how it is written. No I/O.

`re` tries every way in which a pattern can meet a text, one after the other, and nothing can stop it: `^(a+)+$` has
more than 2**30 ways to meet thirty letters. The ways are counted here, too many rather than too few: a repetition of
one thing has as many as its counts, what stands in a row multiplies, alternatives add up.
"""

import re
from dataclasses import dataclass

MAX_CHARACTERS = 200
MAX_WAYS = 2_000_000  # two `.*` in a thousand characters, some 20 ms; a third takes seconds
_MAX_SIZE = 10_000  # of a pattern whose counted repetitions are written out
_MAX_GROUPS = 20  # inside each other

_ATOM = re.compile(r"\\[^0-9]|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[()|*+?]", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>[0-9]*)(?P<comma>,?)(?P<most>[0-9]*)\})[?+]?")
_GROUP = re.compile(r"\((?:\?:)?(?!\?)")


@dataclass(frozen=True)
class _Part:
    """A part of a pattern: in how many ways it can meet a text, and how many characters it is written out."""

    ways: int
    size: int


def check_pattern(pattern: str, longest: int) -> None:
    """Raise `ValueError`, in one English line, unless a pattern is soon done with every text.

    Parameters
    ----------
    longest
        How many characters a text has at most that it is tried on.
    """
    if len(pattern) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS} characters")
    reader = _Reader(pattern, longest)
    whole = reader.alternatives(0)
    if reader.at < len(pattern):
        raise ValueError("a bracket that closes nothing")
    anchored = pattern.startswith(("^", r"\A")) and not reader.splits
    if whole.ways * (1 if anchored else longest + 1) > MAX_WAYS or whole.size > _MAX_SIZE:
        raise ValueError(
            f"it may take too long on {longest} characters: begin it with ^, repeat no group that holds a repetition"
            " or an alternative, repeat fewer parts, or set a smaller maxLength"
        )


class _Reader:
    """Reads a pattern from left to right; `splits` once it saw `|` outside of all groups."""

    def __init__(self, pattern: str, longest: int) -> None:
        self._pattern, self._longest = pattern, longest
        self.at, self.splits = 0, False

    def alternatives(self, depth: int) -> _Part:
        """What stands up to the end of the group that is open."""
        if depth > _MAX_GROUPS:
            raise ValueError("too many groups inside each other")
        ways, size = 0, 0
        while True:
            row = self._row(depth)
            ways, size = ways + row.ways, size + row.size
            if not self._takes("|"):
                return _Part(min(ways, MAX_WAYS + 1), size)
            self.splits |= depth == 0

    def _row(self, depth: int) -> _Part:
        ways, size = 1, 0
        while self.at < len(self._pattern) and self._pattern[self.at] not in "|)":
            part = self._repeated(self._one(depth))
            ways, size = min(ways * part.ways, MAX_WAYS + 1), size + part.size
        return _Part(ways, size)

    def _one(self, depth: int) -> _Part:
        if (group := _GROUP.match(self._pattern, self.at)) is not None:
            self.at = group.end()
            part = self.alternatives(depth + 1)
            if not self._takes(")"):
                raise ValueError("a group that does not end")
            return part
        atom = _ATOM.match(self._pattern, self.at)
        if atom is None:
            raise ValueError("only plain groups, classes and repetitions are supported: no (?…) but (?:…), no \\1")
        self.at = atom.end()
        return _Part(1, 1)

    def _repeated(self, part: _Part) -> _Part:
        match = _QUANTIFIER.match(self._pattern, self.at)
        if match is None or match[0].startswith("{}"):
            return part
        self.at = match.end()
        least, most = self._counts(match)
        if part.ways == 1:
            ways = most - least + 1
        else:  # each time in each way; a number of times that is not fixed has been tried at the other counts, too
            ways = part.ways ** min(most, MAX_WAYS.bit_length()) * (most - least + 1)
        return _Part(min(ways, MAX_WAYS + 1), part.size * (1 if match["sign"] else max(least, most, 1)))

    def _counts(self, match: re.Match[str]) -> tuple[int, int]:
        """How often at least and at most: no text is longer than the longest."""
        if match["sign"]:
            return int(match["sign"] == "+"), 1 if match["sign"] == "?" else self._longest
        least = int(match["least"] or 0)
        if not match["comma"]:
            return least, least
        return least, int(match["most"]) if match["most"] else max(self._longest, least)

    def _takes(self, sign: str) -> bool:
        taken = self._pattern.startswith(sign, self.at)
        self.at += taken
        return taken
