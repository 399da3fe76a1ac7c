"""What one version of an index can be searched with: its artefact, its calibration, its similarity head.

What is missing, damaged or of another version is told once in the log, and the search goes on without it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.errors import IndexUnavailable
from shared.retrieval import calibration as calibrations
from shared.retrieval.artefact import Artefact
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.calibration import Calibration, CalibrationDamaged, legs_of
from shared.retrieval.candidates import VECTORS_ONLY
from shared.retrieval.layers import Layers
from shared.retrieval.manifest import Manifest
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head
from shared.storage.base import Store

log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0  # after which an artefact or a calibration that was missing is looked for again


@dataclass(frozen=True)
class Fitted:
    """A calibration that is not stored, and the version of the index that it was fitted on."""

    version: str
    calibration: Calibration


@dataclass(frozen=True)
class View:
    """One version as it can be searched: what is missing is told in `degraded`, and looked for again after `until`.

    `head` is there only with `layers` and a calibration that was fitted with it.
    """

    layers: Layers | None
    calibration: Calibration | None
    head: Head | None
    degraded: tuple[str, ...]
    until: float


class Views:
    """The versions of one source as one bot searches them. Thread-safe.

    Parameters
    ----------
    encoder, open_artefact, open_head
        See `shared.retrieval.search.Engines`.
    fitted
        See `shared.retrieval.search.SourceSearch`.
    """

    def __init__(
        self,
        source_id: str,
        store: Store,
        bot_id: str,
        encoder: SentenceEncoder | None,
        open_artefact: Callable[[str, str], Artefact],
        open_head: Callable[[str, str], Head],
        fitted: Fitted | None = None,
    ) -> None:
        self._source_id, self._store, self._bot_id, self._encoder = source_id, store, bot_id, encoder
        self._open_artefact, self._open_head, self._fitted = open_artefact, open_head, fitted
        self._viewed: tuple[tuple[str, str | None], View] | None = None
        self._told: set[tuple[str, str]] = set()

    def of(self, manifest: Manifest) -> View:
        """One version as it can be searched now. Raises `StoreUnavailable`."""
        viewed, wanted = self._viewed, (manifest.version, manifest.edits)
        if viewed is None or viewed[0] != wanted or time.monotonic() > viewed[1].until:
            viewed = wanted, self._look(manifest)
            self._viewed = viewed
        return viewed[1]

    def _look(self, manifest: Manifest) -> View:
        missing: list[str] = []
        artefact = None
        try:
            artefact = self._open_artefact(self._source_id, manifest.version)
            check_artefact(artefact, manifest)
        except IndexUnavailable as error:
            artefact = None
            missing.append("artefact_missing")
            self._tell(manifest, f"searching by vectors alone, for {error.code}: {error.reason}")
        second, encoder = artefact and artefact.second, self._encoder
        if artefact and second and encoder and not second.made_with(encoder):
            artefact = replace(artefact, second=None)
            self._tell(
                manifest,
                "no second opinion: the artefact was made with another sentence encoder,"
                " run scripts/vectorize.py <corpus>",
            )
        calibration, damage = self._calibration(manifest, artefact)
        if calibration is None:
            missing.append("calibration_missing")
            self._tell(manifest, f"asking back always: {damage or 'no calibration'}, run scripts/vectorize.py")
        elif damage:
            self._tell(manifest, f"deciding as the default bot does: {damage}, run scripts/publish_bots.py")
        head, problem = self._head(manifest, calibration) if artefact else (None, "")
        if problem:
            self._tell(manifest, f"searching without the learned similarity: {problem}")
        layers, lost = self._layers(artefact, manifest) if artefact else (None, "")
        if lost:
            missing.append("edits_missing")
            self._tell(manifest, f"searching without what was published since: {lost}")
        until = time.monotonic() + RETRY_SECONDS if missing or damage or problem else float("inf")
        return View(layers, calibration, head, tuple(missing), until)

    def _layers(self, base: Artefact, manifest: Manifest) -> tuple[Layers, str]:
        """The version with what was published since, or why that cannot be read."""
        if manifest.edits is None:
            return Layers(base), ""
        try:
            return Layers.of(base, self._open_artefact(self._source_id, manifest.edits)), ""
        except IndexUnavailable as error:
            return Layers(base), f"{error.code}: {error.reason}"

    def _calibration(self, manifest: Manifest, artefact: Artefact | None) -> tuple[Calibration | None, str]:
        """The bot's own, else the default bot's; and what is wrong with one that was passed over."""
        legs = legs_of(artefact.second is not None) if artefact else [VECTORS_ONLY]
        if self._fitted is not None and self._fitted.version == manifest.version:
            return self._fitted.calibration, ""
        damage = ""
        for bot_id in dict.fromkeys([self._bot_id, "default"]):
            try:
                fitted = calibrations.read(self._store, bot_id, self._source_id, manifest.version, legs)
            except CalibrationDamaged as error:
                damage = damage or error.reason
            else:
                if fitted is not None:
                    return fitted, damage
        return None, damage

    def _head(self, manifest: Manifest, calibration: Calibration | None) -> tuple[Head | None, str]:
        """The head that the calibration was fitted with, or why there is none where one should be."""
        learned = calibration.learned if calibration else None
        if learned is None:
            return None, ""
        try:
            head = self._open_head(self._source_id, manifest.version)
        except IndexUnavailable as error:
            return None, f"{error.code}: {error.reason}; run scripts/train_similarity.py"
        if (head.version, head.digest, len(head.down)) != (manifest.version, learned.head, manifest.dimensions):
            return None, "its head is not the one that was calibrated; run scripts/train_similarity.py"
        return head, ""

    def _tell(self, manifest: Manifest, what: str) -> None:
        """Log it once: a version is looked at again every few seconds while something of it is missing."""
        if (manifest.version, what) not in self._told:
            self._told.add((manifest.version, what))
            log.warning("source %r: %s", self._source_id, what)


def check_artefact(artefact: Artefact, manifest: Manifest) -> None:
    """Raise `ArtefactMissing` unless it is this version's."""
    if artefact.version != manifest.version or artefact.titles.dimensions != manifest.dimensions:
        raise ArtefactMissing(
            detail=f"it is that of version {artefact.version} with {artefact.titles.dimensions} dimensions"
        )
