"""From a question to the events of its answer. No HTTP, no driver; a whole answer is these events, collected."""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from shared.answering.bridge import in_thread
from shared.answering.context import better, first_before, leans, meanings, rewrite, unless_said
from shared.answering.decision import sources_of, suggest
from shared.answering.excerpt import excerpt
from shared.answering.generation import NoAnswer, cited_numbers, content_pieces, without_marker
from shared.bot import Bot
from shared.errors import LlmUnavailable
from shared.llm.base import ChatModel
from shared.llm.prompts import MAX_CONTENT_CHARACTERS, MAX_CONTENTS, answer_messages
from shared.models import Answer, Bubble, Content, Decision, Expression, Suggestion, Turn
from shared.retrieval.base import Found, Search
from shared.retrieval.text import normalize
from shared.sse import Delta, Event, Sources, Status, Suggestions

log = logging.getLogger(__name__)

MAX_ANSWER_CHARACTERS = 20_000  # stored twice, in the turn and in its bubble: up to 160 KB of the item's 390
RANKED = 8  # five are shown as sources, the next ones may be suggested
_EXPRESSIONS: dict[Decision, Expression] = {
    "answer": "SMILE",
    "clarify": "THINKING",
    "refuse": "CRYING",
    "fixed": "SMILE",
}


@dataclass(frozen=True)
class Parts:
    """What answering needs: the bot, its retrieval, and a language model where one is set.

    Parameters
    ----------
    rewriter
        The model that makes follow-ups stand alone, on a short lead: a customer waits for it before the search.
    """

    bot: Bot
    search: Search
    chat_model: ChatModel | None
    rewriter: ChatModel | None = None


@dataclass
class Answering:
    """One question on its way. `answer` grows as the events of `events()` are taken.

    Parameters
    ----------
    turn
        The question.
    history
        Earlier turns of the session, oldest first.
    """

    parts: Parts
    turn: Turn
    history: Sequence[Turn]
    answer: Answer = field(default_factory=Answer)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Status, deltas, sources and suggestions, in the order in which the customer sees them.

        Raises
        ------
        AppError
            When no answer can be given, or it broke half-way; `answer` holds what was said until then.
        """
        started = time.perf_counter()
        self.answer.bot_version = self.parts.bot.version
        yield Status(step="searching")
        question = normalize(self.turn.user_message)
        found = await in_thread(
            self.parts.search.find,
            meanings(question, self.history),
            limit=RANKED,
            before=first_before(question, self.history),
        )
        found = unless_said(found, question, self.history)
        if self.parts.rewriter is not None and leans(question, self.history, found):
            yield Status(step="rewriting")
            found = await self._rewritten(self.parts.rewriter, question, found)
        self.answer.decision = found.decision
        self.answer.degraded += found.degraded
        if self._can_answer(found):
            yield Status(step="answering")
        async with aclosing(self._prose(question, found)) as prose:
            async for delta in prose:
                self.answer.text += delta
                yield Delta(text=delta)
        found = replace(found, decision=self.answer.decision)
        answered = found.decision == "answer"
        self.answer.bubbles = [Bubble(bubble_id="b1", bubble_type="text", description=self.answer.text)]
        self.answer.expression = _EXPRESSIONS[found.decision]
        self.answer.search_completed = answered
        if found.decision != "refuse":
            self.answer.sources = sources_of(found, self._cited(len(found.ranked)) if answered else ())
            yield Sources(sources=self.answer.sources)
        self.answer.suggestions = await in_thread(self._suggestions, found)
        if self.answer.suggestions:
            yield Suggestions(questions=self.answer.suggestions)
        self.answer.latency_ms = round((time.perf_counter() - started) * 1_000)

    async def _rewritten(self, rewriter: ChatModel, question: str, found: Found) -> Found:
        """What is found for the question as the model understands it after what came before, unless that is worse."""
        try:
            rewritten = await rewrite(rewriter, question, self.history)
        except LlmUnavailable as error:
            log.warning("no rewritten question, reading the follow-up offline: %s", error.reason)
            self.answer.degraded.append("rewrite_unavailable")
            return found
        if rewritten == question:
            return found
        taken = better(found, await in_thread(self.parts.search.find, [rewritten], limit=RANKED))
        if taken is not found:
            self.answer.searched_as = rewritten
        return taken

    async def _prose(self, question: str, found: Found) -> AsyncGenerator[str, None]:
        if not self._can_answer(found):
            yield self._words_without_answer()
            return
        model = self.parts.chat_model
        if model is not None:
            contents = [self._shown(one.content, found.asked) for one in found.ranked[:MAX_CONTENTS]]
            messages = answer_messages(self.parts.bot, question, contents, self.history)
            try:
                async with aclosing(without_marker(model.stream(messages))) as pieces:
                    async for piece in pieces:
                        if len(self.answer.text) + len(piece) > MAX_ANSWER_CHARACTERS:
                            raise LlmUnavailable(detail=f"an answer of more than {MAX_ANSWER_CHARACTERS} characters")
                        yield piece
                self.answer.decision = "answer"
                return
            except NoAnswer:
                self.answer.decision = "clarify" if found.decision == "clarify" else "refuse"
                # What it said first has no ground: it cannot be taken back, but must not stand alone
                yield ("\n\n" if self.answer.text.strip() else "") + self._words_without_answer()
                return
            except LlmUnavailable as error:
                if self.answer.text:
                    raise
                # Nothing was said yet: the FAQ itself answers, and the record says why
                log.warning("language model unavailable, answering from the FAQ: %s", error.reason)
                self.answer.degraded.append("llm_unavailable")
                if found.decision == "clarify":
                    yield self._words_without_answer()
                    return
        for piece in content_pieces(found.ranked[0].content, self.turn.service_type):
            yield piece

    def _shown(self, content: Content, asked: str) -> Content:
        """A content as the model sees it: what is `asked` of a follow-up says more than what was typed."""
        answer = content.answer_for(self.turn.service_type)
        return content.model_copy(update={"content": excerpt(answer, asked, MAX_CONTENT_CHARACTERS)})

    def _can_answer(self, found: Found) -> bool:
        """Whether there is something to say: a language model may find among several contents what no score can."""
        return found.decision == "answer" or (found.decision == "clarify" and self.parts.chat_model is not None)

    def _words_without_answer(self) -> str:
        bot = self.parts.bot
        return bot.says(bot.replies.clarification if self.answer.decision == "clarify" else bot.replies.refusal)

    def _suggestions(self, found: Found) -> list[Suggestion]:
        related = found.ranked[0].content.related_ids if found.decision == "answer" else []
        return suggest(found, self.parts.search.contents(related), self.history, self.turn.service_type)

    def _cited(self, sources: int) -> Sequence[int]:
        if self.parts.chat_model is None or "llm_unavailable" in self.answer.degraded:
            return [1]
        return cited_numbers(self.answer.text, min(sources, MAX_CONTENTS))
