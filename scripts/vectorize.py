"""Step 3 of 3: contents to an index, beside the served one, then switched.

    python scripts/vectorize.py [PATH] [--source default] [--name NAME] [--off-topic FILE] [--if-absent] [--stored]

PATH is a corpus file (the SmartStore pickle, CSV, XLSX, JSONL: steps 1 and 2 run first) or the contents that step 2
wrote; without it, steps/2-contents.jsonl in DATA_DIR, or with --stored the store's own contents, as operators have
edited and published them: after a restore, say. Writes steps/3-indexed.jsonl there: the contents as they are now
served, a line each, with their inferred categories. Summary titles (summarize_titles.py) stay with contents that have
not changed. Resumable and incremental. Exit code 3 says that some rows were left out; the others are indexed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from scripts import preprocess, structure
from scripts.steps import (
    BAD_ROWS,
    CannotRun,
    guarded,
    read_jsonl,
    report_bad,
    report_warnings,
    source_id,
    step_file,
    write_jsonl,
)
from shared import assembly, wiring
from shared.bot import Bot
from shared.indexing.moderation import linked_hosts, moderated
from shared.indexing.preprocess import MAX_ID_CHARACTERS
from shared.indexing.readers import UnreadableCorpus
from shared.indexing.structure import MAX_CONTENT_BYTES
from shared.models import Content
from shared.retrieval import calibration, manifest
from shared.storage.base import InvalidItem
from shared.storage.items import sealed

_HOSTS_TOLD = 10
_ROOT = Path(__file__).resolve().parent.parent
_SAMPLE = _ROOT / "data" / "sample_faq.jsonl"
_SAMPLE_BOT = _ROOT / "data" / "bots" / "default.json"


class Bar:
    """A progress bar with the rate and the time that is left."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None

    def wait(self) -> None:
        """Say that another build is at work."""
        print(
            "vectorize: waiting for another build of this source, or for one that was killed to lapse", file=sys.stderr
        )

    def start(self, stage: str, total: int, known: int = 0) -> None:
        """Show one for this stage, below the one before it; `known` texts need no work."""
        self.close()
        note = f" ({known} known)" if known else ""
        self._bar = tqdm(total=total, desc=f"{stage}{note}", unit="text", disable=total == 0, file=sys.stderr)

    def advance(self, texts: int) -> None:
        """Move it on."""
        assert self._bar is not None
        self._bar.update(texts)

    def close(self) -> None:
        """Leave it on the screen as it is."""
        if self._bar is not None:
            self._bar.close()


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run the step. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--source", type=source_id, default="default", help="source_id to index")
    parser.add_argument("--name", help="what the default bot calls the company, e.g. in its refusals")
    parser.add_argument("--if-absent", action="store_true", help="do nothing when the source has an index")
    parser.add_argument("--stored", action="store_true", help="index the contents that are in the store")
    parser.add_argument("--off-topic", type=Path, metavar="FILE", help="questions to refuse, instead of haedap's own")
    chosen = parser.parse_args(arguments)
    if chosen.stored and (chosen.path or chosen.name):
        parser.error("--stored goes without PATH and --name")
    off_topic = _off_topic(chosen.off_topic)
    store = wiring.get_store()
    store.prepare()
    if chosen.if_absent and _is_served(chosen.source):
        return 0
    if chosen.stored:
        _index_stored(chosen.source, off_topic)
        return 0
    path, left_out = _contents_file(chosen.path, chosen.source)
    bad: list[tuple[int, str]] = []
    contents = _read_contents(path, chosen.source, bad)
    report_bad(bad, f"line of {path.name}")
    contents, dropped = moderated(contents, wiring.get_allowed())
    report_warnings(dropped, "content")
    if not wiring.get_allowed().link_hosts and (hosts := linked_hosts(contents)):
        some = ", ".join(f"{host} ({count})" for host, count in hosts.most_common(_HOSTS_TOLD))
        print(f"  kept: links to any host, as LINK_HOSTS=* allows; {len(hosts)} of them: {some}", file=sys.stderr)
    if not contents:
        raise UnreadableCorpus(f"{path}: no contents; an index of nothing would answer nothing")
    wanted = _bot_to_publish(contents, chosen.path, chosen.name) if chosen.source == "default" else None
    index(contents, chosen.source, wanted, off_topic)
    if wanted is not None:
        wiring.get_bots().publish(wanted, {"name_given": chosen.name is not None}, by="scripts/vectorize.py")
    return BAD_ROWS if left_out or bad else 0


def _index_stored(source: str, off_topic: list[str] | None) -> None:
    from shared.indexing.build import stored_contents

    if next(iter(stored_contents(wiring.get_store(), source)), None) is None:
        raise CannotRun(f"the store has no contents of source {source!r}")
    index(None, source, off_topic=off_topic)


def _off_topic(path: Path | None) -> list[str] | None:
    """A file's questions. Raises `CannotRun` when there are none."""
    if path is None:
        return None
    from shared.indexing.calibrate import off_topic_questions

    try:
        found = off_topic_questions(path)
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path}: not UTF-8 ({error.reason})") from error
    if not found:
        raise CannotRun(f"{path}: no questions")
    return found


def _is_served(source: str) -> bool:
    from shared.retrieval.artefacts import ArtefactMissing
    from shared.retrieval.chroma import stands

    served = manifest.current(wiring.get_store(), source)
    if served is None or not stands(wiring.get_chroma(), source, served.version):
        return False
    try:
        wiring.get_artefact(source, served.version)
    except ArtefactMissing:
        return False
    return True


def index(
    contents: list[Content] | None, source: str, default: Bot | None = None, off_topic: Sequence[str] | None = None
) -> None:
    """Build the index of a source, of these contents or of the stored ones, and tell what was done.

    Parameters
    ----------
    default
        The default bot as it is about to be published.
    off_topic
        Questions to refuse, instead of those that come with haedap.
    """
    from shared.indexing.build import build_index, stored_contents
    from shared.indexing.calibrate import off_topic_questions

    bar = Bar()
    try:
        result = build_index(
            contents,
            source,
            store=wiring.get_store(),
            client=wiring.get_chroma(),
            embedder=wiring.get_embedder(),
            encoder=wiring.get_sentence_encoder(),
            artefacts=wiring.get_artefacts(),
            profiles=[assembly.get_profile(bot) for bot in _bots_of(source, default)],
            off_topic=off_topic_questions() if off_topic is None else off_topic,
            progress=bar,
        )
    finally:
        bar.close()
    made = result.manifest
    write_jsonl(step_file("3-indexed.jsonl"), stored_contents(wiring.get_store(), source))
    print(
        f"vectorize: {made.contents} contents, {made.titles} titles, {made.chunks} passages;"
        f" {result.embedded} embedded, {result.known} known; {result.written} contents written,"
        f" {result.removed} removed; version {made.version}",
        file=sys.stderr,
    )
    if result.outdated:
        print(f"  dropped: summary titles of contents that have changed, {result.outdated} times", file=sys.stderr)
    if made.previous and not _has_head(source, made.version) and _has_head(source, made.previous):
        left = "the learned similarity was left behind: it belongs to the version before"
        print(f"vectorize: {left}; run scripts/train_similarity.py", file=sys.stderr)


def _bots_of(source: str, default: Bot | None) -> list[Bot]:
    """The bots that search this source. The default one is always among them: its calibration serves new bots too."""
    bots = {bot.bot_id: bot for bot in wiring.get_bots().all() if source in bot.source_ids}
    return list((bots | {"default": default or wiring.get_bot("default")}).values())


def _has_head(source: str, version: str) -> bool:
    fitted = calibration.read(wiring.get_store(), "default", source, version)
    return fitted is not None and fitted.learned is not None


def _contents_file(path: Path | None, source: str) -> tuple[Path, bool]:
    """The file of contents, made by steps 1 and 2 when `path` is a corpus file; and whether they left rows out."""
    if path is None or _holds_contents(path):
        return path or step_file(structure.OUT), False
    first = preprocess.run(path, step_file(preprocess.OUT))
    second = structure.run(step_file(preprocess.OUT), step_file(structure.OUT), source)
    return step_file(structure.OUT), bool(first.bad or second.bad)


def _read_contents(path: Path, source: str, bad: list[tuple[int, str]]) -> list[Content]:
    """The contents of a file that step 2 wrote and a person may have edited; what is wrong goes into `bad`."""
    contents: dict[str, Content] = {}
    for number, content in read_jsonl(path, Content, bad):
        if not content.title.strip() or not content.content.strip():
            bad.append((number, "title or content is empty"))
        elif not content.faq_id or "#" in content.faq_id or len(content.faq_id) > MAX_ID_CHARACTERS:
            bad.append((number, f"faq_id is empty, contains '#' or is longer than {MAX_ID_CHARACTERS} characters"))
        elif len(content.model_dump_json().encode()) > MAX_CONTENT_BYTES:
            bad.append((number, f"larger than {MAX_CONTENT_BYTES} bytes"))
        elif (problem := _unstorable(content)) is not None:
            bad.append((number, problem))
        elif content.source_id != source:
            raise UnreadableCorpus(
                f"{path}: contents of source {content.source_id!r}: say --source {content.source_id}"
            )
        elif content.faq_id in contents:
            bad.append((number, f"faq_id {content.faq_id} a second time"))
        else:
            contents[content.faq_id] = content
    return list(contents.values())


def _unstorable(content: Content) -> str | None:
    try:
        sealed({"pk": content.source_id, "sk": content.faq_id, **content.model_dump(mode="json")}, None)
    except InvalidItem as error:
        return str(error)
    return None


def _holds_contents(path: Path) -> bool:
    if path.suffix.lower() != ".jsonl" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        try:
            first = json.loads(next(lines, "null"))
        except (ValueError, RecursionError):
            return False
    return isinstance(first, dict) and {"faq_id", "source_id", "content"} <= first.keys()


def _bot_to_publish(contents: list[Content], corpus: Path | None, name: str | None) -> Bot | None:
    """The default bot as this corpus speaks, unless it speaks so already.

    A name that a person gave stays until another is given; one that came with a corpus goes with it.
    """
    newest = wiring.get_bots().newest("default")  # and not `wiring.get_bot`, whose name may be that of BOT_NAME
    served = Bot.model_validate(newest) if newest else None
    sample = Bot.model_validate_json(_SAMPLE_BOT.read_text(encoding="utf-8"))
    given = newest is not None and newest.get("name_given", not _same(served, sample))
    if name is not None:
        bot = ((served if given else None) or Bot()).model_copy(update={"name": name})
    elif given:
        return None
    else:
        bot = sample if _is_sample(contents) else _speaking_as(corpus, None if _same(served, sample) else served)
    return bot if not _same(served or Bot(), bot) or (name is not None and not given) else None


def _speaking_as(corpus: Path | None, served: Bot | None) -> Bot:
    """The bot of a corpus that nobody has named; what came before it when this is the third step alone."""
    if corpus is None or _holds_contents(corpus):
        return served or Bot()
    # The pickle is one company's: its only known producer is the SmartStore help centre
    return Bot(name="스마트스토어" if corpus.suffix.lower() in (".pkl", ".pickle") else None)


def _is_sample(contents: list[Content]) -> bool:
    sample = {json.loads(line)["id"] for line in _SAMPLE.read_text(encoding="utf-8").splitlines()}
    return {one.faq_id for one in contents} <= sample


def _same(one: Bot | None, other: Bot) -> bool:
    """Whether they speak alike."""
    return one is not None and one.model_copy(update={"version": other.version}) == other


if __name__ == "__main__":
    sys.exit(main())
