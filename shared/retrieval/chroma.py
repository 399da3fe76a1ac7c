"""Vectors in Chroma, embedded or as a server: a collection of titles and one of content chunks a version.

Chroma only stores and searches; haedap computes the vectors. Every failure of it is an `IndexUnavailable`.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import cast

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.models.Collection import Collection as Rows
from chromadb.api.types import Where
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from shared.errors import IndexUnavailable
from shared.retrieval.base import KINDS, Kind, Row, Vector, parse_row_id, row_id

log = logging.getLogger(__name__)

_PAGE = 500  # rows a request: 1,536 dimensions are 15 MB of JSON, of 40 MB that a server takes, and 1 s of its 5
_HNSW = CreateHNSWConfiguration(space="cosine", ef_construction=200, max_neighbors=24, ef_search=100)


def embedded_client(path: Path) -> ClientAPI:
    """Chroma in this process, its files under `path`."""
    try:
        return chromadb.PersistentClient(path, Settings(anonymized_telemetry=False))
    except Exception as error:  # damaged files make it raise nearly anything
        raise IndexUnavailable(detail=f"Chroma's files in {path} cannot be opened: {error}") from error


def server_client(host: str, port: int, ssl: bool, token: str | None, timeout_seconds: float) -> ClientAPI:
    """A Chroma server. Raises `IndexUnavailable` within the time-out when it does not answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with _as_unavailable():
        # Chroma's client asks the server while it is made, and has no time-out until it is: it is made in a thread that
        # may be left behind
        made: SimpleQueue[ClientAPI | Exception] = SimpleQueue()

        def make() -> None:
            try:
                made.put(chromadb.HttpClient(host, port, ssl, headers, Settings(anonymized_telemetry=False)))
            except Exception as error:
                made.put(error)

        Thread(target=make, daemon=True).start()
        try:
            client = made.get(timeout=timeout_seconds)
        except Empty:
            raise IndexUnavailable(detail=f"no answer from {host}:{port} in {timeout_seconds:g} s") from None
        if isinstance(client, Exception):
            raise IndexUnavailable(detail=f"{host}:{port}: {str(client) or type(client).__name__}") from client
        client._server._session.timeout = httpx.Timeout(timeout_seconds)  # type: ignore[attr-defined]  # no setting
    return client


def collection_name(source_id: str, version: str, kind: Kind) -> str:
    """The collection of one kind of rows of one version."""
    return f"{source_id}.{version}.{kind}"


class ChromaReader:
    """An `IndexReader` over the two collections of one version."""

    def __init__(self, client: ClientAPI, source_id: str, version: str) -> None:
        with _as_unavailable():
            try:
                self._collections = {
                    kind: client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
                    for kind in KINDS
                }
            except NotFoundError as error:
                raise IndexUnavailable(
                    detail=f"Chroma has no index of source {source_id!r}: run scripts/vectorize.py <corpus>"
                ) from error

    def nearest(self, vectors: Vector, limit: int) -> set[str]:
        with _as_unavailable():
            return set(self._near(vectors, limit))

    def best(self, vectors: Vector, limit: int) -> dict[Kind, dict[str, Vector]]:
        with _as_unavailable():
            counts = self._near(vectors, limit)
            return {kind: self._exact(kind, vectors, counts) for kind in KINDS}

    def _near(self, vectors: Vector, limit: int) -> dict[str, dict[Kind, int]]:
        """The contents of the nearest rows, and how many rows of each kind they have."""
        counts: dict[str, dict[Kind, int]] = {}
        for collection in self._collections.values():
            answer = collection.query(
                query_embeddings=vectors,
                n_results=limit,
                include=[],  # the ids say all that is needed: with metadata it takes 15 ms instead of 3
            )
            for one in answer["ids"]:
                for row in one:
                    faq_id, _, counted = parse_row_id(row)
                    counts[faq_id] = counted
        return counts

    def _exact(self, kind: Kind, vectors: Vector, counts: Mapping[str, dict[Kind, int]]) -> dict[str, Vector]:
        """The best of all rows that each of these contents has, for each vector."""
        ids = [row_id(faq_id, n, counted) for faq_id, counted in counts.items() for n in range(counted[kind])]
        if not ids:
            return {}
        answer = self._collections[kind].get(ids=ids, include=["embeddings"])
        scores = np.asarray(answer["embeddings"], dtype=np.float32).reshape(-1, vectors.shape[1]) @ vectors.T
        best: dict[str, Vector] = {}
        for row, score in zip(answer["ids"], scores, strict=True):
            faq_id, _, _ = parse_row_id(row)
            best[faq_id] = np.maximum(best[faq_id], score) if faq_id in best else score
        return best


class ChromaWriter:
    """Builds one version, which nobody reads until its pointer is switched."""

    def __init__(self, client: ClientAPI, source_id: str, version: str) -> None:
        self._client, self._source_id, self._version = client, source_id, version
        with _as_unavailable():
            self._collections: dict[Kind, Rows] = {
                kind: client.get_or_create_collection(
                    collection_name(source_id, version, kind),
                    embedding_function=None,
                    configuration={"hnsw": _HNSW},
                )
                for kind in KINDS
            }

    def write(self, rows: Sequence[Row], vectors: Vector) -> None:
        """Write rows of any kind, with the hashes of their texts; a row that is there already is replaced."""
        with _as_unavailable():
            for kind in KINDS:
                picked = [at for at, row in enumerate(rows) if row.kind == kind]
                for start in range(0, len(picked), _PAGE):
                    part = picked[start : start + _PAGE]
                    self._collections[kind].upsert(
                        ids=[rows[at].row_id for at in part],
                        embeddings=vectors[part],
                        metadatas=[{"sha": rows[at].text_hash} for at in part],
                        documents=[rows[at].text for at in part],
                    )

    def remove(self, rows: Sequence[Row]) -> None:
        """Remove rows; those that are not there are no error."""
        with _as_unavailable():
            for kind in KINDS:
                ids = [row.row_id for row in rows if row.kind == kind]
                for start in range(0, len(ids), _PAGE):
                    self._collections[kind].delete(ids=ids[start : start + _PAGE])


def stands(client: ClientAPI, source_id: str, version: str) -> bool:
    """Whether a version's collections are there: somebody may have emptied Chroma and kept the store."""
    with _as_unavailable():
        try:
            for kind in KINDS:
                client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
        except NotFoundError:
            return False
    return True


def stored_vectors(client: ClientAPI, source_id: str, version: str) -> Iterator[tuple[str, Vector]]:
    """Text hash and vector of every row of a version, which nobody writes meanwhile; nothing when it is gone."""
    for kind in KINDS:
        with _as_unavailable():
            try:
                collection = client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
            except NotFoundError:
                continue
            for offset in range(0, collection.count(), _PAGE):
                page = collection.get(limit=_PAGE, offset=offset, include=["metadatas", "embeddings"])
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                for meta, vector in zip(page["metadatas"] or (), vectors, strict=True):
                    yield str(meta["sha"]), vector


def vectors_of(client: ClientAPI, source_id: str, version: str, hashes: Collection[str]) -> dict[str, Vector]:
    """Text hash → vector, of these texts as far as a version has them."""
    found: dict[str, Vector] = {}
    wanted = sorted(hashes)
    for kind in KINDS:
        with _as_unavailable():
            collection = client.get_collection(collection_name(source_id, version, kind), embedding_function=None)
            for start in range(0, len(wanted), _PAGE):
                part = wanted[start : start + _PAGE]
                among = cast(Where, {"sha": {"$in": part}})  # a list of strings is no list of all that Chroma compares
                page = collection.get(where=among, include=["metadatas", "embeddings"])
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                found.update(
                    {str(meta["sha"]): one for meta, one in zip(page["metadatas"] or (), vectors, strict=True)}
                )
    return found


def drop(client: ClientAPI, source_id: str, version: str) -> None:
    """Delete a version's collections; what is gone already is no error."""
    for kind in KINDS:
        with _as_unavailable():
            try:
                client.delete_collection(collection_name(source_id, version, kind))
            except NotFoundError:
                continue


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
