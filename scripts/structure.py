"""Step 2 of 3: clean rows to contents.

    python scripts/structure.py [var/steps/1-preprocessed.jsonl] [-o var/steps/2-contents.jsonl] [--source default]

Writes one content a line: faq_id, source_id, title, tags, similar_titles, content, service_answers, related_ids,
category, category_inferred, url. Exit code 3 says that some rows were refused.
"""

import argparse
import sys
from pathlib import Path

from scripts.preprocess import DEFAULT_OUT as DEFAULT_IN
from scripts.steps import BAD_ROWS, guarded, read_jsonl, report_bad, write_jsonl
from shared.indexing.preprocess import CleanRow
from shared.indexing.structure import StructureReport, structure

DEFAULT_OUT = Path("var/steps/2-contents.jsonl")


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run the step. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="?", default=DEFAULT_IN)
    parser.add_argument("-o", "--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--source", default="default", help="source_id that the contents belong to")
    chosen = parser.parse_args(arguments)
    report = run(chosen.rows, chosen.out, chosen.source)
    return BAD_ROWS if report.bad else 0


def run(rows: Path, out: Path, source_id: str) -> StructureReport:
    """Structure a file of clean rows into `out` and tell what was refused and what related titles name nothing."""
    report = StructureReport()
    contents = structure(read_jsonl(rows, CleanRow), source_id, report)
    write_jsonl(out, contents)
    print(f"structure: {len(contents)} contents written to {out}", file=sys.stderr)
    report_bad(report.bad)
    if report.unresolved:
        row, title = report.unresolved[0]
        print(
            f"  {len(report.unresolved)} related titles name no content, e.g. row {row}: {title[:60]}",
            file=sys.stderr,
        )
    return report


if __name__ == "__main__":
    sys.exit(main())
