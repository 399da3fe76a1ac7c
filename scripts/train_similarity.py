"""Train the learned similarity of the index that is served, and use it if it is better than none.

    python scripts/train_similarity.py [--source default] [--epochs N] [--limit N] [--seed N] [--dry-run | --force]
    python scripts/train_similarity.py --questions FILE [--generate N]
    python scripts/train_similarity.py --remove

A small head on the question's vector is trained on questions that rules make from the contents (`--limit`, 3,000), and
on those of FILE (JSONL: faq_id, question). `--generate N` first asks the language model for questions of N more
contents and appends them to FILE; interrupted, it goes on there. A fifth of the contents is held out, and the whole
search asked for them, in other rules' words, with the head and without it. The head is used, and calibrated, when
recall@1 gains a point beyond chance (by the 95 % interval of the difference) and nothing else falls, or with
`--force`; else nothing changes. Running servers take it up when they start anew. The next index version begins without
a head: train again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel
from tqdm import tqdm

from scripts.steps import (
    BAD_ROWS,
    Bad,
    CannotRun,
    end_with_a_whole_line,
    guarded,
    natural,
    positive,
    read_jsonl,
    report_bad,
    source_id,
    step_file,
)
from shared import assembly, wiring
from shared.indexing.build import stored_contents
from shared.indexing.calibrate import Asking, off_topic_questions
from shared.indexing.learn import FEWEST, Asked, Difference, Split, Trial, asked, keys_of, objections, pairs_of, split
from shared.indexing.lease import held
from shared.indexing.summary_titles import read_titles
from shared.llm.base import ChatModel
from shared.llm.prompts import summary_messages
from shared.models import Content
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact, Memory
from shared.retrieval.base import IndexReader, Vector
from shared.retrieval.calibration import Learned
from shared.retrieval.fusion import E5_SCALES
from shared.retrieval.generated import Generated, in_order
from shared.retrieval.manifest import Manifest
from shared.retrieval.readings import read
from shared.retrieval.search import Profile, check_engine
from shared.retrieval.similarity import Head, Recipe, Trained, head_version, train

QUESTIONS = 3_000  # with those to stop by and to try, 8,000 readings at 20 to 40 ms: three to five minutes
EACH = 4  # questions that the language model is asked for, of one content
_UNSAVED = 256  # texts that a killed run has to embed again
_AT_ONCE = 4  # contents that it is asked about


class Line(BaseModel):
    """A line of `--questions`."""

    faq_id: str
    question: str


@dataclass(frozen=True)
class Served:
    """What is trained on: the index that is served, with the contents that it was made from."""

    manifest: Manifest
    contents: list[Content]
    artefact: Artefact
    profile: Profile

    def reader(self) -> IndexReader:
        """Its vectors in Chroma, which only a large index needs."""
        from shared.retrieval.chroma import ChromaReader

        return ChromaReader(wiring.get_chroma(), self.manifest.source_id, self.manifest.version)


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.generate and chosen.questions is None:
        parser.error("--generate needs --questions FILE")
    served = _served(chosen.source)
    if chosen.remove:
        _save(served, None, None)
        print("train_similarity: the head is removed", file=sys.stderr)
        return 0
    if len(served.contents) < FEWEST:
        raise CannotRun(f"source {chosen.source!r} has {len(served.contents)} contents; {FEWEST} are needed to learn")
    if chosen.generate:
        asyncio.run(_ask_model(served.contents, chosen.questions, chosen.generate))
    bad: Bad = []
    written = _written(served.contents, chosen.questions, bad) if chosen.questions else []
    report_bad(bad, "line")
    parts = split(served.contents)
    questions = asked(served.contents, parts, served.profile, chosen.limit, written)
    if not (questions.train and questions.stop and questions.trial):
        raise CannotRun("too few questions to train on and to try the head with: raise --limit")
    vectors = _Remembered(served.artefact.asked)
    texts = [one.text for one in [*questions.trial, *questions.stop, *questions.train]] + off_topic_questions()
    readings = [read(one, served.profile.lexicon, served.artefact.spacing) for one in texts]
    vectors.embed(list(dict.fromkeys(text for one in readings for text in one.texts)))
    head = _trained(served, parts, questions, vectors, Recipe(epochs=chosen.epochs, seed=chosen.seed))
    reasons = _told(_tried(served, questions, vectors, head))
    if chosen.dry_run or (reasons and not chosen.force):
        print("train_similarity: nothing is changed", file=sys.stderr)
    else:
        _calibrate_and_save(served, parts, head)
        print(f"train_similarity: used from now on, with version {head.version}, calibrated anew", file=sys.stderr)
    return BAD_ROWS if bad else 0


def _served(source: str) -> Served:
    store = wiring.get_store()
    manifest = manifests.current(store, source)
    if manifest is None:
        raise CannotRun(f"source {source!r} has no index: run scripts/vectorize.py <corpus>")
    check_engine(manifest, wiring.get_embedder())
    made = wiring.get_artefact(source, manifest.version)
    contents = [one for one in stored_contents(store, source) if one.faq_id in made.positions]
    return Served(manifest, contents, made, assembly.get_profile(wiring.get_bot("default")))


def _trained(served: Served, parts: Split, questions: Asked, vectors: "_Remembered", recipe: Recipe) -> Head:
    """A head, which has seen neither the contents that are held out nor their titles."""
    made, profile, began = served.artefact, served.profile, time.monotonic()
    fitted = calibrations.read(wiring.get_store(), profile.bot_id, served.manifest.source_id, served.manifest.version)
    keys = keys_of(made, served.contents, profile.weights, fitted.scales if fitted else E5_SCALES)
    groups = [[one for one in served.contents if one.faq_id in ids] for ids in (parts.trained, parts.stopping)]
    pairs = pairs_of(made, groups[0], questions.train, vectors.known, profile)
    stopping = pairs_of(made, groups[1], questions.stop, vectors.known, profile, only_questions=True)
    seen = np.array([made.positions[one.faq_id] for group in groups for one in group], dtype=np.int64)
    with tqdm(total=recipe.epochs, desc="train", unit="epoch", file=sys.stderr) as bar:
        trained: Trained = train(served.manifest.version, keys, pairs, stopping, seen, recipe, bar.update)
    print(
        f"train_similarity: {len(pairs)} pairs of {len(groups[0])} contents, {len(trained.losses) - 1} epochs in"
        f" {time.monotonic() - began:.0f} s; stopping loss {trained.losses[0]:.3f} → {min(trained.losses):.3f}",
        file=sys.stderr,
    )
    return trained.head


def _tried(served: Served, questions: Asked, vectors: "_Remembered", head: Head) -> dict[str, Difference]:
    trial = Trial(
        served.artefact,
        served.contents,
        questions.trial,
        off_topic_questions(),
        served.profile,
        lambda texts: np.stack([vectors.known[one] for one in texts]),
        wiring.get_sentence_encoder() if served.artefact.second else None,
        served.reader,
    )
    held = len({one.faq_id for one in questions.trial})
    print(f"train_similarity: tried with {len(questions.trial)} questions of {held} contents held out", file=sys.stderr)
    return trial.compare(head)


def _told(compared: dict[str, Difference]) -> list[str]:
    """Print the comparison, and whether the head is to be used; why not, when it is not."""
    print(f"{'held-out questions':<22}{'without':>8}{'with':>8}   difference, 95 %")
    for name, one in compared.items():
        change = f"{one.after - one.before:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
        print(f"{name:<22}{one.before:>8.3f}{one.after:>8.3f}   {change}")
    reasons = objections(compared)
    print("Better: used." if not reasons else "Not used: " + "; ".join(reasons) + ".")
    return reasons


def _calibrate_and_save(served: Served, parts: Split, head: Head) -> None:
    """Serve this head: how a bot searches with it is fitted first."""
    asking = Asking(
        wiring.get_embedder().embed_queries, wiring.get_sentence_encoder(), served.artefact.asked, served.reader
    )
    learned = asking.learned(served.profile, served.contents, parts.held_out, served.artefact, head)
    _save(served, head, learned)


def _save(served: Served, head: Head | None, learned: Learned | None) -> None:
    """Serve this head, or none. The calibration without it stays as it is."""
    manifest, store, artefacts = served.manifest, wiring.get_store(), wiring.get_artefacts()
    waiting = "train_similarity: waiting for a build of this source"
    with held(store, manifest.source_id, lambda: print(waiting, file=sys.stderr)) as lease:
        current = manifests.current(store, manifest.source_id)
        fitted = calibrations.read(store, served.profile.bot_id, manifest.source_id, manifest.version)
        if current is None or current.version != manifest.version:
            raise CannotRun("a build has switched to another version meanwhile: run it again")
        if fitted is None:
            raise CannotRun("the index has no calibration: run scripts/vectorize.py <corpus>")
        name = head_version(manifest.version)
        artefacts.drop(manifest.source_id, name)  # until the calibration names the new one, none is used
        if head is not None:
            with tempfile.TemporaryDirectory() as folder:
                head.save(Path(folder) / "head")
                artefacts.save(manifest.source_id, name, Path(folder) / "head")
        lease.check()
        fitted = fitted.model_copy(update={"learned": learned})
        calibrations.save(store, served.profile.bot_id, manifest.source_id, manifest.version, fitted)


class _Remembered:
    """Embeds with a progress bar, and keeps the vectors for the next run, in `DATA_DIR`."""

    def __init__(self, other: Memory) -> None:
        self._embedder, self._other = wiring.get_embedder(), other
        self._path, self._computed = step_file("similarity-asked.npz"), 0
        self.known: dict[str, Vector] = {}

    def embed(self, texts: Sequence[str]) -> None:
        """Put the vectors of these questions, as half precision keeps them, into `known`."""
        known, found, size = self._read(), [], self._embedder.batch_size
        fresh = Memory.empty()
        with tqdm(total=len(texts), desc="embed", unit="text", file=sys.stderr) as bar:
            for start in range(0, len(texts), size):
                batch = texts[start : start + size]
                vectors = known.recall(batch, self._compute).astype(np.float16)
                found.append(vectors)
                fresh = Memory.of(texts[: start + len(batch)], np.concatenate(found))
                if self._computed > _UNSAVED:
                    self._write(_joined(known, fresh))
                bar.update(len(batch))
        self._write(_joined(known, fresh))
        self.known = dict(zip(texts, fresh.vectors.astype(np.float32), strict=True))

    def _write(self, memory: Memory) -> None:
        self._computed = 0
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f".{self._path.name}")
        with draft.open("wb") as out:
            np.savez(out, engine=np.array(self._embedder.name), keys=memory.keys, vectors=memory.vectors)
        draft.replace(self._path)

    def _read(self) -> Memory:
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                if str(kept["engine"]) == self._embedder.name and kept["vectors"].shape[1] == self._embedder.dimensions:
                    return Memory(kept["keys"], kept["vectors"])
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile):
            pass  # absent, or damaged: then all is embedded
        return Memory.empty()

    def _compute(self, texts: Sequence[str]) -> Vector:
        self._computed += len(texts)
        return self._other.recall(texts, self._embedder.embed_queries)


def _joined(known: Memory, fresh: Memory) -> Memory:
    """Both, each text once."""
    _, at = np.unique(np.concatenate([known.keys, fresh.keys]), return_index=True)
    vectors = np.concatenate([known.vectors, fresh.vectors]) if len(known.keys) else fresh.vectors
    return Memory(np.concatenate([known.keys, fresh.keys])[at], vectors[at])


def _written(contents: Sequence[Content], path: Path, bad: Bad) -> list[Generated]:
    """The questions of a file; what asks for no content of the index is put into `bad`."""
    titles, found = {one.faq_id: one.title for one in contents}, []
    for number, line in read_jsonl(path, Line, bad):
        if line.faq_id not in titles:
            bad.append((number, f"no content {line.faq_id[:80]!r} in the index"))
        elif not line.question.strip():
            bad.append((number, "question is empty"))
        else:
            found.append(Generated(line.question, line.faq_id, titles[line.faq_id]))
    return found


async def _ask_model(contents: Sequence[Content], path: Path, count: int) -> None:
    """Append the language model's questions of `count` contents to a file, of those that have none there."""
    model = wiring.get_chat_model()
    if model is None:
        raise CannotRun("--generate needs a language model: set OPENAI_API_KEY or OPENAI_BASE_URL")
    end_with_a_whole_line(path, Line)
    done = {line.faq_id for _, line in read_jsonl(path, Line, [])} if path.is_file() else set()
    # Of those held out a fair share, so that the head is tried on such questions, too
    tried = split(contents).held_out
    left = [one for one in in_order(contents) if one.faq_id not in done]
    picked = [one for one in left if one.faq_id in tried][: count // 5]
    picked += [one for one in left if one.faq_id not in tried][: count - len(picked)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out, tqdm(total=len(picked), desc="ask", file=sys.stderr) as bar:
        for start in range(0, len(picked), _AT_ONCE):
            batch = picked[start : start + _AT_ONCE]
            answers = await asyncio.gather(*(_questions(model, one) for one in batch), return_exceptions=True)
            for content, answer in zip(batch, answers, strict=True):
                if isinstance(answer, BaseException):
                    continue
                for question in answer:
                    out.write(json.dumps({"faq_id": content.faq_id, "question": question}, ensure_ascii=False) + "\n")
            out.flush()
            bar.update(len(batch))
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer  # what was answered is kept; the next run goes on from there


async def _questions(model: ChatModel, content: Content) -> list[str]:
    reply = "".join([piece async for piece in model.stream(summary_messages(content, EACH))])
    return read_titles(reply, content, EACH, (), Counter())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=source_id, default="default", help="the source whose index it is for")
    parser.add_argument("--epochs", type=positive, default=Recipe().epochs, help="at most (default: %(default)s)")
    parser.add_argument("--limit", type=positive, default=QUESTIONS, help="questions in all (default: %(default)s)")
    parser.add_argument("--seed", type=natural, default=0, help="of the training (default: 0)")
    parser.add_argument("--questions", type=Path, metavar="FILE", help="questions by a language model, JSONL")
    parser.add_argument("--generate", type=positive, metavar="N", help="first ask the model about N more contents")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--dry-run", action="store_true", help="print the comparison only")
    mode.add_argument("--force", action="store_true", help="save it even if it is not better: for experiments")
    mode.add_argument("--remove", action="store_true", help="go back to searching without a head")
    return parser


if __name__ == "__main__":
    sys.exit(main())
