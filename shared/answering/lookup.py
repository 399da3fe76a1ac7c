"""Asking a bot's sources: all of them, or those that a language model chooses, in up to three rounds."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from shared.answering.bridge import in_thread
from shared.answering.context import better, first_before, meanings, unless_said
from shared.answering.evidence import Evidence, Fact, both, chosen, merged
from shared.bot import Bot, HttpSource, VectorSource
from shared.errors import AppError, LlmUnavailable, SourceUnavailable
from shared.links import ANYWHERE, Allowed, moderated_text
from shared.llm.base import ChatModel, Message, Tool, ToolCall, Usage
from shared.llm.planning import plan_messages, problem_message, result_message
from shared.models import Call, Problem, StepTime, Turn
from shared.personal_data import is_hidden, mask, of_earlier, restore
from shared.retrieval.base import Found, Search
from shared.seeing.around import now
from shared.sources.base import ArgumentsInvalid, Facts, Record, Taken, Tools

log = logging.getLogger(__name__)

MAX_ROUNDS = 3
MAX_CALLS = 6  # of a round; a model that wants more repeats itself
PLAN_SECONDS = 20.0  # all rounds together: nobody waits longer for an answer that has not begun
RANKED = 8  # five are shown as sources, the next ones may be suggested
_SHOWN_TITLES = 3  # of a search, to the model that plans

Source: TypeAlias = VectorSource | HttpSource


@dataclass
class Lookup:
    """What one question's sources give. `calls`, `rounds` and `degraded` tell how, for the record.

    Parameters
    ----------
    tools
        Where a bot has several sources, or none that is simply searched: how a model chooses among them.
    history
        Earlier turns, oldest first.
    values
        What personal data in the question was masked, by placeholder; put back into what an API is asked, only there.
    allowed
        Where links of records may lead.
    """

    bot: Bot
    searches: Mapping[str, Search]
    facts_of: Mapping[str, Facts]
    tools: Tools | None
    question: str
    history: Sequence[Turn]
    usage: Usage
    values: Mapping[str, str] = field(default_factory=dict)
    allowed: Allowed = ANYWHERE
    calls: list[Call] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rounds: list[StepTime] = field(default_factory=list)
    left_out: int = 0
    _founds: dict[str, Found] = field(default_factory=dict)
    _batches: list[list[Fact]] = field(default_factory=list)
    _errors: list[AppError] = field(default_factory=list)
    _told: set[str] = field(
        default_factory=set
    )  # functions of whose invalid calls the model was told in earlier rounds

    @property
    def needs_plan(self) -> bool:
        """Whether there is anything to choose: one index is simply searched."""
        return self.tools is not None

    async def everywhere(self) -> None:
        """Ask every source that needs no more than the question: all indexes, and APIs that take only it."""
        wanted: list[tuple[Source, dict[str, Any]]] = [(source, {}) for source in self.bot.vectors]
        wanted += [
            (source, {"question": self.question})
            for source in self.bot.sources
            if source.kind == "http" and list(source.parameters.get("properties", {})) == ["question"]
        ]
        await asyncio.gather(*(self._use_if_it_can_be(source, given) for source, given in wanted))

    async def planned(self, model: ChatModel) -> None:
        """Ask the sources that the model chooses, with what it fills in; indexes also when it chooses none.

        The calls of a round run at once. That a call is not valid is told to the model; when it calls the same function
        wrongly again, in a later round, that is dropped.

        Raises
        ------
        LlmUnavailable
            What the rounds before have found is kept.
        """
        try:
            async with asyncio.timeout(PLAN_SECONDS):
                await self._rounds(model)
        except TimeoutError as error:
            raise LlmUnavailable(detail=f"no plan within {PLAN_SECONDS:g} s") from error
        if not self._founds and not any(self._batches) and self.bot.vectors:
            await asyncio.gather(*(self._use(source, {}) for source in self.bot.vectors))

    async def _rounds(self, model: ChatModel) -> None:
        """Ask the model what to ask, and ask it, until it has enough."""
        assert self.tools is not None  # `needs_plan`
        sources = {source.source_id: source for source in self.bot.sources}
        offered = [_offered(self.tools.tool(source)) for source in self.bot.sources]
        messages = plan_messages(self.bot, self.question, [_earlier(turn) for turn in self.history])
        asked: set[tuple[str, str]] = set()
        for number in range(1, MAX_ROUNDS + 1):
            with self._timed(number):
                wanted = [
                    call
                    for call in await model.choose(messages, offered, self.usage)
                    if (call.name, call.arguments) not in asked
                ][:MAX_CALLS]
                if not wanted:
                    break
                asked.update((call.name, call.arguments) for call in wanted)
                wrong: set[str] = set()
                results = await asyncio.gather(*(self._made(call, sources, wrong) for call in wanted))
            self._told |= wrong
            messages = [*messages, Message("assistant", "", tuple(wanted)), *results]

    @contextmanager
    def _timed(self, number: int) -> Iterator[None]:
        """Around a round, also one that fails or finds that there is enough."""
        started = time.perf_counter()
        try:
            yield
        finally:
            ms = round((time.perf_counter() - started) * 1_000)
            self.rounds.append(StepTime(step=f"plan_{number}", ms=ms))
            now().step(f"plan_{number}", started)

    def evidence(self) -> Evidence:
        """What was found.

        Raises
        ------
        AppError
            What a source failed with, when no other one knows an answer.
        """
        found = merged(self._founds, self.question)
        facts = chosen(self._batches, len(found.ranked))
        self.left_out = len({fact.fact_id for batch in self._batches for fact in batch}) - len(facts)
        if self._errors and not facts and found.decision == "refuse":  # which was perhaps for the one that is away
            raise self._errors[0]
        self.degraded += found.degraded
        return Evidence(found, facts)

    async def _made(self, call: ToolCall, sources: Mapping[str, Source], wrong: set[str]) -> Message:
        """Make a call of the model, or tell it why not."""
        source = sources.get(call.name)
        try:
            given = self._given(call, source)
        except ArgumentsInvalid as error:
            self.calls.append(Call(source_id=source.source_id if source else "", outcome="invalid"))
            return self._problem(call, error, wrong)
        try:
            assert source is not None
            return result_message(call.call_id, await self._use(source, given))
        except ArgumentsInvalid as error:
            return self._problem(call, error, wrong)

    def _given(self, call: ToolCall, source: Source | None) -> dict[str, Any]:
        """The arguments of a call, with what was masked put back. Raises `ArgumentsInvalid`."""
        assert self.tools is not None  # `needs_plan`
        if source is None:
            raise ArgumentsInvalid(f"there is no function {call.name[:64]!r}")
        # Restored first: what an API's schema asks of a number holds for the number, not for what stands for it
        given = self.tools.arguments(source, _restored(call.arguments, self.values))
        if source.kind == "http" and is_hidden(json.dumps(given, ensure_ascii=False)):
            raise ArgumentsInvalid("a value in brackets is not known: the customer has to say it again")
        return given

    def _problem(self, call: ToolCall, error: ArgumentsInvalid, wrong: set[str]) -> Message:
        wrong.add(call.name)
        if call.name in self._told:
            log.warning("dropped an invalid call of the model that plans")
            return problem_message(call.call_id, "dropped")
        return problem_message(call.call_id, str(error))

    async def _use_if_it_can_be(self, source: Source, given: Mapping[str, Any]) -> None:
        """Ask a source that nobody chose; a question that it does not take is none for it."""
        try:
            await self._use(source, given)
        except ArgumentsInvalid as error:
            log.info("source %r of bot %r does not take this question: %s", source.source_id, self.bot.bot_id, error)

    async def _use(self, source: Source, given: Mapping[str, Any]) -> str:
        """Ask one source; what it gave, in words for a model. A source that is away is noted, and the others go on."""
        started = time.perf_counter()
        shown = _masked(dict(given), self.values)
        call, taken = Call(source_id=source.source_id, arguments=shown, outcome="empty"), Taken()
        try:
            if source.kind == "vector":
                text, call.found = await self._search(source, shown.get("question"))
            else:
                text, call.found = await self._fetch(source, given, taken)
            call.outcome = "found" if call.found else "empty"
            return text
        except ArgumentsInvalid:
            call.outcome = "invalid"
            raise
        except AppError as error:
            log.warning("source %r of bot %r is away: %s", source.source_id, self.bot.bot_id, error.reason)
            call.outcome = "unavailable"
            self._errors.append(error)
            self.degraded.append(f"{source.source_id}_unavailable")
            self.problems.append(Problem(step=source.source_id, reason=error.reason))
            return "지금은 확인할 수 없습니다."
        finally:
            call.ms, call.retries = round((time.perf_counter() - started) * 1_000), taken.retries
            self.calls.append(call)

    async def _search(self, source: VectorSource, rewritten: str | None) -> tuple[str, int]:
        """Search an index for what was typed, and for what the model makes of it."""
        search = self.searches[source.source_id]
        found = await in_thread(
            search.find,
            meanings(self.question, self.history),
            limit=RANKED,
            before=first_before(self.question, self.history),
        )
        found = unless_said(found, self.question, self.history)
        if rewritten and rewritten != self.question:
            found = better(found, await in_thread(search.find, [rewritten], limit=RANKED))
        before = self._founds.get(source.source_id)
        self._founds[source.source_id] = found if before is None else both(before, found)
        if found.decision == "refuse":
            return "맞는 내용이 없습니다.", 0
        shown = [f"{one.content.title}\n{one.content.content[:300]}" for one in found.ranked[:_SHOWN_TITLES]]
        return "\n\n".join(shown), len(found.ranked)

    async def _fetch(self, source: HttpSource, given: Mapping[str, Any], taken: Taken) -> tuple[str, int]:
        """Ask a company's API."""
        facts = self.facts_of.get(source.source_id)
        if facts is None:
            raise SourceUnavailable(detail="it cannot be asked as it is set up")
        records = [self._moderated(self._quiet(record)) for record in await facts.fetch(given, taken)]
        self._batches.append([Fact(source, record) for record in records])
        return "\n\n".join(record.as_text() for record in records) or "맞는 내용이 없습니다.", len(records)

    def _quiet(self, record: Record) -> Record:
        """A record without what of the question was masked: an API repeats what it was asked for.

        What else it tells is what the operator lists.
        """
        fields = {label: _hidden(value, self.values) for label, value in record.fields.items()}
        link = record.link if record.link and _hidden(record.link, self.values) == record.link else None
        return replace(record, title=_hidden(record.title, self.values), fields=fields, link=link)

    def _moderated(self, record: Record) -> Record:
        """A record without links that lead where none may."""
        link = record.link if record.link and self.allowed.link_problem(record.link) is None else None
        fields = {
            label: moderated_text(value, self.allowed, [])
            for label, value in record.fields.items()
            if link is not None or value != record.link
        }
        return replace(record, title=moderated_text(record.title, self.allowed, []), fields=fields, link=link)


def _earlier(turn: Turn) -> Turn:
    update = {"user_message": of_earlier(turn.user_message), "system_message": of_earlier(turn.system_message)}
    return turn.model_copy(update=update)


def _offered(function: Mapping[str, Any]) -> Tool:
    return Tool(function["name"], function["description"], function["parameters"])


def _restored(raw: str, values: Mapping[str, str]) -> str:
    """A call's JSON with what was masked put back into its strings; what is no JSON stays as it is."""
    if not values:
        return raw
    try:
        return json.dumps(_each(json.loads(raw), lambda text: restore(text, values)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return raw


def _masked(value: Any, values: Mapping[str, str]) -> Any:
    """The same again, for the record and for an index, whose engine may be somebody else's."""
    return _each(value, lambda text: mask(_hidden(text, values)).text)


def _hidden(text: str, values: Mapping[str, str]) -> str:
    """A text with these values replaced by their placeholders, the longest first: one may be a part of another."""
    for placeholder, value in sorted(values.items(), key=lambda one: -len(one[1])):
        text = text.replace(value, placeholder)
    return text


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each of its strings changed."""
    match value:
        case str():
            return change(value)
        case list():
            return [_each(one, change) for one in value]
        case dict():
            return {name: _each(one, change) for name, one in value.items()}
        case _:
            return value
