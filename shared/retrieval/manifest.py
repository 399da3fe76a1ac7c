"""What is known of an index: its versions, and the pointer to the one that is served. Kept in the store's `indexes`."""

from datetime import datetime

from pydantic import BaseModel

from shared.llm.base import Embedder
from shared.storage.base import Store
from shared.storage.keys import CURRENT


class Manifest(BaseModel):
    """One version of a source's index. Until it is served, only what it is made with is known.

    `previous` is the version that it takes over from, which readers may still use for a moment. `categories` are its
    contents' own, the largest first; versions of before know none. `uncategorized` says that some contents have none.
    `edits` is the artefact of what was published since it was built, `former_edits` the one before, which readers may
    still use for a moment.
    """

    source_id: str
    version: str
    previous: str | None = None
    engine: str
    dimensions: int
    fingerprint: str = ""
    contents: int = 0
    titles: int = 0
    chunks: int = 0
    categories: list[str] = []
    uncategorized: bool = False
    edits: str | None = None
    former_edits: str | None = None
    created_at: datetime


def current(store: Store, source_id: str) -> Manifest | None:
    """The version that is served, or `None` before the first build has ended."""
    item = store.get("indexes", source_id, CURRENT)
    return Manifest.model_validate(item) if item else None


def versions(store: Store, source_id: str) -> list[Manifest]:
    """All known versions of a source, oldest first, without the pointer: a few, for each build sweeps old ones."""
    items = store.query("indexes", source_id, before=CURRENT, limit=1_000).items
    return [Manifest.model_validate(item) for item in items]


def made_with(manifest: Manifest, embedder: Embedder) -> bool:
    """Whether this engine's vectors compare with the version's."""
    return (manifest.engine, manifest.dimensions) == (embedder.name, embedder.dimensions)


def save(store: Store, manifest: Manifest) -> None:
    """Write one version's entry."""
    store.put("indexes", {"pk": manifest.source_id, "sk": manifest.version, **manifest.model_dump(mode="json")})


def switch(store: Store, manifest: Manifest) -> None:
    """Serve this version from now on: one write, so that a reader sees the old one or the new one."""
    save(store, manifest)
    store.put("indexes", {"pk": manifest.source_id, "sk": CURRENT, **manifest.model_dump(mode="json")})


def forget(store: Store, source_id: str, version: str) -> None:
    """Remove one version's entry."""
    store.delete("indexes", source_id, version)
