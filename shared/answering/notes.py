"""What the record of an answer says of how it came about: times, problems, what was done without, what it cost."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared.answering.bridge import in_thread
from shared.bot import Bot
from shared.errors import AppError, StoreUnavailable
from shared.llm.base import ChatModel, Usage
from shared.llm.prompts import VERSION
from shared.models import Answer, Problem, StepTime
from shared.seeing.around import now
from shared.spending import Spending, cost_won

log = logging.getLogger(__name__)


class Notes:
    """Writes into an answer's record."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Around a step, however it ends."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.time(step, started)

    def time(self, step: str, started: float) -> None:
        """A step took from `started`, of `time.perf_counter`, until now."""
        ms = round((time.perf_counter() - started) * 1_000)
        self._answer.record.steps.append(StepTime(step=step, ms=ms))
        now().step(step, started)

    def problem(self, step: str, error: AppError, degraded: str | None = None) -> None:
        """What went wrong, and what was done without."""
        self._answer.record.problems.append(Problem(step=step, reason=error.reason))
        if degraded is not None:
            self._answer.degraded.append(degraded)

    async def account(self, bot: Bot, spending: Spending | None, usage: Usage, model: ChatModel | None) -> None:
        """What asking the model took, for whatever it was asked; it is counted for the bot's budget as well."""
        record = self._answer.record
        if usage.requests and model is not None:
            record.model, record.prompt_version = model.name, VERSION
        record.input_tokens, record.output_tokens = usage.input_tokens, usage.output_tokens
        record.requests, record.retries = usage.requests, usage.retries
        record.tokens_estimated = usage.estimated
        if usage.requests and bot.chat is not None:
            record.cost_won = cost_won(bot.chat, usage.input_tokens, usage.output_tokens)
        if spending is None or not bot.budget.is_set:
            return
        try:
            await in_thread(spending.add, bot, usage.input_tokens + usage.output_tokens, record.cost_won)
        except StoreUnavailable as error:
            log.warning("what bot %r spent was not counted: %s", bot.bot_id, error.reason)
