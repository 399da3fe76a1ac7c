"""Vectors in Chroma, embedded or as a server: a collection of titles and one of content chunks a version.

Chroma only stores and searches; haedap computes the vectors. Every failure of it is an `IndexUnavailable`.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from shared.errors import IndexUnavailable
from shared.retrieval.base import KINDS, Hit, Kind, Row, Vector, row_id

log = logging.getLogger(__name__)

_PAGE = 2_000  # rows a read; Chroma's SQLite takes at most 32,766 variables a statement
_HNSW = CreateHNSWConfiguration(space="cosine", ef_construction=200, max_neighbors=24, ef_search=200)


def embedded_client(path: Path) -> ClientAPI:
    """Chroma in this process, its files under `path`."""
    with _as_unavailable():
        return chromadb.PersistentClient(path, Settings(anonymized_telemetry=False))


def server_client(host: str, port: int, ssl: bool, token: str | None, timeout_seconds: float) -> ClientAPI:
    """A Chroma server. Raises `IndexUnavailable` within the time-out when it does not answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with _as_unavailable():
        # Chroma's client asks the server while it is made, without a time-out: ask first, with one
        httpx.get(
            f"{'https' if ssl else 'http'}://{host}:{port}/api/v2/heartbeat", headers=headers, timeout=timeout_seconds
        ).raise_for_status()
        client = chromadb.HttpClient(host, port, ssl, headers, Settings(anonymized_telemetry=False))
        client._server._session.timeout = httpx.Timeout(timeout_seconds)  # type: ignore[attr-defined]  # no setting
    return client


def collection_name(source_id: str, version: str, kind: Kind) -> str:
    """The collection of one kind of rows of one version."""
    return f"{source_id}.{version}.{kind}"


class ChromaReader:
    """An `IndexReader` over the two collections of one version."""

    def __init__(self, client: ClientAPI, source_id: str, version: str) -> None:
        with _as_unavailable():
            self._collections = {
                kind: client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
                for kind in KINDS
            }

    def best(self, vector: Vector, limit: int) -> dict[Kind, dict[str, Hit]]:
        with _as_unavailable():
            near = {kind: self._nearest(kind, vector, limit) for kind in KINDS}
            counts = {faq_id: rows for hits in near.values() for faq_id, (_, rows) in hits.items()}
            found: dict[Kind, dict[str, Hit]] = {}
            for kind in KINDS:
                hits = {faq_id: hit for faq_id, (hit, _) in near[kind].items()}
                missing = [
                    (faq_id, n) for faq_id, rows in counts.items() if faq_id not in hits for n in range(rows[kind])
                ]
                found[kind] = hits | self._exact(kind, vector, missing)
        return found

    def _nearest(self, kind: Kind, vector: Vector, limit: int) -> dict[str, tuple[Hit, dict[Kind, int]]]:
        answer = self._collections[kind].query(
            query_embeddings=vector[None, :], n_results=limit, include=["metadatas", "distances"]
        )
        best: dict[str, tuple[Hit, dict[Kind, int]]] = {}
        for meta, distance in zip((answer["metadatas"] or [[]])[0], (answer["distances"] or [[]])[0], strict=True):
            hit = Hit(str(meta["faq_id"]), _int(meta["n"]), 1.0 - float(distance))
            if hit.faq_id not in best:  # nearest first: later rows of a content are no better
                best[hit.faq_id] = hit, {one: _int(meta[one]) for one in KINDS}
        return best

    def _exact(self, kind: Kind, vector: Vector, rows: Sequence[tuple[str, int]]) -> dict[str, Hit]:
        if not rows:
            return {}
        answer = self._collections[kind].get(ids=[row_id(*row) for row in rows], include=["metadatas", "embeddings"])
        scores = np.asarray(answer["embeddings"], dtype=np.float32).reshape(-1, len(vector)) @ vector
        best: dict[str, Hit] = {}
        for meta, score in zip(answer["metadatas"] or [], scores, strict=True):
            hit = Hit(str(meta["faq_id"]), _int(meta["n"]), float(score))
            if hit.faq_id not in best or best[hit.faq_id].score < hit.score:
                best[hit.faq_id] = hit
        return best


class ChromaWriter:
    """Builds one version, which nobody reads until its pointer is switched."""

    def __init__(self, client: ClientAPI, source_id: str, version: str) -> None:
        self._client, self._source_id, self._version = client, source_id, version
        with _as_unavailable():
            self._collections: dict[Kind, Collection] = {
                kind: client.get_or_create_collection(
                    collection_name(source_id, version, kind),
                    embedding_function=None,
                    configuration={"hnsw": _HNSW},
                )
                for kind in KINDS
            }

    def write(self, rows: Sequence[Row], hashes: Sequence[str], vectors: Vector) -> None:
        """Write rows of any kind; a row that is there already is replaced."""
        with _as_unavailable():
            for kind in KINDS:
                picked = [at for at, row in enumerate(rows) if row.kind == kind]
                for start in range(0, len(picked), _PAGE):
                    part = picked[start : start + _PAGE]
                    self._collections[kind].upsert(
                        ids=[rows[at].row_id for at in part],
                        embeddings=vectors[part],
                        metadatas=[_metadata(rows[at], hashes[at]) for at in part],
                        documents=[rows[at].text for at in part],
                    )

    def retain(self, rows: Sequence[Row]) -> None:
        """Remove what an earlier, interrupted run wrote and is no longer wanted."""
        for kind in KINDS:
            wanted = {row.row_id for row in rows if row.kind == kind}
            with _as_unavailable():
                collection = self._collections[kind]
                stale = [one for page in _pages(collection, []) for one in page["ids"] if one not in wanted]
                for start in range(0, len(stale), _PAGE):
                    collection.delete(ids=stale[start : start + _PAGE])


def stored_vectors(client: ClientAPI, source_id: str, version: str) -> Iterator[tuple[Kind, str, str, Vector]]:
    """Kind, row id, text hash and vector of every row of a version; nothing when the version is gone."""
    for kind in KINDS:
        with _as_unavailable():
            try:
                collection = client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
            except NotFoundError:
                continue
            for page in _pages(collection, ["metadatas", "embeddings"]):
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                for one, meta, vector in zip(page["ids"], page["metadatas"], vectors, strict=True):
                    yield kind, one, str(meta["sha"]), vector


def drop(client: ClientAPI, source_id: str, version: str) -> None:
    """Delete a version's collections; what is gone already is no error."""
    for kind in KINDS:
        with _as_unavailable():
            try:
                client.delete_collection(collection_name(source_id, version, kind))
            except NotFoundError:
                continue


def _pages(collection: Collection, include: list[Any]) -> Iterator[Any]:
    offset = 0
    while page := collection.get(limit=_PAGE, offset=offset, include=include):
        if not page["ids"]:
            return
        yield page
        offset += len(page["ids"])


def _metadata(row: Row, sha: str) -> dict[str, str | int]:
    return {"faq_id": row.faq_id, "n": row.n, "sha": sha, **{kind: row.counts[kind] for kind in KINDS}}


def _int(value: object) -> int:
    return int(str(value))


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (ChromaError, httpx.HTTPError, OSError) as error:
        raise IndexUnavailable from error
    except (RuntimeError, ValueError) as error:
        # Chroma's client wraps a lost connection so: "Could not connect to a Chroma server. Are you sure …"
        log.error("chroma: %s", type(error).__name__)
        raise IndexUnavailable from error
