"""From a question to ranked contents and a decision, following the pointer of the index."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from shared.bot import Thresholds, Weights
from shared.errors import IndexUnavailable
from shared.llm.base import Embedder
from shared.models import Content, Decision
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact
from shared.retrieval.base import PARTS, Embedded, Found, IndexReader, Part, Ranked, Vector
from shared.retrieval.calibration import Calibration, Fit, Learned, rank, rule
from shared.retrieval.candidates import (
    Candidates,
    Question,
    embed,
    is_exact,
    vector_candidates,
)
from shared.retrieval.fusion import E5_NEAR, E5_SCALES, effective
from shared.retrieval.intents import READ, beyond
from shared.retrieval.layers import Layers, Proposal
from shared.retrieval.lexicon import Lexicon
from shared.retrieval.manifest import Manifest
from shared.retrieval.memo import VectorMemo
from shared.retrieval.readings import Readings, read
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head
from shared.retrieval.text import letters
from shared.retrieval.view import Fitted, View, Views
from shared.storage.base import MAX_MANY, Store
from shared.storage.keys import today

POINTER_SECONDS = 2.0
_PREPARED = 500  # questions whose vectors are made at once: 1,500 texts at most, of the 2,048 that OpenAI takes


@dataclass(frozen=True)
class Profile:
    """How one bot searches."""

    bot_id: str
    weights: Weights
    lexicon: Lexicon
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True)
class Engines:
    """What a search reads with. Shared by all bots and sources of a process.

    Parameters
    ----------
    open_reader, open_artefact
        Open one version of a source's index, by source and version; the second one's result is memory-mapped.
    open_head
        Its similarity head, which is read only when the calibration was fitted with one.
    encoder
        The second opinion; may be absent.
    queries, encodings
        What remembers questions' vectors, where that is not to be a memo of their own.
    """

    embedder: Embedder
    encoder: SentenceEncoder | None
    open_reader: Callable[[str, str], IndexReader]
    open_artefact: Callable[[str, str], Artefact]
    open_head: Callable[[str, str], Head]
    queries: VectorMemo | None = None
    encodings: VectorMemo | None = None

    @cached_property
    def embed_queries(self) -> VectorMemo:
        """What the embedder makes of questions."""
        return self.queries or VectorMemo(self.embedder.embed_queries)

    @cached_property
    def encode(self) -> VectorMemo | None:
        """What the second opinion makes of them."""
        return self.encodings or (VectorMemo(self.encoder.encode) if self.encoder else None)


class SourceSearch:
    """Search over one source for one bot, following the source's index pointer. Thread-safe.

    Parameters
    ----------
    fitted
        What decides in place of what is stored, as long as that version is served.
    proposal
        Edits that are taken for published, while the pointer stays where it is.
    manifest
        The version that is searched, whatever is served: of a source that has no index yet.
    """

    def __init__(
        self,
        source_id: str,
        store: Store,
        engines: Engines,
        profile: Profile,
        fitted: Fitted | None = None,
        proposal: Proposal | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        self._source_id, self._store, self._engines, self._profile = source_id, store, engines, profile
        self._proposal, self._given = proposal, manifest
        self._memo: tuple[float, Manifest] | None = None
        self._opened: tuple[str, IndexReader] | None = None
        self._views = Views(
            source_id, store, profile.bot_id, engines.encoder, engines.open_artefact, engines.open_head, fitted
        )

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        self._manifest()  # what cannot be searched is refused before anything is embedded
        readings = self._read(asked)
        questions = embed(readings, self._engines.embed_queries, self._engines.encode)
        manifest = self._manifest()
        while True:
            try:
                found, gone = self._find(manifest, asked, questions, limit, leave_out, before)
            except IndexUnavailable:
                if (newer := self._successor(manifest)) is None:
                    raise
            else:
                if not gone:
                    return replace(found, embedded=Embedded(self._engines.embedder.name, questions[0].repaired))
                if (newer := self._successor(manifest)) is None:
                    leave_out = {*leave_out, *gone}  # removed without a build: the next ones move up
            manifest = newer or manifest  # a build switched meanwhile and swept what this version needs

    def prepare(self, questions: Sequence[str]) -> None:
        """Have the vectors of these questions made, many at once, before each is searched. Raises what `find` does."""
        self._manifest()
        readings = self._read(questions)
        for start in range(0, len(readings), _PREPARED):
            embed(readings[start : start + _PREPARED], self._engines.embed_queries, self._engines.encode)

    @property
    def scales(self) -> Mapping[Part, float]:
        """How far each part of a score spreads, as measured on the index that is served."""
        view = self._views.of(self._manifest())
        fitted: Calibration | Learned | None = view.calibration
        if view.calibration and view.calibration.learned and view.head:
            fitted = view.calibration.learned
        return fitted.scales if fitted else E5_SCALES

    @property
    def near_title(self) -> float:
        """The similarity to a title from which on a question comes near, as measured on the index that is served."""
        view = self._views.of(self._manifest())
        return (view.calibration.fit_for(frozenset(PARTS)).suggest_from if view.calibration else 0) or E5_NEAR

    def contents(self, faq_ids: Sequence[str]) -> Sequence[Content]:
        stored = self._stored(faq_ids)
        return [stored[one] for one in faq_ids if one in stored]

    def check(self) -> None:
        """Ask for the index as the first question would. Raises what `find` does."""
        manifest = self._manifest()
        layers = self._views.of(manifest).layers
        if layers is None or not is_exact(layers.base):
            self._engines.open_reader(self._source_id, manifest.version)

    def warm_up(self) -> None:
        """Load the engines and the index, so that the first customer does not wait for them."""
        self.find(["안녕하세요"], limit=1)

    def _read(self, questions: Sequence[str]) -> list[Readings]:
        layers = self._views.of(self._manifest()).layers
        spacing = layers.base.spacing if layers else None
        return [read(one, self._profile.lexicon, spacing) for one in questions]

    def _find(
        self,
        manifest: Manifest,
        asked: Sequence[str],
        questions: Sequence[Question],
        limit: int,
        leave_out: Collection[str],
        before: str | None,
    ) -> tuple[Found, Sequence[str]]:
        """What is found in one version, and which ids of it the store has no more."""
        view = self._view(manifest)
        calibration = view.calibration
        taken, near, doubtful = _first_unless_beaten(
            [self._candidates(manifest, view, one).without(leave_out) for one in questions],
            calibration,
            self._profile.weights,
            before,
        )
        question = questions[taken]
        if not near.faq_ids:
            return Found([], "refuse", asked[taken], 0.0, view.degraded), ()
        moved = view.layers.turned(question, near, view.head) if view.layers and view.head else None
        ruling = rule(near, moved, calibration, self._profile.weights)
        # What is decided is decided by the same contents, however many are wanted
        order = ruling.order[: max(limit, READ)]
        ranked, gone = self._contents(view, question, moved or near, ruling.scores, order)
        typed = question.readings.typed
        read_first, named = _named_first(typed, ranked[:READ])
        return (
            Found(
                ranked=_marked([*read_first, *ranked[READ:]][:limit], view, question, near),
                decision="refuse" if doubtful else named or _ruled(question.readings, read_first, ruling.decision),
                asked=asked[taken],
                confidence=ruling.confidence,
                degraded=view.degraded,
                measured=ruling.measured,
            ),
            gone,
        )

    def _candidates(self, manifest: Manifest, view: View, question: Question) -> Candidates:
        if view.layers is None:
            return vector_candidates(self._reader(manifest), question)
        return view.layers.candidates(question, lambda: self._reader(manifest))

    def _contents(
        self, view: View, question: Question, near: Candidates, scores: Vector, order: Sequence[int]
    ) -> tuple[list[Ranked], list[str]]:
        ranked, gone = [], []
        stored = self._stored([near.faq_ids[at] for at in order])
        for at in order:
            content = stored.get(near.faq_ids[at])
            if content is None:  # removed since this index was built, or not to be answered from today
                gone.append(near.faq_ids[at])
                continue
            parts = {part: float(near.parts[at, n]) for n, part in enumerate(PARTS) if part in near.present}
            ranked.append(Ranked(content, float(scores[at]), parts, _subject(view.layers, content, question)))
        return ranked, gone

    def _view(self, manifest: Manifest) -> View:
        view = self._views.of(manifest)
        if self._proposal is None or view.layers is None:
            return view
        return replace(view, layers=Layers.of(view.layers.base, self._proposal.edits))

    def _stored(self, faq_ids: Sequence[str]) -> Mapping[str, Content]:
        """Those of these contents that are there and may be answered from today."""
        parts = [faq_ids[at : at + MAX_MANY] for at in range(0, len(faq_ids), MAX_MANY)]
        found = {
            faq_id: Content.model_validate(item)
            for part in parts
            for faq_id, item in self._store.get_many("contents", self._source_id, part).items()
        }
        if self._proposal is not None:
            proposed = self._proposal.changed
            found |= {one: proposed[one] for one in faq_ids if one in proposed}
            found = {faq_id: one for faq_id, one in found.items() if faq_id not in self._proposal.removed}
        day = today()
        return {faq_id: one for faq_id, one in found.items() if one.holds_on(day)}

    def _manifest(self) -> Manifest:
        memo = self._memo
        return memo[1] if memo and time.monotonic() < memo[0] else self._read_manifest()

    def _read_manifest(self) -> Manifest:
        found = self._given or manifests.current(self._store, self._source_id)
        if found is None:
            raise IndexUnavailable(detail=f"source {self._source_id!r} has no index: run scripts/vectorize.py <corpus>")
        check_engine(found, self._engines.embedder)
        self._memo = time.monotonic() + POINTER_SECONDS, found
        return found

    def _successor(self, manifest: Manifest) -> Manifest | None:
        """The version that is served by now, unless it is this one."""
        found = self._read_manifest()
        return None if found.version == manifest.version else found

    def _reader(self, manifest: Manifest) -> IndexReader:
        opened = self._opened
        if opened is None or opened[0] != manifest.version:
            opened = manifest.version, self._engines.open_reader(self._source_id, manifest.version)
            self._opened = opened  # two threads may both open it; the later one stays, both are right
        return opened[1]


def check_engine(manifest: Manifest, embedder: Embedder) -> None:
    """Raise `IndexUnavailable` unless the index was made with this engine."""
    if not manifests.made_with(manifest, embedder):
        raise IndexUnavailable(
            detail=f"the index of source {manifest.source_id!r} was made with {manifest.engine}"
            f" ({manifest.dimensions} dimensions), but EMBEDDING_MODEL gives {embedder.name} ({embedder.dimensions}):"
            " run scripts/vectorize.py <corpus>, or set EMBEDDING_MODEL back"
        )


def subjects_of(content: Content) -> list[str]:
    """The titles that a content is found by, in row order: its own with tags, its own without, the similar ones, those
    of a language model that a person has accepted.

    Both readings are kept: 61 contents of the SmartStore corpus share a title once the tags are gone, and people
    rarely type tags.
    """
    tagged = "".join(f"[{tag}] " for tag in content.tags) + content.title
    accepted = [one.text for one in content.summary_titles if one.accepted]
    return list(dict.fromkeys([tagged, content.title, *content.similar_titles, *accepted]))


def is_title(question: str, content: Content) -> bool:
    """Whether somebody asked exactly one of a content's titles, as a tap on a suggestion does."""
    asked = letters(question)
    return bool(asked) and asked in map(letters, subjects_of(content))


def _named_first(question: str, ranked: list[Ranked]) -> tuple[list[Ranked], Decision | None]:
    """The contents whose title the question is come first, and which decision that makes, if any is.

    Of several with one title, which their tags tell apart, the one that was asked for with its tags is the answer, or
    the one that has none; else they are asked back.
    """
    named = [one for one in ranked if is_title(question, one.content)]
    whole = [one for one in named if letters(subjects_of(one.content)[0]) == letters(question)]
    first = [*whole, *(one for one in named if one not in whole)]
    if not named:
        return ranked, None
    decision: Decision = "answer" if whole or len(named) == 1 else "clarify"
    return [*first, *(one for one in ranked if one not in named)], decision


def _ruled(readings: Readings, ranked: Sequence[Ranked], ruled: Decision) -> Decision:
    """The decision after what scores cannot tell: what an FAQ cannot know, as typed or as repaired."""
    contents = [one.content for one in ranked]
    is_beyond = ruled == "answer" and any(beyond(one, contents) for one in {readings.typed, readings.repaired})
    return "clarify" if is_beyond else ruled


def _subject(layers: Layers | None, content: Content, question: Question) -> str:
    """The title that the question met best."""
    subjects = subjects_of(content)
    best = layers.matched_title(content.faq_id, question) if layers else None
    # An edit that a build is about to serve may have fewer titles than the version that is searched
    return subjects[best] if best is not None and best < len(subjects) else content.title


def _marked(ranked: Sequence[Ranked], view: View, question: Question, near: Candidates) -> list[Ranked]:
    """The same contents, with which of them, and of those related to them, come near enough to be suggested."""
    fit = view.calibration.fit_for(near.present) if view.calibration else Fit()
    met = dict(zip(near.faq_ids, near.parts[:, 0].tolist(), strict=True))
    if view.layers is not None:
        related = {one for found in ranked for one in found.content.related_ids} - met.keys()
        met |= view.layers.title_similarities(related, question)
    close = {faq_id for faq_id, similarity in met.items() if similarity >= fit.suggest_from}
    return [
        replace(
            one,
            near=one.content.faq_id in close,
            related=[faq_id for faq_id in one.content.related_ids if faq_id in close],
        )
        for one in ranked
    ]


def _first_unless_beaten(
    found: Sequence[Candidates], calibration: Calibration | None, weights: Weights, before: str | None
) -> tuple[int, Candidates, bool]:
    """Which meaning is taken, what was found for it, and whether it only ranks.

    The first one, unless a later one meets a title better by more than a spread.

    One that is further from all titles than off-topic questions are on average is off topic, whatever was said before;
    and so is one whose later meaning leads back to the content `before`, unless it is nearer by a deviation: that
    meaning tells what may be suggested, but is refused as the first one is.
    """
    taken, best = 0, found[0]
    scales = calibration.scales if calibration else E5_SCALES
    mean, deviation = calibration.fit_for(best.present).off_topic[:2] if calibration else (0.0, 0.0)
    own = _nearest_title(best)
    for at, one in enumerate(found[1:], 1):
        if own < mean or _nearest_title(one) <= _nearest_title(best) + scales["title"]:
            continue
        order = rank(one, effective(weights, scales, one.present))[1]
        if own >= mean + deviation or one.faq_ids[order[0]] != before:
            taken, best = at, one
        elif rule(best, None, calibration, weights).decision == "refuse":
            return at, one, True
    return taken, best, False


def _nearest_title(found: Candidates) -> float:
    return float(found.parts[:, 0].max(initial=-1.0))
