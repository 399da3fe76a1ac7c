"""Step three: contents to vectors, beside the index that is served, then one switch.

Resumable: a row that an interrupted build wrote is not embedded again. Incremental: neither is a row whose text stands
in the served version. Order of writes: vectors, contents, pointer, removals; who reads meanwhile finds a whole index.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import numpy as np
from chromadb.api import ClientAPI
from ulid import ULID

from shared.indexing.categories import infer_categories
from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval import chroma
from shared.retrieval import manifest as manifests
from shared.retrieval.base import Kind, Row, Vector
from shared.retrieval.calibration import fit_answer_threshold
from shared.retrieval.manifest import Manifest
from shared.retrieval.search import TITLE_WEIGHT, subjects_of
from shared.retrieval.text import chunks
from shared.storage.base import Item, Store

_VERSIONS_KEPT = 2  # the served one, and the one that readers with a two-second-old pointer still use


class Progress(Protocol):
    """Told how many rows are to be embedded, then of each part that is done."""

    def start(self, total: int, known: int) -> None: ...

    def advance(self, rows: int) -> None: ...


@dataclass(frozen=True)
class Result:
    """What a build did."""

    manifest: Manifest
    embedded: int
    reused: int
    written: int
    removed: int


def build_index(
    contents: Sequence[Content],
    source_id: str,
    *,
    store: Store,
    client: ClientAPI,
    embedder: Embedder,
    off_topic: Sequence[str],
    progress: Progress,
) -> Result:
    """Make `contents` the whole of a source: its vectors, its items in the store, its pointer.

    Parameters
    ----------
    off_topic
        Questions that no content answers; the answer threshold is fitted on them.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
        What was embedded until then is kept, and the next run goes on from there.
    """
    served = manifests.current(store, source_id)
    fingerprint = _fingerprint(contents, embedder)
    if served and served.fingerprint == fingerprint:
        _sweep(store, client, source_id, served.version)
        return Result(served, embedded=0, reused=served.titles + served.chunks, written=0, removed=0)

    rows = [row for content in contents for row in rows_of(content)]
    manifest = _begin(store, source_id, embedder)
    writer = chroma.ChromaWriter(client, source_id, manifest.version)
    known = _known_vectors(client, source_id, manifest, served, embedder)
    vectors, embedded = _embed(rows, known, manifest.version, writer, embedder, progress)
    writer.retain(rows)

    dated = _dated(infer_categories(contents, rows, vectors), store, source_id)
    written = [one for one in dated if one[1]]
    store.batch_put("contents", [_item(content) for content, _ in written])
    ready = manifest.model_copy(
        update={
            "status": "ready",
            "fingerprint": fingerprint,
            "contents": len(contents),
            "titles": sum(row.kind == "title" for row in rows),
            "chunks": sum(row.kind == "content" for row in rows),
            "answer_threshold": fit_answer_threshold(rows, vectors, embedder.embed_queries(off_topic), TITLE_WEIGHT),
        }
    )
    manifests.switch(store, ready)
    removed = _remove_absent(store, source_id, {content.faq_id for content in contents})
    _sweep(store, client, source_id, ready.version)
    return Result(ready, embedded, len(rows) - embedded, len(written), removed)


def rows_of(content: Content) -> list[Row]:
    """The rows of one content: one a title, one a chunk of its text; at least one of each."""
    answers = dict.fromkeys([content.content, *content.service_answers.values()])
    texts: dict[Kind, list[str]] = {
        "title": subjects_of(content),
        "content": [chunk for answer in answers for chunk in chunks(answer)],
    }
    counts: dict[Kind, int] = {kind: len(found) for kind, found in texts.items()}
    return [Row(kind, content.faq_id, n, text, counts) for kind, found in texts.items() for n, text in enumerate(found)]


def _begin(store: Store, source_id: str, embedder: Embedder) -> Manifest:
    """The version to write: the newest interrupted one of this engine, else a new one."""
    unfinished = [one for one in manifests.building(store, source_id) if one.engine == embedder.name]
    if unfinished:
        return unfinished[-1]
    manifest = Manifest(
        source_id=source_id,
        version=str(ULID()),
        status="building",
        engine=embedder.name,
        dimensions=embedder.dimensions,
        created_at=datetime.now(UTC),
    )
    manifests.save(store, manifest)
    return manifest


def _known_vectors(
    client: ClientAPI, source_id: str, manifest: Manifest, served: Manifest | None, embedder: Embedder
) -> dict[str, dict[str, Vector]]:
    """Vectors that need no embedding: version → text hash → vector."""
    versions = [manifest.version]
    if served and served.engine == embedder.name:
        versions.append(served.version)
    return {
        version: {
            _place(kind, row_id, sha): vector
            for kind, row_id, sha, vector in chroma.stored_vectors(client, source_id, version)
        }
        for version in versions
    }


def _embed(
    rows: Sequence[Row],
    known: dict[str, dict[str, Vector]],
    version: str,
    writer: chroma.ChromaWriter,
    embedder: Embedder,
    progress: Progress,
) -> tuple[Vector, int]:
    """A vector for every row, in order, all of them in the writer's version; and how many had to be embedded."""
    hashes = [_sha(row) for row in rows]
    by_text = {place.rsplit("\0", 1)[1]: vector for found in known.values() for place, vector in found.items()}
    vectors = np.zeros((len(rows), embedder.dimensions), dtype=np.float32)
    copied, fresh = [], []
    for at, (row, sha) in enumerate(zip(rows, hashes, strict=True)):
        if sha not in by_text:
            fresh.append(at)
            continue
        vectors[at] = by_text[sha]
        if _place(row.kind, row.row_id, sha) not in known[version]:
            copied.append(at)
    writer.write([rows[at] for at in copied], [hashes[at] for at in copied], vectors[copied])

    progress.start(len(fresh), len(rows) - len(fresh))
    # A batch holds texts of one kind and about one length, so that its parts take about as long
    fresh.sort(key=lambda at: (rows[at].kind, len(rows[at].text)))
    batches = list(_batches(fresh, embedder.batch_size))
    with ThreadPoolExecutor(embedder.concurrency) as pool:
        embed = _embedding_of(rows, embedder)
        for batch, made in zip(batches, pool.map(embed, batches), strict=True):
            vectors[batch] = made
            writer.write([rows[at] for at in batch], [hashes[at] for at in batch], made)
            progress.advance(len(batch))
    return vectors, len(fresh)


def _embedding_of(rows: Sequence[Row], embedder: Embedder) -> Callable[[list[int]], Vector]:
    def embed(batch: list[int]) -> Vector:
        made = np.zeros((len(batch), embedder.dimensions), dtype=np.float32)
        for kind, engine in (("title", embedder.embed_queries), ("content", embedder.embed_passages)):
            picked = [n for n, at in enumerate(batch) if rows[at].kind == kind]
            if picked:
                made[picked] = engine([rows[batch[n]].text for n in picked])
        return made

    return embed


def _batches(items: Sequence[int], size: int) -> Iterator[list[int]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _dated(contents: Sequence[Content], store: Store, source_id: str) -> list[tuple[Content, bool]]:
    """Each content with the instant of its last change, and whether it differs from what is stored."""
    stored = {content.faq_id: content for content in stored_contents(store, source_id)}
    now = datetime.now(UTC)
    dated = []
    for content in contents:
        old = stored.get(content.faq_id)
        same = old is not None and old.model_copy(update={"updated_at": None}) == content
        dated.append((old, False) if old and same else (content.model_copy(update={"updated_at": now}), True))
    return dated


def _remove_absent(store: Store, source_id: str, wanted: set[str]) -> int:
    absent = [content.faq_id for content in stored_contents(store, source_id) if content.faq_id not in wanted]
    for faq_id in absent:
        store.delete("contents", source_id, faq_id)
    return len(absent)


def stored_contents(store: Store, source_id: str) -> Iterator[Content]:
    """All contents of a source as they are stored, by id."""
    after = None
    while True:
        page = store.query("contents", source_id, after=after, limit=1_000)
        yield from map(Content.model_validate, page.items)
        if page.cursor is None:
            return
        after = page.cursor


def _sweep(store: Store, client: ClientAPI, source_id: str, served: str) -> None:
    """Drop versions that nobody can be reading: all but the served one and the one before it."""
    every = manifests.versions(store, source_id)
    ready = [one.version for one in every if one.status == "ready"]
    kept = {served, *ready[-_VERSIONS_KEPT:]}
    for one in every:
        if one.version not in kept:
            chroma.drop(client, source_id, one.version)
            manifests.forget(store, source_id, one.version)


def _item(content: Content) -> Item:
    return {"pk": content.source_id, "sk": content.faq_id, **content.model_dump(mode="json")}


def _sha(row: Row) -> str:
    return hashlib.sha256(f"{row.kind}\0{row.text}".encode()).hexdigest()


def _place(kind: Kind, row_id: str, sha: str) -> str:
    return f"{kind}\0{row_id}\0{sha}"


def _fingerprint(contents: Sequence[Content], embedder: Embedder) -> str:
    body = [content.model_dump(mode="json", exclude={"updated_at"}) for content in contents]
    return hashlib.sha256(json.dumps([embedder.name, TITLE_WEIGHT, body], ensure_ascii=False).encode()).hexdigest()
