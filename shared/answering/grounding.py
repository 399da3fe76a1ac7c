"""Whether an answer says what its contents say: figures and names one by one, the rest by what it has in common with them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from shared.answering import figures, names
from shared.retrieval.ngrams import ngrams
from shared.retrieval.sentences import sentences

COVERED = 0.35
NEAR = 0.38
MAX_COUNT = 10  # more things than that are no list that an answer counts itself

Similarity: TypeAlias = Callable[[Sequence[str], Sequence[str]], npt.NDArray[np.float32]]

_CITATION = re.compile(r"\s?\[(\d{1,2}(?:\s?,\s?\d{1,2})*)\](?!\()")
_MARKER = re.compile(
    r"^(?:\s*(?:[-*•·▪※]\s+|\(?\d{1,2}[.)]\s+|[①-⑳❶-❿]\s*|\d\ufe0f?\u20e3\s*|#{1,6}\s+|>\s+|(?:STEP\s?\d+|\d단계)[.:)]\s*))+"
)
_ITEM = re.compile(r"^\s*(?:[-*•·▪]\s|\(?\d{1,2}[.)]\s|[①-⑳❶-❿]|\d\ufe0f?\u20e3|(?:STEP\s?\d+|\d단계)[.:)])")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^)\s]*)\)")
_MARKS = re.compile(r"\*\*|__|~~|^\s*\|?(?:\s*:?-{3,}:?\s*\|?)+$|\|")
# Not inside 3.5% or 2026. 1. 5.; citations that follow belong to the sentence
_END = re.compile(
    r"((?:(?<=[^\d\s])[.!?…]+|[!?]+)[\"'”’)]*(?:\s?\[[\d,\s]+\])*)(?=\s|$)|((?<=[다요][.])(?:\s?\[[\d,\s]+\])*)(?=[가-힣])"
)
# Sentences that say nothing of the contents: they ask, apologize, thank, lead over or take leave
_FRAME = re.compile(
    r"[?:]$|궁금|죄송|감사|안녕|반갑|양해|참고(?:해|하)|도움이 되|문의해 주|말씀해 주|알려 드릴게|안내해 드|안내드|속상|불편을"
    r"|물어봐 주세요|(?:다음|아래|이렇게).{0,20}(?:주세요|같습니다|같아요|됩니다|있습니다|있어요|됩니다|필요합니다)[.!]?$"
    r"|(?:하루|시간|되세요|보내세요|드세요|바랍니다|모시겠습니다)[.!]?$"
    r"|^[^,]{0,6}(?:두|세|네|\d)\s?(?:가지|단계|방법).{0,25}(?:있습니다|있어요|됩니다|나뉩니다)[.!]?$"
)
_ENUMERATES = re.compile(r"[,·/]|[와과] |나 |및|또는|혹은")
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
class _Read:
    """A text, read for its figures and names."""

    facts: set[figures.Fact]
    names: names.Named

    @classmethod
    def of(cls, text: str) -> "_Read":
        return cls(figures.known(figures.read(text)), names.named(text))


def doubts(
    answer: str, sources: Sequence[str], question: str = "", similarity: Similarity | None = None
) -> list[Doubt]:
    """What of an answer the contents that it cites do not say, in the answer's order.

    A sentence without a citation is checked against all contents; what the customer said is taken as known. Numbers of
    list items, counts of the answer's own list, and citation marks are no figures.

    Parameters
    ----------
    sources
        The n-th, from 1, is what the model saw as `[n]`: title and text.
    similarity
        Sentences and passages to a matrix of cosines; without it the rest of a sentence is checked by its n-grams alone.
    """
    read = [_Read.of(source) for source in sources]
    asked = _Read.of(question)
    items = sum(bool(_ITEM.match(line)) for line in answer.split("\n"))
    found: list[Doubt] = []
    for sentence in split(answer):
        cited = [n - 1 for n in sentence.cited if 1 <= n <= len(sources)] or list(range(len(sources)))
        shown = [read[n] for n in cited]
        wrong = [*_figures(sentence.text, [*shown, asked], items), *_names(sentence.text, [*shown, asked])]
        if not wrong and not _says_nothing(sentence.text) and not _bears_out(sentence.text, shown):
            texts = [sources[n] for n in cited]
            if coverage(sentence.text, [*texts, question]) < COVERED and not _near(sentence.text, texts, similarity):
                wrong = [Doubt(sentence.text, "unlike", "")]
        found += wrong
    return found


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


def _figures(text: str, known: Sequence[_Read], items: int) -> Iterator[Doubt]:
    facts = set().union(*(one.facts for one in known))
    for figure in figures.read(text):
        if not figures.holds(facts, figure) and not _counts_itself(figure, text, items):
            yield Doubt(text, "figure", figure.text)


def _counts_itself(figure: figures.Figure, text: str, items: int) -> bool:
    """다음 두 가지, of a list of two; A와 B 두 가지."""
    count = next((amount for kind, amount in figure.gives if kind in ("kind", "단계")), None)
    if count is None or not 1 < float(count) <= MAX_COUNT:
        return False
    return count == items or ("가지" in figure.text and count == len(_ENUMERATES.findall(text[: figure.start])) + 1)


def _names(text: str, known: Sequence[_Read]) -> Iterator[Doubt]:
    for name in names.read(text):
        if not any(one.names.holds(name) for one in known):
            yield Doubt(text, "name", name.text)


def _says_nothing(text: str) -> bool:
    return bool(_FRAME.search(text)) or len(names.letters(text)) < _SHORTEST


def _bears_out(text: str, shown: Sequence[_Read]) -> bool:
    """Whether a figure or a name of the sentence stands in its contents: that tells more than its other words."""
    facts = set().union(*(one.facts for one in shown))
    if any(figure.wants and figures.holds(facts, figure) for figure in figures.read(text)):
        return True
    return any(one.names.holds(name) for name in names.read(text) for one in shown)


def _near(text: str, sources: Sequence[str], similarity: Similarity | None) -> bool:
    if similarity is None:
        return False
    passages = [one for source in sources for one in sentences(source)]
    return float(similarity([text], passages).max()) >= NEAR


def coverage(text: str, sources: Sequence[str]) -> float:
    """The share of a sentence's n-grams that these texts hold."""
    mine = set(ngrams(text))
    held = [source.lower() for source in sources]
    return sum(any(one in source for source in held) for one in mine) / len(mine) if mine else 1.0
