"""From a question to ranked contents: the best title and the best passage of each, weighted."""

from collections.abc import Callable, Collection, Sequence

from cachetools import TTLCache, cachedmethod

from shared.errors import IndexUnavailable
from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval import manifest as manifests
from shared.retrieval.base import Hit, IndexReader, Ranked
from shared.retrieval.manifest import Manifest
from shared.retrieval.text import normalize
from shared.storage.base import Store

TITLE_WEIGHT = 0.6  # of 0.5 to 1.0 the best on 80 plain and 80 hard questions: docs/retrieval.md
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
        self._memo: TTLCache[object, Manifest] = TTLCache(1, POINTER_SECONDS)
        self._opened: tuple[str, IndexReader] | None = None

    @property
    def answer_threshold(self) -> float:
        return self._manifest().answer_threshold

    def search(self, question: str, limit: int, leave_out: Collection[str] = ()) -> Sequence[Ranked]:
        manifest = self._manifest()
        vector = self._embedder.embed_queries([normalize(question)])[0]
        best = self._reader(manifest).best(vector, NEAREST)
        order = sorted(
            (
                (self._weigh(best["title"][faq_id], best["content"].get(faq_id)), faq_id)
                for faq_id in best["title"]
                if faq_id not in leave_out
            ),
            reverse=True,
        )
        ranked: list[Ranked] = []
        for score, faq_id in order:
            if len(ranked) == limit:
                break
            item = self._store.get("contents", self._source_id, faq_id)
            if item is None:  # removed since this index was built
                continue
            ranked.append(
                _ranked(Content.model_validate(item), score, best["title"][faq_id], best["content"].get(faq_id))
            )
        return ranked

    def check(self) -> None:
        """Ask for the index as the first question would. Raises what `search` does."""
        self._open_reader(self._source_id, self._manifest().version)

    def warm_up(self) -> None:
        """Load the engine and open the index, so that the first customer does not wait for it."""
        self._reader(self._manifest())
        self._embedder.embed_queries(["안녕하세요"])

    def _weigh(self, title: Hit, content: Hit | None) -> float:
        passage = content.score if content else title.score
        return self._title_weight * title.score + (1 - self._title_weight) * passage

    @cachedmethod(lambda self: self._memo, key=lambda self: 0)
    def _manifest(self) -> Manifest:
        found = manifests.current(self._store, self._source_id)
        if found is None:
            raise IndexUnavailable(detail=f"source {self._source_id!r} has no index: run scripts/vectorize.py <corpus>")
        check_engine(found, self._embedder)
        return found

    def _reader(self, manifest: Manifest) -> IndexReader:
        opened = self._opened
        if opened is None or opened[0] != manifest.version:
            opened = manifest.version, self._open_reader(self._source_id, manifest.version)
            self._opened = opened  # two threads may both open it; the later one stays, both are right
        return opened[1]


def check_engine(manifest: Manifest, embedder: Embedder) -> None:
    """Raise `IndexUnavailable` unless the index was made with this engine."""
    if manifest.engine != embedder.name:
        raise IndexUnavailable(
            detail=f"the index of source {manifest.source_id!r} was made with {manifest.engine}"
            f" ({manifest.dimensions} dimensions), but EMBEDDING_MODEL gives {embedder.name}:"
            " run scripts/vectorize.py <corpus>, or set EMBEDDING_MODEL back"
        )


def _ranked(content: Content, score: float, title: Hit, passage: Hit | None) -> Ranked:
    subjects = subjects_of(content)
    return Ranked(
        content=content,
        score=score,
        title_score=title.score,
        content_score=passage.score if passage else 0.0,
        matched_subject=subjects[title.n] if title.n < len(subjects) else content.title,
    )


def subjects_of(content: Content) -> list[str]:
    """The titles that a content is found by, in row order: its own with tags, its own without, the similar ones.

    Both readings are kept: 61 contents of the SmartStore corpus share a title once the tags are gone, and people
    rarely type tags.
    """
    tagged = "".join(f"[{tag}] " for tag in content.tags) + content.title
    return list(dict.fromkeys([tagged, content.title, *content.similar_titles]))
