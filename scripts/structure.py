"""Step 2 of 3: clean rows to contents.

    python scripts/structure.py [ROWS] [-o OUT] [--source default]

Reads ROWS, by default what step 1 wrote. Writes OUT, by default steps/2-contents.jsonl in DATA_DIR, one content a line:
faq_id, source_id, title, tags, similar_titles, summary_titles (none yet), content, service_answers (by service type),
related_ids, category, category_inferred, url. Exit code 3 says that some rows were left out.
"""

import argparse
import sys
from pathlib import Path

from scripts import preprocess
from scripts.steps import BAD_ROWS, guarded, read_jsonl, report_bad, source_id, step_file, write_jsonl
from shared.indexing.preprocess import CleanRow
from shared.indexing.structure import StructureReport, structure

OUT = "2-contents.jsonl"


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run the step. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="?")
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--source", type=source_id, default="default", help="source_id that the contents belong to")
    chosen = parser.parse_args(arguments)
    report = run(chosen.rows or step_file(preprocess.OUT), chosen.out or step_file(OUT), chosen.source)
    return BAD_ROWS if report.bad else 0


def run(rows: Path, out: Path, source: str) -> StructureReport:
    """Structure a file of clean rows into `out` and tell what was left out and what related titles name nothing."""
    report, unreadable = StructureReport(), list[tuple[int, str]]()
    contents = structure((row for _, row in read_jsonl(rows, CleanRow, unreadable)), source, report)
    write_jsonl(out, contents)
    print(f"structure: {len(contents)} contents written to {out}", file=sys.stderr)
    report_bad(unreadable, f"line of {rows.name}")
    report_bad(report.bad)
    if report.unresolved:
        row, title = report.unresolved[0]
        print(
            f"  {len(report.unresolved)} related titles name no content, e.g. row {row}: {title[:60]}",
            file=sys.stderr,
        )
    report.bad += unreadable
    return report


if __name__ == "__main__":
    sys.exit(main())
