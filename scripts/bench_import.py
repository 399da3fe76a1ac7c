"""How long an import of many contents takes to plan and to draft, and an export. Prints figures; tests nothing.

    python scripts/bench_import.py [--contents 2700] [--characters 1000]

SQLite. Each step is a fresh process. A tenth of the contents in the file are edited and a tenth are new.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.steps import guarded
from shared.admin_keys import Operator
from shared.audit import Audit
from shared.content_changes import Plan, Target, plan
from shared.content_drafting import apply_plan
from shared.content_files import exported_contents, read_contents
from shared.contents import Contents
from shared.exports import Format
from shared.indexing.build import item_of
from shared.links import Allowed
from shared.models import Content
from shared.storage.sqlite import SqliteStore

_KINDS: tuple[Format, ...] = ("csv", "xlsx", "jsonl")
_SENTENCE = "정산은 매월 두 번 이루어지며 [정산 관리](https://seller.example/settle)에서 확인하실 수 있습니다.\n"
_PAGE = 100


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contents", type=int, default=2_700)
    parser.add_argument("--characters", type=int, default=1_000, help="of an answer, some")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step == "fill":
        _fill(chosen.folder, chosen.contents, chosen.characters)
        return 0
    if chosen.step:
        _step(chosen.step, chosen.folder)
        return 0
    sizes = ["--contents", str(chosen.contents), "--characters", str(chosen.characters)]
    with tempfile.TemporaryDirectory() as folder:
        for step in ("fill", *(f"plan {kind}" for kind in _KINDS), "draft", *(f"export {kind}" for kind in _KINDS)):
            subprocess.run([sys.executable, __file__, "--step", step, "--folder", folder, *sizes], check=True)
    return 0


def _step(step: str, folder: Path) -> None:
    store = SqliteStore(folder / "store.sqlite3")
    contents = Contents(store)
    contents.titles("default")  # connected
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, cpu = time.perf_counter(), time.process_time()
    match step.split():
        case ["plan", "csv" | "xlsx" | "jsonl" as kind]:
            body = (folder / f"file.{kind}").read_bytes()
            told = f"dry run of {len(body) / 1e6:.1f} MB of {kind}: {dict(_plan(body, kind, contents).counts)}"
        case ["draft"]:
            body, by, done = (folder / "file.csv").read_bytes(), Operator("k", "bench", "editor"), 0
            remaining = 1
            while remaining:
                applied = apply_plan(
                    _plan(body, "csv", contents), contents, Audit(store, 1), by, ["default"], "content.import"
                )
                done, remaining = done + len(applied.created) + len(applied.updated), applied.remaining
            told = f"{done} drafted, in calls of 500 that each plan anew"
        case [_, "csv" | "xlsx" | "jsonl" as kind]:
            served = list(contents.published("default"))
            pages = (served[at : at + _PAGE] for at in range(0, len(served), _PAGE))
            told = f"export of {sum(map(len, exported_contents(pages, kind))) / 1e6:.1f} MB of {kind}"
        case _:
            raise ValueError(step)
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{told}: {took:.2f} s ({cpu:.2f} s of processor), {memory - before:.0f} MB more memory", flush=True)


def _plan(body: bytes, kind: Format, contents: Contents) -> Plan:
    return plan(read_contents(body, kind).incoming, Target("default", (), Allowed()), contents)


def _fill(folder: Path, count: int, characters: int) -> None:
    """What is served, and files in which some of it is edited and some is new."""
    store = SqliteStore(folder / "store.sqlite3")
    store.prepare()
    text = _SENTENCE * (characters // len(_SENTENCE))
    made = [
        Content(
            faq_id=f"faq-{n:05}",
            source_id="default",
            title=f"{n}번째 질문은 어떻게 하나요?",
            similar_titles=[f"{n}번 하는 방법", f"{n}번은 어디서 하나요", f"{n}번 안내"],
            content=f"{n}번 안내입니다.\n{text}".strip(),
            category="정산",
        )
        for n in range(count)
    ]
    store.batch_put("contents", map(item_of, made[: count - count // 10]))
    edited = [
        one.model_copy(update={"content": f"고쳤습니다. {one.content}"}) if n % 10 == 0 else one
        for n, one in enumerate(made)
    ]
    for kind in _KINDS:
        (folder / f"file.{kind}").write_bytes(b"".join(exported_contents([edited], kind)))
    store.close()


if __name__ == "__main__":
    sys.exit(main())
