"""Spaces put into what was typed without them ("배송비어떻게바꾸나요"), where the texts of an index place theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shared.lazy_patterns import lazy

FEWEST_SYLLABLES = 8  # of a word that is looked at: compound nouns with particles (스마트스토어센터에서) are as long
MOST_CHARACTERS = 3_000_000  # of texts that are counted
_STRENGTH = 2.0  # of what fewer syllables say, in times seen
_PARTED, _SEEN = 25, 100  # taken for counted before any text is: of the sample's counts 0.28 are with a space
_BITS = 14  # of a syllable: there are 11,172, and 0 is the edge of a run of them
_CROWDED = lazy(f"[가-힣]{{{FEWEST_SYLLABLES},}}")
Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.uint32]
Shares = npt.NDArray[np.float64]


def is_crowded(text: str) -> bool:
    """Whether `text` has a word so long that spaces may be missing in it."""
    return _CROWDED.search(text) is not None


@dataclass(frozen=True)
class Spacing:
    """How often two neighbouring syllables have a space between them, by themselves and with the syllables around.

    Parameters
    ----------
    keys
        The two alone, with the one before, with the one behind, with both; ascending, `(n,)`.
    seen, parted
        How often each was seen, and how often with a space, `(n,)`.
    """

    keys: Keys
    seen: Counts
    parted: Counts

    @classmethod
    def unknown(cls) -> "Spacing":
        """No text was seen, and nothing is parted."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Spacing":
        """What these texts do, the first `MOST_CHARACTERS` of them."""
        codes, is_parted = _read("\n".join(texts)[:MOST_CHARACTERS])
        between = _between(codes)
        parted = is_parted[between + 1]
        counted = [_counted(keys, parted) for keys in _around(codes, between)]
        return cls(*(np.concatenate(column) for column in zip(*counted, strict=True)))

    @property
    def is_whole(self) -> bool:
        """Whether it can be looked up in."""
        return self.keys.shape == self.seen.shape == self.parted.shape and bool((self.parted <= self.seen).all())

    def spaced(self, text: str) -> str:
        """`text` with spaces in its words of `FEWEST_SYLLABLES` and more, wherever one is likelier than none.

        >>> Spacing.of(2 * ["배송비 어떻게 되나요", "택배사 어떻게 바꾸나요"]).spaced("배송비어떻게바꾸나요?")
        '배송비 어떻게 바꾸나요?'
        """
        return _CROWDED.sub(lambda found: self._spaced_word(found[0]), text) if len(self.keys) else text

    @cached_property
    def _share(self) -> float:
        """How often any two have a space, never none and never all, whose odds could not be divided."""
        return float((self.parted.sum() + _PARTED) / (self.seen.sum() + _SEEN))

    def _spaced_word(self, word: str) -> str:
        codes, _ = _read(word)
        two, before, behind, four = _around(codes, _between(codes))
        of_two = self._shares(two, np.full(len(two), self._share))
        of_before, of_behind = self._shares(before, of_two), self._shares(behind, of_two)
        # What either neighbour adds to the two's own odds, both together
        odds = _odds(of_before) * _odds(of_behind) / _odds(of_two)
        is_parted = self._shares(four, odds / (1 + odds)) > 0.5
        return word[0] + "".join(" " + one if at else one for at, one in zip(is_parted, word[1:], strict=True))

    def _shares(self, keys: Keys, otherwise: Shares) -> Shares:
        """With what probability each has a space: what was seen, smoothed towards what fewer syllables say.

        Additive smoothing with a prior of the lower order (MacKay and Peto 1995, "A hierarchical Dirichlet language
        model").
        """
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[at] == keys
        seen, parted = np.where(known, self.seen[at], 0), np.where(known, self.parted[at], 0)
        shares: Shares = (parted + _STRENGTH * otherwise) / (seen + _STRENGTH)
        return shares


def _odds(shares: Shares) -> Shares:
    odds: Shares = shares / (1 - shares)
    return odds


def _read(text: str) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """The syllables of a text as numbers, two edges around each run of them, and before which of them a space was."""
    points = np.frombuffer(f"\n{text}\n".encode("utf-32-le", "replace"), np.uint32)
    is_syllable = (points >= ord("가")) & (points <= ord("힣"))
    is_space = points == ord(" ")
    is_space[1:-1] &= is_syllable[:-2] & is_syllable[2:]
    parted = np.roll(is_space, 1)
    times = np.where(is_syllable, 1, np.where(is_space, 0, 2))
    codes = np.where(is_syllable, points - np.uint32(ord("가") - 1), 0).astype(np.uint64)
    return np.repeat(codes, times), np.repeat(parted, times)


def _between(codes: Keys) -> npt.NDArray[np.int64]:
    """After which numbers another syllable of the same run follows."""
    return np.flatnonzero((codes[:-1] > 0) & (codes[1:] > 0))


def _around(codes: Keys, between: npt.NDArray[np.int64]) -> list[Keys]:
    """The keys of what stands around each of these places, in the order of `Spacing.keys`."""
    before, left, right, behind = (codes[between + offset] for offset in (-1, 0, 1, 2))
    none = np.zeros_like(left)
    windows = [(none, left, right, none), (before, left, right, none), (none, left, right, behind)]
    return [_keys(kind, *window) for kind, window in enumerate([*windows, (before, left, right, behind)])]


def _keys(kind: int, *window: Keys) -> Keys:
    found = np.full(len(window[0]), kind, np.uint64)
    for codes in window:
        found = (found << np.uint64(_BITS)) | codes
    return found


def _counted(keys: Keys, parted: npt.NDArray[np.bool_]) -> tuple[Keys, Counts, Counts]:
    """Each key once, ascending, with how often it stands there, and how often with a space."""
    found, numbers, seen = np.unique(keys, return_inverse=True, return_counts=True)
    spaces = np.bincount(numbers[parted], minlength=len(found))
    return found, seen.astype(np.uint32), spaces.astype(np.uint32)
