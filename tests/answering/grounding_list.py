"""The labelled answers of data/checks/grounding.jsonl, and how well their errors are found.

`python -m tests.answering.grounding_list` prints precision and recall of both halves, with and without the encoder,
and of answers that hold a figure or name of the customer's alone: were it never known, always, and as it is told apart.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from shared.answering.grounding import Similarity, cosines, doubts, split
from shared.retrieval.sentences import UniversalSentenceEncoder

LIST = Path(__file__).parents[2] / "data" / "checks" / "grounding.jsonl"


@dataclass(frozen=True)
class Labelled:
    """One answer. What is doubted is an invented sentence, with its full stop, or else a figure or a name."""

    answer: str
    sources: list[str]
    question: str
    doubted: list[str]
    held_out: bool

    def wrong_in(self, sentence: str) -> list[str]:
        """The labelled figures and names of one of its sentences."""
        return [one for one in self.doubted if re.search(rf"(?<![\d.,]){re.escape(one)}", sentence) and one[-1] != "."]


@dataclass
class Score:
    """Sentences that were doubted rightly, wrongly, and not though they should be."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def __str__(self) -> str:
        return f"{self.precision:.3f} {self.recall:.3f}"

    def count(self, labelled: bool, doubted: bool) -> None:
        self.right += labelled and doubted
        self.wrong += doubted and not labelled
        self.missed += labelled and not doubted


def load() -> list[Labelled]:
    return [Labelled(**json.loads(line)) for line in LIST.read_text(encoding="utf-8").splitlines()]


def measure(held_out: bool, similarity: Similarity | None = None) -> tuple[Score, Score]:
    """Scores by sentence: of figures and names, and of what is unlike its contents.

    Strict: a figure doubted in an invented sentence, where no figure was labelled, counts as wrong for the first and
    as missed for the second.
    """
    said, unlike = Score(), Score()
    for one in load():
        if one.held_out != held_out:
            continue
        found = doubts(one.answer, one.sources, one.question, similarity)
        for sentence in split(one.answer):
            reasons = {doubt.reason for doubt in found if doubt.sentence == sentence.text}
            said.count(bool(one.wrong_in(sentence.text)), bool(reasons - {"unlike"}))
            unlike.count(sentence.text in one.doubted, "unlike" in reasons)
    return said, unlike


def never_known(one: Labelled) -> Labelled:
    """As if the customer had not said what they said."""
    return replace(one, question="")


def always_known(one: Labelled) -> Labelled:
    """As if the contents held what the customer said."""
    return replace(one, sources=[f"{source}\n{one.question}" for source in one.sources])


def as_told(one: Labelled) -> Labelled:
    """As it is."""
    return one


def repeating() -> list[Labelled]:
    """The answers with a figure or name that the customer alone has said."""
    return [one for one in load() if _figures(never_known(one)) != _figures(always_known(one))]


def measure_repeated(held_out: bool, taken: Callable[[Labelled], Labelled]) -> Score:
    """The score of such answers, by answer: whether anything of it is doubted that a customer is told of."""
    score = Score()
    for one in repeating():
        if one.held_out == held_out:
            labelled = any(one.wrong_in(sentence.text) for sentence in split(one.answer))
            score.count(labelled, bool(_figures(taken(one))))
    return score


def _figures(one: Labelled) -> list[str]:
    return [doubt.what for doubt in doubts(one.answer, one.sources, one.question) if doubt.reason != "unlike"]


if __name__ == "__main__":
    for half in (False, True):
        for name, function in (("n-grams", None), ("encoder", cosines(UniversalSentenceEncoder()))):
            for kind, score in zip(("figures, names", "unlike"), measure(half, function), strict=True):
                print("held out" if half else "development", name, kind, score)
        for way in (never_known, always_known, as_told):
            score = measure_repeated(half, way)
            print("held out" if half else "development", "the customer's own,", way.__name__, score)
