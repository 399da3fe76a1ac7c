"""Step 1 of 3: a corpus file to clean rows.

    python scripts/preprocess.py CORPUS [-o OUT]

Reads the SmartStore pickle, CSV, XLSX or JSONL. Writes OUT, by default steps/1-preprocessed.jsonl in DATA_DIR, one JSON
object a line: row (its number in CORPUS), id, title, content, similar_titles, related_titles, category, url,
service_type, media, dropped (what boilerplate was). Exit code 3 says that some rows were left out.
"""

import argparse
import sys
from pathlib import Path

from scripts.steps import BAD_ROWS, guarded, report_bad, report_warnings, step_file, write_jsonl
from shared.indexing.preprocess import Report, preprocess
from shared.indexing.readers import read

OUT = "1-preprocessed.jsonl"


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run the step. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-o", "--out", type=Path)
    chosen = parser.parse_args(arguments)
    report = run(chosen.corpus, chosen.out or step_file(OUT))
    return BAD_ROWS if report.bad else 0


def run(corpus: Path, out: Path) -> Report:
    """Preprocess a corpus file into `out` and tell what was dropped and left out."""
    report = Report()
    written = write_jsonl(out, preprocess(read(corpus), report))
    print(f"preprocess: {report.read} rows read, {written} written to {out}", file=sys.stderr)
    for what, count in report.dropped.most_common():
        print(f"  dropped: {what}, {count} times", file=sys.stderr)
    report_bad(report.bad)
    report_warnings(report.warnings)
    return report


if __name__ == "__main__":
    sys.exit(main())
