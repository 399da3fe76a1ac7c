"""From a question to the events of its answer. No HTTP, no driver; a whole answer is these events, collected."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from shared.answering.bridge import in_thread
from shared.answering.citations import known_citations
from shared.answering.classify import ask_category, category_of, links_for
from shared.answering.context import better, leans, recent, rewrite
from shared.answering.decision import led_by, suggest
from shared.answering.evidence import Evidence
from shared.answering.gate import Gate, Kind
from shared.answering.generation import NoAnswer, cited_numbers, content_pieces, without_marker
from shared.answering.grounding import Doubt, Similarity, doubts
from shared.answering.language import language_of
from shared.answering.lookup import RANKED, Lookup
from shared.answering.notes import Notes
from shared.answering.tapping import WHICH_SERVICE, numbered
from shared.bot import Bot
from shared.bubbles import following, link_list, media_bubbles, notice, service_choice, services_to_choose
from shared.errors import AppError, LlmUnavailable, StoreUnavailable
from shared.llm.base import ChatModel, Usage
from shared.llm.prompts import VERSION, Passage, answer_messages
from shared.models import (
    Answer,
    Bubble,
    Decision,
    Expression,
    Suggestion,
    Turn,
    UnsupportedClaim,
    rests_on,
)
from shared.retrieval.base import Search
from shared.retrieval.text import letters, normalize
from shared.sources.base import Facts, Tools
from shared.spending import Spending
from shared.sse import BubbleAdded, Delta, Event, Sources, Status, Suggestions

log = logging.getLogger(__name__)

MAX_ANSWER_CHARACTERS = 20_000  # stored twice, in the turn and in its bubble: up to 160 KB of the item's 390
CLASSIFY_SECONDS = 1.0  # that an answer waits for its category when it has been written itself
NOTE_FROM_FAQ = "지금은 답변을 새로 쓰기 어려워, 등록된 내용을 그대로 보여 드렸어요."
NOTE_UNSUPPORTED = "확인이 필요해요: 답변 가운데 {what} 부분은 도움말에서 확인하지 못했어요."
_WITHOUT_MODEL = {"llm_unavailable", "plan_unavailable", "budget_spent"}
_FRIENDLY = {"greeting", "thanks"}
_EXPRESSIONS: dict[Decision, Expression] = {
    "answer": "SMILE",
    "clarify": "THINKING",
    "refuse": "CRYING",
    "fixed": "SMILE",
}


@dataclass(frozen=True)
class Parts:
    """What answering needs: the bot, its sources by id, and language models where they are set.

    Parameters
    ----------
    tools
        How a model chooses among several sources; `None` where one index is simply searched.
    rewriter
        The model that makes follow-ups stand alone, on a short lead: a customer waits for it before the search.
    similarity
        Compares what an answer says with what its sources hold; without it, by n-grams.
    """

    bot: Bot
    searches: Mapping[str, Search]
    facts: Mapping[str, Facts] = field(default_factory=dict)
    chat_model: ChatModel | None = None
    rewriter: ChatModel | None = None
    tools: Tools | None = None
    gate: Gate = field(default_factory=Gate)
    spending: Spending | None = None
    similarity: Similarity | None = None


@dataclass
class Answering:
    """One question on its way. `answer` grows as the events of `events()` are taken.

    Parameters
    ----------
    turn
        The question.
    history
        Earlier turns of the session, oldest first.
    values
        What of the question was masked, by placeholder.
    told
        Contents that answers of the session rest on, by id, also those before the history.
    """

    parts: Parts
    turn: Turn
    history: Sequence[Turn]
    answer: Answer = field(default_factory=Answer)
    values: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()
    _usage: Usage = field(default_factory=Usage)
    _passages: Sequence[Passage] = ()  # what the model read
    _asks_service: bool = False

    def __post_init__(self) -> None:
        self._notes = Notes(self.answer)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Status, deltas, bubbles, sources and suggestions, in the order in which the customer sees them.

        Raises
        ------
        AppError
            When no answer can be given, or it broke half-way; `answer` holds what was said until then.
        """
        started = time.perf_counter()
        self.answer.bot_version = self.parts.bot.version
        question = normalize(self.turn.user_message)
        try:
            with self._notes.timed("gate"):
                fixed = self.parts.gate.check(question)
            async with aclosing(self._fixed(fixed, question) if fixed else self._answered(question)) as events:
                async for event in events:
                    yield event
        except AppError as error:
            self._notes.problem("answer", error)
            raise
        finally:
            self.answer.latency_ms = round((time.perf_counter() - started) * 1_000)
            await self._notes.account(self.parts.bot, self.parts.spending, self._usage)

    async def _fixed(self, kind: Kind, question: str) -> AsyncGenerator[Event, None]:
        """A reply that needs no look-up."""
        self.answer.decision, self.answer.record.fixed = "fixed", kind
        words = {
            "short": self.parts.bot.replies.short,
            "nonsense": self.parts.bot.replies.nonsense,
            "greeting": self.parts.bot.replies.greeting,
            "thanks": self.parts.bot.replies.thanks,
            "banned": self.parts.bot.replies.banned,
            "injection": self.parts.bot.replies.injection,
        }[kind]
        yield self._say(self.parts.bot.says(words, language_of(question)))
        self._bubble_of_text()
        self.answer.expression = "SMILE" if kind in _FRIENDLY else "THINKING"
        self._add(following(self.parts.bot, "fixed", kind, ()))
        for bubble in self.answer.bubbles[1:]:
            yield BubbleAdded(bubble=bubble)

    async def _answered(self, question: str) -> AsyncGenerator[Event, None]:
        """Look up, decide, say, and tell what it was drawn from."""
        answer, spent = self.answer, await self._is_spent()
        model, rewriter = (None, None) if spent else (self.parts.chat_model, self.parts.rewriter)
        lookup = self._lookup(question)
        planned = lookup.needs_plan and model is not None
        yield Status(step="planning" if planned else "searching")
        with self._notes.timed("plan" if planned else "look_up"):
            evidence = await self._evidence(lookup, model)
        answer.record.candidates = evidence.sources()
        if "plan_unavailable" in answer.degraded:
            model = None  # nobody waits for it twice
        if rewriter is not None and not lookup.needs_plan and leans(question, self.history, evidence.found):
            yield Status(step="rewriting")
            with self._notes.timed("rewrite"):
                evidence = await self._rewritten(rewriter, question, evidence)
        answer.decision = evidence.decision
        if (choice := self._service_choice(evidence)) is not None:
            answer.decision = "clarify"
        category = asyncio.create_task(self._category(question, evidence, model))
        try:
            if choice is not None:
                self._asks_service = True
                yield self._say(WHICH_SERVICE)
            else:
                if self._can_answer(evidence, model):
                    yield Status(step="answering")
                with self._notes.timed("write"):
                    started = time.perf_counter()
                    async with aclosing(self._prose(question, evidence, model)) as prose:
                        async for piece in prose:
                            if not answer.text:
                                self._notes.time("first_token", started)
                            yield self._say(piece)
            self._bubble_of_text()
            if choice is not None:
                self._add([choice])
            answer.expression = _EXPRESSIONS[answer.decision]
            answer.search_completed = answer.decision == "answer"
            async for event in self._after(question, evidence, category):
                yield event
        finally:
            category.cancel()

    async def _after(
        self, question: str, evidence: Evidence, category: "asyncio.Task[str | None]"
    ) -> AsyncGenerator[Event, None]:
        """What follows the text: notices, links, sources, suggestions."""
        answer = self.answer
        answered = answer.decision == "answer"
        if answer.decision != "refuse":
            answer.sources = evidence.sources(self._cited(evidence) if answered else ())
        doubtful, answer.suggestions = await in_thread(self._looked_back, question, evidence)  # a thread for both
        self._tell(doubtful)
        if answered and _WITHOUT_MODEL & set(answer.degraded):
            self._add([notice(NOTE_FROM_FAQ)])
        await self._take(category)
        links = links_for(self.parts.bot, answer.record.category, question) if answered else []
        if links:
            self._add([link_list(links)])
        lead = led_by(evidence.found, rests_on(answer))
        self._add(media_bubbles(lead.content) if lead and answered else [])
        self._add(following(self.parts.bot, answer.decision, None, answer.suggestions, self._service_type))
        for bubble in answer.bubbles[1:]:
            yield BubbleAdded(bubble=bubble)
        if answer.sources:
            yield Sources(sources=answer.sources)
        if answer.suggestions:
            yield Suggestions(questions=answer.suggestions)

    # Looking up

    @property
    def _service_type(self) -> str | None:
        """The service that the question is about: as it says or names it, else as the conversation last said."""
        asked = letters(self.turn.user_message)
        held = [one for one in self.parts.bot.service_types if letters(one) in asked]
        named = [one for one in held if not any(letters(one) in letters(other) for other in held if other != one)]
        told = [
            self.turn.service_type,
            *named[: len(named) == 1],
            *(one.service_type for one in reversed(self.history)),
        ]
        return next((one for one in told if one), None)

    def _lookup(self, question: str) -> Lookup:
        parts = self.parts
        return Lookup(
            parts.bot, parts.searches, parts.facts, parts.tools, question, self.history, self._usage, self.values
        )

    async def _is_spent(self) -> bool:
        """Whether no model may be asked any more today. What cannot be known is taken for no."""
        spending, bot = self.parts.spending, self.parts.bot
        if spending is None or not bot.budget.is_set or not (self.parts.chat_model or self.parts.rewriter):
            return False
        try:
            spent = await in_thread(spending.is_spent, bot)
        except StoreUnavailable as error:
            log.warning("the budget of bot %r is unknown: %s", bot.bot_id, error.reason)
            return False
        if spent:
            self.answer.degraded.append("budget_spent")
        return spent

    async def _evidence(self, lookup: Lookup, model: ChatModel | None) -> Evidence:
        """What the sources gave: those that the model chose, or all that need no choosing."""
        try:
            if model is not None and lookup.needs_plan:
                try:
                    await lookup.planned(model)
                except LlmUnavailable as error:
                    log.warning("no plan from the language model, asking what needs none: %s", error.reason)
                    self._notes.problem("plan", error, "plan_unavailable")
                    await self._without_plan(lookup, error)
            else:
                await self._without_plan(lookup, LlmUnavailable(detail="no model to choose among the sources"))
            return lookup.evidence()
        finally:
            record = self.answer.record
            record.calls, record.left_out = lookup.calls, lookup.left_out
            record.problems += lookup.problems
            self.answer.degraded += lookup.degraded

    async def _without_plan(self, lookup: Lookup, why: LlmUnavailable) -> None:
        """Ask what needs no plan. Raises `why` when that is nothing: to refuse would say that there is no answer."""
        await lookup.everywhere()
        if not lookup.calls:
            raise why

    async def _rewritten(self, rewriter: ChatModel, question: str, evidence: Evidence) -> Evidence:
        """What is found for the question as the model understands it after what came before, unless that is worse."""
        try:
            rewritten = await rewrite(rewriter, question, self.history, self._usage)
            if rewritten == question:
                return evidence
            (search,) = self.parts.searches.values()
            taken = better(evidence.found, await in_thread(search.find, [rewritten], limit=RANKED))
        except AppError as error:
            log.warning("no rewritten question, reading the follow-up offline: %s", error.reason)
            self._notes.problem("rewrite", error, "rewrite_unavailable")
            return evidence
        if taken is evidence.found:
            return evidence
        self.answer.searched_as = rewritten
        return replace(evidence, found=taken)

    async def _category(self, question: str, evidence: Evidence, model: ChatModel | None) -> str | None:
        """What the question is about. It runs beside the answer, which never waits long for it."""
        bot = self.parts.bot
        ranked = evidence.found.ranked if evidence.found.decision != "refuse" else ()
        category = category_of(bot, question, ranked)
        if category is not None or model is None or not bot.categories or evidence.decision == "refuse":
            return category
        try:
            with self._notes.timed("category"):
                return await ask_category(model, bot, question, self._usage)
        except LlmUnavailable as error:
            log.warning("no category from the language model: %s", error.reason)
            self._notes.problem("category", error, "category_unavailable")
            return None

    async def _take(self, category: "asyncio.Task[str | None]") -> None:
        """Record the category, if it comes in time."""
        if not category.done():
            await asyncio.wait({category}, timeout=CLASSIFY_SECONDS)
        if category.done():
            self.answer.record.category = category.result()
            return
        category.cancel()
        await asyncio.wait({category})  # what it took is counted
        self._notes.problem(
            "category", LlmUnavailable(detail=f"nothing within {CLASSIFY_SECONDS:g} s"), "category_unavailable"
        )

    # Saying

    async def _prose(self, question: str, evidence: Evidence, model: ChatModel | None) -> AsyncGenerator[str, None]:
        """What is said: by the model, from the FAQ itself where it cannot, or in the bot's words."""
        if not self._can_answer(evidence, model):
            yield self._words_without_answer(question)
            return
        if model is not None:
            try:
                async with aclosing(self._written(question, evidence, model)) as pieces:
                    async for piece in pieces:
                        yield piece
                self.answer.decision = "answer"
                if self._usage.truncated:
                    self.answer.degraded.append("answer_truncated")
                return
            except NoAnswer:
                self.answer.decision = "clarify" if evidence.decision == "clarify" else "refuse"
                # What it said first has no ground: it cannot be taken back, but must not stand alone
                yield ("\n\n" if self.answer.text.strip() else "") + self._words_without_answer(question)
                return
            except LlmUnavailable as error:
                if self.answer.text:
                    raise
                # Nothing was said yet: the FAQ itself answers, and the record says why
                log.warning("language model unavailable, answering from the FAQ: %s", error.reason)
                self._notes.problem("write", error, "llm_unavailable")
                if evidence.decision == "clarify":
                    yield self._words_without_answer(question)
                    return
        if evidence.found.decision == "answer":
            for piece in content_pieces(evidence.found.ranked[0].content, self._service_type):
                yield piece
        else:
            for piece in evidence.from_facts():
                yield piece

    async def _written(self, question: str, evidence: Evidence, model: ChatModel) -> AsyncGenerator[str, None]:
        """The model's words, without marks that name no source."""
        passages = self._passages = evidence.passages(self._service_type)
        tokens = self.parts.bot.chat.history_tokens if self.parts.bot.chat else 0
        messages = answer_messages(self.parts.bot, question, passages, recent(self.history, tokens))
        self.answer.record.model, self.answer.record.prompt_version = model.name, VERSION
        pieces = known_citations(without_marker(model.stream(messages, self._usage)), len(passages))
        async with aclosing(pieces):
            async for piece in pieces:
                if (room := MAX_ANSWER_CHARACTERS - len(self.answer.text)) < len(piece):
                    yield piece[:room]
                    raise LlmUnavailable(detail=f"an answer of more than {MAX_ANSWER_CHARACTERS} characters")
                yield piece

    def _can_answer(self, evidence: Evidence, model: ChatModel | None) -> bool:
        """Whether there is something to say: a language model may find among several contents what no score can."""
        return evidence.decision == "answer" or (evidence.decision == "clarify" and model is not None)

    @property
    def _is_written(self) -> bool:
        """Whether a model wrote the answer, rather than an operator."""
        return self.answer.record.model is not None and "llm_unavailable" not in self.answer.degraded

    def _words_without_answer(self, question: str) -> str:
        """The bot's words for asking back, or for what it does not know."""
        replies = self.parts.bot.replies
        words = replies.clarification if self.answer.decision == "clarify" else replies.refusal
        return self.parts.bot.says(words, language_of(question))

    def _looked_back(self, question: str, evidence: Evidence) -> tuple[Sequence[Doubt], list[Suggestion]]:
        """What of a written answer its sources do not hold, and what may be asked next."""
        found: Sequence[Doubt] = ()
        if self.answer.decision == "answer" and self._is_written:
            with self._notes.timed("check"):
                texts = [f"{one.title}\n{one.text}" for one in self._passages]
                found = doubts(self.answer.text, texts, question, self.parts.similarity)
        if self._asks_service:  # what was asked is not understood yet
            return found, []
        with self._notes.timed("suggest"):
            return found, self._suggestions(evidence)

    def _tell(self, found: Sequence[Doubt]) -> None:
        """Record what was said without ground, and say which figures and names that are."""
        self.answer.record.unsupported = [
            UnsupportedClaim(sentence=one.sentence, reason=one.reason, what=one.what) for one in found
        ]
        named = list(dict.fromkeys(one.what for one in found if one.reason != "unlike"))
        if named:
            self._add([notice(NOTE_UNSUPPORTED.format(what=", ".join(f"'{what}'" for what in named[:3])))])

    def _suggestions(self, evidence: Evidence) -> list[Suggestion]:
        """What may be asked next, and is answered."""
        found = evidence.found
        if not evidence.facts and self.answer.decision is not None:
            found = replace(found, decision=self.answer.decision)
        drawn_from = rests_on(self.answer)
        lead = led_by(found, drawn_from) if found.decision == "answer" else None
        search = self.parts.searches.get(lead.content.source_id) if lead else None
        return suggest(
            found,
            search.contents(lead.related) if search and lead and lead.related else [],
            self._service_type,
            asked=[turn.user_message for turn in self.history],
            told={*self.told, *(one.faq_id for one in drawn_from), *_told_in(self.history)},
        )

    def _cited(self, evidence: Evidence) -> Sequence[int]:
        if self._is_written:
            return cited_numbers(self.answer.text, evidence.shown)
        return [len(evidence.facts) + 1] if evidence.found.decision == "answer" else range(1, len(evidence.facts) + 1)

    # Keeping

    def _say(self, text: str) -> Delta:
        self.answer.text += text
        return Delta(text=text)

    def _service_choice(self, evidence: Evidence) -> Bubble | None:
        """What asks for which service the first content's answer is wanted, when that is not clear."""
        if evidence.facts or evidence.found.decision != "answer":
            return None
        content, bot = evidence.found.ranked[0].content, self.parts.bot
        services = services_to_choose(bot, content, self._service_type)
        return service_choice(bot, content, services) if services else None

    def _add(self, bubbles: Sequence[Bubble]) -> None:
        self.answer.bubbles += numbered(bubbles, len(self.answer.bubbles) + 1)

    def _bubble_of_text(self) -> None:
        self._add([Bubble(bubble_id="b1", bubble_type="text", description=self.answer.text)])


def _told_in(history: Sequence[Turn]) -> set[str]:
    return {source.faq_id for turn in history for source in rests_on(turn)}
