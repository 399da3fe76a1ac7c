"""A rehearsal: questions answered as they are now and as they would be, so that nothing gets worse unseen.

Each is searched twice, in what is served and in what is proposed: in all indexes of a bot, as it answers without a
model. What a question is answered from, or whether it is answered at all, may differ; so may the text of that answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.answering.context import alone
from shared.answering.evidence import merged
from shared.answering.gate import Gate
from shared.bot import Bot
from shared.frequent import FrequentQuestion
from shared.golden import GoldenQuestion
from shared.models import Content, Decision, Model
from shared.retrieval.base import Found, Search, Vector
from shared.retrieval.embedded import asked_key, unpacked
from shared.retrieval.lexicon import Lexicon
from shared.retrieval.readings import read
from shared.retrieval.spacing import is_crowded
from shared.retrieval.text import normalize

Verdict: TypeAlias = Literal["better", "worse", "changed"]
Searches: TypeAlias = Mapping[str, Search]
"""A bot's, by source."""


@dataclass(frozen=True)
class Rehearsed:
    """A question to be asked.

    Parameters
    ----------
    right
        Contents any of which answers it, by id; none: it is not to be answered. `None`: nobody has said.
    count
        How often customers asked it lately, where that is why it is asked.
    golden_id
        Of a golden question.
    """

    question: str
    right: frozenset[str] | None = None
    count: int | None = None
    golden_id: str | None = None

    @classmethod
    def golden(cls, one: GoldenQuestion) -> "Rehearsed":
        """One that an operator knows the answer to."""
        return cls(one.question, frozenset(one.faq_ids), golden_id=one.golden_id)


@dataclass(frozen=True)
class Side:
    """What questions are asked of.

    Parameters
    ----------
    gate
        What gets a fixed reply before anything is searched; without one nothing does.
    """

    searches: Searches
    gate: Gate | None = None

    @classmethod
    def of(cls, bot: Bot, searches: Searches) -> "Side":
        """A bot with what it searches."""
        return cls(searches, Gate(bot.banned_words, bot.allowed_words))

    def stops(self, text: str) -> bool:
        """Whether a text gets a fixed reply."""
        return self.gate is not None and self.gate.check(text) is not None


class Outcome(Model):
    """What becomes of a question: the content that comes first, when it is answered or asked back."""

    decision: Decision
    source_id: str | None
    faq_id: str | None
    title: str | None


class Change(Model):
    """A question that would be answered in another way.

    Parameters
    ----------
    count
        How often it was asked in 14 days; of a golden question nothing.
    text_differs
        Its answer stays with the same content, whose text would be another.
    golden_id
        Which golden question it is: with this one says yes to losing it.
    """

    question: str
    golden: bool
    count: int | None
    before: Outcome
    after: Outcome
    verdict: Verdict
    text_differs: bool = False
    golden_id: str | None = None


class Rehearsal(Model):
    """What would change: golden questions first, of either kind the worst first, then what is asked most.

    Parameters
    ----------
    asked
        All of them, `golden` and `frequent`.
    """

    asked: int
    golden: int
    frequent: int
    right_before: int
    right_after: int
    changes: list[Change]

    @property
    def lost(self) -> list[Change]:
        """Golden questions that are right now and would not be."""
        return [one for one in self.changes if one.golden and one.verdict == "worse"]


_ORDER: dict[Verdict, int] = {"worse": 0, "changed": 1, "better": 2}
_ANSWERED: dict[Decision, int] = {"refuse": 0, "fixed": 0, "clarify": 1, "answer": 2}
_READ = 3  # contents: the first decides


def find(searches: Searches, question: str, limit: int = _READ) -> Found:
    """What a bot finds for a question that stands alone; of each index so many contents.

    Raises
    ------
    IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
    """
    text = normalize(question)
    return merged(_founds(searches, text, limit), text)


def reply(side: Side, question: str) -> Found:
    """What becomes of a question that stands alone: a fixed reply, or what is found. Raises what `find` does."""
    text = normalize(question)
    return Found([], "fixed", text, 0.0) if side.stops(text) else find(side.searches, question)


def rehearse(questions: Iterable[Rehearsed], now: Side, then: Side) -> Rehearsal:
    """Ask each of these questions of both. An index that both search is asked once.

    Raises
    ------
    IndexUnavailable, EmbeddingUnavailable, StoreUnavailable
    """
    changes: list[Change] = []
    asked = golden = right_before = right_after = 0
    for one in questions:
        text = normalize(one.question)
        founds = _founds(now.searches, text)
        others = {one: search for one, search in then.searches.items() if search is not now.searches.get(one)}
        would_find = {one: found for one, found in founds.items() if one in then.searches} | _founds(others, text)
        found, would = _replied(now, founds, text), _replied(then, would_find, text)
        asked += 1
        if one.right is not None:
            golden += 1
            right_before += is_right(found, one.right)
            right_after += is_right(would, one.right)
        change = _change(one, found, would)
        if change is not None:
            changes.append(change)
    return Rehearsal(
        asked=asked,
        golden=golden,
        frequent=asked - golden,
        right_before=right_before,
        right_after=right_after,
        changes=_listed(changes),
    )


def rehearse_first(questions: Iterable[Rehearsed], then: Side) -> Rehearsal:
    """Ask questions of what would be the first to serve: all golden ones are told, and what else is answered.

    What was never answered can not be lost: a golden question is `better` where it is answered rightly, else `changed`.
    Raises what `rehearse` does.
    """
    changes: list[Change] = []
    asked = golden = right = 0
    for one in questions:
        would = reply(then, one.question)
        is_golden = one.right is not None
        answers_rightly = one.right is not None and is_right(would, one.right)
        asked, golden, right = asked + 1, golden + is_golden, right + answers_rightly
        if is_golden or would.decision != "refuse":
            changes.append(
                Change(
                    question=one.question,
                    golden=is_golden,
                    count=one.count,
                    before=Outcome(decision="refuse", source_id=None, faq_id=None, title=None),
                    after=_outcome(would),
                    verdict="better" if answers_rightly or not is_golden else "changed",
                    golden_id=one.golden_id,
                )
            )
    return Rehearsal(
        asked=asked,
        golden=golden,
        frequent=asked - golden,
        right_before=0,
        right_after=right,
        changes=_listed(changes),
    )


def to_be_asked(golden: Iterable[GoldenQuestion], frequent: Iterable[FrequentQuestion]) -> list[Rehearsed]:
    """All golden ones, also where two say different things of one question, and the frequent ones that are none."""
    known = [*golden]
    keys = {asked_key(one.question) for one in known}
    return [
        *map(Rehearsed.golden, known),
        *(Rehearsed(one.question, count=one.count) for one in frequent if asked_key(one.question) not in keys),
    ]


def logged_vectors(frequent: Iterable[FrequentQuestion], engine: str) -> dict[str, Vector]:
    """This engine's vectors that the log has of frequent questions, by the texts that they are of.

    Left out is a question that says what joins it to another one, for the log has the vector of the rest of it; and one
    with a word so long that the index which was searched may have put spaces into it.
    """
    found = {}
    for one in frequent:
        text = normalize(one.question)
        vector = unpacked(one.embedding) if one.embedding and one.embedding.engine == engine else None
        repaired = read(text, Lexicon([])).repaired
        if vector is not None and alone(text) == text and not is_crowded(repaired):
            found[repaired] = vector.vector
    return found


def outcomes(questions: Iterable[str], searches: Searches) -> list[Outcome]:
    """What becomes of each of these questions. Raises what `rehearse` does."""
    return [_outcome(find(searches, one)) for one in questions]


def is_right(found: Found, right: frozenset[str]) -> bool:
    """Whether a question is answered from one of these, or not answered where there is none."""
    if found.decision != "answer":
        return not right
    return bool(found.ranked) and found.ranked[0].content.faq_id in right


def _founds(searches: Searches, text: str, limit: int = _READ) -> dict[str, Found]:
    return {source_id: search.find([text], limit=limit) for source_id, search in searches.items()}


def _replied(side: Side, founds: Mapping[str, Found], text: str) -> Found:
    return Found([], "fixed", text, 0.0) if side.stops(text) else merged(founds, text)


def _listed(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (not change.golden, _ORDER[change.verdict], -(change.count or 0)))


def _change(one: Rehearsed, found: Found, would: Found) -> Change | None:
    before, after = _outcome(found), _outcome(would)
    same = (before.decision, before.source_id, before.faq_id) == (after.decision, after.source_id, after.faq_id)
    text_differs = same and before.decision == "answer" and _said(found) != _said(would)
    if same and not text_differs:
        return None
    return Change(
        question=one.question,
        golden=one.right is not None,
        count=one.count,
        before=before,
        after=after,
        verdict=_verdict(one, found, would),
        text_differs=text_differs,
        golden_id=one.golden_id,
    )


def _verdict(one: Rehearsed, found: Found, would: Found) -> Verdict:
    """Of a golden question whether it is right; of another, whether it is answered more or less than before."""
    if one.right is not None:
        before, after = int(is_right(found, one.right)), int(is_right(would, one.right))
    else:
        before, after = _ANSWERED[found.decision], _ANSWERED[would.decision]
    return "better" if after > before else "worse" if after < before else "changed"


def _outcome(found: Found) -> Outcome:
    first = found.ranked[0].content if found.ranked and found.decision != "refuse" else None
    if first is None:
        return Outcome(decision=found.decision, source_id=None, faq_id=None, title=None)
    return Outcome(decision=found.decision, source_id=first.source_id, faq_id=first.faq_id, title=first.title)


def _said(found: Found) -> tuple[str, dict[str, str]]:
    content: Content = found.ranked[0].content
    return content.content, content.service_answers
