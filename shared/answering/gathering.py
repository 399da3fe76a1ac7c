"""What an answer is drawn from: what the sources give, the follow-up rewritten, the question's category."""

import asyncio
import logging
from dataclasses import replace

from shared.answering.bridge import in_thread
from shared.answering.case import Case
from shared.answering.classify import ask_category, category_of
from shared.answering.context import better, rewrite
from shared.answering.evidence import Evidence
from shared.answering.lookup import RANKED, Lookup
from shared.errors import AppError, LlmUnavailable, StoreUnavailable
from shared.llm.base import ChatModel

log = logging.getLogger(__name__)

CLASSIFY_SECONDS = 1.0  # that an answer waits for its category when it has been written itself


class Gathering:
    """Asks the sources, and the models that help to."""

    def __init__(self, case: Case) -> None:
        self._case = case

    async def is_spent(self) -> bool:
        """Whether no model may be asked any more today. What cannot be known is taken for no."""
        spending, bot = self._case.parts.spending, self._case.parts.bot
        if spending is None or not bot.budget.is_set or not (self._case.parts.chat_model or self._case.parts.rewriter):
            return False
        try:
            spent = await in_thread(spending.is_spent, bot)
        except StoreUnavailable as error:
            log.warning("the budget of bot %r is unknown: %s", bot.bot_id, error.reason)
            return False
        if spent:
            self._case.answer.degraded.append("budget_spent")
        return spent

    def lookup(self) -> Lookup:
        """What asks the sources for this question."""
        case, parts = self._case, self._case.parts
        return Lookup(
            parts.bot,
            parts.searches,
            parts.facts,
            parts.tools,
            case.question,
            case.history,
            case.usage,
            case.values,
            parts.allowed,
        )

    async def gathered(self, lookup: Lookup, model: ChatModel | None) -> Evidence:
        """What the sources gave: those that the model chose, or all that need no choosing."""
        try:
            if model is not None and lookup.needs_plan:
                try:
                    await lookup.planned(model)
                except LlmUnavailable as error:
                    log.warning("no plan from the language model, asking what needs none: %s", error.reason)
                    self._case.notes.problem("plan", error, "plan_unavailable")
                    await self._without_plan(lookup, error)
            else:
                await self._without_plan(lookup, LlmUnavailable(detail="no model to choose among the sources"))
            return lookup.evidence()
        finally:
            record = self._case.answer.record
            record.calls, record.left_out = lookup.calls, lookup.left_out
            record.problems += lookup.problems
            record.steps += lookup.rounds
            self._case.answer.degraded += lookup.degraded

    async def _without_plan(self, lookup: Lookup, why: LlmUnavailable) -> None:
        """Ask what needs no plan. Raises `why` when that is nothing: to refuse would say that there is no answer."""
        await lookup.everywhere()
        if not lookup.calls:
            raise why

    async def rewritten(self, rewriter: ChatModel, evidence: Evidence) -> Evidence:
        """What is found for the question as the model understands it after what came before, unless that is worse."""
        try:
            rewritten = await rewrite(rewriter, self._case.question, self._case.history, self._case.usage)
            if rewritten == self._case.question:
                return evidence
            (search,) = self._case.parts.searches.values()
            taken = better(evidence.found, await in_thread(search.find, [rewritten], limit=RANKED))
        except AppError as error:
            log.warning("no rewritten question, reading the follow-up offline: %s", error.reason)
            self._case.notes.problem("rewrite", error, "rewrite_unavailable")
            return evidence
        if taken is evidence.found:
            return evidence
        self._case.answer.searched_as = rewritten
        return replace(evidence, found=taken)

    async def category(self, evidence: Evidence, model: ChatModel | None) -> str | None:
        """What the question is about. It runs beside the answer, which never waits long for it."""
        bot = self._case.parts.bot
        ranked = evidence.found.ranked if evidence.found.decision != "refuse" else ()
        category = category_of(bot, self._case.question, ranked)
        if category is not None or model is None or not bot.categories or evidence.decision == "refuse":
            return category
        try:
            with self._case.notes.timed("category"):
                return await ask_category(model, bot, self._case.question, self._case.usage)
        except LlmUnavailable as error:
            log.warning("no category from the language model: %s", error.reason)
            self._case.notes.problem("category", error, "category_unavailable")
            return None

    async def take(self, category: "asyncio.Task[str | None]") -> None:
        """Record the category, if it comes in time."""
        if not category.done():
            await asyncio.wait({category}, timeout=CLASSIFY_SECONDS)
        if category.done():
            self._case.answer.record.category = category.result()
            return
        category.cancel()
        await asyncio.wait({category})  # what it took is counted
        self._case.notes.problem(
            "category", LlmUnavailable(detail=f"nothing within {CLASSIFY_SECONDS:g} s"), "category_unavailable"
        )
