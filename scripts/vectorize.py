"""Step 3 of 3: contents to an index, beside the served one, then switched.

    python scripts/vectorize.py [PATH] [--source default] [--name NAME] [--if-absent]

PATH is a corpus file (the SmartStore pickle, CSV, XLSX, JSONL: steps 1 and 2 run first) or the contents that step 2
wrote; without it, var/steps/2-contents.jsonl. Writes var/steps/3-indexed.jsonl: the contents as they are now served,
a line each. Resumable and incremental. Exit code 3 says that some rows were refused; the others are indexed.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from scripts import preprocess, structure
from scripts.steps import BAD_ROWS, guarded, read_jsonl, write_jsonl
from shared import wiring
from shared.indexing.readers import UnreadableCorpus
from shared.models import Bot, Content
from shared.retrieval import manifest
from shared.settings import get_settings
from shared.storage.keys import new_chat_id

_ROOT = Path(__file__).parent.parent
_SAMPLE = _ROOT / "data" / "sample_faq.jsonl"
_SAMPLE_BOT = _ROOT / "data" / "bots" / "default.json"
_OFF_TOPIC = _ROOT / "data" / "offtopic_questions.txt"


class Bar:
    """A progress bar with the rate and the time that is left."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None

    def start(self, total: int, known: int) -> None:
        """Show it; `known` rows need no embedding."""
        note = f" ({known} known)" if known else ""
        self._bar = tqdm(total=total, desc=f"vectorize{note}", unit="text", disable=total == 0, file=sys.stderr)

    def advance(self, rows: int) -> None:
        """Move it on."""
        assert self._bar is not None
        self._bar.update(rows)

    def close(self) -> None:
        """Leave it on the screen as it is."""
        if self._bar is not None:
            self._bar.close()


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run the step. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--source", default="default", help="source_id to index")
    parser.add_argument("--name", help="what the default bot calls the company, e.g. in its refusals")
    parser.add_argument("--if-absent", action="store_true", help="do nothing when the source has an index")
    chosen = parser.parse_args(arguments)
    store = wiring.get_store()
    store.prepare()
    if chosen.if_absent and manifest.current(store, chosen.source) is not None:
        return 0
    contents_path, refused = _contents_path(chosen.path, chosen.source)
    contents = list(read_jsonl(contents_path, Content))
    if not contents:
        raise UnreadableCorpus(f"{contents_path}: no contents; an index of nothing would answer nothing")
    index(contents, chosen.source)
    if chosen.source == "default" and chosen.path is not None:
        _publish_bot(chosen.path, chosen.name)
    return BAD_ROWS if refused else 0


def index(contents: list[Content], source_id: str) -> None:
    """Build the index of a source and tell what was done."""
    from shared.indexing.build import build_index, stored_contents

    bar = Bar()
    try:
        result = build_index(
            contents,
            source_id,
            store=wiring.get_store(),
            client=wiring.get_chroma(),
            embedder=wiring.get_embedder(),
            off_topic=_OFF_TOPIC.read_text(encoding="utf-8").split("\n"),
            progress=bar,
        )
    finally:
        bar.close()
    made, out = result.manifest, get_settings().data_dir / "steps" / "3-indexed.jsonl"
    write_jsonl(out, stored_contents(wiring.get_store(), source_id))
    print(
        f"vectorize: {made.contents} contents, {made.titles} titles, {made.chunks} passages;"
        f" {result.embedded} embedded, {result.reused} known; {result.written} contents written,"
        f" {result.removed} removed; answers from score {made.answer_threshold:.4f} on; version {made.version}",
        file=sys.stderr,
    )


def _contents_path(path: Path | None, source_id: str) -> tuple[Path, bool]:
    """The file of contents, made by steps 1 and 2 when `path` is a corpus file; and whether they refused rows."""
    if path is None:
        return structure.DEFAULT_OUT, False
    if _holds_contents(path):
        return path, False
    steps = get_settings().data_dir / "steps"
    first = preprocess.run(path, steps / "1-preprocessed.jsonl")
    second = structure.run(steps / "1-preprocessed.jsonl", steps / "2-contents.jsonl", source_id)
    return steps / "2-contents.jsonl", bool(first.bad or second.bad)


def _holds_contents(path: Path) -> bool:
    if path.suffix.lower() != ".jsonl" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        try:
            first = json.loads(next(lines, "null"))
        except json.JSONDecodeError:
            return False
    return isinstance(first, dict) and {"faq_id", "source_id", "content"} <= first.keys()


def _publish_bot(corpus: Path, name: str | None) -> None:
    """Publish the default bot as this corpus speaks, unless it speaks so already."""
    if name is None and corpus.resolve() == _SAMPLE:
        bot = Bot.model_validate_json(_SAMPLE_BOT.read_text(encoding="utf-8"))
    else:
        # The pickle is one company's: its only known producer is the SmartStore help centre
        bot = Bot(name=name or ("스마트스토어" if corpus.suffix.lower() in (".pkl", ".pickle") else None))
    served = wiring.get_bot("default")
    if served.model_copy(update={"version": bot.version}) != bot:
        version = f"{wiring.PUBLISHED}{new_chat_id()}"
        body = bot.model_dump(mode="json") | {"version": version}
        wiring.get_store().put("bots", {"pk": bot.bot_id, "sk": version, **body}, if_absent=True)


if __name__ == "__main__":
    sys.exit(main())
