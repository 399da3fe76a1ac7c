"""What is evaluated, and the one place that touches the search."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from scripts.evaluation.questions import Question
from scripts.steps import CannotRun
from shared import assembly, wiring
from shared.answering.context import better, first_before, leans, meanings, rewrite, unless_said
from shared.answering.decision import MAX_SOURCES, sources_of
from shared.answering.gate import Gate
from shared.bot import Bot, Weights
from shared.errors import LlmUnavailable
from shared.llm.base import ChatModel
from shared.models import Decision, Turn
from shared.rehearsal import find
from shared.retrieval.base import Found, Measured, Part, Search
from shared.retrieval.fusion import combine
from shared.retrieval.text import normalize

CANDIDATES = 200  # contents that a search is asked for: those that a sweep can bring to the front


@dataclass(frozen=True)
class Candidate:
    """A content that a question found: its score, and the parts that the score is combined from."""

    faq_id: str
    score: float
    parts: Mapping[Part, float]


@dataclass(frozen=True)
class Outcome:
    """What became of one question: the candidates, best first, and what the bot would do.

    Parameters
    ----------
    confidence, measured
        What it was decided by, as in `Found`; nothing where no scores were.
    """

    question: Question
    candidates: tuple[Candidate, ...]
    decision: Decision
    confidence: float = 0.0
    measured: Measured | None = None

    @property
    def ids(self) -> list[str]:
        """The contents, best first."""
        return [one.faq_id for one in self.candidates]

    @property
    def rank(self) -> int | None:
        """Where the first gold content stands, from 1; `None` when there is none or it was not found."""
        return next((n for n, faq_id in enumerate(self.ids, 1) if faq_id in self.question.gold), None)

    @property
    def top_score(self) -> float | None:
        """The best content's score; `None` when nothing was found."""
        return float(self.candidates[0].score) if self.candidates else None


@dataclass(frozen=True)
class Engine:
    """The search as the evaluation sees it.

    Parameters
    ----------
    ask
        Candidates, best first, and the decision for a question; at most as many candidates as the number says.
    combine
        A content's score from its parts under other weights, without a second search.
    """

    name: str
    ask: Callable[[Question, int], Outcome]
    combine: Callable[[Mapping[Part, float], Weights], float]
    weights: Weights


def ask_all(engine: Engine, questions: Sequence[Question], limit: int = CANDIDATES) -> list[Outcome]:
    """Ask every question once, with a progress bar."""
    bar = tqdm(questions, desc="asking", unit="question", file=sys.stderr, leave=False)
    return [engine.ask(question, limit) for question in bar]


def served(source_id: str, rewriter: ChatModel | None = None) -> Engine:
    """The search that answers customers of the default bot. Raises what `Search` does.

    Parameters
    ----------
    rewriter
        Makes follow-ups stand alone, as when customers are answered; without it they are read offline.
    """
    bot = wiring.get_bot("default")
    search = assembly.get_search(bot, source_id)
    gate = Gate(bot.banned_words, bot.allowed_words)

    def ask(question: Question, limit: int) -> Outcome:
        history = _answered(search, gate, question.history)
        asked = meanings(question.text, history)
        found = search.find(asked, limit=limit, before=first_before(question.text, history))
        found = unless_said(found, question.text, history)
        if rewriter is not None and leans(question.text, question.history, found):
            found = asyncio.run(_rewritten(rewriter, search, question, found, limit))
        return _outcome(question, found)

    return Engine(
        name=wiring.get_embedder().name,
        ask=ask,
        combine=lambda parts, weights: combine(parts, weights, search.scales),
        weights=bot.weights,
    )


def serving(bot: Bot) -> Engine:
    """The search that answers a bot's customers, for questions that stand alone: all of its sources, as one.

    Parts are combined in the units of the first source. Raises what `Search` does.
    """
    searches = assembly.get_searches(bot)
    first = next(iter(searches.values()), None)
    if first is None:
        raise CannotRun(f"bot {bot.bot_id!r} has no contents to search")
    return Engine(
        name=wiring.get_embedder().name,
        ask=lambda question, limit: _outcome(question, find(searches, question.text, limit)),
        combine=lambda parts, weights: combine(parts, weights, first.scales),
        weights=bot.weights,
    )


def _outcome(question: Question, found: Found) -> Outcome:
    candidates = tuple(Candidate(one.content.faq_id, one.score, one.parts) for one in found.ranked)
    return Outcome(question, candidates, found.decision, found.confidence, found.measured)


def _answered(search: Search, gate: Gate, history: Sequence[Turn]) -> list[Turn]:
    """Earlier turns with what they were answered from, which files of questions don't tell."""
    return [turn.model_copy(update=_answer(search, gate, turn.user_message)) for turn in history]


def _answer(search: Search, gate: Gate, question: str) -> dict[str, Any]:
    if gate.check(normalize(question)) is not None:
        return {"sources": [], "decision": "fixed"}
    found = search.find([question], limit=MAX_SOURCES)
    return {"sources": sources_of(found) if found.decision != "refuse" else [], "decision": found.decision}


async def _rewritten(rewriter: ChatModel, search: Search, question: Question, found: Found, limit: int) -> Found:
    """What the pipeline takes: the rewritten question's contents, unless there is none or they are worse."""
    try:
        rewritten = await rewrite(rewriter, question.text, question.history)
    except LlmUnavailable as error:
        tqdm.write(f"haedap: {question.id}: not rewritten: {error.reason}", file=sys.stderr)
        return found
    return better(found, search.find([rewritten], limit=limit))
