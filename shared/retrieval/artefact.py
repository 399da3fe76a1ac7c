"""What a search reads in memory beside Chroma: exact vectors, the second opinion, the n-gram index of one version.

Derived from contents by every build, written once, memory-mapped; where it is kept, see `artefacts.py`.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.models import Content
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.base import KINDS, Row, Vector
from shared.retrieval.ngrams import NgramIndex
from shared.retrieval.sentences import SentenceEncoder, sentences
from shared.retrieval.spacing import Spacing

FORMAT = 1
_SAID = {"format", "version", "faq_ids", "second", "files"}  # by about.json, beside its own checksum
_PIECE = 1 << 20
_WIDENED_BYTES = 40 << 20  # up to here rows are kept in single precision: to widen 80 contents' takes a ms
_ROWS_AT_ONCE = 256  # they stay in the processor's second cache for every query: two thirds of the time of all at once
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """Vectors of many contents, one content's after the other's.

    Parameters
    ----------
    rows
        `(n, dimensions)`
    starts
        `(contents + 1,)`: content `i` has the rows from `starts[i]` to `starts[i + 1]`, one at least.
    """

    rows: npt.NDArray[Any]
    starts: Positions

    @cached_property
    def _wide(self) -> npt.NDArray[Any]:
        return self.rows.astype(np.float32) if 0 < self.rows.nbytes <= _WIDENED_BYTES // 2 else self.rows

    def belongs_to(self, contents: int) -> bool:
        """Whether it has rows of so many contents."""
        lengths, ends = np.diff(self.starts), self.starts[[0, -1]].tolist()
        return len(lengths) == contents and bool((lengths > 0).all()) and ends == [0, len(self.rows)]

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return int(self.rows.shape[1])

    def best(self, queries: Vector) -> Vector:
        """Every content's best similarity to each query, `(contents, len(queries))`. Reads all rows."""
        columns = np.ascontiguousarray(queries.T)
        found = np.empty((len(self.rows), len(queries)), np.float32)
        for at in range(0, len(self.rows), _ROWS_AT_ONCE):
            np.matmul(self.rows[at : at + _ROWS_AT_ONCE], columns, out=found[at : at + _ROWS_AT_ONCE])
        return _best(found, self.starts[:-1])

    def best_of(self, picked: Positions, queries: Vector) -> Vector:
        """The same for some contents only, `(len(picked), len(queries))`."""
        if not len(picked):
            return np.empty((0, len(queries)), np.float32)
        at = self.rows_of(picked)
        lengths = self.starts[picked + 1] - self.starts[picked]
        return _best(self._wide[at].astype(np.float32, copy=False) @ queries.T, np.cumsum(lengths) - lengths)

    def rows_of(self, picked: Positions) -> Positions:
        """The row numbers of these contents, in order."""
        first, lengths = self.starts[picked], self.starts[picked + 1] - self.starts[picked]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows: Positions = np.repeat(first, lengths) + within
        return rows


def _best(similarities: Vector, starts: Positions) -> Vector:
    best: Vector = np.maximum.reduceat(similarities, starts, axis=0)
    return best


@dataclass(frozen=True)
class Memory:
    """Vectors of texts that the next build need not compute again, under hashes of the texts."""

    keys: npt.NDArray[np.uint64]
    vectors: npt.NDArray[Any]

    @classmethod
    def empty(cls) -> "Memory":
        """Nothing is known."""
        return cls(np.empty(0, np.uint64), np.empty((0, 0), np.float16))

    @classmethod
    def of(cls, texts: Sequence[str], vectors: npt.NDArray[Any]) -> "Memory":
        """The vectors of these texts."""
        return cls(_keys(texts), vectors)

    def recall(self, texts: Sequence[str], compute: Callable[[Sequence[str]], Vector]) -> Vector:
        """The texts' vectors, `(len(texts), dimensions)`, of which only the unknown ones are computed."""
        known = {int(key): at for at, key in enumerate(self.keys)}
        found = {text: self.vectors[known[key]] for text in texts if (key := _key(text)) in known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        found.update(zip(missing, compute(missing), strict=True) if missing else ())
        return np.array([found[text] for text in texts], dtype=np.float32)


@dataclass(frozen=True)
class SecondOpinion:
    """The sentence encoder's vectors of titles and of sentences, in half precision, with the hashes of their texts."""

    engine: str
    titles: Ragged
    sentences: Ragged
    title_keys: npt.NDArray[np.uint64]
    sentence_keys: npt.NDArray[np.uint64]

    def made_with(self, encoder: SentenceEncoder) -> bool:
        """Whether this encoder's vectors compare with these."""
        return self.engine == encoder.name

    @property
    def memory(self) -> Memory:
        """What the next build need not encode again."""
        return Memory(
            np.concatenate([self.title_keys, self.sentence_keys]),
            np.concatenate([self.titles.rows, self.sentences.rows]),
        )


@dataclass(frozen=True)
class Artefact:
    """One version's. Without a sentence encoder there is no second opinion.

    Parameters
    ----------
    asked
        The questions that calibration asks, as the embedding engine sees them.
    openings
        One of each content, in order (`openings.py`); none in a large index or in one of an earlier release.
    spacing
        Where its texts have spaces; unknown in one of an earlier release.
    """

    version: str
    faq_ids: list[str]
    titles: Ragged
    passages: Ragged
    title_ngrams: NgramIndex
    content_ngrams: NgramIndex
    second: SecondOpinion | None
    asked: Memory
    spacing: Spacing
    openings: Memory | None = None

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each content stands."""
        return {faq_id: at for at, faq_id in enumerate(self.faq_ids)}

    @cached_property
    def opened(self) -> Ragged | None:
        """The openings as they are compared."""
        return Ragged(self.openings.vectors, np.arange(len(self.faq_ids) + 1)) if self.openings else None

    @property
    def is_whole(self) -> bool:
        """Whether its parts have the lengths that they have when they are made together."""
        ragged, keyed, count = [self.titles, self.passages], [(self.asked.keys, self.asked.vectors)], len(self.faq_ids)
        pairs = [(self.titles, self.passages)]
        if self.openings is not None and self.opened is not None:
            ragged.append(self.opened)
            pairs.append((self.titles, self.opened))
            keyed.append((self.openings.keys, self.openings.vectors))
        if self.second is not None:
            of_titles, of_sentences = self.second.titles, self.second.sentences
            ragged += [of_titles, of_sentences]
            pairs += [(of_titles, of_sentences)]
            keyed += [(self.second.title_keys, of_titles.rows), (self.second.sentence_keys, of_sentences.rows)]
        return (
            all(one.belongs_to(count) for one in ragged)
            and self.spacing.is_whole
            and all(one.dimensions == other.dimensions for one, other in pairs)
            and all(len(keys) == len(vectors) for keys, vectors in keyed)
            and (len(self.title_ngrams), len(self.content_ngrams)) == (len(self.titles.rows), count)
        )

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir()
        self.title_ngrams.save(folder / "title_ngrams")
        self.content_ngrams.save(folder / "content_ngrams")
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array)
        about = {
            "format": FORMAT,
            "version": self.version,
            "faq_ids": self.faq_ids,
            "second": self.second.engine if self.second else None,
            "files": {name: _checksum(folder / name) for name in _files(folder)},
        }
        about["itself"] = _checksum_of(about)
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        arrays: dict[str, npt.NDArray[Any]] = {
            "titles": self.titles.rows,
            "title_starts": self.titles.starts,
            "passages": self.passages.rows,
            "passage_starts": self.passages.starts,
            "asked_keys": self.asked.keys,
            "asked": self.asked.vectors,
            "spacing_keys": self.spacing.keys,
            "spacing_seen": self.spacing.seen,
            "spacing_parted": self.spacing.parted,
        }
        if self.openings is not None:
            arrays |= {"openings": self.openings.vectors, "opening_keys": self.openings.keys}
        if self.second is not None:
            arrays |= {
                "second_titles": self.second.titles.rows,
                "second_sentences": self.second.sentences.rows,
                "second_starts": self.second.sentences.starts,
                "second_title_keys": self.second.title_keys,
                "second_sentence_keys": self.second.sentence_keys,
            }
        return arrays


def load(folder: Path) -> Artefact:
    """What `Artefact.save` wrote, mapped into memory.

    Raises
    ------
    ArtefactMissing
        When it is damaged, or of another release's form.
    """
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise ValueError(f"its form is {about['format']}, not {FORMAT}")
        if (itself := about.pop("itself", None)) is not None and itself != _checksum_of(about):
            raise ValueError("about.json is not as it was written")
        if unknown := about.keys() - _SAID:  # also a known one, misspelt by a bit
            raise ValueError(f"about.json says {unknown}, which nobody knows")
        for name, checksum in about.get("files", {}).items():  # the first releases wrote none
            if _checksum(folder / name) != checksum:
                raise ValueError(f"{name} is not as it was written")

        def array(name: str) -> npt.NDArray[Any]:
            found = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            return np.asarray(found)  # still mapped: only without the class, whose every access costs 2 µs

        titles = Ragged(array("titles"), array("title_starts"))
        second = about["second"] and SecondOpinion(
            about["second"],
            Ragged(array("second_titles"), titles.starts),
            Ragged(array("second_sentences"), array("second_starts")),
            array("second_title_keys"),
            array("second_sentence_keys"),
        )
        found = Artefact(
            version=about["version"],
            faq_ids=about["faq_ids"],
            titles=titles,
            passages=Ragged(array("passages"), array("passage_starts")),
            title_ngrams=NgramIndex.load(folder / "title_ngrams"),
            content_ngrams=NgramIndex.load(folder / "content_ngrams"),
            second=second or None,
            asked=Memory(array("asked_keys"), array("asked")),
            spacing=Spacing(array("spacing_keys"), array("spacing_seen"), array("spacing_parted"))
            if (folder / "spacing_keys.npy").exists()
            else Spacing.unknown(),
            openings=Memory(array("opening_keys"), array("openings")) if (folder / "openings.npy").exists() else None,
        )
        if not found.is_whole:
            raise ValueError("its files do not belong together")
    except Exception as error:  # damaged files make NumPy and bm25s raise nearly anything
        raise ArtefactMissing(detail=f"{folder} cannot be read: {error}") from error
    return found


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _checksum_of(about: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(about, sort_keys=True).encode())


def _checksum(path: Path) -> int:
    """A file's CRC-32: disks spoil bits, and nobody forges an index. Read, not mapped: mapped pages count as memory."""
    found = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found = zlib.crc32(piece, found)
    return found


def make(
    version: str,
    contents: Sequence[Content],
    rows: Sequence[Row],
    vectors: Vector,
    encoder: SentenceEncoder | None,
    earlier: Artefact | None,
    openings: Memory | None = None,
) -> Artefact:
    """The artefact of a version.

    Parameters
    ----------
    contents
        One at least.
    rows, vectors
        All rows of the contents, in their order, and their vectors, `(len(rows), dimensions)`.
    earlier
        The version before, whose sentences need not be encoded again.
    openings
        Of the contents, in their order.
    """
    at = {kind: [n for n, row in enumerate(rows) if row.kind == kind] for kind in KINDS}
    titles = [rows[n].text for n in at["title"]]
    title_starts = _starts(sum(row.kind == "title" for row in found) for found in _by_content(rows))
    passage_starts = _starts(sum(row.kind == "content" for row in found) for found in _by_content(rows))
    return Artefact(
        version=version,
        faq_ids=[content.faq_id for content in contents],
        titles=Ragged(vectors[at["title"]], title_starts),
        passages=Ragged(vectors[at["content"]], passage_starts),
        title_ngrams=NgramIndex.build(titles),
        content_ngrams=NgramIndex.build([f"{content.title}\n{content.content}" for content in contents]),
        second=_second(contents, titles, title_starts, encoder, earlier) if encoder else None,
        asked=Memory.empty(),
        spacing=Spacing.of(row.text for row in rows),
        openings=openings,
    )


def _second(
    contents: Sequence[Content],
    titles: Sequence[str],
    title_starts: Positions,
    encoder: SentenceEncoder,
    earlier: Artefact | None,
) -> SecondOpinion:
    found = [sentences(content.content) for content in contents]
    texts = [one for those in found for one in those]
    before = earlier.second if earlier else None
    memory = before.memory if before and before.made_with(encoder) else Memory.empty()
    encoded = memory.recall([*titles, *texts], encoder.encode).astype(np.float16)
    return SecondOpinion(
        engine=encoder.name,
        titles=Ragged(encoded[: len(titles)], title_starts),
        sentences=Ragged(encoded[len(titles) :], _starts(map(len, found))),
        title_keys=_keys(titles),
        sentence_keys=_keys(texts),
    )


def _by_content(rows: Sequence[Row]) -> Iterable[list[Row]]:
    return (list(found) for _, found in groupby(rows, key=lambda row: row.faq_id))


def _starts(counts: Iterable[int]) -> Positions:
    return np.concatenate([[0], np.cumsum(list(counts))]).astype(np.int64)


def _keys(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    return np.array([_key(text) for text in texts], dtype=np.uint64)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
