"""Publishing edits: contents that change between two builds, searched beside the version that is served.

An edit is searchable as soon as a reader follows the pointer, within two seconds, whatever the size of the source. It
costs every search a little, so the next build takes all edits in.
"""

import logging
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from chromadb.api import ClientAPI
from ulid import ULID

from shared.errors import AppError, IndexUnavailable
from shared.indexing.build import MAX_CATEGORIES, item_of, rows_of
from shared.indexing.edited_categories import with_categories
from shared.indexing.lease import held
from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval import artefact, chroma
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact
from shared.retrieval.artefacts import ArtefactMissing, Artefacts
from shared.retrieval.base import KINDS, Kind, Row, Vector
from shared.retrieval.layers import Proposal
from shared.retrieval.manifest import Manifest
from shared.retrieval.openings import known_openings, make_openings
from shared.retrieval.search import check_engine
from shared.retrieval.sentences import SentenceEncoder
from shared.storage.base import MAX_MANY, Store

log = logging.getLogger(__name__)

MAX_EDITS = 1_000  # contents: they add about a millisecond to a search


class TooManyEdits(AppError):
    """So much was edited since the last build that only a build can take in more."""

    status, code = 409, "too_many_edits"
    default_message = "마지막 색인 이후 고친 내용이 너무 많습니다. 색인을 새로 만든 뒤 다시 게시해 주세요."


@dataclass(frozen=True)
class Workshop:
    """What an edit is made searchable with.

    Parameters
    ----------
    encoder
        The second opinion; `None` leaves its leg out.
    """

    store: Store
    client: ClientAPI
    embedder: Embedder
    encoder: SentenceEncoder | None
    artefacts: Artefacts


def propose(changed: Sequence[Content], removed: Collection[str], source_id: str, tools: Workshop) -> Proposal:
    """The source as it would be with these edits. Writes nothing, so that they can be tried before they are published.

    Parameters
    ----------
    changed
        Contents of this source, each id once, as they are to be: new ones and edited ones.
    removed
        Ids that are to be gone.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable, TooManyEdits
        `IndexUnavailable` also when the source was never built.
    """
    return _proposed(changed, removed, _served(source_id, tools), tools)


def publish_edits(
    changed: Sequence[Content],
    removed: Collection[str],
    source_id: str,
    tools: Workshop,
    waiting: Callable[[], None] = lambda: None,
) -> Manifest:
    """Store these edits and serve them. Parameters and errors as of `propose`.

    Order of writes: vectors, artefact, contents, pointer, removals. Cut short before the pointer, edited contents may
    be stored and not yet be found by their new words; publishing them again, or a build, mends that.

    Parameters
    ----------
    waiting
        Called once when another publication or build is at work.

    Raises
    ------
    BuildRunning
        When it goes on being at work. Nothing was changed.
    """
    store = tools.store
    now = datetime.now(UTC)
    changed = [one.model_copy(update={"updated_at": now}) for one in changed]
    with held(store, source_id, waiting) as lease:
        served = _served(source_id, tools)
        proposal = _proposed(changed, removed, served, tools)
        changed = _categorized(changed, removed, proposal, served, tools)
        before = _stored([*(one.faq_id for one in changed), *removed], source_id, store)
        lease.check()
        _write_vectors(changed, before, proposal, served, tools)
        name = _save(proposal, served, tools)
        lease.renew()
        store.batch_put("contents", map(item_of, changed))
        added, gone = {one.faq_id for one in changed} - before.keys(), before.keys() & set(removed)
        edited = {
            "edits": name,
            "former_edits": served.edits,
            "contents": served.contents + len(added) - len(gone),
            "categories": _with_new(served.categories, changed),
            "uncategorized": served.uncategorized or not all(one.category for one in changed),
        }
        ready = served.model_copy(update=edited)
        manifests.switch(store, ready)
        for faq_id in removed:
            store.delete("contents", source_id, faq_id)
        if served.former_edits:
            tools.artefacts.drop(source_id, served.former_edits)
    return ready


def _served(source_id: str, tools: Workshop) -> Manifest:
    """The version that edits join."""
    served = manifests.current(tools.store, source_id)
    if served is None:
        raise IndexUnavailable(detail=f"source {source_id!r} has no index: run scripts/vectorize.py <corpus>")
    check_engine(served, tools.embedder)
    return served


def _proposed(changed: Sequence[Content], removed: Collection[str], served: Manifest, tools: Workshop) -> Proposal:
    """All edits since the build, those that were published before with these."""
    former = _former(served, tools.artefacts)
    by_id = {one.faq_id: one for one in changed}
    kept = [one for one in (former.faq_ids if former else ()) if one not in by_id and one not in removed]
    contents = [*_stored(kept, served.source_id, tools.store).values(), *changed]
    if len(contents) > MAX_EDITS:
        raise TooManyEdits(detail=f"source {served.source_id!r}: {len(contents)} edits, at most {MAX_EDITS}")
    if not contents:
        return Proposal({}, frozenset(removed), None)
    rows = [row for content in contents for row in rows_of(content)]
    vectors = _vectors(rows, by_id.keys(), former, served, tools)
    before = known_openings([served], tools.artefacts)
    openings = make_openings(contents, served.contents, tools.embedder.embed_passages, before)
    edits = artefact.make(str(ULID()), contents, rows, vectors, tools.encoder, former, openings)
    return Proposal(by_id, frozenset(removed), edits)


def _former(served: Manifest, artefacts: Artefacts) -> Artefact | None:
    if served.edits is None:
        return None
    try:
        return artefact.load(artefacts.fetch(served.source_id, served.edits))
    except ArtefactMissing as error:
        raise IndexUnavailable(
            detail=f"what was published before cannot be read ({error.reason}): run scripts/vectorize.py"
        ) from error


def _vectors(
    rows: Sequence[Row], changed: Collection[str], former: Artefact | None, served: Manifest, tools: Workshop
) -> Vector:
    """The rows' vectors, `(len(rows), dimensions)`. Only texts that are nowhere in the index are embedded."""
    known = _of_former(rows, changed, former) if former else {}
    wanted = {row.text_hash for at, row in enumerate(rows) if at not in known}
    stored = chroma.vectors_of(tools.client, served.source_id, served.version, wanted)
    known |= {at: stored[row.text_hash] for at, row in enumerate(rows) if at not in known and row.text_hash in stored}
    return with_embedded(rows, known, tools.embedder)


def with_embedded(rows: Sequence[Row], known: Mapping[int, Vector], embedder: Embedder) -> Vector:
    """All rows' vectors, `(len(rows), dimensions)`: those known by row number, and the others, which are embedded.

    Raises `EmbeddingUnavailable`.
    """
    vectors = dict(known)
    engines: dict[Kind, Callable[[Sequence[str]], Vector]] = {
        "title": embedder.embed_queries,
        "content": embedder.embed_passages,
    }
    for kind in KINDS:
        fresh = [at for at, row in enumerate(rows) if row.kind == kind and at not in known]
        for start in range(0, len(fresh), embedder.batch_size):
            batch = fresh[start : start + embedder.batch_size]
            vectors.update(zip(batch, engines[kind]([rows[at].text for at in batch]), strict=True))
    return np.stack([vectors[at] for at in range(len(rows))])


def _of_former(rows: Sequence[Row], changed: Collection[str], former: Artefact) -> dict[int, Vector]:
    """Row number → vector, of the contents that were edited before and are not edited now."""
    ragged = {"title": former.titles, "content": former.passages}
    known: dict[int, Vector] = {}
    for at, row in enumerate(rows):
        position = former.positions.get(row.faq_id)
        if position is None or row.faq_id in changed:
            continue
        start, end = ragged[row.kind].starts[position : position + 2]
        if end - start == row.counts[row.kind]:  # titles may have been accepted since
            known[at] = ragged[row.kind].rows[start + row.n]
    return known


def _write_vectors(
    changed: Sequence[Content], before: Mapping[str, Content], proposal: Proposal, served: Manifest, tools: Workshop
) -> None:
    """Have Chroma hold what the next build need not embed again, and who searches without the artefact finds."""
    writer = chroma.ChromaWriter(tools.client, served.source_id, served.version)
    rows = [row for content in changed for row in rows_of(content)]
    old = [row for content in before.values() for row in rows_of(content)]
    new = {(row.kind, row.row_id) for row in rows}
    writer.remove([row for row in old if (row.kind, row.row_id) not in new])
    if rows and proposal.edits is not None:
        writer.write(rows, np.stack([_row_vector(proposal.edits, row) for row in rows]))


def _row_vector(edits: Artefact, row: Row) -> Vector:
    ragged = edits.titles if row.kind == "title" else edits.passages
    vector: Vector = ragged.rows[ragged.starts[edits.positions[row.faq_id]] + row.n]
    return vector


def _categorized(
    changed: Sequence[Content], removed: Collection[str], proposal: Proposal, served: Manifest, tools: Workshop
) -> Sequence[Content]:
    """With the categories that the next build would infer; it does so itself where its artefact is away."""
    if proposal.edits is None or all(one.category and not one.category_inferred for one in changed):
        return changed
    try:
        base = artefact.load(tools.artefacts.fetch(served.source_id, served.version))
    except ArtefactMissing as error:
        log.warning("no categories for edits of source %r: %s", served.source_id, error.reason)
        return changed
    stored = partial(_stored, source_id=served.source_id, store=tools.store)
    return with_categories(changed, removed, proposal.edits, base, stored)


def _save(proposal: Proposal, served: Manifest, tools: Workshop) -> str | None:
    if proposal.edits is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        proposal.edits.save(Path(folder) / "artefact")
        tools.artefacts.save(served.source_id, proposal.edits.version, Path(folder) / "artefact")
    return proposal.edits.version


def _stored(faq_ids: Sequence[str], source_id: str, store: Store) -> dict[str, Content]:
    parts = [faq_ids[at : at + MAX_MANY] for at in range(0, len(faq_ids), MAX_MANY)]
    items = {faq_id: item for part in parts for faq_id, item in store.get_many("contents", source_id, part).items()}
    return {one: Content.model_validate(items[one]) for one in faq_ids if one in items}


def _with_new(categories: Sequence[str], changed: Sequence[Content]) -> list[str]:
    named = [one.category for one in changed if one.category]
    return list(dict.fromkeys([*categories, *named]))[:MAX_CATEGORIES]
