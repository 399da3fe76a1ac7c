"""Contents that tests index, and what a test sees of an index."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chromadb.api import ClientAPI

from shared.bot import Weights
from shared.indexing.build import Result, build_index
from shared.indexing.progress import Stage
from shared.models import Content
from shared.retrieval.artefact import Artefact, load
from shared.retrieval.artefacts import Artefacts, DirectoryArtefacts
from shared.retrieval.base import Found
from shared.retrieval.chroma import ChromaReader, embedded_client
from shared.retrieval.fitting import QUESTIONS
from shared.retrieval.generated import Speaker, generate
from shared.retrieval.lexicon import Lexicon
from shared.retrieval.search import Engines, Profile, SourceSearch
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head, head_version
from shared.storage.base import Store
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder

SOURCE = "shop"
OFF_TOPIC = ("오늘 날씨 어때?", "파이썬으로 정렬하는 법")
PROFILE = Profile("default", Weights(), Lexicon([]))
WORDS = ("반품", "교환", "배송", "정산", "쿠폰", "가입", "탈퇴", "포인트", "영수증", "재고")


def content(n: int, marker: str = "") -> Content:
    """A content of three titles and two passages, like no other."""
    word = f"{marker}{WORDS[n % len(WORDS)]}{n}"
    return Content(
        faq_id=f"c{n}",
        source_id=SOURCE,
        title=f"{word} 신청은 어떻게 하나요?",
        tags=[WORDS[n % len(WORDS)]],
        similar_titles=[f"{word} 하고 싶어요"],
        content=f"{word} 메뉴에서 신청합니다. " * 30,
    )


def contents(count: int, marker: str = "", first: int = 0) -> list[Content]:
    """So many of them."""
    return [content(n, marker) for n in range(first, first + count)]


TEXTS_EACH = 5


def asked_of(wanted: Sequence[Content]) -> list[str]:
    """What calibration asks an index of these contents, each question once."""
    made = [one.text for one in generate(wanted, Speaker(PROFILE.lexicon.entries), QUESTIONS)]
    return list(dict.fromkeys([*made, *OFF_TOPIC]))


@dataclass
class Quiet:
    """A `Progress` that remembers."""

    waited: int = 0
    total: int = 0
    known: int = 0
    done: list[int] = field(default_factory=list)
    stages: list[tuple[Stage, int]] = field(default_factory=list)

    def wait(self) -> None:
        """See `Progress.wait`."""
        self.waited += 1

    def start(self, stage: Stage, total: int, known: int = 0) -> None:
        """See `Progress.start`."""
        self.stages.append((stage, total))
        if stage == "embedding":
            self.total, self.known = total, known

    def advance(self, texts: int) -> None:
        """See `Progress.advance`."""
        if self.stages[-1][0] == "embedding":
            self.done.append(texts)


@dataclass
class Place:
    """A store, an embedded Chroma and artefacts in one folder, as `DATA_DIR` has them."""

    folder: Path
    store: Store
    client: ClientAPI
    encoder: SentenceEncoder | None = None

    @classmethod
    def open(cls, folder: Path) -> "Place":
        """What is there, or something new."""
        return cls(folder, SqliteStore(folder / "haedap.sqlite3"), embedded_client(folder / "chroma"))

    @property
    def artefacts(self) -> Artefacts:
        """Those of the folder."""
        return DirectoryArtefacts(self.folder / "artifacts")

    def build(
        self,
        wanted: Sequence[Content] | None,
        embedder: FakeEmbedder | None = None,
        progress: Quiet | None = None,
        profiles: Sequence[Profile] = (PROFILE,),
    ) -> Result:
        """Build the source."""
        return build_index(
            wanted,
            SOURCE,
            store=self.store,
            client=self.client,
            embedder=embedder or FakeEmbedder(),
            encoder=self.encoder,
            artefacts=self.artefacts,
            profiles=profiles,
            off_topic=OFF_TOPIC,
            progress=progress or Quiet(),
        )

    def engines(self, embedder: FakeEmbedder | None = None) -> Engines:
        """What a process searches with."""

        def open_artefact(source: str, version: str) -> Artefact:
            return load(self.artefacts.fetch(source, version))

        return Engines(
            embedder or FakeEmbedder(),
            self.encoder,
            lambda source, version: ChromaReader(self.client, source, version),
            open_artefact,
            lambda source, version: Head.load(self.artefacts.fetch(source, head_version(version))),
        )

    def search(self, embedder: FakeEmbedder | None = None, profile: Profile = PROFILE) -> SourceSearch:
        """A search of one's own, which remembers nothing yet."""
        return SourceSearch(SOURCE, self.store, self.engines(embedder), profile)

    def find(self, question: str, limit: int = 3) -> Found:
        """What a new search finds."""
        return self.search().find([question], limit=limit)

    def found(self, question: str, limit: int = 3) -> list[str]:
        """Ids of the best contents."""
        return [ranked.content.faq_id for ranked in self.find(question, limit).ranked]

    def collections(self) -> set[str]:
        """Versions that Chroma has."""
        return {collection.name.split(".")[1] for collection in self.client.list_collections()}

    def kept(self) -> set[str]:
        """Versions that have an artefact, and names of what is left of half ones."""
        return {path.name for path in (self.folder / "artifacts").glob("*/*")}

    def calibrated(self) -> set[str]:
        """Versions that a calibration was fitted for."""
        return {item["sk"].split("#")[1] for item in self.store.query("calibrations", PROFILE.bot_id).items}
