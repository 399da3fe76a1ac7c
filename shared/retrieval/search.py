"""From a question to ranked contents: the best title and the best passage of each, weighted."""

import time
from collections.abc import Callable, Collection, Sequence

from shared.errors import IndexUnavailable
from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval import manifest as manifests
from shared.retrieval.base import Hit, IndexReader, Ranked, Vector
from shared.retrieval.manifest import Manifest
from shared.retrieval.text import normalize
from shared.storage.base import Store

TITLE_WEIGHT = 0.6  # of 0.5 to 1.0, on 80 plain and 80 hard questions, the best recall at 3: docs/retrieval.md
NEAREST = 60  # rows of each kind that are looked at
POINTER_SECONDS = 2.0


class SourceSearch:
    """Search over one source, following its index pointer.

    Parameters
    ----------
    open_reader
        Opens one version of the source's index.
    title_weight
        Share of the title's similarity in a content's score, 0 to 1; the rest is the passage's.
    """

    def __init__(
        self,
        source_id: str,
        store: Store,
        embedder: Embedder,
        open_reader: Callable[[str, str], IndexReader],
        title_weight: float = TITLE_WEIGHT,
    ) -> None:
        self._source_id, self._store, self._embedder = source_id, store, embedder
        self._open_reader, self._title_weight = open_reader, title_weight
        self._memo: tuple[float, Manifest] | None = None
        self._opened: tuple[str, IndexReader] | None = None

    @property
    def answer_threshold(self) -> float:
        return self._manifest().answer_threshold

    @property
    def near_threshold(self) -> float:
        return self._manifest().near_threshold

    def search(self, question: str, limit: int, leave_out: Collection[str] = ()) -> Sequence[Ranked]:
        self._manifest()  # what cannot be searched is refused before anything is embedded
        vector = self._embedder.embed_queries([normalize(question)])[0]
        manifest = self._manifest()
        while True:
            try:
                ranked, whole = self._ranked(manifest, vector, limit, leave_out)
            except IndexUnavailable:
                if (newer := self._successor(manifest)) is None:
                    raise
            else:
                if whole or (newer := self._successor(manifest)) is None:
                    return ranked
            manifest = newer  # a build switched meanwhile and swept what this version needs

    def check(self) -> None:
        """Ask for the index as the first question would. Raises what `search` does."""
        self._open_reader(self._source_id, self._manifest().version)

    def warm_up(self) -> None:
        """Load the engine and the index, so that the first customer does not wait for them."""
        self.search("안녕하세요", limit=1)

    def _ranked(
        self, manifest: Manifest, vector: Vector, limit: int, leave_out: Collection[str]
    ) -> tuple[list[Ranked], bool]:
        """The best contents by one version, and whether the store has all of them."""
        best, whole = self._reader(manifest).best(vector, NEAREST), True
        scores = {faq_id: self._weigh(best["title"][faq_id], best["content"][faq_id]) for faq_id in best["title"]}
        ranked: list[Ranked] = []
        for faq_id in sorted(scores.keys() - set(leave_out), key=lambda one: (-scores[one], one)):
            if len(ranked) == limit:
                break
            item = self._store.get("contents", self._source_id, faq_id)
            if item is None:  # removed since this index was built
                whole = False
                continue
            content = Content.model_validate(item)
            ranked.append(_ranked(content, scores[faq_id], best["title"][faq_id], best["content"][faq_id]))
        return ranked, whole

    def _weigh(self, title: Hit, passage: Hit) -> float:
        return self._title_weight * title.score + (1 - self._title_weight) * passage.score

    def _manifest(self) -> Manifest:
        memo = self._memo
        return memo[1] if memo and time.monotonic() < memo[0] else self._read_manifest()

    def _read_manifest(self) -> Manifest:
        found = manifests.current(self._store, self._source_id)
        if found is None:
            raise IndexUnavailable(detail=f"source {self._source_id!r} has no index: run scripts/vectorize.py <corpus>")
        check_engine(found, self._embedder)
        self._memo = time.monotonic() + POINTER_SECONDS, found
        return found

    def _successor(self, manifest: Manifest) -> Manifest | None:
        """The version that is served by now, unless it is this one."""
        found = self._read_manifest()
        return None if found.version == manifest.version else found

    def _reader(self, manifest: Manifest) -> IndexReader:
        opened = self._opened
        if opened is None or opened[0] != manifest.version:
            opened = manifest.version, self._open_reader(self._source_id, manifest.version)
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


def _ranked(content: Content, score: float, title: Hit, passage: Hit) -> Ranked:
    subjects = subjects_of(content)
    return Ranked(
        content=content,
        score=score,
        title_score=title.score,
        content_score=passage.score,
        # An edit that a build is about to serve may have fewer titles than the version that is searched
        matched_subject=subjects[title.n] if title.n < len(subjects) else content.title,
    )


def subjects_of(content: Content) -> list[str]:
    """The titles that a content is found by, in row order: its own with tags, its own without, the similar ones.

    Both readings are kept: 61 contents of the SmartStore corpus share a title once the tags are gone, and people
    rarely type tags.
    """
    tagged = "".join(f"[{tag}] " for tag in content.tags) + content.title
    return list(dict.fromkeys([tagged, content.title, *content.similar_titles]))
