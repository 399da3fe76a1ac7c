"""What bots search and answer with, put together from what `wiring` opens, and kept while nothing of it changes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache, cached

from shared import wiring
from shared.bot import Bot, HttpSource
from shared.settings import get_settings

if TYPE_CHECKING:
    from shared.answering.case import Parts
    from shared.indexing.first import FirstIndex
    from shared.models import Content
    from shared.popular import Kept, Outline, PopularAnswer
    from shared.retrieval.base import Vector
    from shared.retrieval.layers import Proposal
    from shared.retrieval.search import Engines, Profile, SourceSearch
    from shared.retrieval.view import Fitted
    from shared.sources.base import Facts, Tools
    from shared.sources.http import HttpFacts

log = logging.getLogger(__name__)

_POPULAR_SECONDS = 5.0  # that a removed content may still be offered; they are counted once an hour
_OUTLINE_SECONDS = 60.0  # reading 100,000 contents takes seconds
_OPEN_SEARCHES = 256
_OPEN_BOTS = 256
_OPEN_FACTS = 256
_OPEN_TRIALS = 16
_OPEN_FIRST = 2  # each holds its contents and their vectors


@cached(TTLCache(256, _POPULAR_SECONDS), lock=RLock())
def get_counted(bot_id: str) -> "Kept":
    """A bot's popular questions as they were counted last."""
    from shared.popular import Popular

    return Popular(wiring.get_store()).kept(bot_id)


def _offer(bot: Bot, category: str | None, service_type: str | None) -> tuple[str | None, ...]:
    return bot.bot_id, bot.version, category, service_type


@cached(TTLCache(1_024, _POPULAR_SECONDS), key=_offer, lock=RLock())
def get_popular(bot: Bot, category: str | None, service_type: str | None) -> "PopularAnswer":
    """What a bot offers of a category, or of all: nothing that was gone when this was made. Raises `CategoryNotFound`.

    Remembered, it reads nothing.
    """
    from shared.popular import popular_answer

    faqs, kept = wiring.get_faqs(), get_counted(bot.bot_id)
    counted = {category: faqs.those_there(bot, kept.lists.get(category, []))}
    known = category is None or bool(counted[category])
    if not known:  # what is offered instead, and whether there is such a category
        counted[None] = faqs.those_there(bot, kept.lists.get(None, []))
        known = category in faqs.categories(bot)

    def outlined() -> "Outline":
        known = kept.outline_for(bot, category) or get_outline(bot)
        return known.those((category, None), lambda questions: faqs.those_there(bot, questions))

    return popular_answer(bot, category, counted, outlined, service_type, known)


@cached(TTLCache(64, _OUTLINE_SECONDS), key=lambda bot: (bot.bot_id, bot.version), lock=RLock())
def get_outline(bot: Bot) -> "Outline":
    """What a bot has to offer where nothing was counted."""
    from shared.popular import outline

    return outline(wiring.get_store(), bot)


def get_proposed_search(
    bot: Bot, source_id: str, proposal: "Proposal | None", engines: "Engines | None" = None
) -> "SourceSearch":
    """Search over one source, as a bot does, with edits taken for published."""
    from shared.retrieval.search import SourceSearch

    return SourceSearch(
        source_id, wiring.get_store(), engines or wiring.get_engines(), get_profile(bot), proposal=proposal
    )


@cached(
    LRUCache(_OPEN_FIRST),
    key=lambda source_id, contents, bots: (
        source_id,
        tuple(one.model_dump_json() for one in contents),
        tuple((bot.bot_id, bot.version) for bot in bots),
    ),
    lock=RLock(),
)
def get_first_index(source_id: str, contents: "Sequence[Content]", bots: Sequence[Bot]) -> "FirstIndex":
    """What a source that has no index would be searched with, were these its first contents. It takes as a build does.

    Remembered, so that who looks at it and then publishes does not wait twice.
    """
    from shared.indexing.first import propose_first

    return propose_first(contents, source_id, wiring.get_workshop(), list(map(get_profile, bots)))


def get_first_search(bot: Bot, first: "FirstIndex", engines: "Engines") -> "SourceSearch":
    """Search over a source's first index before it serves."""
    from shared.retrieval.search import SourceSearch

    opened = replace(engines, open_artefact=lambda _source_id, _version: first.made)
    return SourceSearch(
        first.manifest.source_id,
        wiring.get_store(),
        opened,
        get_profile(bot),
        first.fits[bot.bot_id],
        first.proposal,
        first.manifest,
    )


def get_profile(bot: Bot) -> "Profile":
    """How a bot searches."""
    from shared.retrieval.lexicon import Entry, Lexicon, shipped
    from shared.retrieval.search import Profile

    own = [Entry(word, synonym.terms) for synonym in bot.synonyms for word in synonym.words]
    lexicon = Lexicon([*own, *(one for name in bot.word_lists for one in shipped(name))])
    return Profile(bot.bot_id, bot.weights, lexicon, bot.thresholds)


@cached(LRUCache(_OPEN_SEARCHES), key=lambda bot, source_id: (bot.bot_id, bot.version, source_id), lock=RLock())
def get_search(bot: Bot, source_id: str) -> "SourceSearch":
    """Search over one source, as a bot does."""
    from shared.retrieval.search import SourceSearch

    return SourceSearch(source_id, wiring.get_store(), wiring.get_engines(), get_profile(bot))


def get_searches(bot: Bot, engines: "Engines | None" = None) -> "dict[str, SourceSearch]":
    """Search over each of a bot's sources that has an index; over all when none has, and they say so."""
    built = get_built(bot.source_ids) or bot.source_ids
    if engines is None:
        return {source_id: get_search(bot, source_id) for source_id in built}
    return get_fitted_searches(bot, built, engines)


def get_built(source_ids: Sequence[str]) -> list[str]:
    """Those of these sources that have an index."""
    from shared.retrieval import manifest as manifests

    return [source_id for source_id in source_ids if manifests.current(wiring.get_store(), source_id)]


def get_fitted_searches(
    bot: Bot, source_ids: Sequence[str], engines: "Engines", fits: "Mapping[str, Fitted] | None" = None
) -> "dict[str, SourceSearch]":
    """Search over these sources, as a bot would with these thresholds; by default, with those that are stored."""
    from shared.retrieval.search import SourceSearch

    store, profile, given = wiring.get_store(), get_profile(bot), fits or {}
    return {one: SourceSearch(one, store, engines, profile, given.get(one)) for one in source_ids}


def get_rehearsal_engines(bot_id: str, given: "Mapping[str, Vector] | None" = None) -> "Engines":
    """The same engines, that keep in the store what they make of a bot's questions, and make none of the given ones."""
    from shared.retrieval.kept_vectors import KeptVectors
    from shared.retrieval.memo import VectorMemo
    from shared.retrieval.sentences import DIMENSIONS

    engines, store = wiring.get_engines(), wiring.get_store()
    embedder, encoder = engines.embedder, engines.encoder
    kept = KeptVectors(store, bot_id, embedder.name, embedder.dimensions, engines.embed_queries, given or {})
    encodings = None
    if encoder is not None and engines.encode is not None:
        encodings = VectorMemo(KeptVectors(store, bot_id, encoder.name, DIMENSIONS, engines.encode, {}))
    return replace(engines, queries=VectorMemo(kept), encodings=encodings)


@cached(LRUCache(_OPEN_FACTS), key=lambda source: source.model_dump_json(), lock=RLock())
def get_facts(source: HttpSource) -> "Facts":
    """An HTTP source of a bot, ready to be asked. Raises `ValueError` when it cannot be: `sources.check` tells why."""
    return open_http(source)


def open_http(source: HttpSource) -> "HttpFacts":
    """The same, kept nowhere: for one that is being set up."""
    from shared.sources.http import HttpFacts

    return HttpFacts(source, get_settings().bot_secrets, wiring.get_recent())


def get_parts(bot_id: str) -> "Parts":
    """What answering a question of a bot needs. Raises `BotNotFound`."""
    return _parts(wiring.get_bot(bot_id))


@cached(LRUCache(_OPEN_BOTS), key=lambda bot: (bot.bot_id, bot.version), lock=RLock())
def _parts(bot: Bot) -> "Parts":
    from shared.answering.case import Parts
    from shared.answering.gate import Gate

    return Parts(
        bot=bot,
        searches={source_id: get_search(bot, source_id) for source_id in bot.source_ids},
        facts=_facts(bot),
        tools=_tools(bot),
        chat_model=wiring.get_chat_model(bot.chat),
        rewriter=wiring.get_rewriter(bot.chat),
        gate=Gate(bot.banned_words, bot.allowed_words),
        spending=wiring.get_spending(),
        similarity=_similarity,
        allowed=wiring.get_allowed(),
    )


def get_trial_parts(bot: Bot) -> "Parts":
    """What trying a question on a version of a bot needs, one that does not serve too: it decides as if it did.

    Where it searches otherwise than the version that serves, its thresholds are fitted first, which takes seconds.

    Parameters
    ----------
    bot
        Its `version` is another one whenever anything of it is.
    """
    serving = wiring.get_bots().published(bot.bot_id) or (Bot() if bot.bot_id == "default" else None)
    anew = serving is None or bot.searched_by != serving.searched_by
    return _trial_parts(bot, get_fits(bot) if anew else {})


def _trial_parts(bot: Bot, fits: "Mapping[str, Fitted]") -> "Parts":
    parts: Parts = _parts(bot)
    return replace(parts, searches=get_fitted_searches(bot, bot.source_ids, wiring.get_engines(), fits))


def get_fits(bot: Bot) -> "Mapping[str, Fitted]":
    """The thresholds that a version of a bot would be published with, by source that has an index. It takes seconds.

    They are remembered as long as neither the version nor what it searches is another.
    """
    from shared.retrieval import manifest as manifests

    served = [manifests.current(wiring.get_store(), source_id) for source_id in bot.source_ids]
    return _fits(bot, tuple((one.source_id, one.version, one.edits) for one in served if one is not None))


@cached(LRUCache(_OPEN_TRIALS), key=lambda bot, served: (bot.bot_id, bot.version, served), lock=RLock())
def _fits(bot: Bot, served: tuple[tuple[str, str, str | None], ...]) -> "Mapping[str, Fitted]":
    from shared.indexing.publish import fitted

    return fitted(bot, get_profile(bot), store=wiring.get_store(), engines=wiring.get_engines())


def _tools(bot: Bot) -> "Tools | None":
    """How a model chooses among the bot's sources; one index is simply searched."""
    if len(bot.sources) == len(bot.vectors) == 1:
        return None
    from shared.sources import tools

    return tools


def _facts(bot: Bot) -> "dict[str, Facts]":
    """The bot's HTTP sources. One that cannot be asked, e.g. for want of a secret, is left out: the rest answer."""
    facts = {}
    for source in bot.sources:
        if source.kind == "http":
            try:
                facts[source.source_id] = get_facts(source)
            except ValueError as error:
                log.error("source %r of bot %r cannot be asked: %s", source.source_id, bot.bot_id, error)
    return facts


def _similarity(sentences: Sequence[str], passages: Sequence[str]) -> "Vector":
    """Cosine similarity of each sentence to each passage."""
    encoder = wiring.get_sentence_encoder()
    found: Vector = encoder.encode(sentences) @ encoder.encode(passages).T
    return found
