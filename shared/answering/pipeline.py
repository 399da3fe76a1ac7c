"""From a question to the events of its answer. No HTTP, no driver; a whole answer is these events, collected."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from shared.answering.afterwards import Afterwards
from shared.answering.case import Case, Parts
from shared.answering.context import leans
from shared.answering.decision import margin_of
from shared.answering.evidence import Evidence
from shared.answering.gate import Kind
from shared.answering.gathering import Gathering
from shared.answering.language import language_of
from shared.answering.tapping import WHICH_SERVICE
from shared.answering.writing import Writing
from shared.bubbles import following, service_choice, services_to_choose
from shared.errors import AppError
from shared.models import Answer, Bubble, Decision, Expression, Turn
from shared.retrieval.embedded import asked_key, packed
from shared.sse import BubbleAdded, Delta, Event, Status

_FRIENDLY = {"greeting", "thanks"}
_EXPRESSIONS: dict[Decision, Expression] = {
    "answer": "SMILE",
    "clarify": "THINKING",
    "refuse": "CRYING",
    "fixed": "SMILE",
}


class Answering:
    """One question on its way. `answer` grows as the events of `events()` are taken.

    Parameters
    ----------
    turn
        The question.
    history, values, told, service_before
        See `Case`.
    """

    def __init__(
        self,
        parts: Parts,
        turn: Turn,
        history: Sequence[Turn],
        answer: Answer | None = None,
        values: Mapping[str, str] | None = None,
        told: Sequence[str] = (),
        service_before: str | None = None,
    ) -> None:
        self.answer = Answer() if answer is None else answer
        self._case = Case(parts, turn, history, self.answer, values or {}, told, service_before)
        self._gathering, self._writing = Gathering(self._case), Writing(self._case)
        self._afterwards = Afterwards(self._case, self._gathering)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Status, deltas, bubbles, sources and suggestions, in the order in which the customer sees them.

        Raises
        ------
        AppError
            When no answer can be given, or it broke half-way; `answer` holds what was said until then.
        """
        started, case = time.perf_counter(), self._case
        self.answer.bot_version = case.parts.bot.version
        try:
            with case.notes.timed("gate"):
                fixed = case.parts.gate.check(case.question)
            async with aclosing(self._fixed(fixed) if fixed else self._answered()) as events:
                async for event in events:
                    yield event
        except AppError as error:
            case.notes.problem("answer", error)
            raise
        finally:
            self.answer.latency_ms = round((time.perf_counter() - started) * 1_000)
            asked = case.parts.chat_model or case.parts.rewriter  # the same model, on a shorter lead
            await case.notes.account(case.parts.bot, case.parts.spending, case.usage, asked)

    async def _fixed(self, kind: Kind) -> AsyncGenerator[Event, None]:
        """A reply that needs no look-up."""
        self.answer.decision, self.answer.record.fixed = "fixed", kind
        bot = self._case.parts.bot
        words = {
            "short": bot.replies.short,
            "nonsense": bot.replies.nonsense,
            "greeting": bot.replies.greeting,
            "thanks": bot.replies.thanks,
            "banned": bot.replies.banned,
            "injection": bot.replies.injection,
        }[kind]
        yield self._say(bot.says(words, language_of(self._case.question)))
        self._case.add_text()
        self.answer.expression = "SMILE" if kind in _FRIENDLY else "THINKING"
        self._case.add(following(bot, "fixed", kind, ()))
        for bubble in self.answer.bubbles[1:]:
            yield BubbleAdded(bubble=bubble)

    async def _answered(self) -> AsyncGenerator[Event, None]:
        """Look up, decide, say, and tell what it was drawn from."""
        case, answer, gathering = self._case, self.answer, self._gathering
        spent = await gathering.is_spent()
        model, rewriter = (None, None) if spent else (case.parts.chat_model, case.parts.rewriter)
        lookup = gathering.lookup()
        planned = lookup.needs_plan and model is not None
        yield Status(step="planning" if planned else "searching")
        with case.notes.timed("plan" if planned else "look_up"):
            evidence = await gathering.gathered(lookup, model)
        answer.record.candidates = evidence.sources()
        if evidence.found.embedded is not None:
            answer.embedding, answer.asked_key = packed(evidence.found.embedded), asked_key(case.question)
        if "plan_unavailable" in answer.degraded:
            model = None  # nobody waits for it twice
        if rewriter is not None and not lookup.needs_plan and leans(case.question, case.history, evidence.found):
            yield Status(step="rewriting")
            with case.notes.timed("rewrite"):
                evidence = await gathering.rewritten(rewriter, evidence)
        answer.decision = evidence.decision
        answer.record.margin = None if evidence.facts else margin_of(evidence.found)
        if (choice := self._service_choice(evidence)) is not None:
            answer.decision = "clarify"
        category = asyncio.create_task(gathering.category(evidence, model))
        try:
            if choice is not None:
                case.asks_service = True
                yield self._say(WHICH_SERVICE)
            else:
                if self._writing.can_answer(evidence, model):
                    yield Status(step="answering")
                with case.notes.timed("write"):
                    started = time.perf_counter()
                    async with aclosing(self._writing.prose(evidence, model)) as prose:
                        async for piece in prose:
                            if not answer.text:
                                case.notes.time("first_token", started)
                            yield self._say(piece)
            case.add_text()
            if choice is not None:
                case.add([choice])
            answer.expression = _EXPRESSIONS[answer.decision]
            answer.search_completed = answer.decision == "answer"
            async for event in self._afterwards.what_follows(evidence, category):
                yield event
        finally:
            category.cancel()
            await asyncio.wait({category})  # what it took is counted

    def _say(self, text: str) -> Delta:
        self.answer.text += text
        return Delta(text=text)

    def _service_choice(self, evidence: Evidence) -> Bubble | None:
        """What asks for which service the first content's answer is wanted, when that is not clear."""
        if evidence.facts or evidence.found.decision != "answer":
            return None
        content, bot = evidence.found.ranked[0].content, self._case.parts.bot
        services = services_to_choose(bot, content, self._case.service_type)
        return service_choice(bot, content, services) if services else None
