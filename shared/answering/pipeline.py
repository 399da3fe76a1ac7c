"""From a question to the events of its answer. No HTTP, no driver; a whole answer is these events, collected."""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from shared.answering.bridge import in_thread
from shared.answering.context import reading
from shared.answering.decision import decide, sources_of, suggest
from shared.answering.generation import NoAnswer, cited_numbers, content_pieces, without_marker
from shared.errors import LlmUnavailable
from shared.llm.base import ChatModel
from shared.llm.prompts import MAX_CONTENTS, answer_messages
from shared.models import Answer, Bot, Bubble, Turn
from shared.retrieval.base import Ranked, Search
from shared.retrieval.text import normalize
from shared.sse import Delta, Event, Sources, Status, Suggestions

log = logging.getLogger(__name__)

MAX_ANSWER_CHARACTERS = 20_000  # stored twice, in the turn and in its bubble: up to 160 KB of the item's 390
RANKED = 8  # five are shown as sources, the next ones may be suggested


@dataclass(frozen=True)
class Parts:
    """What answering needs: the bot, its retrieval, and a language model where one is set."""

    bot: Bot
    search: Search
    chat_model: ChatModel | None


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
        ranked = await in_thread(self.parts.search.search, reading(question, self.history), RANKED)
        answer_threshold, near_threshold = await in_thread(self._thresholds)
        self.answer.decision = decide(ranked, answer_threshold)
        if self.answer.decision == "answer":
            yield Status(step="answering")
        async with aclosing(self._prose(question, ranked)) as prose:
            async for delta in prose:
                self.answer.text += delta
                yield Delta(text=delta)
        answered = self.answer.decision == "answer"
        self.answer.bubbles = [Bubble(bubble_id="b1", bubble_type="text", description=self.answer.text)]
        self.answer.expression = "SMILE" if answered else "CRYING"
        self.answer.search_completed = answered
        if answered:
            self.answer.sources = sources_of(ranked, self._cited(len(ranked)))
            yield Sources(sources=self.answer.sources)
        floor = answer_threshold if self.answer.decision == "answer" else near_threshold
        self.answer.suggestions = suggest(ranked, self.answer.decision, floor)
        if self.answer.suggestions:
            yield Suggestions(questions=self.answer.suggestions)
        self.answer.latency_ms = round((time.perf_counter() - started) * 1_000)

    async def _prose(self, question: str, ranked: Sequence[Ranked]) -> AsyncGenerator[str, None]:
        if self.answer.decision != "answer":
            yield self.parts.bot.refusal_text
            return
        model = self.parts.chat_model
        if model is not None:
            contents = [one.content for one in ranked]
            messages = answer_messages(self.parts.bot, question, contents, self.history, self.turn.service_type)
            try:
                async with aclosing(without_marker(model.stream(messages))) as pieces:
                    async for piece in pieces:
                        if len(self.answer.text) + len(piece) > MAX_ANSWER_CHARACTERS:
                            raise LlmUnavailable(detail=f"an answer of more than {MAX_ANSWER_CHARACTERS} characters")
                        yield piece
                return
            except NoAnswer:
                self.answer.decision = "refuse"
                # What it said first has no ground: it cannot be taken back, but must not stand alone
                yield ("\n\n" if self.answer.text.strip() else "") + self.parts.bot.refusal_text
                return
            except LlmUnavailable as error:
                if self.answer.text:
                    raise
                # Nothing was said yet: the FAQ itself answers, and the record says why
                log.warning("language model unavailable, answering from the FAQ: %s", error.reason)
                self.answer.degraded.append("llm_unavailable")
        for piece in content_pieces(ranked[0].content, self.turn.service_type):
            yield piece

    def _thresholds(self) -> tuple[float, float]:
        return self.parts.search.answer_threshold, self.parts.search.near_threshold

    def _cited(self, sources: int) -> Sequence[int]:
        if self.parts.chat_model is None or "llm_unavailable" in self.answer.degraded:
            return [1]
        return cited_numbers(self.answer.text, min(sources, MAX_CONTENTS))
