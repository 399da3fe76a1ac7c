"""An index of a few contents, built as scripts/vectorize.py builds it, and searches over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chromadb.api import ClientAPI

from shared.bot import Weights
from shared.indexing.build import Result, build_index
from shared.models import Content
from shared.retrieval import artefact
from shared.retrieval.artefact import Artefact
from shared.retrieval.artefacts import DirectoryArtefacts
from shared.retrieval.base import IndexReader
from shared.retrieval.chroma import ChromaReader, embedded_client
from shared.retrieval.lexicon import Lexicon, shipped
from shared.retrieval.manifest import Manifest
from shared.retrieval.search import Engines, Profile, SourceSearch
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head, head_version
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import OFF_TOPIC, SOURCE, Quiet

COMMERCE = Lexicon(shipped("commerce"))
PROFILE = Profile("default", Weights(), COMMERCE)


@dataclass
class Indexed:
    """A source with all that is kept of it, in one folder."""

    folder: Path
    store: SqliteStore
    client: ClientAPI
    artefacts: DirectoryArtefacts
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    encoder: SentenceEncoder | None = field(default_factory=FakeSentenceEncoder)
    profile: Profile = PROFILE
    opened: list[str] = field(default_factory=list)
    built: list[Result] = field(default_factory=list)

    @classmethod
    def new(cls, folder: Path) -> "Indexed":
        """One without any version."""
        return cls(
            folder,
            SqliteStore(folder / "store.sqlite3"),
            embedded_client(folder / "chroma"),
            DirectoryArtefacts(folder / "artefacts"),
        )

    def build(self, wanted: Sequence[Content]) -> Manifest:
        """The next version, served from now on; what was done is told in `built`."""
        result = build_index(
            wanted,
            SOURCE,
            store=self.store,
            client=self.client,
            embedder=FakeEmbedder(),
            encoder=self.encoder,
            artefacts=self.artefacts,
            profiles=[self.profile],
            off_topic=OFF_TOPIC,
            progress=Quiet(),
        )
        self.built.append(result)
        return result.manifest

    def search(self) -> SourceSearch:
        """A search that remembers nothing yet; which versions it opens in Chroma is told in `opened`."""
        return SourceSearch(
            SOURCE,
            self.store,
            Engines(self.embedder, self.encoder, self.open_reader, self.open_artefact, self.open_head),
            self.profile,
        )

    def open_reader(self, source_id: str, version: str) -> IndexReader:
        """See `Engines.open_reader`."""
        self.opened.append(version)
        return ChromaReader(self.client, source_id, version)

    def open_artefact(self, source_id: str, version: str) -> Artefact:
        """See `Engines.open_artefact`."""
        return artefact.load(self.artefacts.fetch(source_id, version))

    def open_head(self, source_id: str, version: str) -> Head:
        """See `Engines.open_head`."""
        return Head.load(self.artefacts.fetch(source_id, head_version(version)))
