"""What is said: by the model, from the FAQ itself where it cannot, or in the bot's words."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from shared.answering.case import Case
from shared.answering.citations import known_citations
from shared.answering.context import recent
from shared.answering.evidence import Evidence
from shared.answering.generation import NoAnswer, content_pieces, without_marker
from shared.answering.language import language_of
from shared.errors import LlmUnavailable
from shared.links import allowed_links
from shared.llm.base import ChatModel
from shared.llm.prompts import answer_messages

log = logging.getLogger(__name__)

MAX_ANSWER_CHARACTERS = 20_000  # stored twice, in the turn and in its bubble: up to 160 KB of the item's 390


class Writing:
    """The text of an answer, in pieces."""

    def __init__(self, case: Case) -> None:
        self._case = case

    async def prose(self, evidence: Evidence, model: ChatModel | None) -> AsyncGenerator[str, None]:
        """What is said: by the model, from the FAQ itself where it cannot, or in the bot's words."""
        if not self.can_answer(evidence, model):
            yield self._words_without_answer()
            return
        if model is not None:
            try:
                async with aclosing(self._written(evidence, model)) as pieces:
                    async for piece in pieces:
                        self._case.is_written = True
                        yield piece
                self._case.answer.decision = "answer"
                if self._case.usage.truncated:
                    self._case.answer.degraded.append("answer_truncated")
                return
            except NoAnswer:
                self._case.answer.decision = "clarify" if evidence.decision == "clarify" else "refuse"
                # What it said first has no ground: it cannot be taken back, but must not stand alone
                yield ("\n\n" if self._case.answer.text.strip() else "") + self._words_without_answer()
                return
            except LlmUnavailable as error:
                if self._case.answer.text:
                    raise
                # Nothing was said yet: the FAQ itself answers, and the record says why
                log.warning("language model unavailable, answering from the FAQ: %s", error.reason)
                self._case.notes.problem("write", error, "llm_unavailable")
                if evidence.decision == "clarify":
                    yield self._words_without_answer()
                    return
        if evidence.found.decision == "answer":
            for piece in content_pieces(evidence.found.ranked[0].content, self._case.service_type):
                yield piece
            if evidence.facts:
                yield "\n\n"
        for piece in evidence.from_facts():
            yield piece

    async def _written(self, evidence: Evidence, model: ChatModel) -> AsyncGenerator[str, None]:
        """The model's words, without marks that name no source and links that may not be."""
        passages = self._case.passages = evidence.passages(self._case.service_type)
        tokens = self._case.parts.bot.chat.history_tokens if self._case.parts.bot.chat else 0
        messages = answer_messages(
            self._case.parts.bot, self._case.question, passages, recent(self._case.history, tokens)
        )
        cited = known_citations(without_marker(model.stream(messages, self._case.usage)), len(passages))
        pieces = allowed_links(cited, self._case.parts.allowed)
        async with aclosing(pieces):
            async for piece in pieces:
                if (room := MAX_ANSWER_CHARACTERS - len(self._case.answer.text)) < len(piece):
                    yield piece[:room]
                    raise LlmUnavailable(detail=f"an answer of more than {MAX_ANSWER_CHARACTERS} characters")
                yield piece

    def can_answer(self, evidence: Evidence, model: ChatModel | None) -> bool:
        """Whether there is something to say: a language model may find among several contents what no score can."""
        return evidence.decision == "answer" or (evidence.decision == "clarify" and model is not None)

    def _words_without_answer(self) -> str:
        """The bot's words for asking back, or for what it does not know."""
        replies = self._case.parts.bot.replies
        words = replies.clarification if self._case.answer.decision == "clarify" else replies.refusal
        return self._case.parts.bot.says(words, language_of(self._case.question))
