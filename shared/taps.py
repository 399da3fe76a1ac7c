"""A question that is asked by a tap: a turn of a visitor's conversation, or a program's question, answered at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from shared.answering.tapping import tapped
from shared.api_keys import ApiKey
from shared.bot import Bot
from shared.conversations import Conversations, Question
from shared.errors import AnswerInterrupted, AnswerRunning, TicketNotFound
from shared.faqs import Faqs
from shared.links import ANYWHERE, Allowed
from shared.models import Answer, Content, Turn, TurnStatus
from shared.question_log import QuestionLog
from shared.seeing.answers import tapped as told_tap
from shared.storage.keys import Owner, created_at, new_chat_id

_POLLS, _POLL_SECONDS = 20, 0.05  # such an answer takes milliseconds


@dataclass(frozen=True)
class Given:
    """An answer, and where it is kept; a program's is in no session."""

    chat_id: str
    answer: Answer
    session_id: str | None = None


class Taps:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    allowed
        Where links may lead.
    """

    def __init__(self, conversations: Conversations, faqs: Faqs, log: QuestionLog, allowed: Allowed = ANYWHERE) -> None:
        self._conversations, self._faqs, self._log, self._allowed = conversations, faqs, log, allowed

    def of_visitor(self, owner: Owner, session_id: str, bot: Bot, content: Content, question: Question) -> Given:
        """Answer in a session. Asked again with the same idempotency key, the same answer.

        Raises
        ------
        AnswerRunning
            While an earlier question of the session is open, or the same one is being answered.
        AnswerInterrupted
            When the process died that was to answer the same one.
        IdempotencyConflict
            When the idempotency key came with another question.
        """
        streaming_id = self._conversations.ask(owner, session_id, question)
        try:
            claim = self._conversations.claim(streaming_id)
        except TicketNotFound:  # the key's first request has taken it
            return self._earlier(streaming_id)
        told = [question.service_type, claim.service_before, *(turn.about_service for turn in reversed(claim.history))]
        answer = self._answer(bot, content, told)
        self._conversations.finish(claim, answer)
        return Given(claim.turn.chat_id, answer, session_id)

    def of_program(self, key: ApiKey, bot: Bot, content: Content, question: Question) -> Given:
        """Answer a program, and log it."""
        chat_id = new_chat_id()
        turn = Turn(
            session_id="",
            chat_id=chat_id,
            user_message=question.text,
            status=TurnStatus.RUNNING,
            created_at=created_at(chat_id),
            service_type=question.service_type,
        )
        self._log.open(key, turn)
        answer = self._answer(bot, content, [question.service_type])
        self._log.close(key, turn, answer)
        return Given(chat_id, answer)

    def _answer(self, bot: Bot, content: Content, told: Sequence[str | None]) -> Answer:
        """The answer for the first of these services that is one of the bot's."""
        service_type = next(filter(bot.serves, told), None)
        answer = tapped(bot, content, self._faqs.related(content), service_type, self._allowed)
        told_tap(bot.bot_id, answer)
        return answer

    def _earlier(self, streaming_id: str) -> Given:
        for _ in range(_POLLS):
            stream = self._conversations.stream(streaming_id)
            progress = self._conversations.progress(stream)
            if progress.status is TurnStatus.INTERRUPTED:
                raise AnswerInterrupted
            if progress.answer is not None:
                return Given(stream.chat_id, progress.answer, stream.session_id)
            time.sleep(_POLL_SECONDS)
        raise AnswerRunning(retry_after_seconds=1)


def session_of(owner: Owner, idempotency_key: str) -> str:
    """The session of a tap that names none: the same for the same key, so that it is found when it comes again."""
    return str(uuid5(NAMESPACE_OID, f"{owner.bot_id}#{owner.visitor_id}#{idempotency_key}"))
