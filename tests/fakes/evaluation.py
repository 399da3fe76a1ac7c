"""A search for evaluations: what each question finds is said beforehand, and scores are weighted sums of the parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scripts.evaluation.engine import Candidate, Engine, Outcome
from scripts.evaluation.questions import Question
from shared.bot import Weights
from shared.models import Decision
from shared.retrieval.base import Part

WEIGHTS = Weights(title=0.6, content=0.4, sentence=0.0, lexical=0.0)


def combine(parts: Mapping[Part, float], weights: Weights) -> float:
    """`Engine.combine`: title and content by their weights, n-grams of titles by the lexical one."""
    lexical = weights.lexical * parts.get("ngram_title", 0.0)
    return weights.title * parts.get("title", 0.0) + weights.content * parts.get("content", 0.0) + lexical


def question(
    name: str, category: str = "plain", gold: Sequence[str] = (), text: str = "정산은 언제 되나요?"
) -> Question:
    """A question without history."""
    return Question(name, text, category, (), frozenset(gold))


def outcome(
    asked: Question, parts: Mapping[str, Mapping[Part, float]], decision: Decision, weights: Weights = WEIGHTS
) -> Outcome:
    """What becomes of a question that finds contents with these parts."""
    found = [Candidate(faq_id, combine(one, weights), one) for faq_id, one in parts.items()]
    return Outcome(asked, tuple(sorted(found, key=lambda one: -one.score)), decision)


def ranked(asked: Question, ids: Sequence[str], decision: Decision = "answer") -> Outcome:
    """What becomes of a question that finds these contents in this order."""
    return outcome(asked, {faq_id: {"title": 1 - place / 100} for place, faq_id in enumerate(ids)}, decision)


def engine(outcomes: Sequence[Outcome]) -> Engine:
    """A search that gives these outcomes."""
    known = {one.question.id: one for one in outcomes}

    def ask(asked: Question, limit: int) -> Outcome:
        one = known[asked.id]
        return replace(one, question=asked, candidates=one.candidates[:limit])

    return Engine("fake/1", ask, combine, WEIGHTS)
