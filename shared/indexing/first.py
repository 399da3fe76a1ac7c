"""A source's very first index: as it would be, to be tried before it serves, and then built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ulid import ULID

from shared.errors import IndexUnavailable
from shared.indexing.build import build_index, rows_of, stored_contents
from shared.indexing.calibrate import Asking, off_topic_questions
from shared.indexing.edits import Workshop, with_embedded
from shared.indexing.progress import Unheard
from shared.models import Content
from shared.retrieval import artefact
from shared.retrieval.artefact import Artefact, Memory
from shared.retrieval.base import IndexReader
from shared.retrieval.layers import Proposal
from shared.retrieval.manifest import Manifest
from shared.retrieval.openings import make_openings
from shared.retrieval.search import Profile
from shared.retrieval.view import Fitted


@dataclass(frozen=True)
class FirstIndex:
    """What a source that has no index would be searched with. It is in memory alone.

    Parameters
    ----------
    fits
        By bot.
    """

    manifest: Manifest
    made: Artefact
    proposal: Proposal
    fits: Mapping[str, Fitted]


def propose_first(
    contents: Sequence[Content], source_id: str, tools: Workshop, profiles: Sequence[Profile]
) -> FirstIndex:
    """The index that `publish_first` would build, up to the categories it infers. Writes nothing, and takes as long.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
        `IndexUnavailable` also where it would be too large to be searched without Chroma.
    """
    wanted = _with_stored(contents, source_id, tools)
    rows = [row for content in wanted for row in rows_of(content)]
    embedder, version = tools.embedder, str(ULID())
    openings = make_openings(wanted, len(rows), embedder.embed_passages, Memory.empty())
    vectors = with_embedded(rows, {}, embedder)
    made = artefact.make(version, wanted, rows, vectors, tools.encoder, None, openings)
    asking = Asking(embedder.embed_queries, tools.encoder, Memory.empty(), _no_reader)
    fits = {one.bot_id: asking.calibrate(one, wanted, made, off_topic_questions()) for one in profiles}
    return FirstIndex(
        Manifest(
            source_id=source_id,
            version=version,
            engine=embedder.name,
            dimensions=embedder.dimensions,
            created_at=datetime.now(UTC),
        ),
        made,
        Proposal({one.faq_id: one for one in wanted}, frozenset(), None),
        {bot_id: Fitted(version, calibration) for bot_id, calibration in fits.items()},
    )


def publish_first(
    contents: Sequence[Content], source_id: str, tools: Workshop, profiles: Sequence[Profile]
) -> Manifest:
    """Build a source that has no index yet: these contents, and what is stored of it. It takes some twenty seconds.

    Parameters and errors as of `build_index`.
    """
    return build_index(
        _with_stored(contents, source_id, tools),
        source_id,
        store=tools.store,
        client=tools.client,
        embedder=tools.embedder,
        encoder=tools.encoder,
        artefacts=tools.artefacts,
        profiles=profiles,
        off_topic=off_topic_questions(),
        progress=Unheard(),
    ).manifest


def _with_stored(contents: Sequence[Content], source_id: str, tools: Workshop) -> list[Content]:
    return list({one.faq_id: one for one in [*stored_contents(tools.store, source_id), *contents]}.values())


def _no_reader() -> IndexReader:
    raise IndexUnavailable(detail="too much for a first index: run scripts/vectorize.py <corpus>")
