"""Step three: contents to vectors, beside the index that is served, then one switch.

Every build writes a version of its own. A text whose vector stands in an earlier version is not embedded again,
whether that version is served (then this is an incremental build) or was interrupted (then it goes on). Order of
writes: vectors, artefact, contents, pointer, removals; who reads meanwhile finds a whole index.
"""

import logging
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from chromadb.api import ClientAPI
from ulid import ULID

from shared.errors import IndexUnavailable
from shared.indexing.calibrate import Asking
from shared.indexing.categories import infer_categories
from shared.indexing.fingerprint import fingerprint_of
from shared.indexing.lease import Lease, held
from shared.indexing.progress import PIECE, Progress, Telling, told
from shared.indexing.summary_titles import with_summary_titles
from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval import artefact, chroma
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact, Memory
from shared.retrieval.artefacts import ArtefactMissing, Artefacts
from shared.retrieval.base import KINDS, Kind, Row, Vector
from shared.retrieval.calibration import CalibrationDamaged
from shared.retrieval.manifest import Manifest
from shared.retrieval.openings import known_openings, make_openings
from shared.retrieval.search import Profile, subjects_of
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import head_version
from shared.retrieval.text import chunks, normalize
from shared.storage.base import Item, Store

log = logging.getLogger(__name__)

MAX_CATEGORIES = 64


@dataclass(frozen=True)
class Result:
    """What a build did: texts embedded and known, contents written and removed, summary titles that were outdated."""

    manifest: Manifest
    embedded: int
    known: int
    written: int
    removed: int
    outdated: int


def build_index(
    contents: Sequence[Content] | None,
    source_id: str,
    *,
    store: Store,
    client: ClientAPI,
    embedder: Embedder,
    encoder: SentenceEncoder | None,
    artefacts: Artefacts,
    profiles: Sequence[Profile],
    off_topic: Sequence[str],
    progress: Progress,
) -> Result:
    """Make `contents` the whole of a source: its vectors, its items in the store, its pointer.

    Parameters
    ----------
    contents
        Of this source, each id once; `None`: those that are stored. Either way they keep the stored summary titles.
    encoder
        The second opinion; `None` leaves its leg out.
    profiles
        How the bots search that draw on this source; a calibration is fitted for each.
    off_topic
        Questions that no content answers; the thresholds are fitted on them.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
        What was embedded until then is kept, and the next run goes on from there.
    BuildRunning
        When another build of the source is at work. Nothing was changed.
    """
    bot_ids = [profile.bot_id for profile in profiles]
    with held(store, source_id, progress.wait) as lease:
        stored = list(stored_contents(store, source_id))  # under the lease: titles are accepted under it, too
        contents, outdated = with_summary_titles(stored if contents is None else contents, stored)
        rows = [row for content in contents for row in rows_of(content)]
        if not rows:
            raise ValueError("no contents; an index of nothing would answer nothing")
        fingerprint = fingerprint_of(contents, rows, profiles, off_topic, embedder, encoder)
        served = manifests.current(store, source_id)
        if served and served.fingerprint == fingerprint and _stands(served, store, client, artefacts, bot_ids):
            if (sorted_in := served.model_copy(update=_categories(stored))) != served:  # built before they were kept
                served = sorted_in
                manifests.switch(store, served)
            removed = _remove_absent(contents, stored, store)
            _sweep(store, client, artefacts, source_id, bot_ids, {served.version, served.previous})
            return Result(served, embedded=0, known=len(rows), written=0, removed=removed, outdated=outdated)

        known = _known_vectors(rows, store, client, source_id, embedder)
        same = [one for one in manifests.versions(store, source_id) if manifests.made_with(one, embedder)]
        known_before = known_openings(same, artefacts)  # also of what is swept below
        manifest = _begin(store, source_id, embedder, served)
        writer = chroma.ChromaWriter(client, source_id, manifest.version)
        vectors = _copy(rows, known, writer, embedder.dimensions)
        kept = {manifest.version, manifest.previous, served.previous if served else None}
        _sweep(store, client, artefacts, source_id, bot_ids, kept)
        embedded = _embed(rows, known, vectors, writer, embedder, lease, progress)
        earlier = _earlier(artefacts, served)
        telling = Telling(encoder, progress) if encoder else None
        embed_passages = partial(told, embedder.embed_passages, progress, "openings", max(PIECE, embedder.batch_size))
        openings = make_openings(contents, len(rows), embed_passages, known_before)
        made = artefact.make(manifest.version, contents, rows, vectors, telling, earlier, openings)
        lease.check()
        reader = chroma.ChromaReader(client, source_id, manifest.version)
        embed_queries = partial(told, embedder.embed_queries, progress, "calibrating", max(PIECE, embedder.batch_size))
        asking = Asking(embed_queries, encoder, _asked_before(earlier, served, embedder), lambda: reader)
        for profile in profiles:
            fitted = asking.calibrate(profile, contents, made, off_topic)
            calibrations.save(store, profile.bot_id, source_id, manifest.version, fitted)
        made = replace(made, asked=asking.memory)
        lease.check()
        with tempfile.TemporaryDirectory() as folder:
            made.save(Path(folder) / "artefact")
            artefacts.save(source_id, manifest.version, Path(folder) / "artefact")

        inferred = infer_categories(contents, rows, vectors)
        changed = _changed(inferred, stored)
        lease.renew()
        if manifests.current(store, source_id) != served:
            raise lease.refusal()
        store.batch_put("contents", [item_of(content) for content in changed])
        ready = manifest.model_copy(
            update={
                "fingerprint": fingerprint,
                "contents": len(contents),
                "titles": sum(row.kind == "title" for row in rows),
                "chunks": sum(row.kind == "content" for row in rows),
                **_categories(inferred),
            }
        )
        lease.renew()
        manifests.switch(store, ready)
        removed = _remove_absent(contents, stored, store)
        _sweep(store, client, artefacts, source_id, bot_ids, {ready.version, ready.previous})
    return Result(ready, embedded, len(rows) - embedded, len(changed), removed, outdated)


def _categories(contents: Sequence[Content]) -> dict[str, list[str] | bool]:
    """What a manifest says of them: the most used ones, the largest first, and whether a content has none."""
    counts = Counter(one.category for one in contents if one.category)
    named = [name for name, _ in counts.most_common(MAX_CATEGORIES)]
    return {"categories": named, "uncategorized": not all(one.category for one in contents)}


def rows_of(content: Content) -> list[Row]:
    """The rows of one content: one a title, one a chunk of its text; at least one of each."""
    answers = dict.fromkeys([content.content, *content.service_answers.values()])
    texts: dict[Kind, list[str]] = {
        "title": subjects_of(content),
        "content": [chunk for answer in answers for chunk in chunks(normalize(answer))],
    }
    counts: dict[Kind, int] = {kind: len(found) for kind, found in texts.items()}
    return [Row(kind, content.faq_id, n, text, counts) for kind, found in texts.items() for n, text in enumerate(found)]


def stored_contents(store: Store, source_id: str) -> Iterator[Content]:
    """All contents of a source as they are stored, by id."""
    after = None
    while True:
        page = store.query("contents", source_id, after=after, limit=1_000)
        yield from map(Content.model_validate, page.items)
        if page.cursor is None:
            return
        after = page.cursor


def _stands(served: Manifest, store: Store, client: ClientAPI, artefacts: Artefacts, bot_ids: Sequence[str]) -> bool:
    """Whether all that a version needs is there: somebody may have emptied a folder and kept the store.

    After a build that was cut off it may not be: that one may have written contents of its own.
    """
    if manifests.versions(store, served.source_id)[-1].version != served.version:
        return False
    try:
        made = artefact.load(artefacts.fetch(served.source_id, served.version))
        legs = calibrations.legs_of(made.second is not None)
        fitted = [calibrations.read(store, bot_id, served.source_id, served.version, legs) for bot_id in bot_ids]
    except (ArtefactMissing, CalibrationDamaged):
        return False
    if None in fitted:
        return False
    return chroma.stands(client, served.source_id, served.version)


def _earlier(artefacts: Artefacts, served: Manifest | None) -> Artefact | None:
    """What the version before it needed not compute again."""
    if served is None:
        return None
    try:
        return artefact.load(artefacts.fetch(served.source_id, served.version))
    except ArtefactMissing:
        return None


def _asked_before(earlier: Artefact | None, served: Manifest | None, embedder: Embedder) -> Memory:
    """The vectors of the questions that the version before was asked, when this engine made them."""
    if earlier is None or served is None or not manifests.made_with(served, embedder):
        return Memory.empty()
    return earlier.asked


def _known_vectors(
    rows: Sequence[Row], store: Store, client: ClientAPI, source_id: str, embedder: Embedder
) -> dict[str, Vector]:
    """Text hash → vector, of all these rows that any version of this engine has, the newest first."""
    wanted = {row.text_hash for row in rows}
    known: dict[str, Vector] = {}
    for one in reversed(manifests.versions(store, source_id)):
        if not manifests.made_with(one, embedder):
            continue
        try:
            for sha, vector in chroma.stored_vectors(client, source_id, one.version):
                if sha in wanted:
                    known.setdefault(sha, vector)
        except IndexUnavailable as error:  # a version that a killed build left; were Chroma away, writing would fail
            log.warning("version %s cannot be read: %s", one.version, error.reason)
        if len(known) == len(wanted):
            break
    return known


def _begin(store: Store, source_id: str, embedder: Embedder, served: Manifest | None) -> Manifest:
    """A new version, entered before it has any collection, so that a later build finds it and sweeps it."""
    manifest = Manifest(
        source_id=source_id,
        version=str(ULID()),
        previous=served.version if served else None,
        engine=embedder.name,
        dimensions=embedder.dimensions,
        created_at=datetime.now(UTC),
    )
    manifests.save(store, manifest)
    return manifest


def _copy(rows: Sequence[Row], known: dict[str, Vector], writer: chroma.ChromaWriter, dimensions: int) -> Vector:
    """The rows' vectors, `(len(rows), dimensions)`: the known ones, which are written; the others are 0."""
    vectors = np.zeros((len(rows), dimensions), dtype=np.float32)
    copied = [at for at, row in enumerate(rows) if row.text_hash in known]
    for at in copied:
        vectors[at] = known[rows[at].text_hash]
    writer.write([rows[at] for at in copied], vectors[copied])
    return vectors


def _embed(
    rows: Sequence[Row],
    known: dict[str, Vector],
    vectors: Vector,
    writer: chroma.ChromaWriter,
    embedder: Embedder,
    lease: Lease,
    progress: Progress,
) -> int:
    """Put a vector of each unknown row into its place in `vectors`, and write it. Returns how many."""
    fresh = [at for at, row in enumerate(rows) if row.text_hash not in known]
    progress.start("embedding", len(fresh), len(rows) - len(fresh))
    engines: dict[Kind, Callable[[Sequence[str]], Vector]] = {
        "title": embedder.embed_queries,
        "content": embedder.embed_passages,
    }
    failure: BaseException | None = None
    with ThreadPoolExecutor(embedder.concurrency) as pool:
        batches: dict[Future[Vector], list[int]] = {
            pool.submit(engines[rows[batch[0]].kind], [rows[at].text for at in batch]): batch
            for batch in _batches(rows, fresh, embedder.batch_size)
        }
        try:
            for done in as_completed(batches):
                if done.cancelled():
                    continue
                if (error := done.exception()) is not None:  # what is under way is kept, the rest not begun
                    failure = failure or error
                    _cancel(batches)
                    continue
                lease.check()
                batch = batches[done]
                vectors[batch] = done.result()
                writer.write([rows[at] for at in batch], vectors[batch])
                progress.advance(len(batch))
        finally:
            _cancel(batches)
    if failure is not None:
        raise failure
    return len(fresh)


def _cancel(futures: Iterable[Future[Vector]]) -> None:
    for future in futures:  # not `shutdown(cancel_futures=True)`: that leaves `as_completed` waiting for them
        future.cancel()


def _batches(rows: Sequence[Row], fresh: Sequence[int], size: int) -> list[list[int]]:
    """Texts of one kind and of about one length, so that the parts of a batch take about as long.

    In a mixed order: else titles come first, at ten times the rate of passages, and the time left is guessed wrong.
    """
    batches: list[list[int]] = []
    for kind in KINDS:
        picked = sorted((at for at in fresh if rows[at].kind == kind), key=lambda at: len(rows[at].text))
        batches += [picked[start : start + size] for start in range(0, len(picked), size)]
    random.Random(0).shuffle(batches)
    return batches


def _changed(contents: Sequence[Content], stored: Sequence[Content]) -> list[Content]:
    """The contents that differ from what is stored, with the instant of this change."""
    known = {content.faq_id: content for content in stored}
    now = datetime.now(UTC)
    dated = [
        content.model_copy(update={"updated_at": old.updated_at if (old := known.get(content.faq_id)) else now})
        for content in contents
    ]
    return [one.model_copy(update={"updated_at": now}) for one in dated if one != known.get(one.faq_id)]


def _remove_absent(contents: Sequence[Content], stored: Sequence[Content], store: Store) -> int:
    wanted = {content.faq_id for content in contents}
    absent = [content for content in stored if content.faq_id not in wanted]
    for content in absent:
        store.delete("contents", content.source_id, content.faq_id)
    return len(absent)


def _sweep(
    store: Store,
    client: ClientAPI,
    artefacts: Artefacts,
    source_id: str,
    bot_ids: Sequence[str],
    kept: Collection[str | None],
) -> None:
    """Drop all versions but these: what readers may use is the served one and the one that it took over from."""
    for one in manifests.versions(store, source_id):
        if one.version not in kept:
            chroma.drop(client, source_id, one.version)
            artefacts.drop(source_id, one.version)
            artefacts.drop(source_id, head_version(one.version))
            for edits in filter(None, (one.edits, one.former_edits)):
                artefacts.drop(source_id, edits)
            for bot_id in bot_ids:
                calibrations.forget(store, bot_id, source_id, one.version)
            manifests.forget(store, source_id, one.version)


def item_of(content: Content) -> Item:
    """A content as it is stored."""
    return {"pk": content.source_id, "sk": content.faq_id, **content.model_dump(mode="json")}
