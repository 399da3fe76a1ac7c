"""The gate before something is published: what customers ask, of what serves and of what would serve.

Contents and settings pass the same one. It only searches, and no model writes: what a language model would make of the
same contents is not compared, nor what a company's own API answers.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from shared import assembly, wiring
from shared.bot import Bot
from shared.errors import FieldProblem, LosesGolden
from shared.frequent import FrequentQuestion
from shared.indexing.edits import propose
from shared.indexing.publish import stored_fit
from shared.models import Content, Model
from shared.rehearsal import Rehearsal, Rehearsed, Side, logged_vectors, rehearse, rehearse_first, to_be_asked
from shared.retrieval import manifest as manifests
from shared.retrieval.calibration import alike
from shared.retrieval.search import Engines, SourceSearch
from shared.retrieval.view import Fitted
from shared.source_access import serving

NotCompared: TypeAlias = Literal["not_indexed", "not_served", "unchanged", "no_questions"]
LoseGolden: TypeAlias = Annotated[
    list[Annotated[str, StringConstraints(max_length=64)]],
    Field(max_length=10_000, description="Ids of golden questions that were shown to be lost, and may be"),
]


class BotRehearsal(Model):
    """What would change for one bot.

    Parameters
    ----------
    first
        It has nothing to answer from so far: what is told is what it would answer, and nothing can be lost.
    """

    bot_id: str
    rehearsal: Rehearsal
    first: bool = False


class Comparison(Model):
    """What would change for each bot that has questions to be asked, and why nothing was compared where there is none.

    Parameters
    ----------
    not_compared
        `not_indexed`: no source has an index that could be asked, now or then. `not_served`: no bot that draws on
        the contents serves. `unchanged`: nothing of what finds answers would be another. `no_questions`: no bot has
        golden or frequent ones.
    """

    not_compared: NotCompared | None = None
    rehearsals: list[BotRehearsal] = []  # noqa: RUF012 (pydantic copies it)

    def require(self, said_yes_to: Collection[str]) -> None:
        """Raise `LosesGolden` where golden questions other than these, by id, are right now and would not be."""
        yes = frozenset(said_yes_to)
        lost = [
            (one.bot_id, change)
            for one in self.rehearsals
            for change in one.rehearsal.lost
            if change.golden_id not in yes
        ]
        if lost:
            raise LosesGolden([FieldProblem(bot_id, change.question) for bot_id, change in lost])


@dataclass(frozen=True)
class _Asked:
    """A bot's questions, and the engines that have their vectors."""

    questions: Sequence[Rehearsed]
    engines: Engines


def compare_contents(
    source_id: str, changed: Sequence[Content], removed: Sequence[str], also_frequent: bool = False
) -> Comparison:
    """What edits of a source would change for the bots that draw on it.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable, TooManyEdits
    """
    if not (bots := serving(source_id)):
        return Comparison(not_compared="not_served")
    asking = [(bot, asked) for bot in bots if (asked := _asked(bot.bot_id, also_frequent))]
    if not asking:
        return Comparison(not_compared="no_questions")
    open_proposed = _proposed(source_id, changed, removed, bots)
    return Comparison(
        rehearsals=[_with_contents(bot, source_id, open_proposed(bot, asked.engines), asked) for bot, asked in asking]
    )


def _proposed(
    source_id: str, changed: Sequence[Content], removed: Sequence[str], bots: Sequence[Bot]
) -> Callable[[Bot, Engines], SourceSearch]:
    """What opens a source as it would be with these edits; one that has no index as it would be with its first one."""
    if manifests.current(wiring.get_store(), source_id) is None:
        first = assembly.get_first_index(source_id, changed, bots)
        return lambda bot, engines: assembly.get_first_search(bot, first, engines)
    proposal = propose(changed, removed, source_id, wiring.get_workshop())
    return lambda bot, engines: assembly.get_proposed_search(bot, source_id, proposal, engines)


def _with_contents(bot: Bot, source_id: str, proposed: SourceSearch, asked: _Asked) -> BotRehearsal:
    """What a bot would answer with one of its sources as it is proposed."""
    proposed.prepare([one.question for one in asked.questions])
    now = assembly.get_fitted_searches(bot, assembly.get_built(bot.source_ids), asked.engines)
    then = Side.of(bot, {**now, source_id: proposed})
    told = rehearse(asked.questions, Side.of(bot, now), then) if now else rehearse_first(asked.questions, then)
    return BotRehearsal(bot_id=bot.bot_id, rehearsal=told, first=not now)


def compare_settings(
    bot: Bot, published: Bot | None, fits: Mapping[str, Fitted], also_frequent: bool = False
) -> Comparison:
    """What a bot's settings would change. Raises what `compare_contents` does.

    Parameters
    ----------
    bot
        As it is to serve, and `published` as it serves.
    fits
        The thresholds that it would be published with: these may differ from those that decide now although the
        settings do not, for contents were edited since.
    """
    now_built = assembly.get_built(published.source_ids) if published else []
    built = assembly.get_built(bot.source_ids)  # where there is none, nothing would be answered any more
    if not built and not now_built:
        return Comparison(not_compared="not_indexed")
    if published is None or not now_built:
        return _compare_first(bot, built, fits, also_frequent)
    if not _answers_otherwise(bot, published, fits):
        return Comparison(not_compared="unchanged")
    asked = _asked(bot.bot_id, also_frequent)
    if asked is None:
        return Comparison(not_compared="no_questions")
    now = assembly.get_fitted_searches(published, now_built, asked.engines)
    then = assembly.get_fitted_searches(bot, built, asked.engines, fits)
    for search in [*now.values(), *then.values()]:
        search.prepare([one.question for one in asked.questions])
    told = rehearse(asked.questions, Side.of(published, now), Side.of(bot, then))
    return Comparison(rehearsals=[BotRehearsal(bot_id=bot.bot_id, rehearsal=told)])


def _compare_first(bot: Bot, built: Sequence[str], fits: Mapping[str, Fitted], also_frequent: bool) -> Comparison:
    """What a bot would answer with which nothing has served so far."""
    asked = _asked(bot.bot_id, also_frequent)
    if asked is None:
        return Comparison(not_compared="no_questions")
    then = assembly.get_fitted_searches(bot, built, asked.engines, fits)
    for search in then.values():
        search.prepare([one.question for one in asked.questions])
    told = rehearse_first(asked.questions, Side.of(bot, then))
    return Comparison(rehearsals=[BotRehearsal(bot_id=bot.bot_id, rehearsal=told, first=True)])


def _answers_otherwise(bot: Bot, published: Bot, fits: Mapping[str, Fitted]) -> bool:
    """Whether anything that decides what is found would be another."""
    if bot.searched_by != published.searched_by or _words(bot) != _words(published):
        return True
    store = wiring.get_store()
    stored = {source_id: stored_fit(store, bot.bot_id, source_id, one.version) for source_id, one in fits.items()}
    return any(had is None or not alike(had, fits[source_id].calibration) for source_id, had in stored.items())


def _words(bot: Bot) -> tuple[list[str], list[str]]:
    return bot.banned_words, bot.allowed_words


def _asked(bot_id: str, also_frequent: bool) -> _Asked | None:
    frequent: Iterable[FrequentQuestion] = wiring.get_frequent().all(bot_id) if also_frequent else []
    questions = to_be_asked(wiring.get_golden().all(bot_id), frequent)
    if not questions:
        return None
    vectors = logged_vectors(frequent, wiring.get_embedder().name)
    return _Asked(questions, assembly.get_rehearsal_engines(bot_id, vectors))
