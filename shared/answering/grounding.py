"""Whether an answer says what its contents say: figures and names one by one, the rest by what they have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from shared.answering import figures, names
from shared.answering.echoes import Said, only_repeats, rivals
from shared.answering.figure_kinds import Fact
from shared.lazy_patterns import lazy
from shared.retrieval.ngrams import ngrams
from shared.retrieval.sentences import SentenceEncoder, sentences

# Of the labelled list's development half: below both a sentence is unlike its contents (docs/grounding.md)
COVERED = 0.35  # share of its n-grams that they hold
NEAR = 0.38  # cosine to the nearest of their sentences
COMPARED = 12  # passages, of those that share most n-grams: all of them gives the same figures there
MAX_COUNT = 10  # more things than that are no list that an answer counts itself

Similarity: TypeAlias = Callable[[Sequence[str], Sequence[str]], npt.NDArray[np.float32]]

_CITATION = lazy(r"\s?\[(\d{1,2}(?:\s?,\s?\d{1,2})*)\](?!\()")
_MARKER = lazy(
    r"^(?:\s*(?:[-*•·▪※]\s+|\(?\d{1,2}[.)]\s+|[①-⑳❶-❿]\s*|\d\ufe0f?\u20e3\s*|#{1,6}\s+|>\s+|(?:STEP\s?\d+|\d단계)[.:)]\s*))+"
)
_ITEM = lazy(r"^\s*(?:[-*•·▪]\s|\(?\d{1,2}[.)]\s|[①-⑳❶-❿]|\d\ufe0f?\u20e3|(?:STEP\s?\d+|\d단계)[.:)])")
_LINK = lazy(r"!?\[([^\]\n]*)\]\(([^)\s]*)\)")
_MARKS = lazy(r"\*\*|__|~~|^\s*\|?(?:\s*:?-{3,}:?\s*\|?)+$|\|")
# Not inside 3.5% or 2026. 1. 5.; citations that follow belong to the sentence
_END = lazy(
    r"((?:(?<=[^\d\s])[.!?…]+|[!?]+)[\"'”’)]*(?:\s?\[[\d,\s]+\])*)(?=\s|$)|((?<=[다요][.])(?:\s?\[[\d,\s]+\])*)(?=[가-힣])"
)
# Sentences that say nothing of the contents: they ask, apologize, thank, take leave, or lead over to a list
_FRAME = lazy(
    r"[?:]$|궁금|죄송|감사|안녕|반갑|양해|참고(?:해|하)|도움이 되|문의해 주|말씀해 주|물어봐 주|알려 드릴게"
    r"|안내해 드|안내드|속상|불편을|(?:하루|시간|되세요|보내세요|드세요|바랍니다|모시겠습니다)[.!]?$"
    r"|(?:다음|아래|이렇게).{0,20}(?:주세요|같습니다|같아요|됩니다|있습니다|있어요|필요합니다)[.!]?$"
    r"|^[^,]{0,6}(?:두|세|네|\d)\s?(?:가지|단계|방법).{0,25}(?:있습니다|있어요|됩니다|나뉩니다)[.!]?$"
)
_ENUMERATES = lazy(r"[,·/]|[와과] |나 |및|또는|혹은")
_SHORTEST = 8  # letters; "네, 가능합니다." has nothing to compare


@dataclass(frozen=True)
class Doubt:
    """A sentence that its contents do not bear out.

    Attributes
    ----------
    sentence
        Without citation marks and Markdown.
    what
        The figure or name that no cited content holds; empty for `unlike`.
    """

    sentence: str
    reason: Literal["figure", "name", "unlike"]
    what: str


@dataclass(frozen=True)
class Sentence:
    """One sentence or list item of an answer, and the numbers of the contents that it cites."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True)
class _Apart:
    """A sentence that shares few words with the contents that it cites."""

    text: str
    cited: frozenset[int]


@dataclass(frozen=True)
class _Read:
    """A text, read for its figures and names."""

    text: str
    facts: set[Fact]
    names: names.Named

    @classmethod
    def of(cls, text: str) -> "_Read":
        return cls(text, figures.known(figures.read(text)), names.named(text))


class _Source:
    """A content, read when it is needed."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def read(self) -> _Read:
        return _Read.of(self._text)


def doubts(
    answer: str, sources: Sequence[str], question: str = "", similarity: Similarity | None = None
) -> list[Doubt]:
    """What of an answer the contents that it cites do not say, in the answer's order.

    A sentence without a citation is checked against all contents. A figure or name of the customer's must stand there,
    too, unless it is told as their own circumstance, or denied (`echoes`). Numbers of list items, counts of the
    answer's own list, and citation marks are no figures.

    Parameters
    ----------
    sources
        The n-th, from 1, is what the model saw as `[n]`: title and text.
    similarity
        Sentences and passages to a matrix of cosines; without it the rest of a sentence is
        checked by its n-grams alone.
    """
    read = [_Source(source) for source in sources]  # only what is cited is read: it takes a millisecond or two each
    asked = _Read.of(question)
    items = sum(bool(_ITEM.match(line)) for line in answer.split("\n"))
    found: list[tuple[int, Doubt]] = []
    apart: dict[int, _Apart] = {}
    for at, sentence in enumerate(split(answer)):
        cited = [n - 1 for n in sentence.cited if 1 <= n <= len(sources)] or range(len(sources))
        checked = _Checked.of(sentence.text, [read[n].read for n in cited], asked, items)
        found += [(at, doubt) for doubt in checked.wrong]
        if checked.wrong or checked.borne_out or not _says_something(sentence.text):
            continue
        if coverage(sentence.text, [*(sources[n] for n in cited), question]) < COVERED:
            apart[at] = _Apart(sentence.text, frozenset(cited))
    near = _near(list(apart.values()), sources, similarity) if similarity and apart else frozenset()
    found += [(at, Doubt(one.text, "unlike", "")) for at, one in apart.items() if one not in near]
    return [doubt for _, doubt in sorted(found, key=lambda one: one[0])]


def cosines(encoder: SentenceEncoder) -> Similarity:
    """How near sentences are to passages, as an encoder sees them."""
    return lambda texts, passages: encoder.encode(texts) @ encoder.encode(passages).T


def split(answer: str) -> Iterator[Sentence]:
    """The sentences and list items of an answer, without Markdown, with what they cite."""
    last: Sentence | None = None
    for line in answer.split("\n"):
        for piece in _pieces(_LINK.sub(r"\1 \2", _MARKER.sub("", line))):
            cited = tuple(int(n) for found in _CITATION.findall(piece) for n in found.split(","))
            text = _MARKS.sub(" ", _CITATION.sub("", piece)).replace("  ", " ").strip()
            if not any(map(str.isalnum, text)):
                if last is not None and cited:
                    last = replace(last, cited=last.cited + cited)
                continue
            if last is not None:
                yield last
            last = Sentence(text, cited)
    if last is not None:
        yield last


def _pieces(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        yield line[start : end.end()]
        start = end.end()
    yield line[start:]


@dataclass(frozen=True)
class _Checked:
    """A sentence's figures and names, looked up.

    Attributes
    ----------
    borne_out
        Whether one of them stands in the contents: that tells more than the sentence's other words.
    """

    wrong: list[Doubt]
    borne_out: bool

    @classmethod
    def of(cls, text: str, shown: Sequence[_Read], asked: _Read, items: int) -> "_Checked":
        facts: set[Fact] = set().union(*(one.facts for one in shown))
        kinds = {kind for kind, _ in facts}
        wrong, borne_out = [], False
        for figure in figures.read(text):
            if figures.holds(facts, figure):
                borne_out |= bool(figure.wants)
            elif not _counts_itself(figure, text, items):
                rival = rivals({kind for kind, _ in figure.gives}, kinds)
                said = Said(figures.plain(text), figure.start, figure.end, rival)
                if not (figures.holds(facts | asked.facts, figure) and only_repeats(said, asked.text)):
                    wrong.append(Doubt(text, "figure", figure.text))
        for name in names.read(text):
            if any(one.names.holds(name) for one in shown):
                borne_out = True
            elif not (
                asked.names.holds(name)
                and only_repeats(Said(names.plain(text), name.start, name.end, rival=True), asked.text)
            ):
                wrong.append(Doubt(text, "name", name.text))
        return cls(wrong, borne_out)


def _counts_itself(figure: figures.Figure, text: str, items: int) -> bool:
    """다음 두 가지, of a list of two; A와 B 두 가지."""
    count = next((amount for kind, amount in figure.gives if kind in ("kind", "단계")), None)
    if count is None or not 1 < float(count) <= MAX_COUNT:
        return False
    return count == items or ("가지" in figure.text and count == len(_ENUMERATES.findall(text[: figure.start])) + 1)


def _says_something(text: str) -> bool:
    return not _FRAME.search(text) and len(names.letters(text)) >= _SHORTEST


def _near(apart: Sequence[_Apart], sources: Sequence[str], similarity: Similarity) -> frozenset[_Apart]:
    """Those that mean what a sentence of their contents means.

    All are compared at once, and with the passages alone that share most with one of them: an encoder takes a
    millisecond for each.
    """
    needed = sorted(frozenset().union(*(one.cited for one in apart)))
    passages = _likest([one.text for one in apart], [(n, one) for n in needed for one in sentences(sources[n])])
    if not passages:
        return frozenset()
    matrix = similarity([one.text for one in apart], [passage for _, passage in passages])
    return frozenset(
        one
        for one, row in zip(apart, matrix, strict=True)
        if any(cosine >= NEAR for cosine, (n, _) in zip(row, passages, strict=True) if n in one.cited)
    )


def _likest(texts: Sequence[str], passages: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """The passages worth comparing, as their n-grams tell."""
    if len(passages) <= COMPARED:
        return passages
    asked = set[str]().union(*(ngrams(text) for text in texts))
    shared = sorted(passages, key=lambda one: -len(asked & set(ngrams(one[1]))))
    return shared[:COMPARED]


def coverage(text: str, sources: Sequence[str]) -> float:
    """The share of a sentence's n-grams that these texts hold."""
    mine = set(ngrams(text))
    held = [source.lower() for source in sources]
    return sum(any(one in source for source in held) for one in mine) / len(mine) if mine else 1.0
