"""Publishing a bot: its thresholds are fitted on what it searches, then its new version serves."""

import logging
from collections.abc import Mapping

from shared.bot import Bot
from shared.bots import Bots
from shared.indexing.build import stored_contents
from shared.indexing.calibrate import Asking, off_topic_questions
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.calibration import Calibration, CalibrationDamaged, alike
from shared.retrieval.manifest import Manifest
from shared.retrieval.search import Engines, Profile, check_engine
from shared.retrieval.view import Fitted
from shared.storage.base import Store
from shared.storage.items import sealed

log = logging.getLogger(__name__)


def publish(
    bot: Bot,
    profile: Profile,
    *,
    bots: Bots,
    store: Store,
    engines: Engines,
    fits: Mapping[str, Fitted] | None = None,
    by: str | None = None,
) -> tuple[Bot, list[str]]:
    """Publish a bot. Returns the version that was made, and the sources that have no index yet.

    Those are searched once they are built, and so are their thresholds fitted then.

    Parameters
    ----------
    profile
        How this bot searches.
    fits
        Thresholds that were fitted before, by source: they are taken for the versions that they were fitted on.
    by
        The name of the operator who publishes it.

    Raises
    ------
    ArtefactMissing, EmbeddingUnavailable, IndexUnavailable, InvalidItem, StoreUnavailable
        Nothing was published, and what is served decides as before.
    """
    check(bot)
    served = {source_id: manifests.current(store, source_id) for source_id in bot.source_ids}
    earlier = {
        source_id: stored_fit(store, bot.bot_id, source_id, one.version)
        for source_id, one in served.items()
        if one is not None
    }
    given = {(source_id, one.version): one.calibration for source_id, one in (fits or {}).items()}
    made = [
        (
            one,
            given.get((one.source_id, one.version)) or _fitted(one, profile, earlier[one.source_id], store, engines),
        )
        for one in served.values()
        if one is not None
    ]
    try:
        for manifest, calibration in made:
            calibrations.save(store, bot.bot_id, manifest.source_id, manifest.version, calibration)
        published = bots.publish(bot, by=by)
    except BaseException:
        for manifest, _ in made:  # the version that goes on serving decides as it did
            _restore(manifest, bot.bot_id, earlier[manifest.source_id], store)
        raise
    return published, [source_id for source_id, manifest in served.items() if manifest is None]


def fitted(bot: Bot, profile: Profile, *, store: Store, engines: Engines) -> dict[str, Fitted]:
    """The thresholds that a bot would be published with, by source, of those that have an index. Nothing is stored.

    Raises
    ------
    ArtefactMissing, EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
    """
    served = (manifests.current(store, source_id) for source_id in bot.source_ids)
    return {
        one.source_id: Fitted(
            one.version,
            _fitted(one, profile, stored_fit(store, bot.bot_id, one.source_id, one.version), store, engines),
        )
        for one in served
        if one is not None
    }


def check(bot: Bot) -> None:
    """Raise `InvalidItem` unless this bot can be stored."""
    sealed({"pk": bot.bot_id, "sk": bot.version, **bot.model_dump(mode="json")}, None)


def stored_fit(store: Store, bot_id: str, source_id: str, version: str) -> Calibration | None:
    """A bot's own thresholds on a version of an index, as they were stored; none where they are damaged.

    Raises `StoreUnavailable`.
    """
    try:
        return calibrations.read(store, bot_id, source_id, version)
    except CalibrationDamaged:  # the one that is made here replaces it
        return None


def _restore(manifest: Manifest, bot_id: str, earlier: Calibration | None, store: Store) -> None:
    if earlier is None:
        calibrations.forget(store, bot_id, manifest.source_id, manifest.version)
    else:
        calibrations.save(store, bot_id, manifest.source_id, manifest.version, earlier)


def _fitted(
    manifest: Manifest, profile: Profile, earlier: Calibration | None, store: Store, engines: Engines
) -> Calibration:
    check_engine(manifest, engines.embedder)
    source_id, version = manifest.source_id, manifest.version
    artefact = engines.open_artefact(source_id, version)
    asking = Asking(
        engines.embedder.embed_queries,
        engines.encoder,
        artefact.asked,
        lambda: engines.open_reader(source_id, version),
    )
    contents = list(stored_contents(store, source_id))
    calibrated = asking.calibrate(profile, contents, artefact, off_topic_questions())
    if earlier is None or earlier.learned is None:
        return calibrated
    if alike(earlier.model_copy(update={"learned": None}), calibrated):
        return earlier
    log.warning(
        "the learned similarity of source %r was fitted to another way of searching: run scripts/train_similarity.py",
        source_id,
    )
    return calibrated
